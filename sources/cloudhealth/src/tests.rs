//! The source against an invented CloudHealth.

use std::time::Duration;

use auditor_core::{
    config::PluginTable,
    model::Record,
    outcome::{GapReason, Outcome},
    registry::{self, Instance, SourceConfig as _},
    source::{Context, Source, Target},
    testkit::{Collected, DeniedFixture, SourceFixture, collect, context},
};
use auditor_fakes::cloudhealth::{self as fake, Announce, Fake, MemberNames};
use axum::{
    Json,
    http::{StatusCode, header},
};
use serde_json::{Value, json};

use crate::CloudHealthConfig;

fn source_with(fake: &Fake, key: &str, change: impl FnOnce(&mut Value)) -> Box<dyn Source> {
    let mut settings = json!({
        "tenant": [{"id": "main", "api_key": key}],
        "cost_months": 2,
        "http": {"endpoint": fake.url, "max_reply_bytes": 100_000},
    });
    change(&mut settings);
    let config: CloudHealthConfig = PluginTable::from_json(settings).parse().unwrap();
    config.build(&Instance { name: "cloudhealth".to_owned(), base_dir: "/".into() }).unwrap()
}

fn source(fake: &Fake) -> Box<dyn Source> {
    source_with(fake, fake::KEY, |_| {})
}

async fn partner() -> SourceFixture {
    let fake = Fake::start().await;
    SourceFixture {
        source: source_with(&fake, fake::KEY, |settings| settings["tenant"][0]["partner"] = json!(true)),
        accounts: None,
        secrets: fake::SECRETS.map(str::to_owned).to_vec(),
        // The tenant's and its customer's.
        expected: vec![
            ("account", 4 + 2),
            ("tool_coverage", 4 + 2),
            ("cloudhealth_aws_account", 5 + 2),
            ("account_cost", 5 + 5),
            ("cloudhealth_account_cost", 6 + 6),
            ("cloudhealth_iam_user", 4),
            ("cloudhealth_perspective", 3 + 3),
            ("cloudhealth_organization", 3 + 3),
            ("cloudhealth_policy", 5 + 5),
            ("cloudhealth_sso_configuration", 1 + 1),
            ("cloudhealth_customer", 1),
            ("cloudhealth_account_assignment", 1),
        ],
        keep: Box::new(fake),
    }
}

/// A user whose role may not see policies.
async fn policies_refused() -> DeniedFixture {
    let fake = Fake::start().await;
    fake.fault("/v1/policies", usize::MAX, || StatusCode::FORBIDDEN);
    let fixture = SourceFixture {
        source: source(&fake),
        expected: vec![("account", 4), ("cloudhealth_perspective", 3), ("cloudhealth_policy", 0)],
        keep: Box::new(fake),
        ..partner().await
    };
    DeniedFixture { fixture, denied: &["cloudhealth_policy"] }
}

mod conformance {
    auditor_core::source_conformance!(super::partner, denied = super::policies_refused);
}

async fn only_target(source: &dyn Source, context: &Context) -> Target {
    let targets = source.plan(context).await.unwrap();
    assert_eq!(targets.len(), 1);
    targets.into_iter().next().unwrap()
}

async fn collected_by(source: Box<dyn Source>) -> Collected {
    let context = context(None);
    let target = only_target(source.as_ref(), &context).await;
    collect(source.as_ref(), &target, context).await
}

async fn collected(fake: &Fake) -> Collected {
    collected_by(source(fake)).await
}

fn document(record: &Record) -> Value {
    serde_json::from_str(&record.content.document).unwrap()
}

fn activity(record: &Record) -> Value {
    record.activity.as_deref().map_or(Value::Null, |text| serde_json::from_str(text).unwrap())
}

fn find<'a>(collected: &'a Collected, kind: &str, id: &str) -> &'a Record {
    let all = collected.of(kind);
    all.iter().find(|record| record.native_id == id).unwrap_or_else(|| panic!("no {kind} {id}"))
}

/// The only gap of a kind: its reason, detail and hint.
fn gap(collected: &Collected, kind: &str) -> (GapReason, String, String) {
    let gaps = &collected.gaps[kind];
    assert_eq!(gaps.len(), 1, "{kind}: {gaps:?}");
    (gaps[0].reason, gaps[0].detail.clone(), gaps[0].hint.clone().unwrap_or_default())
}

