//! The guide's example (`tests/plugin-example`): a package outside of this workspace, with a source and a program of its
//! own. Nothing in this workspace knows of it but this test.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use auditor_testbed::harness::program::Auditor;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn example() -> PathBuf {
    root().join("tests/plugin-example")
}

#[test]
fn the_guide_shows_the_example_as_it_is() {
    let guide = std::fs::read_to_string(root().join("docs/plugins.md")).unwrap();
    for file in
        ["Cargo.toml", "src/badge.rs", "src/lib.rs", "src/main.rs", "tests/conformance.rs", "auditor.toml"]
    {
        let text = std::fs::read_to_string(example().join(file)).unwrap();
        assert!(guide.contains(&text), "docs/plugins.md does not show tests/plugin-example/{file} as it is");
    }
    let source = std::fs::read_to_string(example().join("src/lib.rs")).unwrap();
    let is_code = |line: &&str| !line.trim().is_empty() && !line.trim_start().starts_with("//");
    let lines = source.lines().filter(is_code).count();
    assert!(lines <= 80, "a minimal source has grown to {lines} lines");
}

/// Builds the package, and runs its own tests, with the target directory, profile and versions of this workspace, so that
/// what is compiled already is not compiled again. Returns its program.
fn build() -> PathBuf {
    let target = Path::new(env!("CARGO_BIN_EXE_auditor")).ancestors().nth(2).unwrap();
    let work = tempfile::tempdir().unwrap();
    let manifest = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let (_, profiles) = manifest.split_once("[profile.dev]").unwrap();
    let config = work.path().join("profiles.toml");
    std::fs::write(&config, format!("[profile.dev]{profiles}")).unwrap();
    std::fs::copy(root().join("Cargo.lock"), example().join("Cargo.lock")).unwrap();
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let built = Command::new(cargo)
        .args(["test", "--quiet", "--offline", "--color", "never", "--config"])
        .arg(&config)
        .arg("--target-dir")
        .arg(target)
        .current_dir(example())
        .output()
        .unwrap();
    let (out, error) = (String::from_utf8_lossy(&built.stdout), String::from_utf8_lossy(&built.stderr));
    assert!(built.status.success(), "the example does not build or pass its tests:\n{out}\n{error}");
    assert!(out.contains("5 passed"), "the conformance suite was run:\n{out}");
    target.join("debug/our-auditor")
}

#[test]
#[ignore = "builds a package: cargo xtask test"]
fn a_package_outside_has_a_program_of_its_own() {
    let auditor = Auditor::new(build());
    for file in ["auditor.toml", "exports/north.json"] {
        auditor.write(file, std::fs::read(example().join(file)).unwrap());
    }
    let plugins = auditor.run(&["plugins"]).expect_code(0).expect_stdout(&["badges", "sqlite"]);
    assert!(!plugins.stdout.contains("cloudhealth"), "it has the plugins it was built with: {plugins}");
    plugins.expect_stderr(&["not in this program", "cloudhealth"]);
    auditor.run(&["plugins", "show", "badges"]).expect_code(0).expect_stdout(&[
        "Folder of exports",
        "[sources.badges]",
        "read the folder of exports",
    ]);
    auditor.run(&["check"]).expect_code(0);
    auditor.run(&["run"]).expect_code(0);
    auditor
        .run(&["show", "badge", "--filter", "active = true", "--columns", "account,native_id,holder"])
        .expect_code(0)
        .expect_stdout(&["badges:north", "1001", "ada@example.com"]);
    auditor.run(&["kinds", "badge"]).expect_code(0).expect_stdout(&["A badge that opens doors"]);
    auditor.write("exports/south.json", "[{ \"number\": \"7\"");
    auditor.run(&["run"]).expect_code(3).expect_stderr(&["south", "read export"]);
    auditor.run(&["verify"]).expect_code(0);

    // What another program could have and this one was not built with is told from what nobody knows.
    auditor.write("auditor.toml", "[sources.cloudhealth]\n[sinks.sqlite]\npath = \"x.sqlite\"\n");
    auditor.run(&["validate"]).expect_code(2).expect_stderr(&["not in this program", "source-cloudhealth"]);
    auditor.run(&["plugins", "show", "cloudhealth"]).expect_code(2).expect_stderr(&["source-cloudhealth"]);
}
