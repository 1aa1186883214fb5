use serde_json::{Value, json};

use super::{answer, role, user};
use crate::{Document, Pattern, Selector};

#[test]
fn globs_match_as_whole_texts() {
    let long = "a".repeat(3000);
    for (pattern, text, expected) in [
        ("*", "", true),
        ("", "", true),
        ("?", "", false),
        ("a*", "a", true),
        ("*?", "a", true),
        ("*?", "", false),
        ("a*b*c", "abxbcc", true),
        ("a*b?c", "abxbc", false),
        ("arn:aws:s3*", "arn:aws:s3:::bucket/key", true),
        ("arn:*", "arn:aws:iam::111122223333:user/a", true),
        ("arn:aws:iam::*:role/a", "arn:aws:iam::111122223333:role/a", true),
        ("arn:aws:s3:::b/*", "arn:aws:s3:::b/x:y/z", true),
        ("\u{130}?", "\u{130}\u{1f600}", true),
        ("Case", "case", false),
        ("*a*a*a*a*a*a*a*a*a*a*b", long.as_str(), false),
    ] {
        assert_eq!(Pattern::resource(pattern).matches(text), expected, "{pattern} {text}");
    }
    assert!(Pattern::action("S3:Get*").matches("s3:getOBJECT"));
    assert!(!Pattern::action("i*").matches("\u{130}"), "only ASCII letters have two cases");
}

#[test]
fn patterns_are_compared_with_patterns() {
    for (a, b, covers, intersects) in [
        ("*", "a*", true, true),
        ("a*", "*", false, true),
        ("a*", "ab?c*", true, true),
        ("*?", "?*", true, true),
        ("a?c", "abc", true, true),
        ("abc", "a?c", false, true),
        ("a*c", "b*", false, false),
        ("*b", "a*", false, true),
        ("a*b", "*c", false, false),
        ("a**", "a*", true, true),
        ("a?", "a", false, false),
        ("*a*", "*b*", false, true),
    ] {
        let (a, b) = (Pattern::resource(a), Pattern::resource(b));
        assert_eq!(
            (a.covers(&b), a.intersects(&b), b.intersects(&a)),
            (covers, intersects, intersects),
            "{a:?} {b:?}"
        );
    }
    let not = |text: &str| Selector { patterns: vec![Pattern::resource(text)], negated: true };
    let all = Selector::everything();
    assert!(all.covers(&not("a")) && !not("a").covers(&all) && not("a").covers(&not("a*")));
    assert!(!not("a*").covers(&not("a")) && not("a").intersects(&not("b")));
    assert!(!not("*").intersects(&all));
}