#[tokio::test]
async fn accounts_carry_owners_health_and_the_way_in() {
    let collected = collected(&Fake::start().await).await;
    let record = find(&collected, "cloudhealth_aws_account", "5909870000001");
    assert_eq!(record.content.account.as_str(), "111111111111");
    let account = document(record);
    assert_eq!(
        (&account["owner"], &account["business_unit"], &account["support_team"]),
        (&json!("Payments Platform Team"), &json!("Payments"), &Value::Null)
    );
    assert_eq!(account["authentication"]["protocol"], "assume_role");
    assert_eq!(account["role_in_other_account"], false);
    assert_eq!(account["tags"], json!({"Environment": "Production"}));
    assert_eq!(activity(record)["status_changed_at"], "2026-08-29T17:43:30Z");

    let legacy = document(find(&collected, "cloudhealth_aws_account", "5909870000002"));
    assert_eq!((&legacy["account_id"], &legacy["owner"]), (&json!("012345678901"), &Value::Null));
    assert_eq!(legacy["authentication"]["access_key_id"], "AKIAIOSFODNN7EXAMPLE");
    let inferred = document(find(&collected, "cloudhealth_aws_account", "5909870000003"));
    assert_eq!(
        (&inferred["account_id"], &inferred["account_id_source"], &inferred["groups"]),
        (&json!("333333333333"), &json!("assume_role_arn"), &Value::Null)
    );
    let nobody = find(&collected, "cloudhealth_aws_account", "5909870000004");
    assert_eq!(
        (nobody.content.account.as_str(), &document(nobody)["account_id"]),
        ("cloudhealth:main", &Value::Null)
    );
    assert_eq!(
        document(find(&collected, "cloudhealth_aws_account", "5909870000005"))["role_in_other_account"],
        true
    );

    let facts = document(find(&collected, "account", "012345678901"));
    assert_eq!((&facts["partition"], &facts["owner"]), (&json!("aws-us-gov"), &Value::Null));
    let statuses: Vec<_> = collected
        .of("tool_coverage")
        .iter()
        .map(|record| (record.native_id.clone(), document(record)["status"].clone()))
        .collect();
    let expected = [
        ("012345678901", "red"),
        ("111111111111", "green"),
        ("333333333333", "unknown"),
        ("555555555555", "yellow"),
    ];
    assert_eq!(statuses, expected.map(|(id, status)| (id.to_owned(), json!(status))));
    let green = document(find(&collected, "tool_coverage", "111111111111"));
    assert_eq!((&green["reasons"], &green["since_at"]), (&json!([]), &json!("2018-09-22T15:51:04Z")));
}

#[tokio::test]
async fn every_way_of_announcing_pages_is_read_to_the_end() {
    let fake = Fake::start().await;
    let whole = collected(&fake).await.records;
    for announce in [Announce::Total, Announce::Nothing] {
        fake.announce(announce);
        let collected = collected(&fake).await;
        assert_eq!(collected.records, whole);
        assert!(collected.outcomes.values().all(|outcome| *outcome == Outcome::Complete));
    }
    assert!(fake.log().iter().all(|line| line.starts_with("GET /")), "only reading calls");
}

#[tokio::test]
async fn cost_keeps_null_from_zero_and_drops_no_money() {
    let fake = Fake::start().await;
    let [before, running] = fake::months();
    for members in [MemberNames::Ids, MemberNames::OwnerIds] {
        fake.members(members);
        let collected = collected(&fake).await;
        let common = |account: &str, month: &str| {
            let record = find(&collected, "account_cost", &format!("{account}/{month}"));
            assert_eq!(record.content.account.as_str(), account);
            (document(record)["amount"].clone(), activity(record).get("amount_so_far").cloned())
        };
        assert_eq!(common("111111111111", &before), (json!(120.25), None));
        assert_eq!(common("111111111111", &running), (Value::Null, Some(json!(130))));
        assert_eq!(common("012345678901", &before), (json!(0), None));
        assert_eq!(common("cloudhealth:main", &before), (json!(30.25), None));
        assert_eq!(collected.of("account_cost").len(), 5, "no record where there is no data");

        let gone = document(find(&collected, "cloudhealth_account_cost", &format!("777/{before}")));
        assert_eq!(
            (&gone["matched_by"], &gone["amount"], &gone["label"]),
            (&json!("unmatched"), &json!(30.25), &json!("Deleted long ago"))
        );
        let matched: Vec<_> = collected
            .of("cloudhealth_account_cost")
            .iter()
            .filter(|record| record.content.account.as_str() == "111111111111")
            .map(|record| document(record)["matched_by"].clone())
            .collect();
        let rule = if members == MemberNames::Ids { "id" } else { "owner_id" };
        assert_eq!(matched, [rule, rule]);
    }
}

