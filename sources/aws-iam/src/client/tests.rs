//! The real client against a scripted server: pages, refusals, throttling, cut connections, unreadable answers.

mod fake;

use auditor_aws_common::Hub;
use auditor_core::{
    config::PluginTable,
    error::{SourceError, chain},
    outcome::{GapReason, Outcome},
    registry::Instance,
    source::{Source, Target},
    testkit::{Collected, DeniedFixture, SourceFixture, collect, context},
};
use serde_json::{Value, json};

use self::fake::{ACCOUNT, Fake, Reply, SECRETS, XmlError};
use crate::{config::AwsIamConfig, source::AwsIam};

/// A live source whose every service is the fake.
async fn source(fake: &Fake, more: Value) -> AwsIam {
    let mut settings = json!({
        "role_name": "security/auditor",
        "external_id": fake::EXTERNAL_ID,
        "account": [{ "id": ACCOUNT, "name": "payments" }],
        "credential_report_timeout_secs": 2,
        "sts_requests_per_second": 1000.0,
        "sts_attempts": 2,
    });
    if let (Value::Object(settings), Value::Object(more)) = (&mut settings, more) {
        settings.extend(more);
    }
    let config: AwsIamConfig = PluginTable::from_json(settings).parse().unwrap();
    let hub = Hub::new(&config.hub(), fake.sdk_config().await);
    AwsIam::with_hub(config, Instance { name: "aws".to_owned(), base_dir: ".".into() }, hub)
}

async fn collected(fake: &Fake) -> Collected {
    let source = source(fake, json!({})).await;
    let targets = source.plan(&context(None)).await.unwrap();
    collect(&source, &targets[0], context(None)).await
}

fn first_gap(collected: &Collected, kind: &str) -> (GapReason, String) {
    let gap = &collected.gaps[kind][0];
    (gap.reason, format!("{}; {}", gap.detail, gap.hint.clone().unwrap_or_default()))
}

async fn healthy() -> SourceFixture {
    let fake = Fake::start().await;
    SourceFixture {
        source: Box::new(source(&fake, json!({})).await),
        accounts: None,
        secrets: SECRETS.iter().map(|&secret| secret.to_owned()).collect(),
        expected: vec![
            ("account", 1),
            ("aws_iam_access_key", 1),
            ("aws_iam_account_settings", 1),
            ("aws_iam_credential", 3),
            ("aws_iam_group", 1),
            ("aws_iam_mfa_device", 2),
            ("aws_iam_oidc_provider", 1),
            ("aws_iam_policy", 2),
            ("aws_iam_role", 1),
            ("aws_iam_saml_provider", 1),
            ("aws_iam_server_certificate", 1),
            ("aws_iam_service_credential", 1),
            ("aws_iam_signing_certificate", 1),
            ("aws_iam_ssh_key", 1),
            ("aws_iam_user", 2),
            ("principal", 5),
        ],
        keep: Box::new(fake),
    }
}

/// A role that may not list SAML providers.
async fn providers_refused() -> DeniedFixture {
    let fake = Fake::start().await;
    fake.always("ListSAMLProviders", Reply::access_denied());
    let fixture = SourceFixture {
        source: Box::new(source(&fake, json!({})).await),
        expected: vec![("aws_iam_user", 2), ("principal", 5), ("aws_iam_saml_provider", 0)],
        keep: Box::new(fake),
        ..healthy().await
    };
    DeniedFixture { fixture, denied: &["aws_iam_saml_provider"] }
}

mod conformance {
    auditor_core::source_conformance!(super::healthy, denied = super::providers_refused);
}

#[tokio::test]
async fn sessions_carry_what_was_configured() {
    let fake = Fake::start().await;
    collected(&fake).await;
    let call = fake.calls_of("AssumeRole").remove(0);
    assert_eq!(call["RoleArn"], format!("arn:aws:iam::{ACCOUNT}:role/security/auditor"));
    assert_eq!(call["ExternalId"], fake::EXTERNAL_ID);
    assert_eq!(call["DurationSeconds"], "3600");
    assert!(call["RoleSessionName"].starts_with("auditor-") && call["RoleSessionName"].len() <= 64);
    assert!(call["Policy"].contains("iam:Get*"));
    assert!(!call.contains_key("SourceIdentity"));
}

