//! What happens when Alert Logic does not answer as it should.

use std::time::{Duration, Instant};

use auditor_core::{
    error::chain,
    outcome::Outcome,
    source::{Caller, Source as _},
    testkit::{collect, context},
};
use serde_json::{Value, json};

use super::{
    Fake, SECRETS, collect_own, config, expect,
    fake::Reply,
    instance, source, target,
    world::{self, MANAGED, OWN},
};
use crate::source::AlertLogic;

/// What `plan` says of a login that is refused.
async fn refusal(reply: Reply) -> String {
    let fake = Fake::start().await;
    fake.always("/authenticate", reply);
    let source = source(&fake, "");
    let context = context(None);
    let error = source.plan(&context).await.unwrap_err();
    let again = source.plan(&context).await.unwrap_err();
    assert_eq!(chain(&again), chain(&error));
    assert_eq!(fake.logins(), 1, "a refused key is not tried again in the same run");
    let shown = format!("{}; {}; {error:?}", chain(&error), error.hint().unwrap_or_default());
    for secret in SECRETS {
        assert!(!shown.contains(secret), "{shown}");
    }
    shown
}

#[tokio::test]
async fn refused_logins_say_what_to_do() {
    for (reply, words) in [
        (Reply::Empty(401), ["HTTP 401", "compare `access_key_id` and `secret_key`"]),
        (Reply::Json(401, json!({"error": "mfa_code_required"})), ["mfa_code_required", "second factor"]),
        (
            Reply::Json(401, json!({"error": "mfa_enrollment_required"})),
            ["mfa_enrollment_required", "access key"],
        ),
        (Reply::Json(400, json!({"error": "password_expired"})), ["password_expired", "access key"]),
        (Reply::Json(400, json!({"error": "account_inactive"})), ["account_inactive", "not active"]),
    ] {
        let shown = refusal(reply).await;
        for word in words {
            assert!(shown.contains(word), "`{word}` is not in {shown}");
        }
    }
}

#[tokio::test]
async fn a_wrong_key_is_refused_by_the_service_itself() {
    let fake = Fake::start().await;
    let mut config = config(&fake, "");
    config.secret_key = auditor_core::config::Secret::Value("planted-wrong".to_owned().into());
    let source = AlertLogic::new(config, &instance()).unwrap();
    let error = source.plan(&context(None)).await.unwrap_err();
    assert!(chain(&error).contains("HTTP 401 with an empty body"), "{}", chain(&error));
}

#[tokio::test]
async fn logins_that_are_no_logins() {
    for reply in [
        Reply::Json(200, json!({"error": "maintenance"})),
        Reply::Json(200, json!({"authentication": {"token": "planted-token\nx", "account": {"id": "1"}}})),
        Reply::Json(200, json!({"authentication": {"token": "planted-token", "account": {"id": "../1"}}})),
        Reply::Html,
    ] {
        let fake = Fake::start().await;
        fake.always("/authenticate", reply);
        let error = source(&fake, "").plan(&context(None)).await.unwrap_err();
        let shown = format!("{} {error:?}", chain(&error));
        assert!(shown.contains("cannot be read") && !shown.contains("planted-"), "{shown}");
    }
}

#[tokio::test]
async fn an_expired_token_is_renewed_once() {
    let fake = Fake::start().await;
    let source = source(&fake, "managed_accounts = false");
    let context = context(None);
    let own = target(&source, &context, OWN).await;
    fake.expire_after(7);
    let collected = collect(&source, &own, context).await;
    assert!(collected.outcomes.values().all(|outcome| *outcome == Outcome::Complete), "{:?}", collected.gaps);
    assert_eq!(fake.logins(), 2);
    assert!(fake.violations().is_empty(), "{:?}", fake.violations());
}

#[tokio::test]
async fn a_service_that_refuses_fresh_tokens_costs_one_login() {
    let fake = Fake::start().await;
    fake.always("/schedules", Reply::Empty(401));
    fake.always("/users", Reply::Empty(401));
    let collected = collect_own(&fake).await;
    expect(
        &collected,
        "alertlogic_scan_schedule",
        Outcome::Denied,
        &["HTTP 401", "just issued", "Read Only"],
    );
    expect(&collected, "alertlogic_user", Outcome::Denied, &["HTTP 401"]);
    expect(&collected, "alertlogic_deployment", Outcome::Complete, &[]);
    // Six deployments, some of them at once; users; and the first login.
    assert!(fake.logins() <= 4, "{}", fake.logins());
}

