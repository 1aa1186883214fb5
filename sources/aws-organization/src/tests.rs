//! The real clients against a scripted organization: what is recorded, and what pages, refusals, throttling, cut
//! connections and unreadable answers do.

mod faults;
mod mapping;

use auditor_aws_common::Hub;
use auditor_core::{
    config::PluginTable,
    outcome::GapReason,
    registry::Instance,
    source::Source,
    testkit::{Collected, SourceFixture, collect, context},
};
use auditor_fakes::aws_organization::{self as fake, Fake, SECRETS, world};
use aws_config::{BehaviorVersion, Region};
use aws_credential_types::Credentials;
use serde_json::{Value, json};

use crate::{config::AwsOrganizationConfig, source::AwsOrganization};

/// A source whose every service is the fake.
async fn source(fake: &Fake, more: Value) -> AwsOrganization {
    let mut settings = json!({
        "role_arn": format!("arn:aws:iam::{}:role/security/auditor-organization", world::MANAGEMENT),
        "external_id": fake::EXTERNAL_ID,
        "sts_requests_per_second": 1000.0,
        "sts_attempts": 2,
        "parts": {"cost": true},
    });
    if let (Value::Object(settings), Value::Object(more)) = (&mut settings, more) {
        settings.extend(more);
        settings.retain(|_, value| !value.is_null());
    }
    let config: AwsOrganizationConfig =
        PluginTable::from_json(settings).parse().unwrap_or_else(|problems| panic!("{problems:?}"));
    let sdk = aws_config::defaults(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("AKIAHUB", SECRETS[1], None, None, "test"))
        .endpoint_url(&fake.url)
        .http_client(auditor_aws_common::http_client())
        .load()
        .await;
    let hub = Hub::new(&config.hub(), sdk);
    AwsOrganization::with_hub(config, Instance { name: "organization".to_owned(), base_dir: ".".into() }, hub)
}

async fn collected_with(fake: &Fake, more: Value) -> Collected {
    let source = source(fake, more).await;
    let targets = source.plan(&context(None)).await.unwrap();
    assert_eq!(targets.len(), 1);
    collect(&source, &targets[0], context(None)).await
}

async fn collected(fake: &Fake) -> Collected {
    collected_with(fake, json!({})).await
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
            ("account", 3),
            ("account_cost", 3),
            ("aws_account_contact", 8),
            ("aws_delegated_administrator", 1),
            ("aws_identity_store_group", 2),
            ("aws_identity_store_user", 2),
            ("aws_organization", 1),
            ("aws_organization_account", 3),
            ("aws_organization_policy", 3),
            ("aws_organizational_unit", 3),
            ("aws_sso_assignment", 4),
            ("aws_sso_instance", 1),
            ("aws_sso_permission_set", 2),
            ("principal", 4),
        ],
        keep: Box::new(fake),
    }
}

mod conformance {
    auditor_core::source_conformance!(super::healthy);
}