#[tokio::test]
async fn only_users_with_credentials_are_asked_for_them() {
    let fake = Fake::start().await;
    collected(&fake).await;
    let asked =
        |action| fake.calls_of(action).iter().map(|call| call["UserName"].clone()).collect::<Vec<_>>();
    assert_eq!(asked("ListAccessKeys"), ["bob"]);
    assert_eq!(asked("ListMFADevices"), ["ada"]);
    assert_eq!(asked("ListSigningCertificates"), ["bob"]);
    assert_eq!(asked("ListSSHPublicKeys"), ["ada", "bob"]);
}

#[tokio::test]
async fn a_boundary_that_details_leave_out_is_fetched_once_for_all_accounts() {
    let fake = Fake::start().await;
    let source = source(&fake, json!({})).await;
    let target = source.plan(&context(None)).await.unwrap().remove(0);
    for _ in 0..2 {
        let collected = collect(&source, &target, context(None)).await;
        let policies = collected.of("aws_iam_policy");
        let boundary: Value = serde_json::from_str(&policies[0].content.document).unwrap();
        assert_eq!(boundary["boundary_of"][0]["name"], json!("app"));
        assert_eq!(boundary["default_version"]["document"]["Statement"], json!([]));
    }
    assert_eq!(fake.calls_of("GetPolicy").len(), 2, "attachments differ between accounts");
    assert_eq!(fake.calls_of("GetPolicyVersion").len(), 1, "documents do not");
}

#[tokio::test]
async fn a_denied_kind_is_a_gap_and_the_rest_arrives() {
    let fake = Fake::start().await;
    fake.always("ListSAMLProviders", Reply::access_denied());
    let collected = collected(&fake).await;
    assert_eq!(collected.outcomes["aws_iam_saml_provider"], Outcome::Denied);
    let (reason, text) = first_gap(&collected, "aws_iam_saml_provider");
    assert_eq!(reason, GapReason::Denied);
    assert!(
        text.contains("AccessDenied: no identity-based policy")
            && text.contains("grant `iam:ListSAMLProviders`")
    );
    let complete = collected.outcomes.values().filter(|outcome| **outcome == Outcome::Complete).count();
    assert_eq!(complete, 15);
    assert_eq!(fake.calls_of("ListSAMLProviders").len(), 1, "a denial is not retried");
}

#[tokio::test]
async fn a_denied_report_leaves_its_facts_unknown() {
    let fake = Fake::start().await;
    fake.always("GenerateCredentialReport", Reply::access_denied());
    fake.always("GetCredentialReport", Reply::access_denied());
    let collected = collected(&fake).await;
    assert_eq!(collected.outcomes["aws_iam_credential"], Outcome::Denied);
    for kind in ["aws_iam_user", "principal"] {
        assert_eq!(collected.outcomes[kind], Outcome::Partial, "{kind}");
    }
    let user: Value = serde_json::from_str(&collected.of("aws_iam_user")[0].content.document).unwrap();
    assert_eq!((&user["mfa"], &user["console_access"]), (&Value::Null, &Value::Null));
    assert_eq!(collected.outcomes["aws_iam_access_key"], Outcome::Complete);
    assert_eq!(fake.calls_of("ListAccessKeys").len(), 2, "every user is asked");
}

#[tokio::test]
async fn a_report_that_fails_in_passing_looks_like_no_change() {
    let fake = Fake::start().await;
    fake.always("GenerateCredentialReport", Reply::throttled());
    fake.always("GetCredentialReport", Reply::throttled());
    let collected = collected(&fake).await;
    for kind in ["aws_iam_user", "principal", "aws_iam_credential"] {
        assert_eq!(collected.outcomes[kind], Outcome::Failed, "{kind}");
        assert!(collected.of(kind).is_empty(), "{kind}");
        assert_eq!(first_gap(&collected, kind).0, GapReason::Throttled);
    }
    assert_eq!(collected.outcomes["aws_iam_role"], Outcome::Complete);
    assert_eq!(collected.outcomes["aws_iam_access_key"], Outcome::Complete);
}

