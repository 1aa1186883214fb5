//! Does a run store what is there, and only what changed?

use auditor_testbed::fake_aws::estate::PolicyVersion;

use crate::common::{World, on_both_stores};

on_both_stores! {
    the_first_run_finds_everything_new_and_the_second_nothing
    a_removed_user_leaves_a_tombstone_and_may_return
    a_change_makes_one_version
    use_is_no_change
    a_dry_run_writes_nothing
    days_pass
    many_removals_wait_for_a_person
    one_kind_of_one_account
}

fn the_first_run_finds_everything_new_and_the_second_nothing(world: &World) {
    let first = world.run(0);
    let expected: usize = world
        .ids()
        .iter()
        .map(|id| {
            let account = world.aws.estate().account(id).unwrap();
            account.users.len() + account.groups.len() + account.roles.len()
        })
        .sum();
    let stored = world.tables().number(
        "SELECT count(*) AS n FROM resource_current WHERE kind IN ('aws_iam_user', 'aws_iam_group', 'aws_iam_role')",
    );
    assert_eq!(usize::try_from(stored).unwrap(), expected);
    assert_eq!(first.total("new"), first.total("seen"));
    for id in world.ids() {
        first.expect_complete(id);
    }
    let versions = world.tables().number("SELECT count(*) AS n FROM resource_version");
    let before = world.tables().state();

    let second = world.run(0);
    assert_eq!(
        (second.total("new"), second.total("changed"), second.total("removed")),
        (0, 0, 0),
        "{}",
        second.output
    );
    assert_eq!(second.total("unchanged"), first.total("seen"));
    assert_eq!(world.tables().number("SELECT count(*) AS n FROM resource_version"), versions);
    assert_eq!(world.tables().state(), before);
    world.auditor.run(&["verify"]).expect_code(0);
}

fn a_removed_user_leaves_a_tombstone_and_may_return(world: &World) {
    let id = world.ids()[0].clone();
    world.run(0);
    let before = world.aws.estate().account(&id).unwrap();
    let gone = before.users[0].clone();
    world.aws.estate().change(&id, |account| account.users.retain(|user| user.id != gone.id));

    let report = world.run(0);
    assert!(report.total("removed") >= 1, "{}", report.output);
    let tombstones = format!(
        "SELECT count(*) AS n FROM resource_version v JOIN scope s ON s.id = v.scope \
         WHERE s.kind = 'aws_iam_user' AND v.native_id = '{}' AND v.version = 2 AND v.document IS NULL",
        gone.id
    );
    assert_eq!(world.tables().number(&tombstones), 1);
    let shown =
        world.auditor.run(&["show", "aws_iam_user", "--account", &id, "--format", "csv"]).expect_code(0);
    assert!(!shown.stdout.contains(&gone.name), "{shown}");

    world.aws.estate().change(&id, |account| account.users.insert(0, gone.clone()));
    let report = world.run(0);
    assert!(report.total("returned") >= 1, "{}", report.output);
    let current = format!(
        "SELECT version FROM resource WHERE native_id = '{}' AND missing_since IS NULL AND scope IN \
        (SELECT id FROM scope WHERE kind = 'aws_iam_user')",
        gone.id
    );
    assert_eq!(world.tables().number(&current), 3, "it goes on from the tombstone");
}

fn a_change_makes_one_version(world: &World) {
    let id = world.ids()[1].clone();
    world.run(0);
    let versions = world.tables().number("SELECT count(*) AS n FROM resource_version");
    let mut policy = String::new();
    world.aws.estate().change(&id, |account| {
        let changed = &mut account.policies[1];
        policy.clone_from(&changed.id);
        let created = changed.versions[0].created + chrono::Days::new(900);
        let document =
            r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}"#;
        changed.versions.push(PolicyVersion { id: "v9".to_owned(), document: document.to_owned(), created });
    });
    let report = world.run(0);
    assert_eq!((report.total("changed"), report.total("new")), (1, 0), "{}", report.output);
    assert_eq!(world.tables().number("SELECT count(*) AS n FROM resource_version"), versions + 1);
    let history = world
        .auditor
        .run(&["history", "--kind", "aws_iam_policy", &policy, "--format", "json"])
        .expect_code(0);
    assert!(history.stdout.contains("v9"), "{history}");
    world.auditor.run(&["diff"]).expect_code(0).expect_stdout(&["aws_iam_policy"]);
}