#[tokio::test]
async fn a_denied_listing_is_a_gap_and_the_rest_arrives() {
    let fake = Fake::start().await;
    fake.always("/roles", Reply::Empty(403));
    fake.always("/policies", Reply::Json(403, json!({"error": "not entitled"})));
    let collected = collect_own(&fake).await;
    expect(&collected, "alertlogic_role", Outcome::Denied, &["/aims/v1/{account_id}/roles", "Read Only"]);
    expect(&collected, "alertlogic_user", Outcome::Partial, &["roles"]);
    expect(&collected, "alertlogic_deployment", Outcome::Partial, &["not entitled"]);
    expect(&collected, "principal", Outcome::Complete, &[]);
    expect(&collected, "alertlogic_incident", Outcome::Complete, &[]);
    assert_eq!(collected.of("alertlogic_user").len(), 3);
}

#[tokio::test]
async fn whatever_hangs_on_deployments_falls_with_them() {
    let fake = Fake::start().await;
    fake.always("/deployments", Reply::Empty(403));
    let collected = collect_own(&fake).await;
    for kind in [
        "alertlogic_deployment",
        "alertlogic_exposure",
        "alertlogic_agent",
        "alertlogic_scan_schedule",
        "tool_coverage",
    ] {
        expect(&collected, kind, Outcome::Denied, &["deployments"]);
    }
    expect(&collected, "alertlogic_incident", Outcome::Partial, &["deployments"]);
    assert_eq!(collected.of("alertlogic_incident").len(), world::INCIDENTS);
    assert_eq!(fake.calls().iter().filter(|call| call.ends_with("/deployments")).count(), 1, "asked once");
}

#[tokio::test]
async fn replies_that_are_no_lists_are_not_empty_lists() {
    for (reply, outcome, words) in [
        (Reply::Html, Outcome::Failed, ["no JSON", "text/html"]),
        (Reply::Empty(200), Outcome::Failed, ["empty body", "users"]),
        (Reply::Cut, Outcome::Failed, ["users", ""]),
        (Reply::Huge(1_100_000), Outcome::Failed, ["larger than 1000000 bytes", "max_reply_bytes"]),
        (Reply::Json(200, json!({})), Outcome::Failed, ["no list `users`", ""]),
        (Reply::Json(200, json!({"users": null})), Outcome::Failed, ["no list `users`", ""]),
        (Reply::Json(200, json!([])), Outcome::Failed, ["no object with a list `users`", ""]),
        (
            Reply::Json(200, json!({"error": "token planted-token-1 is not known", "code": 500})),
            Outcome::Failed,
            ["an error inside a successful reply", "[secret]"],
        ),
        (
            Reply::Json(200, json!({"error": "Forbidden", "code": 403})),
            Outcome::Denied,
            ["Forbidden", "Read Only"],
        ),
        (Reply::Empty(500), Outcome::Failed, ["HTTP 500", ""]),
        (Reply::Empty(429), Outcome::Failed, ["throttled", "requests_per_second"]),
        (Reply::Empty(302), Outcome::Failed, ["HTTP 302", "endpoint"]),
    ] {
        let fake = Fake::start().await;
        fake.always("/users", reply.clone());
        let collected = collect_own(&fake).await;
        expect(&collected, "alertlogic_user", outcome, &words);
        expect(&collected, "principal", outcome, &words);
        expect(&collected, "alertlogic_role", Outcome::Complete, &[]);
        let shown = format!("{collected:?}");
        assert!(SECRETS.iter().all(|secret| !shown.contains(secret)), "{reply:?}");
    }
}

#[tokio::test]
async fn passing_faults_pass() {
    let fake = Fake::start().await;
    fake.script("/users", Reply::Empty(429), 2);
    fake.script("/exposures/deployment/summary", Reply::Json(503, json!({"error_type": "error"})), 1);
    fake.script("/remediation-items", Reply::Cut, 1);
    let collected = collect_own(&fake).await;
    assert!(collected.outcomes.values().all(|outcome| *outcome == Outcome::Complete), "{:?}", collected.gaps);
}

