//! Does what cannot be seen stay told from what is not there? Whatever goes wrong, the exit code says so, the gap is
//! named, nothing is retired, and the other accounts are not touched by it.

use auditor_testbed::fake_aws::{Fault, Report as CredentialReport, Rule};

use crate::common::{Report, World, on_both_stores};

const DETAILS: &str = "iam:GetAccountAuthorizationDetails";

on_both_stores! {
    a_denied_action_is_a_gap_that_names_the_permission
    throttling_for_ever_is_a_gap
    a_list_cut_short_retires_nothing
}

/// A complete run, then one that meets `rule` in the first account while a user and a role have gone.
#[track_caller]
fn second_run_with(world: &World, rule: Rule) -> (String, Report) {
    let id = world.ids()[0].clone();
    world.run(0);
    world.aws.estate().change(&id, |account| {
        account.users.pop();
        account.roles.pop();
    });
    world.aws.reset_calls();
    world.aws.fault(rule.account(&id));
    let report = world.run(3);
    for other in &world.ids()[1..] {
        report.expect_complete(other);
    }
    report.expect_unseen_kept();
    let users = world.tables().number(&format!(
        "SELECT count(*) AS n FROM resource_current WHERE kind = 'aws_iam_user' AND account = '{id}'"
    ));
    assert_eq!(users, 8, "{}", report.output);
    (id, report)
}

fn a_denied_action_is_a_gap_that_names_the_permission(world: &World) {
    let (id, report) = second_run_with(world, Rule::new(DETAILS, Fault::AccessDenied));
    assert_eq!(report.outcome(&id, "aws_iam_user"), "denied");
    assert!(report.gaps(&id).contains(DETAILS), "{}", report.output);
    // The summary for people names it too, with what to do.
    world.auditor.run(&["run"]).expect_code(3).expect_stderr(&[DETAILS, &id, "grant"]);

    world.aws.no_faults();
    let healed = world.run(0);
    assert!(healed.total("removed") >= 2, "{}", healed.output);
}

fn throttling_for_ever_is_a_gap(world: &World) {
    let (id, report) = second_run_with(world, Rule::new("iam:*", Fault::Throttle));
    assert!(report.gaps(&id).contains("throttled"), "{}", report.output);
    assert_eq!(world.aws.calls(&id, "iam:ListUsers") % 3, 0, "as many attempts as configured");
}

fn a_list_cut_short_retires_nothing(world: &World) {
    let (id, report) = second_run_with(world, Rule::new(DETAILS, Fault::Cut).after(2));
    assert!(report.gaps(&id).contains(DETAILS), "{}", report.output);
}

#[test]
fn a_single_list_denied_leaves_the_rest_complete() {
    let world = World::sqlite();
    let id = world.ids()[0].clone();
    world.run(0);
    world.aws.fault(Rule::new("iam:ListServerCertificates", Fault::AccessDenied).account(&id));
    let report = world.run(3);
    assert_eq!(report.outcome(&id, "aws_iam_server_certificate"), "denied");
    assert_eq!(report.outcome(&id, "aws_iam_user"), "complete");
    assert_eq!(report.outcome(&id, "aws_iam_role"), "complete");
    report.expect_unseen_kept();
}

#[test]
fn what_passes_is_tried_again() {
    let world = World::sqlite();
    let id = world.ids()[0].clone();
    for fault in [
        Fault::Throttle,
        Fault::Cut,
        Fault::Garbage,
        Fault::Error { status: 503, code: "ServiceUnavailable".to_owned(), message: "later".to_owned() },
    ] {
        world.aws.fault(Rule::new("iam:ListRoles", fault.clone()).account(&id).times(2));
        world.aws.fault(Rule::new(DETAILS, fault.clone()).account(&id).after(3).times(1));
        world.aws.fault(Rule::new("sts:AssumeRole", fault).account(&id).times(2));
        let report = world.run_with(&["--account", &id], 0);
        report.expect_complete(&id);
        assert_eq!(report.total("removed"), 0, "{}", report.output);
    }
}

#[test]
fn answers_that_are_no_xml_are_a_gap() {
    let world = World::sqlite();
    let (id, report) = second_run_with(&world, Rule::new(DETAILS, Fault::Garbage));
    assert!(report.gaps(&id).contains("malformed"), "{}", report.output);
}

#[test]
fn an_answer_that_stops_in_its_middle_is_not_believed() {
    let world = World::sqlite();
    for action in
        [DETAILS, "iam:ListSSHPublicKeys", "iam:ListAccessKeys", "iam:ListServiceSpecificCredentials"]
    {
        let id = world.ids()[1].clone();
        world.run(0);
        world.aws.fault(Rule::new(action, Fault::Truncated).account(&id));
        let report = world.run(3);
        report.expect_unseen_kept();
        world.aws.no_faults();
    }
}

