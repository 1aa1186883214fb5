use serde_json::{Value, json};

use super::{ROLE, USER, answer, policy, principal, role, user, word};
use crate::{
    Grade, Layers, Principal, PrincipalKind, Request, evaluate, reach,
    trust::{self, entries},
};

fn allow(action: &str, resource: &str) -> Value {
    json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": resource}]})
}

fn deny(action: &str, resource: &str) -> Value {
    json!({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": action, "Resource": resource}]})
}

#[test]
fn policies_are_taken_together_and_a_refusal_is_for_its_resources_alone() {
    let one = "arn:aws:iam::111122223333:user/one";
    let both = [allow("*", "*"), deny("iam:*", one)];
    assert_eq!(answer(&user(), &both, "iam:DeleteUser", one), "refused");
    assert_eq!(answer(&user(), &both, "iam:DeleteUser", USER), "allowed");
    let split = [allow("s3:GetObject", "arn:aws:s3:::a/*"), allow("s3:GetObject", "arn:aws:s3:::b/*")];
    assert_eq!(answer(&user(), &split, "s3:GetObject", "arn:aws:s3:::b/k"), "allowed");
    let mfa = json!({"Statement": {"Effect": "Deny", "Action": "*", "Resource": "*",
        "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}}});
    assert_eq!(
        answer(&user(), &[allow("*", "*"), mfa], "s3:GetObject", "x"),
        "conditional aws:MultiFactorAuthPresent",
        "an undecided refusal is not an absolute one"
    );
    assert_eq!(answer(&user(), &[json!(null), allow("*", "*")], "s3:GetObject", "x"), "unknown");
}

/// Layers that allow everything, for a case to change one of.
fn layers() -> Layers {
    Layers { identity: vec![policy("own", &allow("*", "*"))], ..Layers::default() }
}

#[test]
fn every_layer_must_grant() {
    let ask = |layers: &Layers| {
        let user = user();
        word(&evaluate(&Request::new(&user, "s3:GetObject", "arn:aws:s3:::b/k"), layers))
    };
    let s3 = || policy("s3", &allow("s3:*", "*"));
    let ec2 = || policy("ec2", &allow("ec2:*", "*"));
    let refuse = || policy("no", &deny("s3:*", "*"));
    let missing = || policy("gone", &json!(null));
    for (layers, expected) in [
        (layers(), "allowed"),
        (Layers { identity: vec![ec2()], ..layers() }, "denied"),
        (Layers { boundary: Some(s3()), ..layers() }, "allowed"),
        (Layers { boundary: Some(ec2()), ..layers() }, "denied"),
        (Layers { boundary: Some(missing()), ..layers() }, "unknown"),
        (Layers { session: Some(vec![]), ..layers() }, "denied"),
        (Layers { session: Some(vec![ec2(), s3()]), ..layers() }, "allowed"),
        (Layers { service_control: vec![vec![s3()], vec![ec2()], vec![s3()]], ..layers() }, "denied"),
        (Layers { service_control: vec![vec![s3()], vec![ec2(), s3()]], ..layers() }, "allowed"),
        (Layers { service_control: vec![vec![s3(), refuse()]], ..layers() }, "refused"),
        (Layers { resource_control: vec![vec![s3(), refuse()]], ..layers() }, "refused"),
        (Layers { resource_control: vec![vec![ec2()]], ..layers() }, "denied"),
        (Layers { identity: vec![ec2(), missing()], ..layers() }, "unknown"),
        (Layers { identity: vec![ec2(), missing()], boundary: Some(ec2()), ..layers() }, "denied"),
    ] {
        assert_eq!(ask(&layers), expected, "{layers:?}");
    }
}

#[test]
fn policies_of_resources_grant_by_how_they_name() {
    let other = Principal { account: "444455556666".to_owned(), ..user() };
    let session = principal(
        PrincipalKind::Session { role: ROLE.to_owned() },
        "arn:aws:sts::111122223333:assumed-role/app/s",
    );
    let service =
        Principal { account: String::new(), ..principal(PrincipalKind::Service, "ec2.amazonaws.com") };
    let named = |principal: Value| json!({"Statement": {"Effect": "Allow", "Principal": principal, "Action": "s3:*", "Resource": "*"}});
    let none = json!({"Statement": []});
    let nothing = allow("ec2:*", "*");
    let everything = allow("*", "*");
    let cases: &[(&Principal, Value, &Value, Option<&Value>, &str)] = &[
        (&user(), json!({"AWS": USER}), &none, None, "allowed"),
        (&user(), json!({"AWS": [ROLE, USER], "Service": "s3.amazonaws.com"}), &none, None, "allowed"),
        (&user(), json!({"AWS": USER}), &none, Some(&nothing), "allowed"),
        (&role(), json!({"AWS": ROLE}), &none, None, "allowed"),
        (&role(), json!({"AWS": ROLE}), &none, Some(&nothing), "denied"),
        (&session, json!({"AWS": session.arn}), &none, Some(&nothing), "allowed"),
        (&session, json!({"AWS": ROLE}), &none, Some(&nothing), "denied"),
        (&role(), json!({"AWS": session.arn}), &none, None, "conditional aws:userid"),
        (&user(), json!({"AWS": "111122223333"}), &none, None, "denied"),
        (&user(), json!({"AWS": "arn:aws:iam::111122223333:root"}), &everything, None, "allowed"),
        (&user(), json!("*"), &none, None, "allowed"),
        (&user(), json!({"AWS": "arn:aws:iam::111122223333:user/*"}), &none, None, "denied"),
        (&user(), json!({"AWS": "AIDAEXAMPLE"}), &none, None, "allowed"),
        (&user(), json!({"AWS": "AIDAOTHER"}), &none, None, "denied"),
        (&other, json!({"AWS": USER}), &none, None, "denied"),
        (&other, json!({"AWS": USER}), &everything, None, "allowed"),
        (&other, json!({"AWS": "444455556666"}), &everything, None, "allowed"),
        (&other, json!({"AWS": "111122223333"}), &everything, None, "denied"),
        (&service, json!({"Service": ["lambda.amazonaws.com", "ec2.amazonaws.com"]}), &none, None, "allowed"),
        (&service, json!({"AWS": "*"}), &none, None, "allowed"),
        (&user(), json!({"CanonicalUser": "0123"}), &none, None, "denied"),
    ];
    for (principal, named_as, own, boundary, expected) in cases {
        let layers = Layers {
            identity: vec![policy("own", own)],
            boundary: boundary.map(|json| policy("boundary", json)),
            resource: Some(policy("bucket", &named(named_as.clone()))),
            ..Layers::default()
        };
        let request = Request {
            resource_account: Some("111122223333"),
            ..Request::new(principal, "s3:GetObject", "arn:aws:s3:::b/k")
        };
        assert_eq!(word(&evaluate(&request, &layers)), *expected, "{named_as} {principal:?}");
    }
}

#[test]
fn a_refusal_of_everyone_but_some_hits_whoever_has_a_boundary() {
    let document = json!({"Statement": [
        {"Effect": "Deny", "NotPrincipal": {"AWS": [USER, "111122223333"]}, "Action": "*", "Resource": "*"}]});
    let user = user();
    let request = Request::new(&user, "s3:GetObject", "arn:aws:s3:::b");
    let mut layers = Layers { resource: Some(policy("bucket", &document)), ..layers() };
    assert_eq!(word(&evaluate(&request, &layers)), "allowed");
    layers.boundary = Some(policy("boundary", &allow("*", "*")));
    assert_eq!(word(&evaluate(&request, &layers)), "refused");
}

#[test]
fn trust_policies_delegate_to_accounts_and_grant_to_names() {
    let ask = |principal: &Principal, trust: Value, own: &Value| {
        let layers = Layers {
            identity: vec![policy("own", own)],
            resource: Some(policy("trust", &json!({"Statement": trust}))),
            resource_must_allow: true,
            ..Layers::default()
        };
        let request = Request {
            resource_account: Some("111122223333"),
            ..Request::new(principal, "sts:AssumeRole", "arn:aws:iam::111122223333:role/x")
        };
        word(&evaluate(&request, &layers))
    };
    let trusts =
        |principal: Value| json!({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"});
    let (none, all) = (json!({"Statement": []}), allow("*", "*"));
    let root = json!({"AWS": "arn:aws:iam::111122223333:root"});
    assert_eq!(ask(&user(), trusts(json!({"AWS": USER})), &none), "allowed");
    assert_eq!(ask(&user(), trusts(root.clone()), &none), "denied");
    assert_eq!(ask(&user(), trusts(root), &all), "allowed");
    assert_eq!(
        ask(&user(), trusts(json!({"AWS": ROLE})), &all),
        "denied",
        "an administrator is not trusted either"
    );
    assert_eq!(ask(&user(), trusts(json!({"Service": "ec2.amazonaws.com"})), &all), "denied");
    let external = json!({"Effect": "Allow", "Principal": {"AWS": USER}, "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"sts:ExternalId": "x"}}});
    assert_eq!(ask(&user(), external, &none), "conditional sts:ExternalId");
}

#[test]
fn entries_of_trust_policies() {
    let document = crate::Document::parse(&json!({"Statement": [
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": ["444455556666", "AIDAGONE"]},
         "Condition": {"StringEquals": {"sts:ExternalId": "x", "aws:PrincipalOrgID": ["o-example"]}}},
        {"Effect": "Allow", "Action": "sts:*", "Principal": {
            "Federated": "arn:aws:iam::111122223333:oidc-provider/token.example.com",
            "Service": "ec2.amazonaws.com"},
         "Condition": {"StringLike": {"token.example.com:sub": "repo:example/*"}}},
        {"Sid": "Open", "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": "*"},
        {"Effect": "Deny", "Action": "sts:AssumeRole", "Principal": {"AWS": "AIDAGONE"}}]}));
    let entries = entries(&document);
    let brief: Vec<_> = entries
        .iter()
        .map(|entry| {
            (entry.principal.as_str(), entry.calls.join(" "), entry.external_id, entry.label.as_str())
        })
        .collect();
    assert_eq!(
        brief,
        [
            ("444455556666", "sts:AssumeRole".to_owned(), true, "statement 1"),
            (
                "arn:aws:iam::111122223333:oidc-provider/token.example.com",
                "sts:AssumeRoleWithWebIdentity".to_owned(),
                false,
                "statement 2"
            ),
            ("ec2.amazonaws.com", "sts:AssumeRole".to_owned(), false, "statement 2"),
            ("*", "sts:AssumeRole".to_owned(), false, "Open"),
        ]
    );
    assert_eq!(entries[0].organizations.iter().collect::<Vec<_>>(), ["o-example"]);
    assert_eq!(entries[1].subjects.iter().collect::<Vec<_>>(), ["repo:example/*"]);
    assert_eq!(trust::CALLS.len(), 3);
}

#[test]
fn reach_says_where() {
    let grade = |layers: &Layers| {
        let user = user();
        reach(&Request::new(&user, "s3:GetObject", "*"), layers).grade
    };
    let own = |documents: &[Value]| Layers {
        identity: documents.iter().map(|json| policy("own", json)).collect(),
        ..Layers::default()
    };
    let ip = json!({"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*",
        "Condition": {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}}});
    let a = allow("s3:*", "arn:aws:s3:::a/*");
    for (layers, expected) in [
        (own(&[allow("s3:*", "*")]), Some(Grade::Full)),
        (own(std::slice::from_ref(&a)), Some(Grade::Limited)),
        (own(std::slice::from_ref(&ip)), Some(Grade::Conditional)),
        (own(&[ip, a.clone()]), Some(Grade::Limited)),
        (own(&[allow("ec2:*", "*")]), None),
        (own(&[json!(1)]), Some(Grade::Unknown)),
        (own(&[allow("*", "*"), deny("s3:Get*", "*")]), None),
        (own(&[allow("*", "*"), deny("s3:Get*", "arn:aws:s3:::b")]), Some(Grade::Limited)),
        (own(&[a.clone(), deny("s3:Get*", "arn:aws:s3:::*")]), None),
        (own(&[a.clone(), deny("s3:Get*", "arn:aws:s3:::b*")]), Some(Grade::Limited)),
        (Layers { boundary: Some(policy("b", &a)), ..own(&[allow("*", "*")]) }, Some(Grade::Limited)),
        (Layers { boundary: Some(policy("b", &allow("*", "arn:aws:s3:::b/*"))), ..own(&[a]) }, None),
    ] {
        assert_eq!(grade(&layers), expected, "{layers:?}");
    }
}

#[test]
fn ten_thousand_statements_end_soon() {
    let statements: Vec<_> = (0..10_000)
        .map(|n| {
            json!({"Effect": if n % 2 == 0 { "Allow" } else { "Deny" }, "Action": format!("s3:Get*a*b*{n}"),
            "Resource": format!("arn:aws:s3:::*a*a*a*a*a*a*a*{n}/*")})
        })
        .collect();
    let document = json!({"Version": "2012-10-17", "Statement": statements});
    assert_eq!(
        answer(
            &user(),
            std::slice::from_ref(&document),
            "s3:Getab9998",
            &format!("arn:aws:s3:::{}", "a".repeat(2000))
        ),
        "denied"
    );
    let user = user();
    let layers = Layers {
        identity: vec![policy("own", &document)],
        boundary: Some(policy("boundary", &document)),
        ..Layers::default()
    };
    assert!(reach(&Request::new(&user, "s3:Getab9998", "*"), &layers).terms.len() <= 1024);
}