#[tokio::test]
async fn a_report_of_nothing_is_empty_and_a_report_of_an_error_is_a_gap() {
    let fake = Fake::start().await;
    let data = |words: &'static str| move || Json(json!({"status": "ok", "data": {"error": words}}));
    fake.fault("/olap_reports/cost/history", 1, data("This filter combination has no members to find"));
    let empty = collected(&fake).await;
    assert_eq!(empty.outcomes["account_cost"], Outcome::Complete);
    assert!(empty.of("account_cost").is_empty());

    fake.fault("/olap_reports/cost/history", 1, data("the cube is being built"));
    let failed = collected(&fake).await;
    assert_eq!(failed.outcomes["account_cost"], Outcome::Failed);
    assert!(gap(&failed, "cloudhealth_account_cost").1.contains("the cube is being built"));
}

#[tokio::test]
async fn users_are_joined_to_accounts_and_only_known_attributes_are_asked_for() {
    let fake = Fake::start().await;
    let collected = collected(&fake).await;
    let users = collected.of("cloudhealth_iam_user");
    let accounts: Vec<_> = users.iter().map(|user| user.content.account.as_str()).collect();
    assert_eq!(accounts, ["012345678901", "012345678901", "111111111111", "111111111111"]);
    assert_eq!(
        document(users[0])["attributes"],
        json!({"name": "user-0", "arn": "arn:aws:iam::111111111111:user/user-0"})
    );
    assert_eq!(activity(users[0])["last_used"], json!({"password_last_used": "2026-08-01T00:00:00Z"}));
    let log = fake.log();
    let search = log.iter().find(|line| line.contains("/api/search")).unwrap();
    assert!(search.ends_with("&fields=arn%2Cname%2Cpassword_last_used%2Caccount.name"), "{search}");
}

#[tokio::test]
async fn perspectives_come_with_groups_and_version() {
    let collected = collected(&Fake::start().await).await;
    let record = find(&collected, "cloudhealth_perspective", "206159639971");
    assert_eq!(record.content.name.as_deref(), Some("Owner "));
    let owner = document(record);
    assert_eq!(
        (&owner["version"], &owner["groups_count"], &owner["rules_count"]),
        (&json!(2), &json!(3), &json!(1))
    );
    let names: Vec<_> = owner["groups"].as_array().unwrap().iter().map(|group| &group["name"]).collect();
    assert_eq!(names, ["Payments Platform Team", "payments", "Other"]);
    assert_eq!(document(find(&collected, "cloudhealth_perspective", "206159659286"))["active"], false);
}

#[tokio::test]
async fn details_that_may_not_be_read_are_unknown_and_a_gap() {
    let fake = Fake::start().await;
    let forbidden = || (StatusCode::FORBIDDEN, Json(json!({"error": "Forbidden"})));
    fake.fault("/v1/perspective_schemas/206159351171", 1, forbidden);
    let collected = collected(&fake).await;
    assert_eq!(collected.outcomes["cloudhealth_perspective"], Outcome::Partial);
    assert!(gap(&collected, "cloudhealth_perspective").1.starts_with("perspective 206159351171: "));
    let records = collected.of("cloudhealth_perspective");
    assert_eq!(records.len(), 3);
    assert!(records.iter().all(|record| document(record)["groups"].is_null()), "the first was refused");
}

#[tokio::test]
async fn a_wrong_key_is_said_for_every_kind_and_shown_nowhere() {
    let fake = Fake::start().await;
    let source = source_with(&fake, "wrong-hunter2", |_| {});
    let (all, context) = (source.kinds(), context(None));
    let target = only_target(source.as_ref(), &context).await;
    let collected = collect(source.as_ref(), &target, context.clone()).await;
    assert!(collected.records.is_empty());
    for kind in all {
        assert_eq!(collected.outcomes[kind.name], Outcome::Denied, "{}", kind.name);
        let (reason, _, hint) = gap(&collected, kind.name);
        assert!(reason == GapReason::Denied && hint.contains("`api_key` of the tenant `main`"), "{hint}");
    }
    let items = source.check(&target, &context).await;
    assert_eq!(items.len(), 7);
    assert!(items.iter().all(|item| item.problem.as_ref().is_some_and(|text| text.contains("HTTP 403"))));
    assert!(!format!("{collected:?}{items:?}").contains("wrong-hunter2"));
}

