//! Effective access over two months of the demo estate: what is found, what changed, and as of when.

use std::path::PathBuf;

use auditor_testbed::harness::{
    postgres::{Database, Server},
    program::Auditor,
};
use serde_json::Value;

use crate::common::{Report, create_tables, on_both_stores, program};

/// The demo estate's September and October into one store, with the analyzers of access.
struct Demo {
    auditor: Auditor,
    sink: String,
    /// Between the two runs.
    between: String,
    /// Dropped with the test.
    _database: Option<Database>,
}

impl Demo {
    fn new(sink: String, database: Option<Database>) -> Self {
        let mut this = Self { auditor: program(), sink, between: String::new(), _database: database };
        this.run("2026-09");
        this.between = chrono::Utc::now().to_rfc3339();
        this.run("2026-10");
        this
    }

    fn sqlite() -> Self {
        Self::new("[sinks.sqlite]\npath = \"auditor.sqlite\"\n".to_owned(), None)
    }

    fn postgres() -> Self {
        let database = Server::shared().database();
        create_tables(&database);
        let sink = format!("[sinks.postgres]\nurl = \"{}\"\n", database.url());
        Self::new(sink, Some(database))
    }

    fn run(&self, month: &str) -> Report {
        let estate = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../config/demo").join(month);
        self.auditor.write(
            "auditor.toml",
            format!(
                "[sources.aws]\ntype = \"aws-iam\"\n[sources.aws.offline]\npath = \"{}\"\n{}\
                 [analyzers.aws-access]\n[analyzers.aws-reach]\n",
                estate.display(),
                self.sink
            ),
        );
        Report::of(self.auditor.run(&["run", "--format", "json"]), 0)
    }

    /// What `auditor access` answers.
    fn ask(&self, arguments: &[&str]) -> Value {
        let arguments = [&["access"], arguments, &["--format", "json"]].concat();
        self.auditor.run(&arguments).expect_code(0).json()
    }
}

fn names(answer: &Value) -> Vec<&str> {
    let all = answer.as_array().unwrap().iter();
    all.filter_map(|row| row["principal"].as_str()?.rsplit('/').next()).collect()
}

fn access_is_told_as_it_is_and_as_it_was(demo: &Demo) {
    let who = |more: &[&str]| {
        demo.ask(&[&["who-can", "iam:CreateUser", "--account", "111122223333"], more].concat())
    };
    let (now, then) = (who(&[]), who(&["--as-of", &demo.between]));
    // Its policy, which allowed everything under a harmless name, was narrowed.
    assert!(names(&then).contains(&"svc-edge-cache") && !names(&now).contains(&"svc-edge-cache"));
    let ben =
        now.as_array().unwrap().iter().find(|row| row["principal"].as_str().unwrap().ends_with("/ben.osei"));
    assert_eq!(ben.unwrap()["grade"], "full", "through a group");

    // The boundary was taken off.
    let admin =
        |more: &[&str]| demo.ask(&[&["what-can", "ledger-admin"], more].concat())["access"]["admin"].clone();
    assert_eq!((admin(&["--as-of", &demo.between]), admin(&[])), ("no".into(), "admin".into()));
    let explained = demo.ask(&["explain", "ledger-admin", "iam:CreateUser"]);
    assert_eq!(explained["outcome"]["outcome"], "allowed", "{explained}");
    let history = demo.auditor.run(&["diff", "--kind", "aws_principal_access", "--account", "222233334444"]);
    history.expect_code(0).expect_stdout(&["ledger-admin", "/admin", "no → admin"]);
}

fn every_way_that_was_planted_is_found(demo: &Demo) {
    for (who, account, method) in [
        ("lucia", "555566667777", "iam-013"),
        ("keiko.tanaka", "111122223333", "iam-007"),
        ("help.desk", "333344445555", "iam-002"),
        ("dispatch", "555566667777", "iam-set-default-version"),
        ("release-manager", "222233334444", "iam-001"),
        ("chain-a", "444455556666", "sts-001"),
    ] {
        let arguments =
            ["access", "paths", who, "--account", account, "--as-of", &demo.between, "--format", "json"];
        let paths = demo.auditor.run(&arguments).expect_code(0).json();
        let methods: Vec<_> =
            paths.as_array().unwrap().iter().filter_map(|path| path["method"].as_str()).collect();
        assert!(methods.contains(&method), "{who}: {methods:?}");
    }
    let nobody = demo.auditor.run(&["access", "paths", "nobody", "--account", "333344445555"]);
    nobody.expect_code(1).expect_stderr(&["no user or role `nobody` is stored", "auditor show principal"]);
}

fn who_crosses_accounts_is_found(demo: &Demo) {
    let reach = demo.ask(&["reach", "--as-of", &demo.between]);
    let from: Vec<_> = reach.as_array().unwrap().iter().map(|row| (&row["from"], &row["to"])).collect();
    let found = |who: &str, role: &str| {
        from.iter()
            .any(|(from, to)| from.as_str().unwrap().contains(who) && to.as_str().unwrap().ends_with(role))
    };
    assert!(found("*", ":role/hackathon-demo"), "open to everyone");
    assert!(found("/jenkins", ":role/terraform-apply"), "by way of `ci-runner`");
}

fn a_second_run_analyzes_nothing(demo: &Demo) {
    let report = demo.run("2026-10");
    let sources: Vec<_> =
        report.json["tasks"].as_array().unwrap().iter().map(|task| &task["source"]).collect();
    assert!(sources.iter().all(|source| *source == "aws"), "{sources:?}");
}

on_both_stores! {
    crate::access::Demo:
    access_is_told_as_it_is_and_as_it_was
    every_way_that_was_planted_is_found
    who_crosses_accounts_is_found
    a_second_run_analyzes_nothing
}
