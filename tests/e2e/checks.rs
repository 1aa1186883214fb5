//! Findings of the analyzer `checks`, over two accounts of the demo estate.

use std::{collections::BTreeMap, fs};

use auditor_testbed::harness::program::Auditor;
use serde_json::Value;

use crate::{
    common::Report,
    exports::{CONFIG, DAMAGED, OTHER, details, two_accounts},
};

const ANALYZERS: &str = r#"
[analyzers.aws-access]
[analyzers.aws-reach]
[analyzers.checks]
disabled = ["tool_coverage"]
[[analyzers.checks.exception]]
check = "iam_role_cross_account_readonlyaccess_policy"
resource = "*:role/vendor-cost-insight"
owner = "ana@example.com"
reason = "Until the vendor's new role is there"
expires_on = "2999-12-31"
"#;

/// The findings by account and native id.
fn findings(auditor: &Auditor) -> BTreeMap<(String, String), Value> {
    let output = auditor.run(&["show", "finding", "--format", "jsonl"]).expect_code(0);
    let rows = output.stdout.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let text = |row: &Value, key: &str| row[key].as_str().unwrap().to_owned();
    rows.map(|row| ((text(&row, "account"), text(&row, "native_id")), row)).collect()
}

#[test]
fn what_cannot_be_seen_passes_nothing_and_excuses_nothing() {
    let auditor = two_accounts().config(&format!("{CONFIG}{ANALYZERS}"));
    let first = auditor.run(&["run", "--format", "json"]);
    let code = first.code.unwrap();
    Report::of(first, code);
    let before = findings(&auditor);
    assert!(before.values().all(|row| row["check"] != "tool_coverage"));
    let vendor = before.values().find(|row| {
        row["check"] == "iam_role_cross_account_readonlyaccess_policy" && row["status"] == "fail"
    });
    assert_eq!(vendor.unwrap()["exception"]["owner"], "ana@example.com");

    let second = Report::of(auditor.run(&["run", "--format", "json"]), code);
    assert_eq!((second.total("new"), second.total("changed"), second.total("removed")), (0, 0, 0));

    let path = details(&auditor);
    let whole = fs::read(&path).unwrap();
    fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    Report::of(auditor.run(&["run", "--format", "json"]), 3);
    let after = findings(&auditor);
    for (key, row) in &before {
        let now = &after[key];
        let of_roles = ["role_trust_public", "iam_role_administratoraccess_policy", "role_unused_90d"];
        if key.0 == OTHER {
            assert_eq!(now["status"], row["status"], "{now}");
        } else if of_roles.iter().any(|id| row["check"] == *id) {
            let expected = if row["status"] == "pass" { "unknown" } else { row["status"].as_str().unwrap() };
            assert_eq!(now["status"], expected, "{now}");
        }
    }
    let incomplete = &after[&(DAMAGED.to_owned(), format!("collection_incomplete:{DAMAGED}"))];
    assert_eq!(incomplete["status"], "unknown", "{incomplete}");
}
