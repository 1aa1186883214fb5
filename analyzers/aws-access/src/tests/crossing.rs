//! Who assumes what, in an account and across accounts.

use auditor_core::{
    analyzer::{Item, Listing, View},
    outcome::Outcome,
};
use serde_json::{Value, json};

use super::{Account, allow, at, document, trusting};
use crate::{AssumeEdge, ReachRecord, reach};

#[test]
fn edges_say_who_and_under_which_conditions() {
    let github = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com";
    let conditional = |principal: Value, condition: Value| {
        document(&[json!({"Effect": "Allow", "Principal": principal, "Condition": condition,
            "Action": ["sts:AssumeRole", "sts:AssumeRoleWithWebIdentity"]})])
    };
    let run = Account::new()
        .user("ana", &[allow(&["sts:AssumeRole"])], json!({}))
        .user("bob", &[], json!({}))
        .role("own", &trusting(&json!({"AWS": "111122223333"})), &[])
        .role("named", &trusting(&json!({"AWS": "arn:aws:iam::111122223333:user/bob"})), &[])
        .role(
            "vendor",
            &conditional(json!({"AWS": "444455556666"}), json!({"StringEquals": {"sts:ExternalId": "x"}})),
            &[],
        )
        .role(
            "ci",
            &conditional(
                json!({"Federated": github}),
                json!({"StringLike": {"token.actions.githubusercontent.com:sub": "repo:example/*"}}),
            ),
            &[],
        )
        .role(
            "org",
            &conditional(json!("*"), json!({"StringEquals": {"aws:PrincipalOrgID": "o-example"}})),
            &[],
        )
        .role("service", &trusting(&json!({"Service": "ec2.amazonaws.com"})), &[])
        .role("left", &trusting(&json!({"AWS": "AROAGONE"})), &[])
        .run();
    let edges = run.edges();
    let find = |from: &str, to: &str| -> Vec<&AssumeEdge> {
        let ends = |edge: &&AssumeEdge| {
            edge.from.ends_with(from) && edge.to.as_ref().is_some_and(|arn| arn.ends_with(to))
        };
        edges.iter().filter(ends).collect()
    };
    assert_eq!(find("/ana", "/own").len(), 1);
    assert!(find("/bob", "/own").is_empty(), "delegated to the account, which does not allow it");
    assert_eq!(find("/bob", "/named")[0].grade, "full");
    let vendor = find("444455556666", "/vendor")[0];
    assert!(vendor.has_external_id && vendor.external && vendor.from_type == "account");
    let ci = find("githubusercontent.com", "/ci")[0];
    assert_eq!((ci.from_type.as_str(), ci.subjects.first().unwrap().as_str()), ("oidc", "repo:example/*"));
    let org = find("*", "/org")[0];
    assert_eq!(
        (org.from_type.as_str(), org.organizations.len(), org.grade.as_str()),
        ("public", 1, "conditional")
    );
    assert!(!find("ec2.amazonaws.com", "/service")[0].external);
    assert_eq!(find("AROAGONE", "/left")[0].from_type, "deleted");
    let grant = edges.iter().find(|edge| edge.direction == "grant").unwrap();
    assert_eq!(
        (grant.from.as_str(), grant.to_patterns.as_slice()),
        ("arn:aws:iam::111122223333:user/ana", &["*".to_owned()][..])
    );
}

fn estate(accounts: &[Account]) -> Vec<ReachRecord> {
    let mut listings: Vec<Listing> = Vec::new();
    for account in accounts {
        for resource in account.run().0 {
            let item = Item {
                account: resource.account.clone(),
                native_id: resource.native_id,
                name: resource.name,
                document: resource.document,
                activity: None,
                provider_created_at: None,
                provider_updated_at: None,
            };
            listings.push(Listing {
                kind: resource.kind.name.to_owned(),
                source: "aws-access".to_owned(),
                target: account.id.clone(),
                outcome: Outcome::Complete,
                items: vec![item],
            });
        }
    }
    reach(&View { account: None, at: at(), listings: &listings })
}

#[test]
fn reach_closes_over_accounts() {
    let hub = Account::of("222222222222")
        .user("ana", &[allow(&["sts:AssumeRole"])], json!({}))
        .user("bob", &[allow(&["s3:*"])], json!({}))
        .user("boss", &[allow(&["*"])], json!({}))
        .role(
            "jump",
            &trusting(&json!({"AWS": "arn:aws:iam::222222222222:user/bob"})),
            &[allow(&["sts:AssumeRole"])],
        );
    let spoke = Account::of("333333333333")
        .role("admin", &trusting(&json!({"AWS": "222222222222"})), &[allow(&["*"])])
        .role("vendor", &trusting(&json!({"AWS": "999988887777"})), &[])
        .role("inner", &trusting(&json!({"AWS": "arn:aws:iam::333333333333:role/vendor"})), &[allow(&["*"])])
        .role("back", &trusting(&json!({"AWS": "arn:aws:iam::333333333333:role/admin"})), &[]);
    let records = estate(&[hub, spoke]);
    let brief: Vec<_> = records
        .iter()
        .map(|record| {
            let short = |arn: &str| arn.rsplit('/').next().unwrap().to_owned();
            format!(
                "{} {} {} {:?} {}",
                short(&record.from),
                short(&record.to),
                record.hops,
                record.to_admin.unwrap(),
                record.known
            )
        })
        .collect();
    assert_eq!(
        brief,
        [
            "999988887777 inner 2 Admin false",
            "999988887777 vendor 1 No false",
            "jump admin 1 Admin true",
            "jump back 2 No true",
            "ana admin 1 Admin true",
            "ana back 2 No true",
            "bob admin 2 Admin true",
            "bob back 3 No true",
            "boss admin 1 Admin true",
            "boss back 2 No true",
        ]
    );
    assert_eq!(records[6].chain.len(), 3);
}

#[test]
fn edges_that_could_not_be_told_are_said() {
    let listing = Listing {
        kind: "aws_assume_edge".to_owned(),
        source: "aws-access".to_owned(),
        target: "333333333333".to_owned(),
        outcome: Outcome::Failed,
        items: Vec::new(),
    };
    let records = reach(&View { account: None, at: at(), listings: &[listing] });
    assert_eq!((records[0].from.as_str(), records[0].to_account.as_str()), ("not known", "333333333333"));
}
