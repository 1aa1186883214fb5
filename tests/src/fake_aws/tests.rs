//! The fake as the SDK sees it.

use aws_credential_types::Credentials;
use aws_sdk_iam::{
    config::{BehaviorVersion, Region, retry::RetryConfig},
    error::ProvideErrorMetadata as _,
    types::{EntityType, ReportStateType, SummaryKeyType},
};

use super::*;

fn config(fake: &FakeAws, credentials: Credentials) -> aws_sdk_iam::config::Builder {
    aws_sdk_iam::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .endpoint_url(fake.url())
        .region(Region::new("us-east-1"))
        .credentials_provider(credentials)
        .retry_config(RetryConfig::disabled())
        .http_client(aws_smithy_http_client::Builder::new().build_http())
}

fn hub() -> Credentials {
    Credentials::from_keys(HUB_ACCESS_KEY_ID, "any", None)
}

async fn assume(
    fake: &FakeAws,
    account: &str,
    external_id: Option<&str>,
) -> Result<Credentials, aws_sdk_sts::Error> {
    let config = aws_sdk_sts::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .endpoint_url(fake.url())
        .region(Region::new("us-east-1"))
        .credentials_provider(hub())
        .retry_config(RetryConfig::disabled())
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build();
    let answer = aws_sdk_sts::Client::from_conf(config)
        .assume_role()
        .role_arn(format!("arn:aws:iam::{account}:role/auditor"))
        .role_session_name("auditor-test")
        .set_external_id(external_id.map(str::to_owned))
        .send()
        .await?;
    let issued = answer.credentials.unwrap();
    Ok(Credentials::from_keys(issued.access_key_id, issued.secret_access_key, Some(issued.session_token)))
}

async fn member(fake: &FakeAws, account: &str) -> aws_sdk_iam::Client {
    let credentials = assume(fake, account, None).await.unwrap();
    aws_sdk_iam::Client::from_conf(config(fake, credentials).build())
}

fn fake() -> (FakeAws, String) {
    let fake = FakeAws::start(Estate::generate(1, 3, Size::SMALL));
    let account = fake.estate().members()[0].clone();
    (fake, account)
}

#[tokio::test]
async fn the_authorization_details_page_through_everything_once() {
    let (fake, id) = fake();
    let client = member(&fake, &id).await;
    let (mut names, mut documents, mut marker, mut empty_pages) = (Vec::new(), Vec::new(), None, 0);
    loop {
        let page = client
            .get_account_authorization_details()
            .max_items(1_000)
            .set_marker(marker)
            .send()
            .await
            .unwrap();
        let before = names.len();
        names.extend(page.user_detail_list().iter().filter_map(|user| user.user_name.clone()));
        names.extend(page.group_detail_list().iter().filter_map(|group| group.group_name.clone()));
        names.extend(page.role_detail_list().iter().filter_map(|role| role.role_name.clone()));
        names.extend(page.policies().iter().filter_map(|policy| policy.arn.clone()));
        documents.extend(
            page.policies()
                .iter()
                .flat_map(aws_sdk_iam::types::ManagedPolicyDetail::policy_version_list)
                .filter_map(|version| version.document.clone()),
        );
        empty_pages += usize::from(names.len() == before);
        if !page.is_truncated {
            break;
        }
        marker = page.marker;
    }
    let account = fake.estate().account(&id).unwrap();
    let expected = account.users.len()
        + account.groups.len()
        + account.roles.len()
        + account.policies.len()
        + account.attached_aws_policies().len();
    assert_eq!(names.len(), expected);
    assert!(empty_pages >= 2, "{empty_pages} empty pages");
    assert!(!names.iter().any(|name| name.ends_with("ViewOnlyAccess")), "in force only as a boundary");
    let sent = &documents[0];
    let decoded = percent_encoding::percent_decode_str(sent).decode_utf8().unwrap();
    assert!(sent.starts_with("%7B") && decoded.contains("example+bucket/50%25/"), "{decoded}");
}

