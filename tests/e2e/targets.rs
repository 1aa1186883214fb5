//! The table of accounts to audit: filled from CSV, read by runs, which keep whether each role worked.

use auditor_testbed::fake_aws::HUB;

use crate::common::{Report, Store, World, on_both_stores, source_settings};

on_both_stores! {
    accounts_come_from_the_table_and_go_back_to_it
    the_organization_lists_accounts
}

fn configure(world: &World, accounts: &str) {
    let sink = match &world.store {
        Store::Sqlite => "[sinks.sqlite]\npath = \"auditor.sqlite\"\n".to_owned(),
        Store::Postgres(database) => format!("[sinks.postgres]\nurl = \"{}\"\n", database.url()),
    };
    let head = source_settings(&world.aws);
    world.auditor.write("auditor.toml", format!("{head}accounts = \"{accounts}\"\n{sink}"));
}

fn accounts_come_from_the_table_and_go_back_to_it(world: &World) {
    configure(world, "database");
    let ids = world.ids().to_vec();
    world.aws.estate().change(&ids[1], |account| account.access.assumable = false);
    world
        .aws
        .estate()
        .change(&ids[2], |account| account.access.external_id = Some("from-a-file-43".to_owned()));
    let secret = world.auditor.write("external-id", "from-a-file-43\n");
    let csv = format!(
        "account,name,role_arn,external_id_ref,enabled\n\
         {0},one,arn:aws:iam::{0}:role/auditor,,true\n\
         {1},two,arn:aws:iam::{1}:role/auditor,,true\n\
         {2},three,arn:aws:iam::{2}:role/auditor,file:{secret},true\n\
         {3},four,arn:aws:iam::{3}:role/auditor,,false\n",
        ids[0],
        ids[1],
        ids[2],
        ids[3],
        secret = secret.display()
    );
    world.auditor.write("accounts.csv", &csv);
    world.auditor.run(&["targets", "import", "accounts.csv"]).expect_code(0);

    let report = Report::of(world.auditor.run(&["run", "--format", "json"]), 3);
    report.expect_complete(&ids[0]);
    report.expect_complete(&ids[2]);
    assert!(report.gaps(&ids[1]).contains("sts:AssumeRole"), "{}", report.output);
    assert_eq!(report.json["tasks"].as_array().unwrap().len(), 3, "the fourth is switched off");

    let list = world.auditor.run(&["targets", "list", "--format", "json"]).expect_code(0);
    let rows = list.json();
    let row = |id: &str| {
        let mut rows = rows.as_array().unwrap().iter();
        rows.find(|row| row["account"] == id).unwrap_or_else(|| panic!("no {id}: {list}")).clone()
    };
    assert_eq!(row(&ids[0])["working"], true, "{list}");
    assert_eq!(row(&ids[1])["working"], false, "{list}");
    assert!(row(&ids[1])["last_error"].as_str().unwrap().contains("not authorized"), "{list}");
    assert!(row(&ids[3])["working"].is_null(), "{list}");

    let exported = world.auditor.run(&["targets", "export"]).expect_code(0).expect_nowhere("from-a-file-43");
    world.auditor.write("exported.csv", &exported.stdout);
    world.auditor.run(&["targets", "import", "exported.csv"]).expect_code(0);
    let again = world.auditor.run(&["targets", "export"]).expect_code(0);
    assert_eq!(again.stdout, exported.stdout);
}

fn the_organization_lists_accounts(world: &World) {
    configure(world, "organizations");
    world.aws.estate().change(HUB, |account| account.access.assumable = false);
    let report = world.run(3);
    for id in world.ids() {
        report.expect_complete(id);
    }
    // The hub is listed too, and has no role that trusts itself unless it is read with its own credentials.
    assert_eq!(report.json["tasks"].as_array().unwrap().len(), 6, "{}", report.output);
    let config = std::fs::read_to_string(world.auditor.dir().join("auditor.toml")).unwrap();
    let config = config.replace("type = \"aws-iam\"", "type = \"aws-iam\"\ninclude_own_account = true");
    world.auditor.write("auditor.toml", config);
    world.run(0);

    let closed = world.ids()[4].clone();
    world.aws.estate().change(&closed, |account| "CLOSED".clone_into(&mut account.state));
    let report = world.run_with(&["--accept-removals"], 0);
    assert_eq!(report.outcome(&closed, "aws_iam_user"), "gone", "{}", report.output);
    assert!(report.total("removed") > 0, "{}", report.output);
}

#[test]
fn a_wrong_file_is_told_whole_and_imports_nothing() {
    let world = World::sqlite();
    configure(&world, "database");
    world.auditor.write(
        "accounts.csv",
        "account,role_arn,enabled\n12345,arn:aws:iam::123456789012:role/a,true\n123456789012,not-an-arn,perhaps\n",
    );
    world.auditor.run(&["targets", "import", "accounts.csv"]).expect_code(2).expect_stderr(&[
        "accounts.csv:2",
        "accounts.csv:3",
        "perhaps",
    ]);
    world.auditor.run(&["targets", "import", "missing.csv"]).expect_code(2).expect_stderr(&["missing.csv"]);
    let list = world.auditor.run(&["targets", "list", "--format", "json"]).expect_code(0);
    assert_eq!(list.json().as_array().unwrap().len(), 0, "{list}");
}
