//! PostgreSQL: what a database administrator may have left undone, and what may happen to a server.

use std::{thread::sleep, time::Duration};

use auditor_testbed::{
    fake_aws::{Fault, Rule},
    harness::postgres::Server,
};

use crate::common::{Store, World, create_tables};

fn database(world: &World) -> &auditor_testbed::harness::postgres::Database {
    match &world.store {
        Store::Postgres(database) => database,
        Store::Sqlite => unreachable!("these tests are about PostgreSQL"),
    }
}

#[test]
#[ignore = "needs PostgreSQL: cargo xtask test"]
fn the_role_can_neither_remove_nor_rewrite_history() {
    let world = World::postgres();
    world.run(0);
    let database = database(&world);
    let rights = database.query(&format!(
        "SELECT table_name, privilege_type FROM information_schema.role_table_grants WHERE grantee = '{}'",
        database.role()
    ));
    assert!(!rights.is_empty());
    for right in &rights {
        let privilege = right["privilege_type"].as_str().unwrap();
        assert!(["SELECT", "INSERT", "UPDATE"].contains(&privilege), "{right:?}");
        let history = right["table_name"] == "resource_version" && privilege == "UPDATE";
        assert!(!history, "{right:?}");
    }
}

#[test]
#[ignore = "needs PostgreSQL: cargo xtask test"]
fn a_missing_right_is_named() {
    let world = World::postgres();
    let database = database(&world);
    database.execute(&format!("REVOKE INSERT ON resource_version FROM {}", database.role()));
    world
        .auditor
        .run(&["run"])
        .expect_code(1)
        .expect_stderr(&["INSERT", "resource_version"])
        .expect_nowhere(database.password());
    database.execute(&format!("GRANT INSERT ON resource_version TO {}", database.role()));
    database.execute(&format!("REVOKE UPDATE ON resource FROM {}", database.role()));
    world.auditor.run(&["run"]).expect_code(1).expect_stderr(&["UPDATE", "resource"]);
    world.auditor.run(&["check"]).expect_nowhere(database.password());
}

#[test]
#[ignore = "needs PostgreSQL: cargo xtask test"]
fn a_database_without_tables_or_of_another_version_is_refused() {
    let world = World::new(Store::Postgres(Server::shared().database()));
    world.auditor.run(&["run"]).expect_code(1).expect_stderr(&["auditor db"]);

    create_tables(database(&world));
    world.run(0);
    let migrations = database(&world).query(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_name LIKE '%migration%'",
    );
    let table = migrations.first().expect("a table of migrations")["table_name"].as_str().unwrap().to_owned();
    database(&world).execute(&format!(
        "INSERT INTO {table} (version, description, installed_on, success, checksum, execution_time) \
         VALUES (9999, 'from the future', now(), true, '\\x00', 0)"
    ));
    world.auditor.run(&["run"]).expect_code(1).expect_stderr(&["version"]);
}

#[test]
fn an_unreachable_database_is_told_without_its_password() {
    let world = World::sqlite();
    let config = std::fs::read_to_string(world.auditor.dir().join("auditor.toml")).unwrap();
    let (head, _) = config.split_once("[sinks.sqlite]").unwrap();
    let sink = "[sinks.postgres]\nurl = \"postgres://auditor:hunter2@127.0.0.1:1/auditor\"\n";
    world.auditor.write("auditor.toml", format!("{head}{sink}"));
    for command in ["run", "check", "show", "verify"] {
        let arguments: &[&str] = if command == "show" { &["show", "principal"] } else { &[command] };
        let output = world.auditor.run(arguments).expect_nowhere("hunter2");
        assert_eq!(output.code, Some(1), "{output}");
        assert!((output.stdout.clone() + &output.stderr).contains("127.0.0.1:1"), "{output}");
    }
}

#[test]
#[ignore = "needs PostgreSQL: cargo xtask test"]
fn a_wrong_password_is_told_without_printing_it() {
    let world = World::postgres();
    let config = std::fs::read_to_string(world.auditor.dir().join("auditor.toml")).unwrap();
    let wrong = config.replace(database(&world).password(), "hunter2");
    world.auditor.write("auditor.toml", wrong);
    world
        .auditor
        .run(&["run"])
        .expect_code(1)
        .expect_stderr(&["password authentication failed"])
        .expect_nowhere("hunter2");
}

#[test]
#[ignore = "needs PostgreSQL: cargo xtask test"]
fn a_restart_in_mid_run_loses_nothing() {
    // A server of its own: the other tests go on using theirs.
    let server = Server::start(&[]).unwrap();
    let database = server.database();
    create_tables(&database);
    let world = World::new(Store::Postgres(database));
    world.aws.fault(Rule::new("iam:GetAccountAuthorizationDetails", Fault::DelayMs(150)));
    let running = world.auditor.spawn(&["run"]);
    let last = world.ids()[4].clone();
    world.aws.wait_for_call(&last, "sts:AssumeRole");
    sleep(Duration::from_millis(300));
    server.restart().unwrap();
    let output = running.wait();
    assert!(matches!(output.code, Some(0 | 1 | 3)), "{output}");

    world.aws.no_faults();
    let report = world.run(0);
    for id in world.ids() {
        report.expect_complete(id);
    }
    assert_eq!(report.total("changed") + report.total("removed"), 0, "{}", report.output);
    world.auditor.run(&["verify"]).expect_code(0);
}