#[tokio::test]
async fn the_report_is_waited_for() {
    let fake = Fake::start().await;
    let state = |state: &str| Reply::xml("GenerateCredentialReport", &format!("<State>{state}</State>"));
    fake.once("GenerateCredentialReport", state("STARTED"));
    fake.once("GetCredentialReport", Reply::Error(XmlError::new(404, "ReportInProgress", "being made")));
    assert_eq!(collected(&fake).await.outcomes["aws_iam_credential"], Outcome::Complete);

    fake.always("GenerateCredentialReport", state("INPROGRESS"));
    let collected = collected(&fake).await;
    let (reason, text) = first_gap(&collected, "aws_iam_credential");
    assert_eq!(reason, GapReason::Unreachable);
    assert!(
        text.contains("not ready within 2 s") && text.contains("credential_report_timeout_secs"),
        "{text}"
    );
}

#[tokio::test]
async fn a_last_report_will_do_when_no_new_one_can_be_had() {
    let fake = Fake::start().await;
    fake.always("GenerateCredentialReport", Reply::throttled());
    assert_eq!(collected(&fake).await.outcomes["aws_iam_user"], Outcome::Complete);
}

#[tokio::test]
async fn passing_faults_are_tried_again() {
    for fault in [
        Reply::throttled(),
        Reply::Raw(429, "slow down"),
        Reply::Raw(503, "<html>busy</html>"),
        Reply::Raw(200, "<ListRolesResponse><ListRolesResult><Roles><memb"),
        Reply::Cut,
    ] {
        let fake = Fake::start().await;
        fake.once("ListRoles", fault.clone());
        let collected = collected(&fake).await;
        assert_eq!(collected.outcomes["aws_iam_role"], Outcome::Complete, "{fault:?}: {:?}", collected.gaps);
        assert_eq!(fake.calls_of("ListRoles").len(), 2, "{fault:?}");
    }
}

#[tokio::test]
async fn faults_that_stay_are_told_by_their_class() {
    for (fault, reason, word) in [
        (Reply::throttled(), GapReason::Throttled, "Rate exceeded"),
        (Reply::Raw(503, "<html>busy</html>"), GapReason::Unreachable, "503"),
        (Reply::Raw(200, "<html>sign in to the proxy</html>"), GapReason::Malformed, "cannot be read"),
        (Reply::Cut, GapReason::Malformed, ""),
        (
            Reply::Error(XmlError::new(400, "ValidationError", "no such thing")),
            GapReason::Rejected,
            "ValidationError: no such thing",
        ),
    ] {
        let fake = Fake::start().await;
        fake.always("GetAccountAuthorizationDetails", fault.clone());
        let collected = collected(&fake).await;
        for kind in ["aws_iam_user", "aws_iam_group", "aws_iam_role", "aws_iam_policy", "principal"] {
            assert_eq!(collected.outcomes[kind], Outcome::Failed, "{kind}: {fault:?}");
            let (found, text) = first_gap(&collected, kind);
            let expected = if matches!(fault, Reply::Cut) { found } else { reason };
            assert_eq!(found, expected, "{fault:?}: {text}");
            assert!(text.contains(word), "{fault:?}: {text}");
        }
        assert_eq!(collected.outcomes["aws_iam_oidc_provider"], Outcome::Complete);
    }
}

#[tokio::test]
async fn a_list_that_runs_in_circles_ends() {
    let fake = Fake::start().await;
    let page = "<Roles></Roles><IsTruncated>true</IsTruncated><Marker>again</Marker>";
    fake.always("ListRoles", Reply::xml("ListRoles", page));
    let (reason, text) = first_gap(&collected(&fake).await, "aws_iam_role");
    assert_eq!(reason, GapReason::Malformed);
    assert!(text.contains("leads back"), "{text}");
}

