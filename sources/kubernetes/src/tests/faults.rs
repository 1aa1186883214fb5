//! What happens when a cluster does not answer as it should.

use std::time::Duration;

use auditor_core::{
    outcome::{GapReason, Outcome},
    testkit::{collect, collect_cancelled, context},
};
use serde_json::json;

use super::{Fake, Log, SECRETS, collect_one, expect, fake::Reply, kubeconfig, setup, targets};

const PODS: &str = "/api/v1/pods";
const ROLES: &str = "/v1/roles?";
const ROLE: &str = "kubernetes_role";
const WORKLOAD: &str = "kubernetes_workload";

#[tokio::test]
async fn a_denied_kind_is_a_gap_with_the_right_to_grant() {
    let fake = Fake::start().await;
    fake.always(
        ROLES,
        Reply::Status(403, "roles is forbidden: User \"auditor\" cannot list resource \"roles\""),
    );
    fake.always(PODS, Reply::Status(403, "pods is forbidden"));
    fake.always("/version", Reply::Html(403));
    let collected = collect_one(&fake).await;
    let right = "grant `list roles.rbac.authorization.k8s.io`";
    expect(&collected, ROLE, Outcome::Denied, &[right, "auditor-cluster-role.yaml", "cannot list resource"]);
    assert!(collected.of(ROLE).is_empty());
    // One of several listings: what could be read is there, the rest is a gap.
    expect(&collected, WORKLOAD, Outcome::Partial, &["grant `list pods`"]);
    assert_eq!(collected.of(WORKLOAD).len(), 4);
    expect(&collected, "kubernetes_cluster", Outcome::Partial, &["grant `get /version`", "`text/html` of"]);
    expect(&collected, "kubernetes_cluster_role", Outcome::Complete, &[]);
}

#[tokio::test]
async fn all_of_a_workload_denied_is_denied() {
    let fake = Fake::start().await;
    for path in ["/apis/apps/", "/apis/batch/", PODS] {
        fake.always(path, Reply::Status(403, "no"));
    }
    let collected = collect_one(&fake).await;
    expect(&collected, WORKLOAD, Outcome::Denied, &["list deployments.apps", "list pods"]);
}

#[tokio::test]
async fn passing_faults_are_tried_again_by_the_engine_alone() {
    let fake = Fake::start().await;
    fake.script(ROLES, Reply::Wait(429, 0), 1);
    fake.script(ROLES, Reply::Status(503, "starting"), 1);
    fake.script("/v1/rolebindings?", Reply::Cut, 1);
    fake.script("/v1/clusterroles?limit=2&continue", Reply::Wait(504, 0), 2);
    let collected = collect_one(&fake).await;
    collected.result.as_ref().unwrap();
    assert!(collected.outcomes.values().all(|outcome| *outcome == Outcome::Complete), "{:?}", collected.gaps);
    let roles = fake.calls().iter().filter(|call| call.contains(ROLES)).count();
    assert_eq!(roles, 3, "no retries but the engine's");
}

#[tokio::test]
async fn faults_that_stay_are_named_and_retire_nothing() {
    for (reply, reason, word) in [
        (Reply::Wait(429, 0), GapReason::Throttled, "HTTP 429"),
        (Reply::Status(500, "etcd is down"), GapReason::Unreachable, "etcd is down"),
        (Reply::Html(200), GapReason::Malformed, "no JSON"),
        (Reply::Cut, GapReason::Unreachable, "got no answer"),
        (Reply::Huge(200_000), GapReason::Rejected, "larger than 100000 bytes"),
        (Reply::Json(json!({"kind": "RoleList", "metadata": {}})), GapReason::Malformed, "no `RoleList`"),
        (Reply::Json(json!({"kind": "PodList", "items": []})), GapReason::Malformed, "no `RoleList`"),
        (Reply::Json(json!({"kind": "Status", "status": "Failure"})), GapReason::Malformed, "no `RoleList`"),
        (
            Reply::Json(json!({"kind": "RoleList", "items": [{"rules": 7}]})),
            GapReason::Malformed,
            "another form",
        ),
        (Reply::NotServed, GapReason::Rejected, "missing API"),
        (Reply::Status(401, "Unauthorized"), GapReason::Denied, "renew"),
    ] {
        let fake = Fake::start().await;
        fake.always(ROLES, reply.clone());
        let collected = collect_one(&fake).await;
        let outcome = if reason == GapReason::Denied { Outcome::Denied } else { Outcome::Failed };
        expect(&collected, ROLE, outcome, &[word]);
        assert_eq!(collected.gaps[ROLE][0].reason, reason, "{reply:?}");
        expect(&collected, "kubernetes_cluster_role", Outcome::Complete, &[]);
        let shown = format!("{collected:?}");
        assert!(SECRETS.iter().all(|secret| !shown.contains(secret)), "{reply:?}: {shown}");
    }
}