#[tokio::test]
async fn a_hanging_server_is_left() {
    let fake = Fake::start().await;
    fake.always("/users", Reply::Hang);
    let source = source(&fake, "managed_accounts = false");
    let mut context = context(None);
    context.caller = Caller::for_tests().with_policy(|policy| {
        policy.base_wait = Duration::ZERO;
        policy.attempts = 2;
        policy.timeout = Duration::from_millis(500);
    });
    let own = target(&source, &context, OWN).await;
    let started = Instant::now();
    let collected = collect(&source, &own, context).await;
    expect(&collected, "alertlogic_user", Outcome::Failed, &["no answer within 0.5 s"]);
    expect(&collected, "alertlogic_role", Outcome::Complete, &[]);
    assert!(started.elapsed() < Duration::from_secs(20));
}

#[tokio::test]
async fn paging_comes_to_an_end() {
    let fake = Fake::start().await;
    let mut circle = world::file("exposures-1");
    circle["continue"] = json!("round-and-round");
    fake.always("/exposures", Reply::Json(200, circle));
    let incident = world::file("incident");
    fake.always(
        "/incidents_by_time",
        Reply::Json(200, json!({"iris_items": [incident], "metadata": {"total_count": 1_000_000}})),
    );
    let collected = collect_own(&fake).await;
    expect(&collected, "alertlogic_exposure", Outcome::Failed, &["in a circle"]);
    expect(&collected, "alertlogic_incident", Outcome::Failed, &["do not come to an end"]);
}

#[tokio::test]
async fn listings_that_end_too_early_are_not_complete() {
    let fake = Fake::start().await;
    let mut short = world::file("exposures-2");
    short["total_rows"] = json!(99);
    fake.always("/exposures", Reply::Json(200, short));
    fake.always(
        "/incidents_by_time",
        Reply::Json(200, json!({"iris_items": [], "metadata": {"total_count": 7}})),
    );
    let mut risks = world::file("remediation-items");
    risks["remediation-items"]["rows"] = json!(2);
    fake.always("/remediation-items", Reply::Json(200, risks));
    let collected = collect_own(&fake).await;
    expect(&collected, "alertlogic_exposure", Outcome::Failed, &["after 1 of 99 rows"]);
    expect(&collected, "alertlogic_incident", Outcome::Failed, &["after 0 of 7 incidents"]);
    expect(&collected, "alertlogic_risk_acceptance", Outcome::Partial, &["1 of 2"]);
}

#[tokio::test]
async fn windows_that_are_too_long_are_halved() {
    let fake = Fake::start().await;
    fake.script(
        "/incidents_by_time",
        Reply::Json(400, json!({"error": "Invalid arguments", "code": 400})),
        3,
    );
    let collected = collect_own(&fake).await;
    expect(&collected, "alertlogic_incident", Outcome::Complete, &[]);
    assert_eq!(collected.of("alertlogic_incident").len(), world::INCIDENTS);

    let fake = Fake::start().await;
    fake.always("/incidents_by_time", Reply::Json(400, json!({"error": "Invalid arguments", "code": 400})));
    let collected = collect_own(&fake).await;
    expect(&collected, "alertlogic_incident", Outcome::Failed, &["Invalid arguments"]);
    assert!(fake.calls().iter().filter(|call| call.contains("incidents_by_time")).count() < 20);
}

#[tokio::test]
async fn one_deployment_that_cannot_be_read_is_named() {
    let fake = Fake::start().await;
    let mut deployments = world::file("deployments");
    deployments[0]["platform"]["id"] = json!("12345678");
    deployments.as_array_mut().unwrap().push(json!({"name": "no id"}));
    fake.always("/12345678/deployments", Reply::Json(200, deployments));
    fake.always("/86975343-2DA7-4E77-9F52-8488C4217191/schedules", Reply::Empty(404));
    fake.always(
        "/schedules/8e3f2a10-3b0a-4c56-9a40-0d2f9f7a1b22/summary",
        Reply::Json(404, json!({"error": "no such schedule"})),
    );
    let mut health = world::file("health-agent");
    health["list"].as_array_mut().unwrap().push(json!({"agent": null, "host": null}));
    fake.always("/health/agent", Reply::Json(200, health));
    let collected = collect_own(&fake).await;
    expect(&collected, "alertlogic_deployment", Outcome::Partial, &["`no id` has no id"]);
    expect(&collected, "tool_coverage", Outcome::Partial, &["`platform.id` is no AWS account id"]);
    expect(
        &collected,
        "alertlogic_scan_schedule",
        Outcome::Partial,
        &["deployment `Azure Production`", "HTTP 404", "no such schedule"],
    );
    assert_eq!(collected.of("alertlogic_scan_schedule").len(), 2, "a schedule without its summary is one");
    expect(&collected, "alertlogic_agent", Outcome::Partial, &["1 rows refer to no agent"]);
}