#[tokio::test]
async fn a_count_that_stays_different_is_a_gap_and_one_that_was_in_passing_is_none() {
    let fake = Fake::start().await;
    fake.once("GetAccountSummary", fake::summary(3));
    assert_eq!(collected(&fake).await.outcomes["aws_iam_user"], Outcome::Complete);

    fake.always("GetAccountSummary", fake::summary(3));
    let collected = collected(&fake).await;
    for kind in ["aws_iam_user", "principal"] {
        assert_eq!(collected.outcomes[kind], Outcome::Partial, "{kind}");
        let (reason, text) = first_gap(&collected, kind);
        assert_eq!(reason, GapReason::Mismatch);
        assert!(text.contains("AWS counts 3") && text.contains("2 were read"), "{text}");
    }
    assert_eq!(collected.outcomes["aws_iam_group"], Outcome::Complete);
}

#[tokio::test]
async fn users_deleted_meanwhile_are_skipped() {
    let fake = Fake::start().await;
    fake.always("ListSSHPublicKeys", Reply::Error(XmlError::new(404, "NoSuchEntity", "gone")));
    assert_eq!(collected(&fake).await.outcomes["aws_iam_ssh_key"], Outcome::Complete);
}

#[tokio::test]
async fn a_session_that_ends_is_opened_again_once() {
    let fake = Fake::start().await;
    fake.once("ListRoles", Reply::Error(XmlError::new(403, "ExpiredToken", "the token is expired")));
    assert_eq!(collected(&fake).await.outcomes["aws_iam_role"], Outcome::Complete);
    assert_eq!(fake.calls_of("AssumeRole").len(), 2);

    let fake = Fake::start().await;
    fake.always("ListRoles", Reply::Error(XmlError::new(403, "ExpiredToken", "the token is expired")));
    let collected = collected(&fake).await;
    assert_eq!(first_gap(&collected, "aws_iam_role").0, GapReason::Rejected);
    assert_eq!(fake.calls_of("AssumeRole").len(), 2);
}

async fn opening_error(fake: &Fake) -> SourceError {
    let collected = collected(fake).await;
    assert!(collected.records.is_empty());
    collected.result.unwrap_err()
}

#[tokio::test]
async fn a_role_that_cannot_be_assumed_says_what_to_look_at() {
    let fake = Fake::start().await;
    let refusal = format!("not authorized to assume with {}", fake::EXTERNAL_ID);
    fake.always("AssumeRole", Reply::Error(XmlError::new(403, "AccessDenied", &refusal)));
    let error = opening_error(&fake).await;
    assert!(matches!(error.root(), SourceError::Denied { .. }));
    let text = format!("{}; {}", chain(&error), error.hint().unwrap());
    for expected in ["role/security/auditor", "trust policy", "external id", "[secret]"] {
        assert!(text.contains(expected), "{text}");
    }
    assert!(!format!("{text}{error:?}").contains(fake::EXTERNAL_ID), "{text}");
}

#[tokio::test]
async fn a_session_in_another_account_is_refused() {
    let fake = Fake::start().await;
    fake.always("AssumeRole", fake::session("444455556666"));
    let error = opening_error(&fake).await;
    assert!(matches!(error.root(), SourceError::Rejected { .. }));
    assert!(chain(&error).contains("is not in account 111122223333"), "{}", chain(&error));
}

#[tokio::test]
async fn sts_is_tried_again_as_often_as_configured() {
    let fake = Fake::start().await;
    fake.once("AssumeRole", Reply::throttled());
    assert!(collected(&fake).await.result.is_ok());
    fake.always("AssumeRole", Reply::throttled());
    let before = fake.calls_of("AssumeRole").len();
    assert!(matches!(opening_error(&fake).await.root(), SourceError::Throttled { .. }));
    assert_eq!(fake.calls_of("AssumeRole").len() - before, 2);
}

