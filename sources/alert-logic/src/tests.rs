//! The source against a fake Alert Logic.

mod faults;
mod mapping;
mod openapi;

use std::{
    fmt::Write as _,
    io,
    sync::{Arc, Mutex},
};

use auditor_core::{
    config::PluginTable,
    outcome::Outcome,
    registry::Instance,
    source::{Context, Source, Target},
    testkit::{Collected, DeniedFixture, SourceFixture, collect, context},
};
use auditor_fakes::alert_logic::{self as fake, Fake, KEY_ID, SECRET_KEY, SECRETS, world};

use crate::{client::Discovery, config::AlertLogicConfig, source::AlertLogic};

/// Where the source runs.
fn instance() -> Instance {
    Instance { name: "al".to_owned(), base_dir: ".".into() }
}

/// Settings against a fake, with more of them in TOML.
fn config(fake: &Fake, more: &str) -> AlertLogicConfig {
    let toml = format!(
        "access_key_id = '{KEY_ID}'\nsecret_key = '{SECRET_KEY}'\n{more}\n[http]\nendpoint = '{}'\nmax_reply_bytes = 1000000",
        fake.url
    );
    PluginTable::from_toml(&toml).unwrap().parse().unwrap()
}

/// A source against a fake that serves everything itself.
fn source(fake: &Fake, more: &str) -> AlertLogic {
    AlertLogic::new(config(fake, more), &instance()).unwrap()
}

/// The target of an account.
async fn target(source: &dyn Source, context: &Context, id: &str) -> Target {
    let targets = source.plan(context).await.unwrap();
    targets.into_iter().find(|target| target.id == id).unwrap()
}

/// Collects the key's own account.
async fn collect_own(fake: &Fake) -> Collected {
    let source = source(fake, "managed_accounts = false");
    let context = context(None);
    let target = target(&source, &context, world::OWN).await;
    collect(&source, &target, context).await
}

/// Checks how the listing of a kind ended and that one of its gaps says all of this.
fn expect(collected: &Collected, kind: &str, outcome: Outcome, words: &[&str]) {
    assert_eq!(collected.outcomes.get(kind), Some(&outcome), "{kind}: {:?}", collected.gaps.get(kind));
    let gaps = format!("{:?}", collected.gaps.get(kind));
    for word in words {
        assert!(gaps.contains(word), "{kind}: `{word}` is not in {gaps}");
    }
}

/// What both accounts hold.
async fn healthy() -> SourceFixture {
    let fake = Fake::start().await;
    SourceFixture {
        source: Box::new(source(&fake, "")),
        accounts: None,
        secrets: SECRETS.map(str::to_owned).to_vec(),
        expected: vec![
            ("account", 2),
            ("alertlogic_account", 2),
            ("alertlogic_user", 4),
            ("alertlogic_access_key", 2),
            ("alertlogic_role", 6),
            ("principal", 4),
            ("alertlogic_entitlement", 4),
            ("alertlogic_protection_policy", 6),
            ("alertlogic_deployment", 7),
            ("alertlogic_credential", 4),
            ("alertlogic_exposure_summary", 3),
            ("alertlogic_exposure", 2),
            ("alertlogic_risk_acceptance", 1),
            ("alertlogic_collection_health", 7),
            ("alertlogic_agent", 2),
            ("alertlogic_appliance", 1),
            ("alertlogic_collector", 1),
            ("alertlogic_scan_schedule", 2),
            ("alertlogic_incident", world::INCIDENTS + 1),
            ("alertlogic_incident_summary", 4 + 3),
            ("tool_coverage", 4),
        ],
        keep: Box::new(fake),
    }
}

/// A key that may not see credentials.
async fn credentials_refused() -> DeniedFixture {
    let fake = Fake::start().await;
    fake.always("/credentials", fake::Reply::Empty(403));
    let fixture = SourceFixture {
        source: Box::new(source(&fake, "")),
        expected: vec![("alertlogic_user", 4), ("alertlogic_deployment", 7), ("alertlogic_credential", 0)],
        keep: Box::new(fake),
        ..healthy().await
    };
    DeniedFixture { fixture, denied: &["alertlogic_credential"] }
}

mod conformance {
    auditor_core::source_conformance!(super::healthy, denied = super::credentials_refused);
}

#[tokio::test]
async fn only_reads_and_logs_in_once() {
    let fake = Fake::start().await;
    let source = source(&fake, "");
    let context = context(None);
    for target in source.plan(&context).await.unwrap() {
        collect(&source, &target, context.clone()).await.result.unwrap();
        let problems: Vec<_> =
            source.check(&target, &context).await.into_iter().filter_map(|item| item.problem).collect();
        assert!(problems.is_empty(), "{problems:?}");
    }
    assert!(fake.violations().is_empty(), "{:?}", fake.violations());
    assert_eq!(fake.logins(), 1);
}

