//! A world to audit: a fake AWS of five accounts, a store, and the program with a configuration for both.

use auditor_testbed::{
    fake_aws::{Estate, FakeAws, Size},
    harness::{
        postgres::{Database, Server},
        program::{Auditor, Output},
        tables::Tables,
    },
};
use serde_json::Value;

/// The built program.
pub(crate) fn program() -> Auditor {
    Auditor::new(env!("CARGO_BIN_EXE_auditor"))
}

/// Where the program stores.
pub(crate) enum Store {
    Sqlite,
    Postgres(Database),
}

/// A fake AWS, a store, and the program.
pub(crate) struct World {
    pub(crate) aws: FakeAws,
    pub(crate) auditor: Auditor,
    pub(crate) store: Store,
}

/// Runs each test on SQLite and on PostgreSQL: in a [`World`], or in another one that is named before the tests.
macro_rules! on_both_stores {
    ($($name:ident)*) => {
        $crate::common::on_both_stores! { $crate::common::World: $($name)* }
    };
    ($world:ty: $($name:ident)*) => {
        mod sqlite {
            $(#[test] fn $name() { super::$name(&<$world>::sqlite()); })*
        }
        mod postgres {
            $(
                #[test]
                #[ignore = "needs PostgreSQL: cargo xtask test"]
                fn $name() { super::$name(&<$world>::postgres()); }
            )*
        }
    };
}
pub(crate) use on_both_stores;

impl World {
    /// Five accounts into a file.
    pub(crate) fn sqlite() -> Self {
        Self::new(Store::Sqlite)
    }

    /// Five accounts into PostgreSQL, as the restricted role.
    pub(crate) fn postgres() -> Self {
        let database = Server::shared().database();
        create_tables(&database);
        Self::new(Store::Postgres(database))
    }

    pub(crate) fn new(store: Store) -> Self {
        let world =
            Self { aws: FakeAws::start(Estate::generate(1, 5, Size::SMALL)), auditor: program(), store };
        world.configure("");
        world
    }

    /// Writes the configuration file, with more lines for `[sources.aws]`.
    pub(crate) fn configure(&self, source: &str) {
        let accounts = listed(self.ids());
        let sink = match &self.store {
            Store::Sqlite => "[sinks.sqlite]\npath = \"auditor.sqlite\"\n".to_owned(),
            Store::Postgres(database) => format!("[sinks.postgres]\nurl = \"{}\"\n", database.url()),
        };
        let head = source_settings(&self.aws);
        self.auditor.write("auditor.toml", format!("{head}{source}\n{accounts}{sink}"));
    }

    /// Ids of the accounts.
    pub(crate) fn ids(&self) -> &[String] {
        self.aws.estate().members()
    }

    /// A run and its report, with the exit code asserted.
    #[track_caller]
    pub(crate) fn run(&self, code: i32) -> Report {
        self.run_with(&[], code)
    }

    #[track_caller]
    pub(crate) fn run_with(&self, arguments: &[&str], code: i32) -> Report {
        let arguments = [&["run", "--format", "json"], arguments].concat();
        Report::of(self.auditor.run(&arguments), code)
    }

    /// The store's tables, past the program.
    pub(crate) fn tables(&self) -> StoreTables<'_> {
        StoreTables { path: self.auditor.dir().join("auditor.sqlite"), store: &self.store }
    }
}

/// The start of a configuration file whose source is the fake.
pub(crate) fn source_settings(aws: &FakeAws) -> String {
    let url = aws.url();
    format!(
        "[run]\nconcurrency = 3\n[sources.aws]\ntype = \"aws-iam\"\nrole_name = \"auditor\"\nendpoint_url = \"{url}\"\n\
         attempts = 3\nsts_attempts = 3\ncall_timeout_secs = 10\nsts_requests_per_second = 1000.0\n"
    )
}