#[tokio::test]
async fn the_details_can_be_filtered() {
    let (fake, id) = fake();
    let client = member(&fake, &id).await;
    let page = client.get_account_authorization_details().filter(EntityType::Group).send().await.unwrap();
    assert_eq!(page.group_detail_list().len(), 3);
    assert!(page.user_detail_list().is_empty());
}

#[tokio::test]
async fn roles_are_assumed_with_the_right_external_id_only() {
    let (fake, id) = fake();
    fake.estate().change(&id, |account| account.access.external_id = Some("right+one".to_owned()));
    assert!(assume(&fake, &id, Some("right+one")).await.is_ok());
    for wrong in [None, Some("wrong")] {
        let error = assume(&fake, &id, wrong).await.unwrap_err();
        assert_eq!(error.code(), Some("AccessDenied"));
    }
    assert!(assume(&fake, "299999999999", None).await.is_err(), "no such account");
}

#[tokio::test]
async fn the_credential_report_goes_through_its_states() {
    let (fake, id) = fake();
    let client = member(&fake, &id).await;
    let early = client.get_credential_report().send().await.unwrap_err();
    assert_eq!(early.code(), Some("ReportNotPresent"));
    let state = client.generate_credential_report().send().await.unwrap().state;
    assert_eq!(state, Some(ReportStateType::Started));
    let early = client.get_credential_report().send().await.unwrap_err();
    assert_eq!(early.code(), Some("ReportInProgress"));
    let state = client.generate_credential_report().send().await.unwrap().state;
    assert_eq!(state, Some(ReportStateType::Complete));
    let report = client.get_credential_report().send().await.unwrap();
    let text = String::from_utf8(report.content.unwrap().into_inner()).unwrap();
    assert!(text.contains("<root_account>"), "{text}");

    fake.estate().change(&id, |account| account.report = Report::Expired);
    let expired = client.get_credential_report().send().await.unwrap_err();
    assert_eq!(expired.code(), Some("ReportExpired"));
    client.generate_credential_report().send().await.unwrap();
    assert!(client.get_credential_report().send().await.is_ok());
}

#[tokio::test]
async fn the_account_and_its_users_are_described() {
    let (fake, id) = fake();
    let account = fake.estate().account(&id).unwrap();
    let client = member(&fake, &id).await;
    let summary = client.get_account_summary().send().await.unwrap().summary_map.unwrap();
    assert_eq!(usize::try_from(summary[&SummaryKeyType::Users]).unwrap(), account.users.len());
    assert_eq!(client.list_account_aliases().send().await.unwrap().account_aliases.len(), 1);
    let policy = client.get_account_password_policy().send().await.unwrap().password_policy.unwrap();
    assert_eq!(policy.minimum_password_length, Some(14));
    let provider = client.list_saml_providers().send().await.unwrap().saml_provider_list.unwrap();
    let arn = provider[0].arn.clone().unwrap();
    client.get_saml_provider().saml_provider_arn(arn).send().await.unwrap();
    let provider =
        client.list_open_id_connect_providers().send().await.unwrap().open_id_connect_provider_list.unwrap();
    let arn = provider[0].arn.clone().unwrap();
    let oidc = client.get_open_id_connect_provider().open_id_connect_provider_arn(arn).send().await.unwrap();
    assert_eq!(oidc.client_id_list(), ["sts.amazonaws.com"]);
    assert_eq!(
        client.list_server_certificates().send().await.unwrap().server_certificate_metadata_list.len(),
        1
    );
    let roles = client.list_roles().send().await.unwrap().roles;
    assert!(roles.iter().any(|role| role.description.is_some()));
    client.list_users().send().await.unwrap();
    client.list_virtual_mfa_devices().send().await.unwrap();
    let credentials = client.list_service_specific_credentials().all_users(true).send().await.unwrap();
    let expected: usize = account.users.iter().map(|user| user.service_credentials.len()).sum();
    assert_eq!(credentials.service_specific_credentials().len(), expected);

    let user = account.users.iter().find(|user| !user.keys.is_empty()).unwrap();
    let keys = client.list_access_keys().user_name(&user.name).send().await.unwrap().access_key_metadata;
    assert_eq!(keys[0].access_key_id.as_ref(), Some(&user.keys[0].id));
    client.get_access_key_last_used().access_key_id(&user.keys[0].id).send().await.unwrap();
    client.list_mfa_devices().user_name(&user.name).send().await.unwrap();
    client.list_ssh_public_keys().user_name(&user.name).send().await.unwrap();
    client.list_signing_certificates().user_name(&user.name).send().await.unwrap();
    let missing = client.list_mfa_devices().user_name("nobody").send().await.unwrap_err();
    assert_eq!(missing.code(), Some("NoSuchEntity"));
}

