//! Bounds: large accounts end soon.

use std::time::Instant;

use serde_json::json;

use super::{Account, allow, document, statement, trusting};

/// An account of users in groups and roles, each with several policies.
fn large(principals: usize) -> Account {
    let mut account = Account::new();
    for n in 0..100 {
        let bucket = format!("arn:aws:s3:::bucket-{n}/*");
        account = account
            .policy(
                &format!("p{n}"),
                &[document(&[
                    statement("Allow", &json!(["s3:Get*", "s3:List*", "s3:PutObject"]), &json!(bucket)),
                    statement(
                        "Allow",
                        &json!(["ec2:Describe*", "logs:*", "sqs:*", "dynamodb:Query"]),
                        &json!("*"),
                    ),
                    statement("Deny", &json!("s3:DeleteBucket"), &json!("*")),
                ])],
            )
            .group(
                &format!("g{n}"),
                &[json!(format!("arn:aws:iam::111122223333:policy/p{n}")), allow(&["iam:Get*", "iam:List*"])],
            );
    }
    let own = |n: usize| {
        let own = statement(
            "Allow",
            &json!(["lambda:InvokeFunction", "kms:Decrypt"]),
            &json!(format!("arn:aws:lambda:*:*:function:f{n}")),
        );
        let more = match n % 20 {
            0 => statement("Allow", &json!("sts:AssumeRole"), &json!("*")),
            1 => statement("Allow", &json!(["iam:PassRole", "lambda:CreateFunction"]), &json!("*")),
            2 => statement("Allow", &json!("iam:CreateAccessKey"), &json!("arn:aws:iam::*:user/team/*")),
            3 if n % 100 == 3 => statement("Allow", &json!("*"), &json!("*")),
            _ => statement("Allow", &json!("cloudwatch:*"), &json!("*")),
        };
        document(&[own, more])
    };
    for n in 0..principals / 2 {
        let groups = [format!("g{}", n % 100), format!("g{}", (n * 7 + 1) % 100)];
        account = account.user(&format!("u{n}"), &[own(n)], json!({"GroupList": groups}));
        let trust = match n % 3 {
            0 => json!({"AWS": "arn:aws:iam::111122223333:root"}),
            1 => json!({"Service": ["lambda.amazonaws.com", "ec2.amazonaws.com"]}),
            _ => json!({"AWS": format!("arn:aws:iam::111122223333:role/r{}", n.saturating_sub(1))}),
        };
        let attached = json!(format!("arn:aws:iam::111122223333:policy/p{}", n % 100));
        account = account.role(&format!("r{n}"), &trusting(&trust), &[own(n + 7), attached]);
    }
    account
}

#[test]
fn a_large_account_is_the_sum_of_its_parts() {
    let run = large(200).run();
    assert!(run.entitlements("/u10").contains(&"s3 read limited".to_owned()));
    assert_eq!(run.0, large(200).run().0, "the same view gives the same resources in the same order");
    let mut ids: Vec<_> = run.0.iter().map(|resource| (resource.kind.name, &resource.native_id)).collect();
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all, "native ids are unique");
}

#[test]
#[ignore = "a measurement: run it with `--release --run-ignored only --no-capture`"]
#[expect(clippy::print_stderr, reason = "a measurement is for a reader")]
fn a_thousand_principals() {
    let listings = large(1000).listings();
    for _ in 0..3 {
        let started = Instant::now();
        let records = super::run(super::ACCOUNT, &listings).0.len();
        eprintln!("1000 principals: {records} records in {:?}", started.elapsed());
    }
}

#[test]
fn many_statements_and_many_groups_end_soon() {
    let statements: Vec<_> = (0..10_000)
        .map(|n| {
            statement(
                if n % 2 == 0 { "Allow" } else { "Deny" },
                &json!(format!("s3:*Get*{n}*")),
                &json!(format!("arn:aws:s3:::*{n}*a*")),
            )
        })
        .collect();
    let mut account = Account::new().policy("big", &[document(&statements[..400])]);
    let names: Vec<_> = (0..100).map(|n| format!("g{n}")).collect();
    for name in &names {
        account =
            account.group(name, &[allow(&["s3:GetObject"]), json!("arn:aws:iam::111122223333:policy/big")]);
    }
    let run = account.clone().user("ana", &[allow(&["sqs:*"])], json!({"GroupList": names[..2]})).run();
    assert!(run.entitlements("/ana").contains(&"sqs write full".to_owned()));
    let plain = Account::new().user("ben", &[document(&statements)], json!({}));
    assert!(plain.estate().who_can("s3:GetObject", Some("arn:aws:s3:::b")).is_empty());
}
