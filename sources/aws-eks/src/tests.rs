//! The real client against a fake EKS: what is recorded, and what pages, refusals, throttling, cut connections and
//! unreadable answers do.

mod faults;

use auditor_aws_common::Hub;
use auditor_core::{
    config::PluginTable,
    outcome::Outcome,
    registry::Instance,
    source::Source as _,
    testkit::{Collected, DeniedFixture, SourceFixture, collect, context},
};
use auditor_fakes::aws_eks::{EXTERNAL_ID, Fake, PROD, Reply, SECRETS};
use aws_config::{BehaviorVersion, Region};
use aws_credential_types::Credentials;
use serde_json::{Value, json};

use crate::{config::AwsEksConfig, source::AwsEks};

const ACCOUNT: &str = "222222222222";
const HUB_SECRET_KEY: &str = "planted-hub-secret-key";

/// A source whose every service is the fake.
async fn source(fake: &Fake, more: Value) -> AwsEks {
    let mut settings = json!({
        "regions": ["eu-west-1", "us-east-1"],
        "role_name": "security/auditor",
        "external_id": EXTERNAL_ID,
        "account": [{ "id": ACCOUNT, "name": "payments" }],
        "sts_requests_per_second": 1000.0,
        "sts_attempts": 2,
    });
    if let (Value::Object(settings), Value::Object(more)) = (&mut settings, more) {
        settings.extend(more);
    }
    let config: AwsEksConfig =
        PluginTable::from_json(settings).parse().unwrap_or_else(|problems| panic!("{problems:?}"));
    let sdk = aws_config::defaults(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("AKIAHUB", HUB_SECRET_KEY, None, None, "test"))
        .endpoint_url(&fake.url)
        .http_client(auditor_aws_common::http_client())
        .load()
        .await;
    let hub = Hub::new(&config.hub(), sdk);
    AwsEks::with_hub(config, Instance { name: "eks".to_owned(), base_dir: ".".into() }, hub)
}

/// What is collected in eu-west-1.
async fn collected(fake: &Fake) -> Collected {
    let source = source(fake, json!({})).await;
    let targets = source.plan(&context(None)).await.unwrap();
    collect(&source, &targets[0], context(None)).await
}

fn document(collected: &Collected, kind: &str, name: &str) -> Value {
    let record = collected.of(kind).into_iter().find(|record| record.content.name.as_deref() == Some(name));
    let record = record.unwrap_or_else(|| panic!("there is no {kind} {name}"));
    serde_json::from_str(&record.content.document).unwrap()
}

async fn healthy() -> SourceFixture {
    let fake = Fake::start().await;
    fixture(fake, vec![("aws_eks_cluster", 4), ("aws_eks_access_entry", 4)]).await
}

async fn refused() -> DeniedFixture {
    let fake = Fake::start().await;
    fake.always("ListAccessEntries", Reply::access_denied());
    let fixture = fixture(fake, vec![("aws_eks_cluster", 4)]).await;
    DeniedFixture { fixture, denied: &["aws_eks_access_entry"] }
}