#[tokio::test]
async fn check_tries_every_permission_of_every_kind() {
    let fake = Fake::start().await;
    fake.always("GetSAMLProvider", Reply::Error(XmlError::new(404, "NoSuchEntity", "none")));
    fake.always("ListRoles", Reply::access_denied());
    let source = source(&fake, json!({})).await;
    let target = source.plan(&context(None)).await.unwrap().remove(0);
    let items = source.check(&target, &context(None)).await;
    let tried: Vec<_> = items.iter().map(|item| item.what.as_str()).collect();
    for permission in crate::kinds::ALL.iter().flat_map(|kind| kind.permissions) {
        assert!(tried.contains(permission), "{permission} is not tried");
    }
    let missing: Vec<_> = items.iter().filter(|item| item.problem.is_some()).collect();
    assert_eq!(missing.len(), 1, "{missing:?}");
    assert_eq!(missing[0].what, "iam:ListRoles");
}

#[tokio::test]
async fn accounts_of_an_organization_are_planned_by_their_state() {
    let fake = Fake::start().await;
    let source =
        source(&fake, json!({"accounts": "organizations", "account": [], "include_own_account": true})).await;
    let targets = source.plan(&context(None)).await.unwrap();
    let ids: Vec<_> = targets.iter().map(|target| target.id.as_str()).collect();
    assert_eq!(ids, [ACCOUNT, "222233334444", "333344445555", "999999999999"], "pages, an empty one between");
    let find = |id: &str| -> &Target { targets.iter().find(|target| target.id == id).unwrap() };

    let closed = collect(&source, find("222233334444"), context(None)).await;
    assert!(matches!(closed.result, Err(SourceError::Gone)));
    assert_eq!(closed.of("account").len(), 1);
    let suspended = collect(&source, find("333344445555"), context(None)).await;
    assert!(matches!(suspended.result.unwrap_err().root(), SourceError::Rejected { .. }));
    let own = collect(&source, find("999999999999"), context(None)).await;
    assert!(own.result.is_ok() && fake.calls_of("AssumeRole").is_empty(), "its own credentials will do");
}

#[tokio::test]
async fn without_credentials_the_ways_to_give_some_are_named() {
    use aws_credential_types::provider::{error::CredentialsError, future::ProvideCredentials as Provided};

    #[derive(Debug)]
    struct Nothing;
    impl aws_credential_types::provider::ProvideCredentials for Nothing {
        fn provide_credentials<'a>(&'a self) -> Provided<'a>
        where
            Self: 'a,
        {
            Provided::ready(Err(CredentialsError::not_loaded("nothing in the chain")))
        }
    }

    let fake = Fake::start().await;
    let config: AwsIamConfig = PluginTable::default().parse().unwrap();
    let sdk = fake.sdk_config().await.into_builder();
    let provider = aws_credential_types::provider::SharedCredentialsProvider::new(Nothing);
    let hub = Hub::new(&config.hub(), sdk.credentials_provider(provider).build());
    let error = hub.own_account(&context(None).caller).await.unwrap_err();
    assert!(matches!(error.root(), SourceError::Rejected { .. }), "{error:?}");
    assert!(error.hint().unwrap().contains("AWS_ACCESS_KEY_ID"));
}

#[tokio::test]
async fn an_unreachable_endpoint_is_unavailable() {
    let fake = Fake::start().await;
    let config: AwsIamConfig = PluginTable::default().parse().unwrap();
    let sdk = fake.sdk_config().await.into_builder().endpoint_url("http://127.0.0.1:1").build();
    let error = Hub::new(&config.hub(), sdk).own_account(&context(None).caller).await.unwrap_err();
    assert!(matches!(error.root(), SourceError::Unavailable { .. }), "{error:?}");
    assert!(chain(&error).to_lowercase().contains("connect"), "{}", chain(&error));
}

mod database {
    //! Targets from the account table.

    use std::sync::{Arc, Mutex};

