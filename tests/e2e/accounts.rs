//! The account directory: merged facts with their sources, facts set by hand, blind spots.

use auditor_testbed::harness::program::Output;
use serde_json::Value;

use crate::common::{World, on_both_stores};

on_both_stores! {
    facts_set_by_hand_are_merged_and_have_history
    a_spreadsheet_goes_out_and_comes_back
    accounts_that_no_source_reads_are_blind_spots
    facts_set_at_the_same_time_are_all_kept
}

#[track_caller]
fn accounts(world: &World, arguments: &[&str]) -> Output {
    world.auditor.run(&[&["accounts"], arguments].concat()).expect_code(0)
}

fn set(world: &World, arguments: &[&str]) -> Output {
    accounts(world, &[&["set"], arguments, &["--by", "grace@example.com"]].concat())
}

/// One fact of an account: what `accounts show` says of it.
#[track_caller]
fn fact(world: &World, id: &str, name: &str, more: &[&str]) -> Value {
    let shown = accounts(world, &[&["show", id, "--format", "json"], more].concat());
    shown.json()["facts"][name].clone()
}

fn facts_set_by_hand_are_merged_and_have_history(world: &World) {
    world.run(0);
    let id = world.ids()[0].clone();
    let read = fact(world, &id, "name", &[]);
    assert_eq!(read["source"], "aws", "{read}");
    let before = fact(world, &id, "owner", &[]);
    assert!(before.is_null(), "{before}");

    set(world, &[&id, "owner=Ada", "name=payments"]);
    let name = fact(world, &id, "name", &[]);
    assert_eq!((&name["value"], &name["source"]), (&"payments".into(), &"manual".into()));
    assert_eq!(name["set_by"], "grace@example.com");
    assert_eq!(name["others"][0]["source"], "aws", "what the source says is still told: {name}");

    let versions = || world.tables().number("SELECT count(*) AS n FROM resource_version");
    let (count, first) = (versions(), fact(world, &id, "owner", &[])["changed_at"].clone());
    set(world, &[&id, "owner=Ada"]).expect_stderr(&["nothing changed"]);
    assert_eq!(versions(), count, "the same again is no change");
    set(world, &[&id, "support_team=Platform"]);
    assert_eq!(versions(), count + 1);
    assert_eq!(fact(world, &id, "owner", &[])["changed_at"], first, "each fact has its own age");

    set(world, &[&id, "owner="]);
    assert!(fact(world, &id, "owner", &[]).is_null());
    let then = fact(world, &id, "owner", &["--as-of", first.as_str().unwrap()]);
    assert_eq!(then["value"], "Ada", "as it was");
    let history =
        world.auditor.run(&["history", "--kind", "account", &id, "--format", "json"]).expect_code(0);
    let records = history.json();
    let own = records.as_array().unwrap().iter().find(|record| record["source"] == "manual");
    assert_eq!(own.unwrap()["states"].as_array().unwrap().len(), 3, "{history}");
    assert!(history.stdout.contains("grace@example.com"), "{history}");
    world.auditor.run(&["verify"]).expect_code(0);

    // A run of the sources leaves what people set alone.
    let report = world.run(0);
    assert_eq!((report.total("removed"), report.total("changed")), (0, 0), "{}", report.output);
    assert_eq!(fact(world, &id, "support_team", &[])["value"], "Platform");

    let elsewhere = accounts(world, &["list", "--account", &world.ids()[1], "--format", "csv"]);
    assert!(!elsewhere.stdout.contains("Platform") && elsewhere.stdout.lines().count() == 2, "{elsewhere}");
    // Who comes first is the operator's choice.
    let config = std::fs::read_to_string(world.auditor.dir().join("auditor.toml")).unwrap();
    world.auditor.write("auditor.toml", format!("[accounts]\nprecedence = [\"aws\", \"manual\"]\n{config}"));
    assert_eq!(fact(world, &id, "name", &[])["source"], "aws");
    set(world, &[&id, "name=other"]).expect_stderr(&["overruled", "`name`", "aws"]);
}