#[tokio::test]
async fn policies_are_fetched_by_arn() {
    let (fake, id) = fake();
    let account = fake.estate().account(&id).unwrap();
    let client = member(&fake, &id).await;
    let own = account.policy_arn(&account.policies[2]);
    for arn in ["arn:aws:iam::aws:policy/job-function/ViewOnlyAccess", own.as_str()] {
        let policy = client.get_policy().policy_arn(arn).send().await.unwrap().policy.unwrap();
        let version = policy.default_version_id.unwrap();
        let answer = client.get_policy_version().policy_arn(arn).version_id(version).send().await.unwrap();
        assert!(answer.policy_version.unwrap().is_default_version);
    }
    let error = client.get_policy().policy_arn("arn:aws:iam::aws:policy/None").send().await.unwrap_err();
    assert_eq!(error.code(), Some("NoSuchEntity"));
}

#[tokio::test]
async fn the_organization_lists_its_accounts() {
    let (fake, _) = fake();
    let config = aws_sdk_organizations::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .endpoint_url(fake.url())
        .region(Region::new("us-east-1"))
        .credentials_provider(hub())
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build();
    let page = aws_sdk_organizations::Client::from_conf(config).list_accounts().send().await.unwrap();
    assert_eq!(page.accounts().len(), 4);
}

#[tokio::test]
async fn faults_look_to_the_sdk_as_they_should() {
    let (fake, id) = fake();
    let client = member(&fake, &id).await;
    for (fault, code) in [
        (Fault::Throttle, Some("Throttling")),
        (Fault::AccessDenied, Some("AccessDenied")),
        (
            Fault::Error {
                status: 503,
                code: "ServiceUnavailable".to_owned(),
                message: "Please try again".to_owned(),
            },
            Some("ServiceUnavailable"),
        ),
        (Fault::Cut, None),
        (Fault::Garbage, None),
    ] {
        fake.fault(Rule::new("iam:ListRoles", fault.clone()).account(&id).times(1));
        let error = client.list_roles().send().await.unwrap_err();
        assert_eq!(error.code(), code, "{fault:?}: {error:?}");
    }
    fake.fault(Rule::new("iam:ListRoles", Fault::Truncated).account(&id).times(1));
    let short = client.list_roles().send().await.unwrap();
    assert!(short.roles.len() < 6 && !short.is_truncated, "the SDK does not notice: {short:?}");

    fake.fault(Rule::new("iam:ListRoles", Fault::TrickleMs(1)).times(1));
    fake.fault(Rule::new("iam:ListRoles", Fault::DelayMs(1)).times(1));
    for _ in 0..2 {
        assert_eq!(client.list_roles().send().await.unwrap().roles.len(), 6);
    }
    assert_eq!(fake.calls(&id, "iam:ListRoles"), 8);
    assert_eq!(fake.calls(&id, "sts:AssumeRole"), 1);
}