fn use_is_no_change(world: &World) {
    world.run(0);
    let versions = world.tables().number("SELECT count(*) AS n FROM resource_version");
    world.aws.estate().next_day(0.0);
    let report = world.run(0);
    assert_eq!(
        (report.total("changed"), report.total("new"), report.total("removed")),
        (0, 0, 0),
        "{}",
        report.output
    );
    assert!(report.total("activity_changed") > 0, "{}", report.output);
    assert_eq!(world.tables().number("SELECT count(*) AS n FROM resource_version"), versions);
}

fn a_dry_run_writes_nothing(world: &World) {
    world.run(0);
    world.aws.estate().next_day(0.5);
    let before = (world.tables().state(), world.tables().number("SELECT count(*) AS n FROM run"));
    let planned = world.run_with(&["--plan"], 0);
    assert!(planned.total("changed") > 0, "{}", planned.output);
    assert_eq!((world.tables().state(), world.tables().number("SELECT count(*) AS n FROM run")), before);
    let done = world.run(0);
    for count in ["new", "changed", "removed", "unchanged"] {
        assert_eq!(planned.total(count), done.total(count), "{count}: {}", done.output);
    }
}

fn days_pass(world: &World) {
    for _ in 0..4 {
        world.run(0);
        world.aws.estate().next_day(0.2);
    }
    let report = world.run(0);
    assert!(report.total("changed") > 0 && report.total("unchanged") > 0, "{}", report.output);
    world.auditor.run(&["verify"]).expect_code(0);
    // What the store says is there is what is there.
    for id in world.ids() {
        let account = world.aws.estate().account(id).unwrap();
        let stored = world.tables().number(&format!(
            "SELECT count(*) AS n FROM resource_current WHERE kind = 'aws_iam_user' AND account = '{id}'"
        ));
        assert_eq!(usize::try_from(stored).unwrap(), account.users.len());
    }
}

fn many_removals_wait_for_a_person(world: &World) {
    let id = world.ids()[2].clone();
    world.aws.estate().change(&id, |account| {
        let template = account.roles[5].clone();
        for n in 0..40 {
            let mut role = template.clone();
            role.name = format!("many-{n}");
            role.id = format!("AROAMANY{n:013}");
            account.roles.push(role);
        }
    });
    world.run(0);
    let roles = "SELECT count(*) AS n FROM resource_current WHERE kind = 'aws_iam_role'";
    let before = world.tables().number(roles);
    world.aws.estate().change(&id, |account| account.roles.truncate(2));

    let held = world.run(4);
    assert!(held.total("held") >= 40, "{}", held.output);
    assert_eq!(world.tables().number(roles), before);

    let accepted = world.run_with(&["--accept-removals"], 0);
    assert!(accepted.total("removed") >= 40, "{}", accepted.output);
    assert_eq!(world.tables().number(roles), before - 45);
    world.run(0);
}

fn one_kind_of_one_account(world: &World) {
    let id = world.ids()[0].clone();
    let report = world.run_with(&["--account", &id, "--kind", "aws_iam_role"], 0);
    assert_eq!(report.json["tasks"].as_array().unwrap().len(), 1, "{}", report.output);
    assert_eq!(report.scopes(&id).len(), 1);
    let roles = world.aws.estate().account(&id).unwrap().roles.len();
    assert_eq!(usize::try_from(report.total("new")).unwrap(), roles);
    // The rest of the world was not looked at, so nothing is known of it and nothing retired.
    world.run(0);
    let again = world.run_with(&["--account", &id, "--kind", "aws_iam_role"], 0);
    assert_eq!(again.total("removed"), 0, "{}", again.output);
}