    use async_trait::async_trait;
    use auditor_core::{
        error::SinkError,
        model::AccountId,
        sink::{AccountDirectory, AccountEntry, AccountUse},
    };

    use super::*;

    #[derive(Default)]
    struct Directory {
        entries: Vec<AccountEntry>,
        uses: Mutex<Vec<(String, Option<String>)>>,
    }

    #[async_trait]
    impl AccountDirectory for Directory {
        async fn list(&self) -> Result<Vec<AccountEntry>, SinkError> {
            Ok(self.entries.clone())
        }

        async fn record_use(&self, account: &AccountId, usage: &AccountUse) -> Result<(), SinkError> {
            self.uses.lock().unwrap().push((account.to_string(), usage.error.clone()));
            Ok(())
        }

        async fn upsert(&self, _: &[AccountEntry]) -> Result<u64, SinkError> {
            Ok(0)
        }
    }

    fn entry(account: &str, role_arn: &str) -> AccountEntry {
        AccountEntry {
            account: account.parse().unwrap(),
            name: None,
            role_arn: role_arn.to_owned(),
            external_id_ref: None,
            enabled: true,
            working: None,
            last_used_at: None,
            last_error: None,
        }
    }

    fn role(account: &str) -> String {
        format!("arn:aws:iam::{account}:role/auditor")
    }

    #[tokio::test]
    async fn wrong_rows_fail_alone_and_how_each_went_is_kept() {
        let off = AccountEntry { enabled: false, ..entry("000000000000", "off") };
        let reference = AccountEntry {
            external_id_ref: Some("env:".to_owned()),
            ..entry("444444444444", &role("444444444444"))
        };
        let unset = AccountEntry {
            external_id_ref: Some("env:AUDITOR_TEST_UNSET".to_owned()),
            ..entry("555555555555", &role("555555555555"))
        };
        let directory = Arc::new(Directory {
            entries: vec![
                off,
                entry(ACCOUNT, &role(ACCOUNT)),
                entry("222222222222", "role/auditor"),
                entry("333333333333", &role("111111111111")),
                reference,
                unset,
                entry("666666666666", "arn:aws-us-gov:iam::666666666666:role/auditor"),
                entry("cloudhealth:7", &role("777777777777")),
            ],
            ..Directory::default()
        });
        let fake = Fake::start().await;
        let source = source(&fake, json!({"account": []})).await;
        let context = context(Some(Arc::clone(&directory) as Arc<dyn AccountDirectory>));
        let mut seen = Vec::new();
        for target in source.plan(&context).await.unwrap() {
            let collected = collect(&source, &target, context.clone()).await;
            seen.push((target.id, collected.result.err().map(|error| chain(&error)).unwrap_or_default()));
        }
        let expected = [
            (ACCOUNT, ""),
            ("222222222222", "is no ARN"),
            ("333333333333", "names account 111111111111"),
            ("444444444444", "external id reference of its row is malformed"),
            ("555555555555", "AUDITOR_TEST_UNSET"),
            ("cloudhealth:7", "it is no AWS account"),
        ];
        assert_eq!(seen.len(), expected.len(), "{seen:?}");
        for ((id, error), (expected_id, expected_error)) in seen.iter().zip(expected) {
            assert_eq!(id, expected_id);
            assert!(
                error.contains(expected_error) && error.is_empty() == expected_error.is_empty(),
                "{id}: {error}"
            );
        }
        let uses = directory.uses.lock().unwrap();
        assert_eq!(uses.len(), 2, "{uses:?}");
        assert_eq!(uses[0], (ACCOUNT.to_owned(), None));
        assert!(uses[1].0 == "555555555555" && uses[1].1.is_some());
    }

    #[tokio::test]
    async fn without_a_table_the_plan_says_what_to_add() {
        let fake = Fake::start().await;
        let error = source(&fake, json!({"account": []})).await.plan(&context(None)).await.unwrap_err();
        assert!(error.hint().unwrap().contains("sink"), "{error:?}");
    }
}
