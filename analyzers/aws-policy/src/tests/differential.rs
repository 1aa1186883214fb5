//! The same answers as the crate `iam-rs` where that one follows AWS: one layer, whole ARNs, exact versions.

use iam_rs::{Arn, Context, ContextValue, Decision, IAMPolicy, IAMRequest, PrincipalId};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{USER, policy, user, word};
use crate::{Layers, Request, evaluate};

fn statement() -> impl Strategy<Value = Value> {
    let action = prop_oneof![
        Just(json!("*")),
        Just(json!("s3:*")),
        Just(json!("s3:Get*")),
        Just(json!(["s3:GetObject", "ec2:RunInstances"])),
        Just(json!("ec2:RunInstances")),
    ];
    let resource = prop_oneof![
        Just(json!("*")),
        Just(json!("arn:aws:s3:::bucket/*")),
        Just(json!("arn:aws:s3:::bucket/a")),
        Just(json!(["arn:aws:s3:::other/*", "arn:aws:s3:::bucket/b"])),
    ];
    let condition = prop_oneof![
        Just(json!({})),
        Just(json!({"StringEquals": {"aws:username": "ana"}})),
        Just(json!({"StringLike": {"aws:username": ["b*", "c*"]}})),
        Just(json!({"StringNotEquals": {"aws:username": "ana"}})),
    ];
    let effect = prop_oneof![3 => Just("Allow"), 1 => Just("Deny")];
    (effect, action, any::<bool>(), resource, condition).prop_map(
        |(effect, action, not, resource, condition)| {
            let key = if not { "NotAction" } else { "Action" };
            let mut statement = json!({"Effect": effect, "Resource": resource});
            statement[key] = action;
            if condition != json!({}) {
                statement["Condition"] = condition;
            }
            statement
        },
    )
}

proptest! {
    #[test]
    fn answers_agree(statements in prop::collection::vec(statement(), 1..5)) {
        let document = json!({"Version": "2012-10-17", "Statement": statements});
        let theirs = IAMPolicy::from_json(&document.to_string()).unwrap();
        let layers = Layers { identity: vec![policy("own", &document)], ..Layers::default() };
        let user = user();
        for action in ["s3:GetObject", "s3:PutObject", "ec2:RunInstances", "iam:PassRole"] {
            for resource in ["arn:aws:s3:::bucket/a", "arn:aws:s3:::bucket/b", "arn:aws:s3:::other/c"] {
                let mut context = Context::new();
                context.insert("aws:username".to_owned(), ContextValue::String("ana".to_owned()));
                let principal = iam_rs::Principal::Aws(PrincipalId::String(USER.to_owned()));
                let arn = Arn::parse(resource).unwrap();
                let request = IAMRequest::new_with_context(principal, action, arn, context);
                let expected = match iam_rs::evaluate_policy(&theirs, &request).unwrap() {
                    Decision::Allow => "allowed",
                    Decision::Deny => "refused",
                    Decision::NotApplicable => "denied",
                };
                let ours = word(&evaluate(&Request::new(&user, action, resource), &layers));
                prop_assert_eq!(ours, expected, "{} {} {}", action, resource, document);
            }
        }
    }
}
