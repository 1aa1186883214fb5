//! The program itself.

use crate::common::program;

#[test]
fn every_plugin_is_in_the_built_program() {
    // The linker drops what nobody names: only the built program can tell.
    let output = program().run(&["plugins"]).expect_code(0);
    for plugin in [
        "alert-logic",
        "aws-access",
        "aws-eks",
        "aws-iam",
        "aws-organization",
        "aws-reach",
        "checks",
        "cloudhealth",
        "jsonl",
        "kubernetes",
        "kubernetes-access",
        "postgres",
        "sqlite",
    ] {
        assert!(output.stdout.contains(plugin), "{plugin}: {output}");
    }
}

#[test]
fn the_starter_file_is_valid() {
    let auditor = program();
    auditor.run(&["init"]).expect_code(0);
    auditor.run(&["validate"]).expect_code(0);
    // It does not overwrite what someone may have edited.
    let before = std::fs::read(auditor.dir().join("auditor.toml")).unwrap();
    assert_ne!(auditor.run(&["init"]).code, Some(0));
    assert_eq!(std::fs::read(auditor.dir().join("auditor.toml")).unwrap(), before);
}

#[test]
fn help_names_the_exit_codes() {
    program().run(&["--help"]).expect_code(0).expect_stdout(&["Exit codes", "gaps", "held"]);
    program().run(&["--version"]).expect_code(0).expect_stdout(&[env!("CARGO_PKG_VERSION")]);
}

#[test]
fn kinds_and_their_permissions_are_known_without_a_network() {
    program().run(&["kinds"]).expect_code(0).expect_stdout(&["aws_iam_user", "principal"]);
    let policy = program().run(&["kinds", "--iam-policy"]).expect_code(0);
    let actions = policy.json().to_string();
    assert!(actions.contains("iam:GetAccountAuthorizationDetails"), "{policy}");
    assert!(actions.contains("organizations:ListAccounts"), "{policy}");
    for verb in ["Create", "Put", "Delete", "Update", "Attach", "\"*\"", "iam:*"] {
        assert!(!actions.replace("\"Resource\":\"*\"", "").contains(verb), "{verb}: {policy}");
    }
    // A role in each account needs nothing of the organization.
    let one = program().run(&["kinds", "--from", "aws-iam", "--iam-policy"]).expect_code(0);
    assert!(one.stdout.contains("iam:ListRoles") && !one.stdout.contains("organizations:"), "{one}");
    program().run(&["kinds", "--from", "aws-ian"]).expect_code(2).expect_stderr(&["aws-iam"]);
    let role = program().run(&["kinds", "--cluster-role"]).expect_code(0);
    assert!(role.stdout.contains("rolebindings"), "{role}");
    for word in ["secrets", "create", "watch", "\"*\"", "impersonate"] {
        assert!(!role.stdout.contains(word), "{word}: {role}");
    }
}

#[test]
fn a_plugin_is_described_from_code() {
    for plugin in ["alert-logic", "aws-eks", "aws-iam", "cloudhealth", "jsonl", "postgres", "sqlite"] {
        let shown = program().run(&["plugins", "show", plugin]).expect_code(0);
        shown.expect_stdout(&["Settings", "Example", &format!("s.{plugin}]")]);
        let json = program().run(&["plugins", "show", plugin, "--format", "json"]).expect_code(0).json();
        assert_eq!(json[0]["name"], plugin);
        assert!(!json[0]["settings"].as_array().unwrap().is_empty(), "{json}");
    }
    program().run(&["plugins", "show", "cloudhealth"]).expect_code(0).expect_stdout(&[
        "cloudhealth_aws_account",
        "0.5 calls per second",
        "api_key",
        "[[sources.cloudhealth.tenant]]",
    ]);
    program().run(&["plugins", "show", "aws-aim"]).expect_code(2).expect_stderr(&["did you mean `aws-iam`?"]);
}