#[tokio::test]
async fn hosts_are_asked_for_once_per_account_and_service() {
    let fake = Fake::start().await;
    let discovery = Discovery { scheme: "http", trusted: &["127.0.0.1"] };
    let source =
        AlertLogic::with_discovery(config(&fake, "residency = 'emea'"), &instance(), discovery).unwrap();
    let context = context(None);
    let own = target(&source, &context, world::OWN).await;
    let collected = collect(&source, &own, context.clone()).await;
    assert!(collected.outcomes.values().all(|outcome| *outcome == Outcome::Complete), "{:?}", collected.gaps);
    let asked: Vec<_> = fake.calls().into_iter().filter(|call| call.starts_with("/endpoints/")).collect();
    let services =
        ["deployments", "policies", "credentials", "assets_query", "remediations", "scheduler", "iris"];
    for service in services {
        let path = format!("/endpoints/v1/12345678/residency/emea/services/{service}/endpoint");
        assert_eq!(asked.iter().filter(|call| **call == path).count(), 1, "{asked:?}");
    }
    assert_eq!(asked.len(), services.len(), "global services are where the login is");
}

#[tokio::test]
async fn a_host_that_is_not_alert_logics_gets_no_token() {
    let fake = Fake::start().await;
    let discovery = Discovery { scheme: "http", trusted: &["alertlogic.com"] };
    let source = AlertLogic::with_discovery(config(&fake, ""), &instance(), discovery).unwrap();
    let context = context(None);
    let own = target(&source, &context, world::OWN).await;
    let collected = collect(&source, &own, context).await;
    expect(
        &collected,
        "alertlogic_deployment",
        Outcome::Failed,
        &["is not one of Alert Logic's", "http.endpoint"],
    );
    expect(&collected, "alertlogic_user", Outcome::Complete, &[]);
    assert!(!fake.calls().iter().any(|call| call.starts_with("/deployments/")));
}

#[tokio::test]
async fn without_severities_no_exposure_is_asked_for() {
    let fake = Fake::start().await;
    let source = source(&fake, "exposure_severities = []");
    assert!(source.kinds().iter().all(|kind| kind.name != "alertlogic_exposure"));
    let context = context(None);
    let own = target(&source, &context, world::OWN).await;
    let collected = collect(&source, &own, context).await;
    expect(&collected, "alertlogic_exposure_summary", Outcome::Complete, &[]);
    assert!(!fake.calls().iter().any(|call| call.contains("/exposures?")));
}

#[tokio::test]
async fn the_settings_choose_accounts() {
    let fake = Fake::start().await;
    let context = context(None);
    for (more, expected) in [
        ("", vec!["01000001", "12345678"]),
        ("managed_accounts = false", vec!["12345678"]),
        ("accounts = ['01000001', '99']", vec!["01000001", "99"]),
    ] {
        let targets = source(&fake, more).plan(&context).await.unwrap();
        let ids: Vec<_> = targets.iter().map(|target| target.id.as_str()).collect();
        assert_eq!(ids, expected, "{more}");
    }
}

/// Everything that is logged, at the finest level, as long as the guard lives.
fn captured_logs() -> (Arc<Mutex<Vec<u8>>>, tracing::subscriber::DefaultGuard) {
    let logs = Arc::new(Mutex::new(Vec::new()));
    let writer = Arc::clone(&logs);
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || LogWriter(Arc::clone(&writer)))
        .finish();
    (logs, tracing::subscriber::set_default(subscriber))
}

struct LogWriter(Arc<Mutex<Vec<u8>>>);

impl io::Write for LogWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn no_secret_is_logged_or_stored_even_when_things_go_wrong() {
    let (logs, _guard) = captured_logs();
    let fake = Fake::start().await;
    fake.always("/policies", fake::Reply::Repeats(200));
    fake.always("/credentials", fake::Reply::Repeats(400));
    fake.always("/roles", fake::Reply::Html);
    fake.script("/schedules", fake::Reply::Empty(401), 9);
    let source = source(&fake, "");
    let context = context(None);
    let mut seen = String::new();
    for target in source.plan(&context).await.unwrap() {
        seen.push_str(&serde_json::to_string(&target).unwrap());
        write!(seen, "{:?}", collect(&source, &target, context.clone()).await).unwrap();
        write!(seen, "{:?}", source.check(&target, &context).await).unwrap();
    }
    write!(seen, "{:?}", config(&fake, "")).unwrap();
    let logs = String::from_utf8(logs.lock().unwrap().clone()).unwrap();
    assert!(logs.contains("call done"), "logs are captured");
    for secret in SECRETS {
        assert!(!seen.contains(secret), "{secret} is in what is stored or shown");
        assert!(!logs.contains(secret), "{secret} is in the logs");
    }
}