#[tokio::test]
async fn health_that_cannot_be_read_is_no_clean_bill() {
    let fake = Fake::start().await;
    fake.always("/health/summary", Reply::Empty(403));
    let collected = collect_own(&fake).await;
    expect(&collected, "alertlogic_collection_health", Outcome::Denied, &["health/summary"]);
    expect(&collected, "tool_coverage", Outcome::Partial, &["health/summary"]);
    for record in collected.of("tool_coverage") {
        let coverage: Value = serde_json::from_str(&record.content.document).unwrap();
        assert!(["unknown", "red"].contains(&coverage["status"].as_str().unwrap()), "{coverage}");
    }
}

#[tokio::test]
async fn managed_accounts_out_of_reach() {
    let fake = Fake::start().await;
    let source = source(&fake, "");
    let context = context(None);
    let managed = target(&source, &context, MANAGED).await;
    // An empty list, as a key that does not reach the account gets.
    fake.script("/01000001/users", Reply::Json(200, json!({"users": []})), 1);
    let collected = collect(&source, &managed, context.clone()).await;
    expect(&collected, "alertlogic_user", Outcome::Denied, &["does not reach it", "Support / Care"]);
    expect(&collected, "alertlogic_deployment", Outcome::Complete, &[]);
    // The same from a key whose roles speak of managed accounts.
    let mut info = world::file("token-info");
    info["roles"][0]["permissions"] = json!({"*:managed:list:*": "allowed"});
    fake.script("/token_info", Reply::Json(200, info), 1);
    fake.script("/01000001/users", Reply::Json(200, json!({"users": []})), 1);
    let collected = collect(&source, &managed, context.clone()).await;
    expect(&collected, "alertlogic_user", Outcome::Complete, &[]);

    fake.script("/01000001/account", Reply::Empty(403), 1);
    let collected = collect(&source, &managed, context.clone()).await;
    assert!(collected.records.is_empty() && collected.outcomes.is_empty());
    let error = collected.result.unwrap_err();
    assert!(error.hint().unwrap().contains("Support / Care"), "{error:?}");
    fake.script("/01000001/account", Reply::Empty(410), 1);
    let error = collect(&source, &managed, context).await.result.unwrap_err();
    assert!(matches!(error, auditor_core::error::SourceError::Gone), "{error:?}");
}

#[tokio::test]
async fn managed_accounts_that_may_not_be_listed_are_a_gap_of_the_own_account() {
    let fake = Fake::start().await;
    fake.always("/accounts/managed", Reply::Empty(403));
    let source = source(&fake, "");
    let context = context(None);
    let targets = source.plan(&context).await.unwrap();
    assert_eq!(targets.iter().map(|target| target.id.as_str()).collect::<Vec<_>>(), [OWN]);
    let collected = collect(&source, &targets[0], context.clone()).await;
    expect(&collected, "alertlogic_account", Outcome::Partial, &["accounts/managed", "Support / Care"]);
    let items = source.check(&targets[0], &context).await;
    let problems: Vec<_> =
        items.iter().filter(|item| item.problem.is_some()).map(|item| &*item.what).collect();
    assert_eq!(problems, ["GET /aims/v1/{account_id}/accounts/managed"]);
    // What may pass fails the plan instead: a run without the managed accounts would look complete.
    let fake = Fake::start().await;
    fake.always("/accounts/managed", Reply::Empty(500));
    assert!(super::source(&fake, "").plan(&context).await.is_err());
}