#[tokio::test]
async fn what_comes_without_a_uid_is_a_gap() {
    let fake = Fake::start().await;
    let items = json!([{ "metadata": { "name": "a", "namespace": "b" } }]);
    fake.always(ROLES, Reply::Json(json!({ "kind": "RoleList", "metadata": {}, "items": items })));
    expect(&collect_one(&fake).await, ROLE, Outcome::Partial, &["1 came without a uid"]);
}

#[tokio::test]
async fn an_expired_listing_begins_again_once() {
    let fake = Fake::start().await;
    fake.script("/v1/clusterroles?limit=2&continue", Reply::Expired(Some("at=2")), 1);
    let collected = collect_one(&fake).await;
    expect(&collected, "kubernetes_cluster_role", Outcome::Complete, &[]);
    assert_eq!(collected.of("kubernetes_cluster_role").len(), 4, "none twice");
    let first_pages = fake.calls().iter().filter(|call| call.ends_with("/v1/clusterroles?limit=2")).count();
    assert_eq!(first_pages, 2);
}

#[tokio::test]
async fn one_that_expires_again_goes_on_and_says_that_it_is_inconsistent() {
    let fake = Fake::start().await;
    fake.script("/v1/clusterroles?limit=2&continue", Reply::Expired(Some("at=2")), 2);
    let collected = collect_one(&fake).await;
    expect(&collected, "kubernetes_cluster_role", Outcome::Partial, &["different times"]);
    assert_eq!(collected.gaps["kubernetes_cluster_role"][0].reason, GapReason::Mismatch);
    assert_eq!(collected.of("kubernetes_cluster_role").len(), 4);

    let fake = Fake::start().await;
    fake.always("/v1/clusterroles?limit=2&continue", Reply::Expired(None));
    expect(&collect_one(&fake).await, "kubernetes_cluster_role", Outcome::Partial, &["no way to go on"]);
    let fake = Fake::start().await;
    fake.always("/v1/clusterroles?limit=2&continue", Reply::Expired(Some("at=2")));
    expect(
        &collect_one(&fake).await,
        "kubernetes_cluster_role",
        Outcome::Partial,
        &["faster than it is read"],
    );
}

#[tokio::test]
async fn endless_paging_comes_to_an_end() {
    let page = |token: &str| {
        Reply::Json(json!({ "kind": "RoleList", "metadata": { "continue": token }, "items": [] }))
    };
    let fake = Fake::start().await;
    fake.always(ROLES, page("same"));
    expect(&collect_one(&fake).await, ROLE, Outcome::Failed, &["comes after itself"]);
    let fake = Fake::start().await;
    for n in 0..10 {
        fake.script(ROLES, page(&n.to_string()), 1);
    }
    expect(&collect_one(&fake).await, ROLE, Outcome::Failed, &["nothing new"]);
}

#[tokio::test]
async fn older_apis_of_the_same_form_are_read_where_the_present_one_is_missing() {
    let fake = Fake::start().await;
    fake.always("/apis/batch/v1/cronjobs", Reply::NotServed);
    let list = json!({ "kind": "CronJobList", "metadata": {}, "items": [] });
    fake.always("/apis/batch/v1beta1/cronjobs", Reply::Json(list));
    expect(&collect_one(&fake).await, WORKLOAD, Outcome::Complete, &[]);

    let fake = Fake::start().await;
    fake.always("/apis/batch/v1/cronjobs", Reply::NotServed);
    let collected = collect_one(&fake).await;
    expect(&collected, WORKLOAD, Outcome::Partial, &["list cronjobs.batch", "missing API"]);
}

#[tokio::test]
async fn a_cluster_without_aws_auth_has_no_entries_and_no_other_404_means_that() {
    let absent = json!({
        "kind": "Status", "status": "Failure", "reason": "NotFound", "code": 404,
        "message": "configmaps \"aws-auth\" not found", "details": { "name": "aws-auth", "kind": "configmaps" }
    });
    for (details, outcome) in [(absent, Outcome::Complete), (json!({}), Outcome::Failed)] {
        let fake = Fake::start().await;
        fake.always("aws-auth", Reply::NotFound(details));
        let collected = collect_one(&fake).await;
        expect(&collected, "kubernetes_aws_auth_entry", outcome, &[]);
        assert!(collected.of("kubernetes_aws_auth_entry").is_empty());
    }
}

