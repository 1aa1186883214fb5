//! Any JSON as every layer of a request: nothing panics, and a document cannot add to what it bounds.

#![no_main]

use std::sync::Arc;

use auditor_aws_policy::{
    Context, Document, Layers, Outcome, Policy, Principal, PrincipalKind, Request, evaluate, reach, trust,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(json) = serde_json::from_slice(data) else { return };
    let policy = Policy { name: "fuzzed".into(), document: Arc::new(Document::parse(&json)) };
    let principal = Principal {
        arn: "arn:aws:iam::111122223333:user/ana".to_owned(),
        account: "111122223333".to_owned(),
        kind: PrincipalKind::User,
        unique_id: None,
        context: Context::new().with("aws:username", "ana"),
    };
    let request = Request::new(&principal, "s3:GetObject", "arn:aws:s3:::bucket/key");
    let own = Layers { identity: vec![policy.clone()], ..Layers::default() };
    let bounded = Layers {
        boundary: Some(policy.clone()),
        service_control: vec![vec![policy.clone()]],
        resource: Some(policy.clone()),
        ..own.clone()
    };
    let alone = evaluate(&request, &own).outcome;
    let all = evaluate(&request, &bounded).outcome;
    if matches!(alone, Outcome::Denied { explicit: true, .. }) {
        assert!(matches!(all, Outcome::Denied { explicit: true, .. }));
    }
    reach(&request, &bounded);
    trust::entries(&policy.document);
});
