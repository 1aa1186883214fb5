//! What is not known is never taken for nothing.

use auditor_core::outcome::{Gap, GapReason, Outcome};
use serde_json::json;

use super::{ACCOUNT, Account, allow, document, run, statement};
use crate::{Admin, CanEscalate};

const GONE: &str = "arn:aws:iam::111122223333:policy/gone";

#[test]
fn a_policy_that_is_not_stored_makes_its_holders_unknown() {
    let account = Account::new()
        .group("team", &[json!(GONE)])
        .user("ana", &[], json!({"GroupList": ["team"]}))
        .user("ben", &[allow(&["*"]), json!(GONE)], json!({}))
        .user("cid", &[], json!({"GroupList": ["no-such-group"]}))
        .user("dan", &[], json!({"PermissionsBoundary": {"PermissionsBoundaryArn": GONE}}))
        .user("eve", &[json!("not a document")], json!({}))
        .user("fay", &[json!(GONE), document(&[statement("Deny", &json!("*"), &json!("*"))])], json!({}));
    let run = account.run();
    for name in ["/ana", "/cid", "/dan"] {
        let access = run.access(name);
        assert_eq!((access.admin, access.can_escalate), (Admin::Unknown, CanEscalate::Unknown), "{access:?}");
        assert!(access.note.is_some());
        assert_eq!(run.entitlements(name), ["* unknown unknown"]);
    }
    // What is known to be granted is said, with a note.
    assert_eq!(run.access("/ben").admin, Admin::Admin);
    assert!(run.access("/ben").note.unwrap().contains("policy gone: the policy is not among what is stored"));
    assert_eq!(run.entitlements("/ben"), ["* all full", "* unknown unknown"]);
    let estate = account.estate();
    let outcome = |who: &str| format!("{:?}", estate.explain(who, "s3:GetObject", "*").unwrap().outcome);
    assert!(outcome("ana").starts_with("Unknown") && outcome("ben").starts_with("Unknown"));
    assert!(outcome("fay").starts_with("Denied"), "a refusal that is known decides");
    assert_eq!(estate.who_can("s3:GetObject", None).len(), 4);
}

#[test]
fn an_incomplete_listing_is_said() {
    let mut listings = Account::new().user("ana", &[allow(&["s3:GetObject"])], json!({})).listings();
    listings[2].outcome = Outcome::Denied;
    listings[2].gaps = vec![Gap::new(GapReason::Denied, "iam:GetAccountAuthorizationDetails was denied")];
    let run = run(ACCOUNT, &listings);
    let unlisted = run.access("user/*");
    assert_eq!(unlisted.admin, Admin::Unknown);
    assert!(unlisted.reason.contains("aws_iam_role"), "{}", unlisted.reason);
    assert_eq!(run.access("/ana").can_escalate, CanEscalate::Unknown, "a role may exist that it can assume");
    assert!(run.access("/ana").note.unwrap().contains("denied"));
}

#[test]
fn nothing_is_said_of_accounts_without_iam() {
    assert!(run(ACCOUNT, &[]).0.is_empty());
}

#[test]
fn odd_records_do_no_harm() {
    let mut listings = Account::new().user("ana", &[allow(&["s3:GetObject"])], json!({})).listings();
    for document in [
        json!(null),
        json!([]),
        json!({"arn": 1}),
        json!({"arn": "x", "policy_arns": "y", "groups": {}, "tags": 3}),
    ] {
        for listing in &mut listings {
            let mut item = super::Account::new().user("odd", &[], json!({})).listings()[0].items[0].clone();
            item.document = document.clone();
            listing.items.push(item);
        }
    }
    assert_eq!(run(ACCOUNT, &listings).entitlements("/ana"), ["s3 read full"]);
}