async fn fixture(fake: Fake, expected: Vec<(&'static str, usize)>) -> SourceFixture {
    SourceFixture {
        source: Box::new(source(&fake, json!({})).await),
        accounts: None,
        secrets: SECRETS.into_iter().chain([HUB_SECRET_KEY]).map(str::to_owned).collect(),
        expected,
        keep: Box::new(fake),
    }
}

mod conformance {
    auditor_core::source_conformance!(super::healthy, denied = super::refused);
}

#[tokio::test]
async fn every_account_is_a_target_in_every_region() {
    let fake = Fake::start().await;
    let more = json!({ "include_own_account": true });
    let source = source(&fake, more).await;
    let targets = source.plan(&context(None)).await.unwrap();
    let found: Vec<_> = targets
        .iter()
        .map(|target| (target.id.as_str(), target.account.as_str(), target.name.as_str()))
        .collect();
    assert_eq!(
        found,
        [
            ("111111111111/eu-west-1", "111111111111", "111111111111/eu-west-1"),
            ("111111111111/us-east-1", "111111111111", "111111111111/us-east-1"),
            ("222222222222/eu-west-1", ACCOUNT, "payments/eu-west-1"),
            ("222222222222/us-east-1", ACCOUNT, "payments/us-east-1"),
        ]
    );
    for target in &targets {
        let collected = collect(&source, target, context(None)).await;
        let expected = if target.id.ends_with("us-east-1") { (1, 1) } else { (3, 3) };
        let counts = (collected.of("aws_eks_cluster").len(), collected.of("aws_eks_access_entry").len());
        assert_eq!(counts, expected, "{}", target.id);
    }
    let calls = fake.calls();
    assert!(calls.contains(&format!("ListClusters {ACCOUNT} eu-west-1")), "{calls:?}");
    assert!(calls.contains(&"ListClusters 111111111111 us-east-1".to_owned()), "{calls:?}");
}

#[tokio::test]
async fn a_cluster_says_how_it_is_reached_and_kept() {
    let fake = Fake::start().await;
    let collected = collected(&fake).await;
    let cluster = document(&collected, "aws_eks_cluster", PROD);
    assert_eq!(cluster["arn"], "arn:aws:eks:eu-west-1:222222222222:cluster/prod");
    assert_eq!(cluster["endpoint"], "00000000000000000000000000000004.gr7.eu-west-1.eks.amazonaws.com:443");
    assert_eq!(cluster["authentication_mode"], "API_AND_CONFIG_MAP");
    assert_eq!(cluster["logging"], json!(["audit", "authenticator", "scheduler"]));
    assert_eq!(cluster["public_access_cidrs"], json!(["192.0.2.0/24", "198.51.100.0/24"]));
    assert_eq!((&cluster["public_access"], &cluster["private_access"]), (&json!(true), &json!(false)));
    assert_eq!(
        cluster["encryption"],
        json!([{ "key_arn": "arn:aws:kms:eu-west-1:222222222222:key/1", "resources": ["secrets"] }])
    );
    let record =
        collected.of("aws_eks_cluster").into_iter().find(|r| r.content.name.as_deref() == Some(PROD));
    let id = &record.unwrap().native_id;
    assert_eq!(id, "arn:aws:eks:eu-west-1:222222222222:cluster/prod#2022-04-15T05:20:00Z");
}

#[tokio::test]
async fn an_access_entry_holds_its_policies_in_order() {
    let fake = Fake::start().await;
    let collected = collected(&fake).await;
    assert_eq!(collected.outcomes["aws_eks_access_entry"], Outcome::Complete);
    let entry = document(&collected, "aws_eks_access_entry", "prod: developers");
    assert_eq!(entry["kubernetes_groups"], json!(["developers", "viewers"]));
    assert_eq!(entry["cluster_arn"], "arn:aws:eks:eu-west-1:222222222222:cluster/prod");
    assert_eq!(entry["principal_arn"], "arn:aws:iam::222222222222:role/developers");
    let policy = |name: &str, scope: &str, namespaces: Value| {
        let arn = format!("arn:aws:eks::aws:cluster-access-policy/{name}");
        json!({ "arn": arn, "name": name, "scope": scope, "namespaces": namespaces })
    };
    assert_eq!(
        entry["access_policies"],
        json!([
            policy("AmazonEKSEditPolicy", "namespace", json!(["dev-*", "shop"])),
            policy("AmazonEKSViewPolicy", "cluster", json!([])),
        ])
    );
    let admin = document(&collected, "aws_eks_access_entry", "prod: admin");
    assert_eq!(admin["access_policies"][0]["name"], "AmazonEKSClusterAdminPolicy");
    assert_eq!(document(&collected, "aws_eks_access_entry", "prod: nodes")["type"], "EC2_LINUX");
}

#[tokio::test]
async fn only_reading_calls_leave_the_program_and_none_that_a_cluster_refuses() {
    let fake = Fake::start().await;
    let source = source(&fake, json!({})).await;
    let target = source.plan(&context(None)).await.unwrap().remove(0);
    collect(&source, &target, context(None)).await;
    let calls = fake.calls();
    let listed = calls.iter().filter(|call| call.starts_with("ListAccessEntries")).count();
    assert_eq!(listed, 6, "five pages of one cluster, one of the other, none of `legacy`: {calls:?}");
    source.check(&target, &context(None)).await;
    for call in fake.calls() {
        assert!(["List", "Describe", "AssumeRole"].iter().any(|verb| call.starts_with(verb)), "{call}");
    }
}