#[test]
fn slow_answers_are_waited_for() {
    let world = World::sqlite();
    let id = world.ids()[0].clone();
    world.aws.fault(Rule::new("iam:*", Fault::DelayMs(30)).account(&id));
    world.aws.fault(Rule::new("iam:*", Fault::TrickleMs(5)));
    world.run(0);
}

#[test]
fn no_answer_at_all_is_a_gap() {
    let world = World::sqlite();
    world.configure("calls_per_target = 4");
    let config = std::fs::read_to_string(world.auditor.dir().join("auditor.toml")).unwrap();
    world.auditor.write("auditor.toml", config.replace("call_timeout_secs = 10", "call_timeout_secs = 1"));
    let (id, report) = second_run_with(&world, Rule::new(DETAILS, Fault::Hang));
    assert!(report.gaps(&id).contains("unreachable"), "{}", report.output);
}

#[test]
fn a_role_that_cannot_be_assumed_is_a_gap() {
    let world = World::sqlite();
    let id = world.ids()[0].clone();
    world.run(0);
    world.aws.estate().change(&id, |account| account.access.assumable = false);
    let report = world.run(3);
    for scope in report.scopes(&id) {
        assert_eq!(scope["outcome"], "denied", "{}", report.output);
    }
    assert!(report.gaps(&id).contains("sts:AssumeRole"), "{}", report.output);
    report.expect_unseen_kept();
    report.expect_complete(&world.ids()[1]);
}

#[test]
fn a_wrong_external_id_is_a_gap_and_never_printed() {
    let world = World::sqlite();
    let id = world.ids()[0].clone();
    world
        .aws
        .estate()
        .change(&id, |account| account.access.external_id = Some("the-right-one-41".to_owned()));
    world.configure("external_id = \"the-wrong-one-42\"");
    let report = world.run(3);
    assert!(report.gaps(&id).contains("sts:AssumeRole"), "{}", report.output);
    report.output.clone().expect_nowhere("the-wrong-one-42");

    world.configure("external_id = \"the-right-one-41\"");
    let report = world.run(0);
    report.expect_complete(&id);
    let loud = world.auditor.run(&["run", "--log-format", "json"]).expect_code(0);
    loud.expect_nowhere("the-right-one-41");
}

#[test]
fn the_credential_report_may_take_its_time_expire_or_never_come() {
    let world = World::sqlite();
    let ids = world.ids().to_vec();
    world.aws.estate().change(&ids[0], |account| account.report = CredentialReport::ReadyAfter(3));
    world.aws.estate().change(&ids[1], |account| account.report = CredentialReport::Expired);
    world.run(0);

    world.configure("credential_report_timeout_secs = 1");
    world.aws.estate().change(&ids[2], |account| account.report = CredentialReport::Never);
    let report = world.run(3);
    assert!(report.gaps(&ids[2]).contains("Report"), "{}", report.output);
    assert_eq!(report.outcome(&ids[2], "aws_iam_role"), "complete", "{}", report.output);
    report.expect_unseen_kept();
}

#[test]
fn no_account_can_be_reached() {
    let world = World::sqlite();
    world.run(0);
    world.aws.fault(Rule::new("*", Fault::AccessDenied));
    let report = world.run(3);
    report.expect_unseen_kept();
    assert_eq!(
        world.tables().number("SELECT count(*) AS n FROM resource WHERE missing_since IS NOT NULL"),
        0
    );
}

#[test]
fn odd_content_is_stored_as_it_is() {
    let world = World::sqlite();
    let id = world.ids()[0].clone();
    world.aws.estate().change(&id, |account| {
        account.roles[1].trust = "this is no JSON <&>".to_owned();
        account.policies[1].versions[0].document = String::new();
        let resources: Vec<_> =
            (0..40_000).map(|n| format!("arn:aws:s3:::a-bucket-with-a-long-name-{n:08}/*")).collect();
        account.users[0].inline = vec![auditor_testbed::fake_aws::estate::InlinePolicy {
            name: "megabytes".to_owned(),
            document:
                serde_json::json!({"Statement": {"Effect": "Allow", "Action": "*", "Resource": resources}})
                    .to_string(),
        }];
        account.users[1].tags = vec![("quote'\"\\".to_owned(), "\u{1F4A9} \u{202E} end".to_owned())];
    });
    let report = world.run(0);
    report.expect_complete(&id);
    let second = world.run(0);
    assert_eq!(second.total("changed"), 0, "{}", second.output);
    world.auditor.run(&["verify"]).expect_code(0);
}

#[test]
fn an_id_twice_in_one_listing_is_a_gap() {
    let world = World::sqlite();
    let id = world.ids()[0].clone();
    world.aws.estate().change(&id, |account| account.users[1].id = account.users[0].id.clone());
    // AWS counts eight users and eight names were read, but only seven can be told apart.
    let report = world.run_with(&["--kind", "aws_iam_user"], 3);
    assert!(report.gaps(&id).contains("Users"), "{}", report.output);
    assert_eq!(
        world.tables().number(&format!("SELECT count(*) AS n FROM resource_current WHERE account = '{id}'")),
        7
    );
}