fn a_spreadsheet_goes_out_and_comes_back(world: &World) {
    world.run(0);
    let ids = world.ids();
    let exported = accounts(world, &["export"]);
    world.auditor.write("accounts.csv", &exported.stdout);
    accounts(world, &["import", "accounts.csv", "--by", "ada"]).expect_stderr(&["says all of it already"]);
    assert_eq!(world.tables().number("SELECT count(*) AS n FROM scope WHERE source = 'manual'"), 0);

    let csv = format!(
        "account,owner,business_unit\n{},=HYPERLINK(\"http://192.0.2.1\"),Retail\n{},Eve,\n444455556666,Mallory,\n",
        ids[0], ids[1]
    );
    world.auditor.write("accounts.csv", csv.replace("=HYPERLINK(\"http://192.0.2.1\")", "'=1+2"));
    accounts(world, &["import", "accounts.csv", "--by", "ada", "--check"]).expect_stderr(&["4 facts of 3"]);
    assert_eq!(world.tables().number("SELECT count(*) AS n FROM scope WHERE source = 'manual'"), 0);
    accounts(world, &["import", "accounts.csv", "--by", "ada"]).expect_stderr(&[
        "4 facts of 3 accounts set",
        "444455556666",
        "mistyped",
    ]);
    assert_eq!(fact(world, &ids[0], "owner", &[])["value"], "=1+2");
    for command in ["list", "export"] {
        let csv = accounts(world, if command == "list" { &["list", "--format", "csv"] } else { &["export"] });
        assert!(csv.stdout.contains(",'=1+2,") && !csv.stdout.contains(",=1+2"), "{csv}");
    }
    let exported = accounts(world, &["export"]);
    world.auditor.write("accounts.csv", &exported.stdout);
    accounts(world, &["import", "accounts.csv", "--by", "eve"]).expect_stderr(&["says all of it already"]);

    world.auditor.write("bad.csv", "account,onwer\n123,x\n");
    world
        .auditor
        .run(&["accounts", "import", "bad.csv", "--by", "ada"])
        .expect_code(2)
        .expect_stderr(&["bad.csv:1", "did you mean `owner`?"]);
    world.auditor.write("targets.csv", "account,role_arn\n111122223333,arn:aws:iam::111122223333:role/a\n");
    world
        .auditor
        .run(&["accounts", "import", "targets.csv", "--by", "ada"])
        .expect_code(2)
        .expect_stderr(&["auditor targets import"]);
    world
        .auditor
        .run(&["accounts", "set", &ids[0], "onwer=x", "--by", "ada"])
        .expect_code(2)
        .expect_stderr(&["did you mean `owner`?"]);
    world.auditor.run(&["accounts", "show", "999999999999"]).expect_code(1).expect_stderr(&["999999999999"]);
}

fn accounts_that_no_source_reads_are_blind_spots(world: &World) {
    world.run(0);
    accounts(world, &["blind-spots"]).expect_stderr(&["no blind spots"]);
    // Someone knows of an account that is not audited.
    set(world, &["444455556666", "name=forgotten", "owner=Ada"]);
    let spots = accounts(world, &["blind-spots", "--format", "json"]).json();
    assert_eq!(spots.as_array().unwrap().len(), 1, "{spots}");
    let spot = &spots[0];
    assert_eq!(
        (&spot["account"], &spot["missing"]),
        (&"444455556666".into(), &"not known to aws-iam".into())
    );
    assert_eq!((&spot["certain"], &spot["owner"]), (&true.into(), &"Ada".into()));
    let elsewhere = accounts(world, &["blind-spots", "--account", &world.ids()[0]]);
    elsewhere.expect_nowhere("444455556666");
    accounts(world, &["show", "444455556666"]).expect_stdout(&["blind spots", "not known to aws-iam"]);
    // One that is to be audited, and could not be read, is told apart.
    let config = std::fs::read_to_string(world.auditor.dir().join("auditor.toml")).unwrap();
    let more = config.replacen(
        "[[sources.aws.account]]",
        "[[sources.aws.account]]\nid = \"444455556666\"\n[[sources.aws.account]]",
        1,
    );
    world.auditor.write("auditor.toml", more);
    world.run(3);
    let spots = accounts(world, &["blind-spots", "--system", "aws-iam", "--format", "json"]).json();
    assert!(spots[0]["missing"].as_str().unwrap().starts_with("never read by aws-iam"), "{spots}");
    world
        .auditor
        .run(&["accounts", "blind-spots", "--system", "aws-aim"])
        .expect_code(2)
        .expect_stderr(&["aws-iam"]);
}

/// Five programs at the same time, each with a fact of the same account: what one sets, no other overwrites.
fn facts_set_at_the_same_time_are_all_kept(world: &World) {
    world.run(0);
    let facts = ["owner", "business_unit", "support_team", "security_contact", "email"];
    let id = world.ids()[0].clone();
    for round in 0..3 {
        let running: Vec<_> = facts
            .iter()
            .map(|fact| {
                let value = format!("{fact}={fact}-{round}@example.com");
                world.auditor.spawn(&["accounts", "set", &id, &value, "--by", "ada@example.com"])
            })
            .collect();
        for running in running {
            running.wait().expect_code(0);
        }
        let sql = format!(
            "SELECT document FROM resource_current WHERE source = 'manual' AND kind = 'account' AND account = '{id}'"
        );
        let document = world.tables().get().query(&sql)[0]["document"].to_string();
        for fact in facts {
            assert!(
                document.contains(&format!("{fact}-{round}@example.com")),
                "{fact} in round {round}: {document}"
            );
        }
    }
    world.auditor.run(&["verify"]).expect_code(0);
}