#[test]
fn documents_are_read_as_aws_takes_them() {
    let allow = |statement: Value| json!({"Version": "2012-10-17", "Statement": statement});
    for (document, expected) in [
        (allow(json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*"})), "allowed"),
        (allow(json!([{"Effect": "Allow", "Action": ["S3:get*"], "Resource": ["*"]}])), "allowed"),
        (json!({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "arn:*"}}), "allowed"),
        (allow(json!([{"Effect": "Allow", "Action": "*:*", "Resource": "*"}])), "allowed"),
        (allow(json!([{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}])), "allowed"),
        (allow(json!([{"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}])), "denied"),
        (
            allow(json!([{"Effect": "Allow", "Action": "s3:*", "NotResource": "arn:aws:s3:::other/*"}])),
            "allowed",
        ),
        (allow(json!([{"Effect": "Allow", "Action": "s3:*", "NotResource": "arn:aws:s3:::b/*"}])), "denied"),
        (allow(json!([{"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::B/k"}])), "denied"),
        (allow(json!([])), "denied"),
        (json!("{"), "unknown"),
        (json!({}), "unknown"),
        (allow(json!([{"Effect": "allow", "Action": "*", "Resource": "*"}])), "unknown"),
        (allow(json!([{"Effect": "Allow", "Action": {"a": 1}, "Resource": "*"}])), "unknown"),
        (allow(json!([{"Effect": "Allow", "Action": "*", "Resource": "a".repeat(5000)}])), "unknown"),
        (
            allow(json!([{"Effect": "Deny", "Action": "*", "Resource": "*"}, {"Effect": "Nonsense"}])),
            "refused",
        ),
    ] {
        assert_eq!(
            answer(&user(), std::slice::from_ref(&document), "s3:GetObject", "arn:aws:s3:::b/k"),
            expected,
            "{document}"
        );
    }
    let why = Document::parse(&json!({"Statement": [{}, 1]})).unreadable.unwrap();
    assert_eq!(why, "statement 1: `Effect` is neither `Allow` nor `Deny`");
}

#[test]
fn variables_are_literal_and_must_have_a_value() {
    let of = |resource: &str| json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": resource}});
    for (resource, target, expected) in [
        ("arn:aws:s3:::b/${aws:username}/*", "arn:aws:s3:::b/ana/x", "allowed"),
        ("arn:aws:s3:::b/${aws:UserName}/*", "arn:aws:s3:::b/bob/x", "denied"),
        ("arn:aws:s3:::b/${aws:PrincipalTag/team}", "arn:aws:s3:::b/red", "allowed"),
        ("arn:aws:s3:::b/${aws:PrincipalTag/none}", "arn:aws:s3:::b/", "denied"),
        ("arn:aws:s3:::b/${aws:PrincipalTag/none, 'all'}", "arn:aws:s3:::b/all", "allowed"),
        ("arn:aws:s3:::b/${*}", "arn:aws:s3:::b/*", "allowed"),
        ("arn:aws:s3:::b/${*}", "arn:aws:s3:::b/x", "denied"),
        ("arn:aws:s3:::b/${$}{a}", "arn:aws:s3:::b/${a}", "allowed"),
        ("arn:aws:s3:::b/${aws:SourceIdentity}", "arn:aws:s3:::b/x", "conditional aws:SourceIdentity"),
        ("arn:aws:s3:::b/${aws:SourceIdentity}", "arn:aws:s3:::c/x", "denied"),
    ] {
        assert_eq!(answer(&user(), &[of(resource)], "s3:GetObject", target), expected, "{resource}");
    }
    assert_eq!(
        answer(&role(), &[of("arn:aws:s3:::b/${aws:username}")], "s3:GetObject", "arn:aws:s3:::b/"),
        "denied"
    );
    let old = json!({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "${aws:username}"}});
    assert_eq!(answer(&user(), std::slice::from_ref(&old), "s3:GetObject", "ana"), "denied");
    assert_eq!(answer(&user(), &[old], "s3:GetObject", "${aws:username}"), "allowed");
}

#[test]
fn conditions_have_three_values() {
    let unknown = "conditional aws:SourceIp";
    for (condition, expected) in [
        (json!({"StringEquals": {"aws:PrincipalTag/team": "red"}}), "allowed"),
        (json!({"StringEquals": {"AWS:principaltag/TEAM": ["blue", "red"]}}), "allowed"),
        (json!({"StringEquals": {"aws:PrincipalTag/team": "Red"}}), "denied"),
        (json!({"StringEqualsIgnoreCase": {"aws:PrincipalTag/team": "Red"}}), "allowed"),
        (json!({"StringNotEquals": {"aws:PrincipalTag/team": ["red", "blue"]}}), "denied"),
        (json!({"StringNotEquals": {"aws:PrincipalTag/none": "x"}}), "allowed"),
        (json!({"StringEquals": {"aws:PrincipalTag/none": "x"}}), "denied"),
        (json!({"StringEqualsIfExists": {"aws:PrincipalTag/none": "x"}}), "allowed"),
        (json!({"ForAllValues:StringEquals": {"aws:PrincipalTag/none": "x"}}), "allowed"),
        (json!({"ForAnyValue:StringEquals": {"aws:PrincipalTag/none": "x"}}), "denied"),
        (json!({"ForAnyValue:StringLike": {"aws:PrincipalTag/team": ["r?d"]}}), "allowed"),
        (json!({"Null": {"aws:PrincipalTag/none": "true"}}), "allowed"),
        (json!({"Null": {"aws:PrincipalTag/team": true}}), "denied"),
        (json!({"Null": {"aws:PrincipalTag/team": ["false"]}}), "allowed"),
        (json!({"StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/*"}}), "allowed"),
        (json!({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/a*"}}), "allowed"),
        (json!({"ArnEquals": {"aws:PrincipalArn": "arn:aws:*:x:*:user/ana"}}), "denied"),
        (json!({"ArnNotEquals": {"aws:PrincipalArn": "arn:aws:iam::111122223333:user/ana"}}), "denied"),
        (json!({"StringEquals": {"aws:username": "${aws:username}"}}), "allowed"),
        (json!({"StringEquals": {"aws:PrincipalTag/team": "${aws:PrincipalTag/none}"}}), "denied"),
        (json!({"DateGreaterThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}), "allowed"),
        (json!({"DateLessThan": {"aws:CurrentTime": "2020-01-01"}}), "denied"),
        (json!({"DateLessThanEquals": {"aws:CurrentTime": "1800000000"}}), "allowed"),
        (json!({"NumericLessThan": {"aws:PrincipalAccount": 111_122_223_334_i64}}), "allowed"),
        (json!({"NumericEquals": {"aws:PrincipalTag/team": "1"}}), "denied"),
        (json!({"IpAddress": {"aws:SourceIp": ["192.0.2.0/24"]}}), unknown),
        (json!({"NotIpAddress": {"aws:SourceIp": "192.0.2.0/24"}}), unknown),
        (json!({"IpAddressIfExists": {"aws:SourceIp": "192.0.2.0/24"}}), unknown),
        (json!({"Bool": {"aws:MultiFactorAuthPresent": true}}), "conditional aws:MultiFactorAuthPresent"),
        (json!({"Newfangled": {"aws:PrincipalTag/team": "red"}}), "conditional aws:PrincipalTag/team"),
        (
            json!({"Bool": {"aws:SecureTransport": "true"}, "StringEquals": {"aws:PrincipalTag/team": "blue"}}),
            "denied",
        ),
    ] {
        let document = json!({"Version": "2012-10-17", "Statement":
            {"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": condition}});
        assert_eq!(answer(&user(), &[document], "s3:GetObject", "arn:aws:s3:::b"), expected, "{condition}");
    }
}

#[test]
fn networks_and_keys_that_may_be_missing() {
    use crate::{Context, Known, Layers, Request, evaluate};
    let ask = |condition: &Value, context: Context| {
        let document = json!({"Statement":
            {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": condition}});
        let layers = Layers { identity: vec![super::policy("p", &document)], ..Layers::default() };
        let user = user();
        super::word(&evaluate(&Request { context, ..Request::new(&user, "s3:GetObject", "*") }, &layers))
    };
    for (network, address, expected) in [
        ("192.0.2.0/24", "192.0.2.9", "allowed"),
        ("192.0.2.0/24", "192.0.3.9", "denied"),
        ("192.0.2.9", "192.0.2.9", "allowed"),
        ("0.0.0.0/0", "198.51.100.1", "allowed"),
        ("0.0.0.0/0", "2001:db8::1", "denied"),
        ("2001:db8::/32", "2001:db8:1::1", "allowed"),
        ("nonsense", "192.0.2.9", "denied"),
    ] {
        let context = Context::new().with("aws:SourceIp", address);
        assert_eq!(ask(&json!({"IpAddress": {"aws:SourceIp": network}}), context), expected, "{network}");
    }
    let mut issued = Context::new();
    issued.set("aws:TokenIssueTime", Known::Maybe(vec!["2026-01-15T00:00:00Z".to_owned()]));
    let before = json!({"DateLessThan": {"aws:TokenIssueTime": "2020-01-01T00:00:01Z"}});
    let after = json!({"DateGreaterThan": {"aws:TokenIssueTime": "2020-01-01T00:00:01Z"}});
    assert_eq!(ask(&before, issued.clone()), "denied", "neither a present nor a missing key fulfils it");
    assert_eq!(ask(&after, issued), "conditional aws:TokenIssueTime");
    let mut many = Context::new();
    many.set("aws:TagKeys", Known::Is(vec!["a".to_owned(), "b".to_owned()]));
    for (condition, expected) in [
        (json!({"ForAllValues:StringEquals": {"aws:TagKeys": ["a", "b", "c"]}}), "allowed"),
        (json!({"ForAllValues:StringEquals": {"aws:TagKeys": ["a"]}}), "denied"),
        (json!({"ForAnyValue:StringEquals": {"aws:TagKeys": ["a"]}}), "allowed"),
        (json!({"ForAnyValue:StringNotEquals": {"aws:TagKeys": ["a"]}}), "allowed"),
        (json!({"StringNotEquals": {"aws:TagKeys": ["a"]}}), "denied"),
    ] {
        assert_eq!(ask(&condition, many.clone()), expected, "{condition}");
    }
}