#[tokio::test]
async fn passing_faults_pass() {
    let fake = Fake::start().await;
    fake.fault("/v1/aws_accounts", 2, || StatusCode::TOO_MANY_REQUESTS);
    fake.fault("/v1/policies", 1, || {
        (StatusCode::SERVICE_UNAVAILABLE, axum::response::Html("<p>back end capped out</p>"))
    });
    fake.fault("/v2/organizations", 1, || {
        ([(header::CONTENT_TYPE, "application/json")], "{\"organizations\":[{\"id\":1")
    });
    let collected = collected(&fake).await;
    for (kind, outcome) in &collected.outcomes {
        assert_eq!(*outcome, Outcome::Complete, "{kind}: {:?}", collected.gaps[kind]);
    }
}

#[tokio::test]
async fn what_accounts_are_needed_for_fails_with_them() {
    let fake = Fake::start().await;
    fake.fault("/v1/aws_accounts", 99, || axum::response::Html("<html>sign in</html>"));
    let collected = collected(&fake).await;
    for kind in
        ["account", "tool_coverage", "cloudhealth_aws_account", "account_cost", "cloudhealth_iam_user"]
    {
        assert_eq!(collected.outcomes[kind], Outcome::Failed, "{kind}");
        let (reason, detail, _) = gap(&collected, kind);
        assert!(reason == GapReason::Malformed && detail.contains("`text/html`"), "{detail}");
        assert!(collected.of(kind).is_empty());
    }
    assert_eq!(collected.outcomes["cloudhealth_policy"], Outcome::Complete);
}

#[tokio::test]
async fn an_error_under_the_status_200_is_never_an_empty_list() {
    let fake = Fake::start().await;
    for path in [
        "/v1/aws_accounts",
        "/v1/perspective_schemas",
        "/olap_reports/cost/history",
        "/v2/organizations",
        "/v1/policies",
        "/v1/sso/configuration",
        "/api/AwsUser",
    ] {
        fake.fault(path, 99, || Json(json!({"error": "Forbidden"})));
    }
    let collected = collected(&fake).await;
    assert!(collected.records.is_empty());
    for (kind, outcome) in &collected.outcomes {
        assert_eq!(*outcome, Outcome::Failed, "{kind}");
        assert!(gap(&collected, kind).1.contains("HTTP 200 with an error: Forbidden"), "{kind}");
    }
}

#[tokio::test]
async fn lists_without_end_and_lists_that_end_too_early_are_partial() {
    let fake = Fake::start().await;
    // A service that ignores `page`.
    let first = || Json(json!([{"id": 1, "name": "a"}, {"id": 2, "name": "b"}]));
    fake.fault("/api/search", 99, first);
    // A link that leads back.
    fake.fault("/v2/organizations", 99, || {
        Json(
            json!({"organizations": [{"id": "1"}], "_links": {"next": {"href": "/v2/organizations?page=1"}}}),
        )
    });
    // A last page that fails.
    fake.fault_on("/v1/policies", "3", 99, || StatusCode::INTERNAL_SERVER_ERROR);
    // Fewer than announced.
    fake.fault("/v1/aws_accounts", 1, || {
        ([("x-total", "170")], Json(json!({"aws_accounts": [{"id": 1, "owner_id": "111111111111"}]})))
    });
    fake.fault("/v1/aws_accounts", 1, || ([("x-total", "170")], Json(json!({"aws_accounts": []}))));
    let collected = collected(&fake).await;
    let expect = |kind: &str, outcome: Outcome, records: usize, words: &str| {
        assert_eq!(collected.outcomes[kind], outcome, "{kind}");
        assert_eq!(collected.of(kind).len(), records, "{kind}");
        assert!(gap(&collected, kind).1.contains(words), "{kind}: {:?}", collected.gaps[kind]);
    };
    expect("cloudhealth_organization", Outcome::Partial, 1, "page 1 leads back to page 1");
    expect("cloudhealth_policy", Outcome::Partial, 4, "HTTP 500");
    expect("account", Outcome::Partial, 1, "the list ended after 1 of 170 items");
    expect("account_cost", Outcome::Failed, 0, "the list ended after 1 of 170 items");
    expect("cloudhealth_iam_user", Outcome::Failed, 0, "the list ended after 1 of 170 items");

    let again = self::collected(&fake).await;
    assert_eq!(again.outcomes["cloudhealth_iam_user"], Outcome::Partial);
    assert!(gap(&again, "cloudhealth_iam_user").1.contains("page 2 repeats earlier pages"));
}