/// The accounts as tables of the configuration.
pub(crate) fn listed(ids: &[String]) -> String {
    ids.iter().map(|id| format!("[[sources.aws.account]]\nid = \"{id}\"\n")).collect::<Vec<_>>().concat()
}

/// Makes the tables as an administrator and gives the restricted role what the program needs.
pub(crate) fn create_tables(database: &Database) {
    let schema = program().run(&["db", "schema", "--grant-to", database.role()]).expect_code(0);
    database.execute(&schema.stdout);
}

pub(crate) struct StoreTables<'a> {
    path: std::path::PathBuf,
    store: &'a Store,
}

impl StoreTables<'_> {
    pub(crate) fn get(&self) -> Tables<'_> {
        match self.store {
            Store::Sqlite => Tables::Sqlite(&self.path),
            Store::Postgres(database) => Tables::Postgres(database),
        }
    }

    /// Whether the store was made yet.
    pub(crate) fn is_there(&self) -> bool {
        matches!(self.store, Store::Postgres(_)) || self.path.exists()
    }

    pub(crate) fn number(&self, sql: &str) -> i64 {
        self.get().number(sql)
    }

    pub(crate) fn state(&self) -> Vec<auditor_testbed::harness::tables::Line> {
        self.get().state()
    }
}

/// What `auditor run --format json` printed.
pub(crate) struct Report {
    pub(crate) json: Value,
    pub(crate) output: Output,
}

impl Report {
    #[track_caller]
    pub(crate) fn of(output: Output, code: i32) -> Self {
        let output = output.expect_code(code);
        Self { json: output.json(), output }
    }

    /// One of the totals: `new`, `changed`, `unchanged`, `removed`, `returned`, `held`, `seen` …
    #[track_caller]
    pub(crate) fn total(&self, count: &str) -> u64 {
        self.json["totals"][count].as_u64().unwrap_or_else(|| panic!("no total `{count}`: {}", self.output))
    }

    /// The scopes of an account, or of a target where an account has several.
    #[track_caller]
    pub(crate) fn scopes(&self, account: &str) -> &[Value] {
        let tasks = self.json["tasks"].as_array().expect("tasks");
        let task = tasks.iter().find(|task| task["account"] == account || task["target"] == account);
        let scopes = task.and_then(|task| task["scopes"].as_array());
        scopes.unwrap_or_else(|| panic!("no task of {account}: {}", self.output))
    }

    /// The outcome of a scope.
    #[track_caller]
    pub(crate) fn outcome(&self, account: &str, kind: &str) -> &str {
        let scope = self.scopes(account).iter().find(|scope| scope["kind"] == kind);
        let outcome = scope.and_then(|scope| scope["outcome"].as_str());
        outcome.unwrap_or_else(|| panic!("no scope `{kind}` of {account}: {}", self.output))
    }

    /// Every gap of an account, as JSON text.
    #[track_caller]
    pub(crate) fn gaps(&self, account: &str) -> String {
        let gaps = self.scopes(account).iter().filter_map(|scope| scope["gaps"].as_array()).flatten();
        gaps.map(ToString::to_string).collect::<Vec<_>>().join("\n")
    }

    /// Asserts that every scope of the account is complete.
    #[track_caller]
    pub(crate) fn expect_complete(&self, account: &str) {
        for scope in self.scopes(account) {
            assert_eq!(scope["outcome"], "complete", "{account} {}: {}", scope["kind"], self.output);
        }
    }

    /// Asserts that no scope that was not seen whole lost anything.
    #[track_caller]
    pub(crate) fn expect_unseen_kept(&self) {
        for task in self.json["tasks"].as_array().expect("tasks") {
            for scope in task["scopes"].as_array().expect("scopes") {
                let seen = scope["outcome"] == "complete" || scope["outcome"] == "gone";
                let removed = &scope["result"]["counts"]["removed"];
                assert!(seen || removed == 0, "{} lost {removed}: {}", scope["kind"], self.output);
            }
        }
    }
}
