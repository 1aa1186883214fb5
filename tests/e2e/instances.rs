//! Several sources of one type in one deployment, switched on and off one by one.

use std::{fs, path::PathBuf};

use auditor_testbed::harness::{program::Auditor, tables::Tables};

use crate::common::{Report, program};

const NORTH: &str = "111122223333";
const SOUTH: &str = "222233334444";

/// Two sources of the same type, each over the export of one account, and one that is switched off.
fn two_of_a_type(south_enabled: bool) -> Auditor {
    let auditor = program();
    let estate = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../config/demo/2026-09");
    for folder in fs::read_dir(estate).unwrap().map(Result::unwrap) {
        let name = folder.file_name().into_string().unwrap();
        let site = if name.starts_with(NORTH) { "north" } else { "south" };
        if !name.starts_with(NORTH) && !name.starts_with(SOUTH) {
            continue;
        }
        for file in fs::read_dir(folder.path()).unwrap().map(Result::unwrap) {
            let file_name = file.file_name().into_string().unwrap();
            auditor.write(&format!("{site}/{name}/{file_name}"), fs::read(file.path()).unwrap());
        }
    }
    configure(&auditor, south_enabled);
    auditor
}

fn configure(auditor: &Auditor, south_enabled: bool) {
    let source = |name: &str, enabled: bool, folder: &str| {
        format!(
            "[sources.{name}]\ntype = \"aws-iam\"\nenabled = {enabled}\n[sources.{name}.offline]\npath = \"{folder}\"\n"
        )
    };
    let sources =
        [source("north", true, "north"), source("south", south_enabled, "south"), source("off", false, "no")];
    auditor.write("auditor.toml", format!("{}[sinks.sqlite]\npath = \"x.sqlite\"\n", sources.concat()));
}

fn present(auditor: &Auditor, source: &str) -> i64 {
    let path = auditor.dir().join("x.sqlite");
    let sql = format!("SELECT count(*) AS n FROM resource_current WHERE source = '{source}'");
    Tables::Sqlite(&path).number(&sql)
}

#[test]
fn sources_of_one_type_are_kept_apart_and_switched_one_by_one() {
    let auditor = two_of_a_type(true);
    auditor
        .run(&["validate"])
        .expect_code(0)
        .expect_stdout(&["north (aws-iam)", "off (aws-iam), switched off"]);
    let report = Report::of(auditor.run(&["run", "--format", "json"]), 0);
    assert_eq!(report.json["tasks"].as_array().unwrap().len(), 2, "{}", report.output);
    let (north, south) = (present(&auditor, "north"), present(&auditor, "south"));
    assert!(north > 50 && south > 50, "{north} {south}");

    // One alone: of the other nothing is touched.
    fs::remove_dir_all(auditor.dir().join("south")).unwrap();
    auditor.run(&["run", "--source", "north"]).expect_code(0);
    assert_eq!((present(&auditor, "north"), present(&auditor, "south")), (north, south));
    // Switched off, it is not missed, and nothing of it is retired.
    configure(&auditor, false);
    auditor.run(&["run"]).expect_code(0);
    assert_eq!((present(&auditor, "north"), present(&auditor, "south")), (north, south));
}

#[test]
fn a_source_that_cannot_be_run_is_told_clearly() {
    let auditor = two_of_a_type(false);
    let run = |name: &str| auditor.run(&["run", "--source", name]).expect_code(2);
    run("south").expect_stderr(&["source `south` is switched off", "[sources.south]", "enabled = true"]);
    run("nroth").expect_stderr(&["there is no source `nroth`", "did you mean `north`?"]);
    run("aws-iam").expect_stderr(&["`aws-iam` is a type", "`north`", "`south`"]);
    run("cloudhealth")
        .expect_stderr(&["no source of the type `cloudhealth`", "auditor plugins show cloudhealth"]);
    auditor.write("auditor.toml", "[sources.x]\ntype = \"aws-ima\"\n[sinks.sqlite]\npath = \"x.sqlite\"\n");
    run("x").expect_stderr(&["sources.x.type", "did you mean `aws-iam`?"]);
    auditor.write("auditor.toml", "[sources.x]\npath = \"y\"\n[sinks.sqlite]\npath = \"x.sqlite\"\n");
    run("x").expect_stderr(&["sources.x.type", "no source plugin `x`"]);
}
