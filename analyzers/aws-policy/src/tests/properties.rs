use proptest::prelude::*;
use serde_json::{Value, json};

use super::{policy, user};
use crate::{Layers, Outcome, Pattern, Request, evaluate};

fn glob() -> impl Strategy<Value = String> {
    "[ab*?]{0,7}"
}

/// The definition of a glob, in exponential time.
fn naive(pattern: &[char], text: &[char]) -> bool {
    match pattern.split_first() {
        None => text.is_empty(),
        Some(('*', rest)) => (0..=text.len()).any(|skipped| naive(rest, &text[skipped..])),
        Some(('?', rest)) => !text.is_empty() && naive(rest, &text[1..]),
        Some((first, rest)) => text.first() == Some(first) && naive(rest, &text[1..]),
    }
}

fn texts() -> Vec<String> {
    let mut all = vec![String::new()];
    let mut last = all.clone();
    for _ in 0..5 {
        last = last.iter().flat_map(|text| ["a", "b", "c"].map(|letter| format!("{text}{letter}"))).collect();
        all.extend(last.clone());
    }
    all
}

fn statement() -> impl Strategy<Value = Value> {
    let action =
        prop_oneof![Just("*"), Just("s3:*"), Just("s3:GetObject"), Just("iam:*"), Just("s3:Get?bject")];
    let resource = prop_oneof![
        Just("*"),
        Just("arn:aws:s3:::a*"),
        Just("arn:aws:s3:::b"),
        Just("arn:aws:s3:::${aws:username}")
    ];
    let condition = prop_oneof![
        Just(json!({})),
        Just(json!({"Bool": {"aws:MultiFactorAuthPresent": "true"}})),
        Just(json!({"StringEquals": {"aws:PrincipalTag/team": "red"}})),
    ];
    (action, resource, condition, any::<bool>(), any::<bool>()).prop_map(
        |(action, resource, condition, not_action, not_resource)| {
            json!({
                if not_action { "NotAction" } else { "Action" }: action,
                if not_resource { "NotResource" } else { "Resource" }: resource,
                "Condition": condition,
            })
        },
    )
}

fn document(effect: &str, statements: &[Value]) -> Value {
    let statements: Vec<_> = statements
        .iter()
        .map(|statement| {
            let mut statement = statement.clone();
            statement["Effect"] = effect.into();
            statement
        })
        .collect();
    json!({"Version": "2012-10-17", "Statement": statements})
}

/// 0: denied, 1: conditional, 2: allowed.
fn access(layers: &Layers) -> Vec<u8> {
    let user = user();
    let mut all = Vec::new();
    for action in ["s3:GetObject", "s3:PutObject", "iam:PassRole", "new:Thing"] {
        for resource in ["arn:aws:s3:::a", "arn:aws:s3:::ana", "arn:aws:s3:::b", "x"] {
            all.push(match evaluate(&Request::new(&user, action, resource), layers).outcome {
                Outcome::Allowed => 2,
                Outcome::Conditional { .. } => 1,
                Outcome::Denied { .. } => 0,
                Outcome::Unknown { .. } => unreachable!("every policy is known"),
            });
        }
    }
    all
}

fn no_more(less: &[u8], more: &[u8]) -> bool {
    less.iter().zip(more).all(|(less, more)| less <= more)
}

proptest! {
    #[test]
    fn the_matcher_is_the_definition(pattern in glob(), text in "[abc*]{0,8}") {
        let naive = naive(&pattern.chars().collect::<Vec<_>>(), &text.chars().collect::<Vec<_>>());
        prop_assert_eq!(Pattern::resource(&pattern).matches(&text), naive);
    }

    #[test]
    fn patterns_compare_as_the_texts_they_match(a in glob(), b in glob()) {
        let (x, y) = (Pattern::resource(&a), Pattern::resource(&b));
        let texts = texts();
        if x.covers(&y) {
            prop_assert!(texts.iter().all(|text| !y.matches(text) || x.matches(text)), "{} covers {}", a, b);
        }
        let common = texts.iter().any(|text| x.matches(text) && y.matches(text));
        prop_assert_eq!(x.intersects(&y), y.intersects(&x));
        if common {
            prop_assert!(x.intersects(&y));
        } else if a.len() + b.len() <= 5 {
            prop_assert!(!x.intersects(&y), "{} {}", a, b);
        }
    }

    #[test]
    fn grants_add_refusals_and_bounds_take(
        own in prop::collection::vec(statement(), 0..3),
        more in statement(),
        refused in prop::collection::vec(statement(), 0..2),
    ) {
        let layers = |allow: &[Value], deny: &[Value]| Layers {
            identity: vec![policy("a", &document("Allow", allow)), policy("d", &document("Deny", deny))],
            ..Layers::default()
        };
        let base = access(&layers(&own, &refused));
        let mut wider = own.clone();
        wider.push(more.clone());
        prop_assert!(no_more(&base, &access(&layers(&wider, &refused))));
        let mut narrower = refused.clone();
        narrower.push(more.clone());
        prop_assert!(no_more(&access(&layers(&own, &narrower)), &base));
        let bound = Some(policy("b", &document("Allow", std::slice::from_ref(&more))));
        let bounded = Layers { boundary: bound, ..layers(&own, &refused) };
        prop_assert!(no_more(&access(&bounded), &base));
        let level = vec![policy("s", &document("Allow", std::slice::from_ref(&more)))];
        let controlled = Layers { service_control: vec![level], ..layers(&own, &refused) };
        prop_assert!(no_more(&access(&controlled), &base));
    }

    #[test]
    fn not_action_is_the_complement(actions in prop::collection::vec("[si](3|am):[GP*?]{1,3}", 0..3), action in "(s3|iam|new):[GP]{1,3}") {
        let one = |key: &str| json!({"Statement": {"Effect": "Allow", key: actions, "Resource": "*"}});
        let answers = ["Action", "NotAction"].map(|key| {
            super::answer(&user(), &[one(key)], &action, "x")
        });
        prop_assert_ne!(&answers[0], &answers[1]);
    }

    #[test]
    fn nothing_panics(text in "\\PC{0,40}", other in "\\PC{0,40}") {
        let json = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": text, "Resource": other,
            "Principal": {"AWS": text}, "Condition": {text.clone(): {other.clone(): text}}}]});
        super::answer(&user(), &[json], &other, &text);
    }
}