#[tokio::test]
async fn a_misspelt_perspective_is_a_gap_and_names_those_there_are() {
    let fake = Fake::start().await;
    let misspelt =
        source_with(&fake, fake::KEY, |settings| settings["perspectives"] = json!({"owner": "Ownr"}));
    let collected = collected_by(misspelt).await;
    assert_eq!(collected.outcomes["account"], Outcome::Partial);
    let (_, detail, hint) = gap(&collected, "account");
    assert!(detail.contains("`Ownr`") && hint.contains("`Owner`"), "{detail} {hint}");
    assert_eq!(collected.outcomes["tool_coverage"], Outcome::Complete);

    let named = source_with(&fake, fake::KEY, |settings| {
        settings["perspectives"] = json!({"owner": "business unit"});
    });
    let collected = collected_by(named).await;
    assert_eq!(document(find(&collected, "account", "111111111111"))["owner"], "Payments");
}

#[tokio::test]
async fn a_hung_service_and_a_huge_reply_are_gaps() {
    let fake = Fake::start().await;
    fake.fault("/v1/sso/configuration", 99, || "x".repeat(200_000));
    let source = source(&fake);
    let mut context = context(None);
    let target = only_target(source.as_ref(), &context).await;
    let collected = collect(source.as_ref(), &target, context.clone()).await;
    let (reason, detail, hint) = gap(&collected, "cloudhealth_sso_configuration");
    assert_eq!(reason, GapReason::Rejected);
    assert!(detail.contains("larger than 100000 bytes") && hint.contains("max_reply_bytes"), "{detail}");

    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let hung = format!("http://{}", listener.local_addr().unwrap());
    let source = source_with(&fake, fake::KEY, |settings| settings["http"]["endpoint"] = json!(hung));
    context.caller = context.caller.with_policy(|policy| {
        policy.timeout = Duration::from_millis(50);
        policy.attempts = 2;
    });
    let collected = collect(source.as_ref(), &target, context).await;
    assert!(collected.records.is_empty());
    assert!(collected.outcomes.values().all(|outcome| *outcome == Outcome::Failed));
    assert_eq!(gap(&collected, "account").0, GapReason::Unreachable);
}

#[tokio::test]
async fn a_partner_whose_customers_cannot_be_listed_is_read_all_the_same() {
    let fake = Fake::start().await;
    fake.fault("/v1/customers", 3, || StatusCode::INTERNAL_SERVER_ERROR);
    let source = source_with(&fake, fake::KEY, |settings| settings["tenant"][0]["partner"] = json!(true));
    let context = context(None);
    let target = only_target(source.as_ref(), &context).await;
    let collected = collect(source.as_ref(), &target, context.clone()).await;
    assert_eq!(collected.outcomes["cloudhealth_customer"], Outcome::Partial);
    let (_, detail, hint) = gap(&collected, "cloudhealth_customer");
    assert!(detail.contains("not every customer could be audited") && hint == "run again", "{detail} {hint}");

    // A refusal does not pass by itself.
    let refused = Fake::start().await;
    refused.fault("/v1/customers", 1, || StatusCode::FORBIDDEN);
    let source = source_with(&refused, fake::KEY, |settings| settings["tenant"][0]["partner"] = json!(true));
    let target = only_target(source.as_ref(), &context).await;
    let (_, detail, hint) =
        gap(&collect(source.as_ref(), &target, context.clone()).await, "cloudhealth_customer");
    assert!(detail.contains("HTTP 403") && hint.contains("check `api_key`"), "{detail} {hint}");
    assert_eq!(collected.outcomes["account"], Outcome::Complete);

    let targets: Vec<_> = source.plan(&context).await.unwrap().into_iter().map(|target| target.id).collect();
    assert_eq!(targets, ["main", "main/3947"]);
}

#[test]
fn the_plugin_keeps_cloudhealths_limit_unless_told_otherwise() {
    let plugins = registry::sources();
    let plugin = plugins.iter().find(|plugin| plugin.name == "cloudhealth").unwrap();
    assert_eq!(plugin.requests_per_second, Some(0.5));
}
