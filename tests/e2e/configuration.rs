//! Wrong configuration files: exit code 2, every error at once, with file, key and the nearest valid one.

use auditor_testbed::harness::program::Output;

use crate::common::program;

fn run(toml: &str) -> Output {
    program().config(toml).run(&["run"]).expect_code(2)
}

const SINK: &str = "[sinks.sqlite]\npath = \"x.sqlite\"\n";
const SOURCE: &str = "[sources.aws]\ntype = \"aws-iam\"\n[sources.aws.offline]\npath = \"exports\"\n";

#[test]
fn an_unknown_key_is_answered_with_the_nearest() {
    run(&format!("[run]\nconcurency = 3\n{SOURCE}{SINK}")).expect_stderr(&[
        "auditor.toml",
        "run.concurency",
        "concurrency",
    ]);
    run(&format!("{SOURCE}[sinks.sqlite]\npaht = \"x\"\n")).expect_stderr(&["sinks.sqlite.paht", "path"]);
}

#[test]
fn a_wrong_type_says_what_was_expected() {
    run(&format!("[run]\nconcurrency = \"many\"\n{SOURCE}{SINK}"))
        .expect_stderr(&["run.concurrency", "a whole number"]);
}

#[test]
fn all_errors_come_at_once() {
    run(&format!(
        "[run]\nconcurrency = \"many\"\nmax_removal_share = 7.0\n{SOURCE}[sinks.sqlite]\npaht = \"x\"\n"
    ))
    .expect_stderr(&["run.concurrency", "run.max_removal_share", "sinks.sqlite.paht"]);
}

#[test]
fn an_unknown_plugin_is_answered_with_the_nearest() {
    run(&format!("[sources.aws]\ntype = \"aws-aim\"\n{SINK}")).expect_stderr(&[
        "sources.aws",
        "aws-aim",
        "aws-iam",
    ]);
}

#[test]
fn a_missing_secret_is_named_and_a_present_one_is_not_printed() {
    run(&format!("{SOURCE}[sinks.postgres]\nurl = {{ env = \"NOT_SET_ANYWHERE\" }}\n"))
        .expect_stderr(&["sinks.postgres.url", "NOT_SET_ANYWHERE"]);
    run(&format!("{SOURCE}[sinks.postgres]\nurl = {{ file = \"no-such-file\" }}\n"))
        .expect_stderr(&["sinks.postgres.url", "no-such-file"]);
    run(&format!("{SOURCE}[sinks.postgres]\nurl = [\"postgres://u:hunter2@h/d\"]\n"))
        .expect_nowhere("hunter2");
}

#[test]
fn nothing_to_do_is_an_error() {
    run(SINK).expect_stderr(&["no source is enabled", "auditor.toml"]);
    run(&format!("[sources.aws]\ntype = \"aws-iam\"\nenabled = false\n{SINK}"))
        .expect_stderr(&["no source is enabled"]);
    run(SOURCE).expect_stderr(&["no sink is enabled"]);
}

#[test]
fn a_file_that_is_not_there_or_no_toml() {
    program().run(&["run"]).expect_code(2).expect_stderr(&["auditor.toml"]);
    run("[run\nconcurrency = 3").expect_stderr(&["auditor.toml"]);
    let auditor = program();
    auditor.write("auditor.toml", b"[run]\n# \xff\xfe\n");
    auditor.run(&["run"]).expect_code(2).expect_stderr(&["auditor.toml", "UTF-8"]);
}

#[test]
fn environment_variables_override_the_file() {
    program()
        .config(&format!("{SOURCE}{SINK}"))
        .env("AUDITOR_RUN__CONCURRENCY", "none")
        .run(&["validate"])
        .expect_code(2)
        .expect_stderr(&["run.concurrency", "AUDITOR_RUN__CONCURRENCY"]);
}

#[test]
fn wrong_arguments_exit_with_two() {
    program().run(&["rnu"]).expect_code(2).expect_stderr(&["run"]);
    program()
        .config(&format!("{SOURCE}{SINK}"))
        .run(&["run", "--kind", "aws_iam_usr"])
        .expect_code(2)
        .expect_stderr(&["aws_iam_user"]);
    program()
        .config(&format!("{SOURCE}{SINK}"))
        .run(&["run", "--source", "asw"])
        .expect_code(2)
        .expect_stderr(&["`aws`"]);
    program()
        .config(&format!("{SOURCE}{SINK}"))
        .run(&["run", "--account", "123"])
        .expect_code(2)
        .expect_stderr(&["12 digits"]);
}