#[tokio::test]
async fn a_hung_listing_ends_when_the_run_is_stopped() {
    let fake = Fake::start().await;
    fake.always(PODS, Reply::Hang);
    let setup = setup(&kubeconfig(&[("prod", &fake.url)]), "");
    let context = context(None);
    let target = targets(setup.source.as_ref(), &context).await.remove(0);
    // Batches arrive when listings end: the first of them stops the run, while pods hang.
    let collecting = collect_cancelled(setup.source.as_ref(), &target, context, 1);
    let collected = tokio::time::timeout(Duration::from_secs(30), collecting).await.unwrap();
    assert_ne!(collected.outcomes.get(WORKLOAD), Some(&Outcome::Complete));
}

#[tokio::test]
async fn what_a_kubeconfig_may_not_ask_for_is_refused() {
    let fake = Fake::start().await;
    let user = |user: &str| kubeconfig(&[("prod", &fake.url)]).replace("{token: planted-token}", user);
    let https = |cluster: &str| kubeconfig(&[("prod", "X")]).replace("server: \"X\"", cluster);
    for (file, word) in [
        (user("{exec: {command: aws, args: [planted-argument]}}"), "exec_plugins"),
        (user("{auth-provider: {name: gcp, config: {cmd-path: /bin/sh}}}"), "auth-provider"),
        (user("{token: \"planted-token\\u0001\"}"), "characters"),
        (user("{tokenFile: /nowhere/token}"), "/nowhere/token"),
        (user("{client-certificate-data: cGxhbnRlZA==, client-key-data: \"planted-token\"}"), "client key"),
        (
            https("server: \"https://127.0.0.1:9\", insecure-skip-tls-verify: true"),
            "accept_invalid_certificates",
        ),
        (https("server: \"https://127.0.0.1:9\", certificate-authority-data: \"!\""), "not base64"),
        (https("server: \"https://127.0.0.1:9\", certificate-authority: /nowhere/ca"), "/nowhere/ca"),
        (https("server: \"http://cluster.example.com\""), "without TLS"),
        (https("server: \"https://127.0.0.1:9\", proxy-url: \"socks5://u:planted-token@x\""), "SOCKS"),
    ] {
        let setup = setup(&file, "");
        let planned = targets(setup.source.as_ref(), &context(None)).await;
        let shown = format!("{planned:?}");
        assert!(planned[0].id.starts_with("unidentified:") && shown.contains(word), "{word}: {shown}");
        assert!(SECRETS.iter().all(|secret| !shown.contains(secret)), "{word}: {shown}");
    }
}

#[tokio::test]
async fn an_allowed_plugin_gives_the_token_and_shows_nothing_when_it_fails() {
    let fake = Fake::start().await;
    let with = |script: &str| {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("plugin");
        std::fs::write(&path, format!("#!/bin/sh\necho planted-html >&2\n{script}\n")).unwrap();
        let mut permissions = std::fs::metadata(&path).unwrap().permissions();
        std::os::unix::fs::PermissionsExt::set_mode(&mut permissions, 0o700);
        std::fs::set_permissions(&path, permissions).unwrap();
        let user =
            format!("{{exec: {{apiVersion: client.authentication.k8s.io/v1, command: {}}}}}", path.display());
        let file = kubeconfig(&[("prod", &fake.url)]).replace("{token: planted-token}", &user);
        (setup(&file, &format!("exec_plugins = [\"{}\"]", path.display())), dir)
    };
    let (good, _dir) = with(r#"echo '{"kind":"ExecCredential","status":{"token":"planted-token"}}'"#);
    let context = context(None);
    let target = targets(good.source.as_ref(), &context).await.remove(0);
    collect(good.source.as_ref(), &target, context.clone()).await.result.unwrap();

    let (bad, _dir) = with("echo planted-token; exit 3");
    let shown = format!("{:?}", targets(bad.source.as_ref(), &context).await);
    assert!(shown.contains("exit status: 3"), "{shown}");
    assert!(SECRETS.iter().all(|secret| !shown.contains(secret)), "{shown}");
}

#[tokio::test]
async fn nothing_secret_is_logged_at_any_level() {
    let fake = Fake::start().await;
    fake.script(ROLES, Reply::Html(200), 1);
    fake.script(ROLES, Reply::Cut, 1);
    fake.script(
        "/v1/rolebindings?",
        Reply::Json(json!({ "kind": "RoleBindingList", "items": ["planted-html"] })),
        3,
    );
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    let guard = tracing::subscriber::set_default(subscriber);
    let collected = collect_one(&fake).await;
    drop(guard);
    expect(&collected, "kubernetes_role_binding", Outcome::Failed, &[]);
    let text = log.text();
    assert!(text.contains("listing failed"), "something is logged: {text}");
    for secret in SECRETS {
        assert!(!text.contains(secret), "{secret} is logged");
    }
}
