//! `cargo xtask test`: every test, with the servers they need.

use std::{
    io::{BufRead as _, BufReader, Read, Write},
    process::{Command, Stdio},
    thread,
};

use anyhow::{Context as _, bail};
use serde_json::Value;

use crate::{
    process::{cargo, installed, output, words},
    services,
};

/// What to test.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Also run the tests against a real Kubernetes API server, which is built if it is not there
    #[arg(long)]
    kubernetes: bool,

    /// Handed on to `cargo nextest run` (or `cargo test`): packages, names of tests
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

/// Where the tests are that need a real Kubernetes API server.
const KUBERNETES_TESTS: &str = "kube_apiserver::";

pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    services::postgres()?;
    let python = services::moto(&target_directory()?)?;

    let mut tests = cargo();
    tests.args(["run", "--quiet", "--package", "auditor-testbed", "--bin", "with-services", "--"]);
    tests.env("AUDITOR_TEST_PYTHON", python);
    if options.kubernetes {
        tests.env("AUDITOR_TEST_KUBERNETES", services::kubernetes()?);
    }
    let nextest = installed("cargo-nextest");
    if nextest {
        tests.args(["cargo", "nextest", "run", "--run-ignored", "all", "--no-fail-fast"]);
        if !options.kubernetes {
            tests.args(["-E", &format!("not test(/^{KUBERNETES_TESTS}/)")]);
        }
        select(&mut tests, options);
    } else {
        // Named, so that examples in comments which are marked as no tests are not run as ignored ones.
        tests.args(["cargo", "test", "--no-fail-fast", "--lib", "--bins", "--tests"]);
        select(&mut tests, options);
        tests.args(["--", "--include-ignored"]);
        if !options.kubernetes {
            tests.args(["--skip", KUBERNETES_TESTS]);
        }
    }
    let mut examples = cargo();
    examples.args(["test", "--quiet", "--no-fail-fast", "--workspace", "--doc"]);

    let mut commands = vec![(tests, nextest)];
    if options.arguments.is_empty() {
        commands.push((examples, false));
    }
    let (mut totals, mut failed) = (Totals::default(), Vec::new());
    for (command, nextest) in &mut commands {
        let (succeeded, result) = run_and_count(command, *nextest)?;
        totals.passed += result.passed;
        totals.failed += result.failed;
        if !succeeded {
            failed.push(words(command));
        }
    }
    // The last line, in one form whatever ran the tests.
    writeln!(std::io::stdout(), "{} passed, {} failed", totals.passed, totals.failed)?;
    if !failed.is_empty() {
        bail!("{} failed", failed.join(" and "));
    }
    if totals.passed == 0 {
        bail!("no test was run");
    }
    Ok(())
}

/// What to test: the whole workspace unless packages are named.
fn select(command: &mut Command, options: &Options) {
    if !options.arguments.iter().any(|argument| argument == "-p" || argument.starts_with("--package")) {
        command.arg("--workspace");
    }
    command.args(&options.arguments);
}

fn target_directory() -> anyhow::Result<std::path::PathBuf> {
    let metadata = output(cargo().args(["metadata", "--format-version=1", "--no-deps"]))?;
    let metadata: Value = serde_json::from_slice(&metadata).context("cannot read `cargo metadata`")?;
    let directory =
        metadata["target_directory"].as_str().context("`cargo metadata` names no target directory")?;
    Ok(directory.into())
}

/// Tests run, over all test programs.
#[derive(Debug, Default, PartialEq, Eq, Clone, Copy)]
struct Totals {
    passed: u64,
    failed: u64,
}

/// Runs a command, showing what it prints as it comes, and adds up the results it reports.
fn run_and_count(command: &mut Command, nextest: bool) -> anyhow::Result<(bool, Totals)> {
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot run {}", words(command)))?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let (out, err) = thread::scope(|scope| {
        let out = scope.spawn(|| echo(stdout, &mut std::io::stdout(), nextest));
        let err = scope.spawn(|| echo(stderr, &mut std::io::stderr(), nextest));
        (out.join(), err.join())
    });
    let status = child.wait()?;
    let (Ok(out), Ok(err)) = (out, err) else { bail!("the tests' output could not be read") };
    let (out, err) = (out?, err?);
    Ok((status.success(), Totals { passed: out.passed + err.passed, failed: out.failed + err.failed }))
}

fn echo(from: Option<impl Read>, to: &mut impl Write, nextest: bool) -> anyhow::Result<Totals> {
    let mut totals = Totals::default();
    let mut from = BufReader::new(from.context("the output is piped")?);
    let mut line = Vec::new();
    while from.read_until(b'\n', &mut line)? > 0 {
        to.write_all(&line)?;
        to.flush()?;
        if let Some(result) = parse(&String::from_utf8_lossy(&line), nextest) {
            totals.passed += result.passed;
            totals.failed += result.failed;
        }
        line.clear();
    }
    Ok(totals)
}

/// Reads the closing line of nextest, or of one of cargo's test programs. nextest repeats what a failed test printed,
/// the closing lines of its program included, which count for nothing there.
fn parse(line: &str, nextest: bool) -> Option<Totals> {
    let line = line.trim();
    let closes = if nextest {
        line.starts_with("Summary [") && line.contains(" run: ")
    } else {
        line.starts_with("test result: ")
    };
    if !closes {
        return None;
    }
    // A number stands before its word: `3 passed`, `1 timed out`.
    let words: Vec<_> = line.split([' ', ',', ';', '(', ')']).filter(|word| !word.is_empty()).collect();
    let before = |wanted: &str| -> u64 {
        let pairs = words.windows(2).filter(|pair| pair[1] == wanted);
        pairs.filter_map(|pair| pair[0].parse::<u64>().ok()).sum()
    };
    // `2 passed (1 slow)`: what is in brackets has been counted.
    Some(Totals { passed: before("passed"), failed: before("failed") + before("timed") + before("exec") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closing_lines_are_understood() {
        let totals = |passed, failed| Some(Totals { passed, failed });
        let lines = [
            ("     Summary [  60.030s] 4 tests run: 4 passed (1 slow), 17 skipped", totals(4, 0)),
            (
                "     Summary [   0.4s] 17/20 tests run: 14 passed, 2 failed, 1 timed out, 0 skipped",
                totals(14, 3),
            ),
            ("     Summary [   0.4s] 1 test run: 0 passed, 1 exec failed, 0 skipped", totals(0, 1)),
            ("test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out", totals(12, 0)),
            ("test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured", totals(1, 2)),
            ("test core::tests::passed ... ok", None),
        ];
        assert_eq!(parse("test result: FAILED. 0 passed; 1 failed; 0 ignored; 0 measured", true), None);
        for (line, expected) in lines {
            assert_eq!(parse(line, line.contains("Summary")), expected, "{line}");
        }
    }
}
