//! Folders of exports: whole, cut, misnamed, not what they should be.

use std::path::{Path, PathBuf};

use auditor_core::{
    config::PluginTable,
    error::{SourceError, chain},
    outcome::{GapReason, Outcome},
    registry::{Instance, SourceConfig as _},
    source::{Source, Target},
    testkit::{Collected, SourceFixture, collect, context},
};
use serde_json::{Value, json};

use crate::config::AwsIamConfig;

/// The folder with the invented export.
pub(crate) fn fixture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/export")
}

/// An offline source over a folder or file.
pub(crate) fn source_over(path: &Path) -> Box<dyn Source> {
    let table = PluginTable::from_json(json!({ "offline": { "path": path } }));
    let config: AwsIamConfig = table.parse().unwrap();
    let instance = Instance { name: "aws".to_owned(), base_dir: ".".into() };
    config.build(&instance).unwrap()
}

async fn healthy() -> SourceFixture {
    SourceFixture {
        source: source_over(&fixture()),
        accounts: None,
        secrets: Vec::new(),
        expected: vec![
            ("account", 1),
            ("aws_iam_account_settings", 1),
            ("aws_iam_credential", 3),
            ("aws_iam_group", 1),
            ("aws_iam_policy", 5),
            ("aws_iam_role", 2),
            ("aws_iam_user", 2),
            ("principal", 6),
        ],
        keep: Box::new(()),
    }
}

mod conformance {
    // Nobody refuses anything to whoever holds the files: an export that is not there is another gap, tested below.
    auditor_core::source_conformance!(super::healthy);
}

/// A folder with the given files, by relative path.
fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }
    folder
}

fn details(account: &str, user: &str, more: Value) -> Vec<u8> {
    let mut page = json!({
        "UserDetailList": [{
            "UserName": user,
            "UserId": format!("AIDA{user}"),
            "Arn": format!("arn:aws:iam::{account}:user/{user}"),
        }],
        "GroupDetailList": [], "RoleDetailList": [], "Policies": [],
    });
    if let (Value::Object(page), Value::Object(more)) = (&mut page, more) {
        page.extend(more);
    }
    page.to_string().into_bytes()
}

const ONE: &str = "111122223333";
const TWO: &str = "444455556666";

async fn plan(path: &Path) -> Vec<Target> {
    source_over(path).plan(&context(None)).await.unwrap()
}

async fn collect_only(path: &Path) -> Collected {
    let targets = plan(path).await;
    assert_eq!(targets.len(), 1, "{targets:?}");
    collect(source_over(path).as_ref(), &targets[0], context(None)).await
}

fn failure(collected: &Collected) -> String {
    let error = collected.result.as_ref().unwrap_err();
    format!("{}; {}", chain(error), error.hint().unwrap_or_default())
}

fn gap(collected: &Collected, kind: &str) -> (Outcome, GapReason, String) {
    let gap = &collected.gaps[kind][0];
    (
        collected.outcomes[kind],
        gap.reason,
        format!("{}; {}", gap.detail, gap.hint.clone().unwrap_or_default()),
    )
}

#[tokio::test]
async fn pages_of_an_account_are_put_together() {
    let folder = folder(&[
        ("111122223333-1.json", &details(ONE, "ada", json!({"IsTruncated": true, "Marker": "m"}))),
        ("111122223333-2.json", &details(ONE, "bob", json!({"IsTruncated": false}))),
    ]);
    let collected = collect_only(folder.path()).await;
    assert_eq!(collected.of("aws_iam_user").len(), 2);
}

#[tokio::test]
async fn an_export_without_its_last_page_is_not_taken_for_the_whole() {
    for end in [json!({"IsTruncated": true, "Marker": "m"}), json!({"NextToken": "t"})] {
        let folder = folder(&[("111122223333.json", &details(ONE, "ada", end))]);
        let collected = collect_only(folder.path()).await;
        let (outcome, reason, text) = gap(&collected, "aws_iam_user");
        assert_eq!((outcome, reason), (Outcome::Failed, GapReason::Malformed));
        assert!(text.contains("ends before the last page"), "{text}");
        assert!(collected.of("aws_iam_user").is_empty());
    }
}

#[tokio::test]
async fn without_a_report_its_facts_are_unknown_and_the_gap_names_the_file() {
    let folder = folder(&[("acct/details.json", &details(ONE, "ada", json!({})))]);
    let collected = collect_only(folder.path()).await;
    let user: Value = serde_json::from_str(&collected.of("aws_iam_user")[0].content.document).unwrap();
    assert_eq!((&user["mfa"], &user["access_key_1_active"]), (&Value::Null, &Value::Null));
    for kind in ["aws_iam_user", "principal", "aws_iam_credential"] {
        let (outcome, reason, text) = gap(&collected, kind);
        assert_eq!((outcome, reason), (Outcome::Partial, GapReason::NotProvided), "{kind}");
        assert!(text.contains("credential-report.csv"), "{text}");
    }
    assert_eq!(collected.outcomes["aws_iam_group"], Outcome::Complete);
    assert_eq!(gap(&collected, "aws_iam_account_settings").0, Outcome::Partial);
}

#[tokio::test]
async fn a_cut_report_emits_nothing_that_needs_it() {
    let folder = folder(&[
        ("acct/details.json", &details(ONE, "ada", json!({}))),
        ("acct/credential-report.csv", b"user,arn,pass"),
    ]);
    let collected = collect_only(folder.path()).await;
    for kind in ["aws_iam_user", "principal", "aws_iam_credential"] {
        assert_eq!(gap(&collected, kind).0, Outcome::Failed, "{kind}");
        assert!(collected.of(kind).is_empty(), "{kind}");
    }
    assert_eq!(collected.outcomes["aws_iam_role"], Outcome::Complete);
}

#[tokio::test]
async fn what_cannot_be_read_is_named() {
    for (content, expected) in [
        (&b"{\"UserDetailList\": [{"[..], "EOF"),
        (b"{\"UserDetailList\": [{\"UserName\": 7}]}", "invalid type"),
        (b"\xff\xfe{}", "not UTF-8"),
        (b"[]", "invalid"),
        (b"{\"Buckets\": []}", "none of the keys"),
        (b"", "EOF"),
    ] {
        let folder = folder(&[("111122223333.json", content)]);
        let (outcome, reason, text) = gap(&collect_only(folder.path()).await, "aws_iam_user");
        assert_eq!((outcome, reason), (Outcome::Failed, GapReason::Malformed));
        assert!(text.contains("111122223333.json") && text.contains(expected), "{text}");
    }
}

#[tokio::test]
async fn files_of_another_account_than_their_name_says_are_refused() {
    let folder = folder(&[("111122223333/details.json", &details(TWO, "ada", json!({})))]);
    let collected = collect_only(folder.path()).await;
    assert!(collected.records.is_empty());
    let text = failure(&collected);
    assert!(text.contains(TWO) && text.contains(ONE), "{text}");
}

#[tokio::test]
async fn a_file_of_several_accounts_is_split_by_arn() {
    let users = |account: &str, name: &str| {
        let page: Value = serde_json::from_slice(&details(account, name, json!({}))).unwrap();
        page["UserDetailList"][0].clone()
    };
    let both = json!({ "UserDetailList": [users(ONE, "ada"), users(TWO, "bob")] }).to_string();
    let folder = folder(&[("all.json", both.as_bytes())]);
    let source = source_over(folder.path());
    let targets = source.plan(&context(None)).await.unwrap();
    let mut found = Vec::new();
    for target in &targets {
        let collected = collect(source.as_ref(), target, context(None)).await;
        let record = collected.of("aws_iam_user")[0].clone();
        found.push((record.content.account.to_string(), record.content.name.unwrap()));
    }
    assert_eq!(found, [(ONE.to_owned(), "ada".to_owned()), (TWO.to_owned(), "bob".to_owned())]);
}

#[tokio::test]
async fn a_file_that_names_no_account_is_a_target_that_says_so() {
    let folder = folder(&[
        ("notes.json", b"{}"),
        ("222233334444.json", &details("222233334444", "a", json!({}))),
        ("333344445555.json", &details("333344445555", "b", json!({}))),
    ]);
    let targets = plan(folder.path()).await;
    let notes = targets.iter().find(|target| target.name == "notes.json").unwrap();
    assert_eq!(notes.account.as_str(), "aws-iam:notes.json");
    let collected = collect(source_over(folder.path()).as_ref(), notes, context(None)).await;
    assert!(failure(&collected).contains("notes.json"));
}

#[tokio::test]
async fn nothing_to_read_is_an_error_and_not_an_empty_plan() {
    let empty = tempfile::tempdir().unwrap();
    for path in [empty.path().to_owned(), empty.path().join("missing")] {
        let error = source_over(&path).plan(&context(None)).await.unwrap_err();
        assert!(matches!(error.root(), SourceError::Rejected { .. }));
        assert!(error.hint().is_some());
    }
}

#[tokio::test]
async fn one_file_alone_will_do() {
    let folder = folder(&[("export.json", &details(ONE, "ada", json!({})))]);
    let targets = plan(&folder.path().join("export.json")).await;
    assert_eq!(targets[0].id, ONE);
}

#[tokio::test]
async fn an_entity_without_an_id_is_a_gap_and_a_policy_that_is_missing_too() {
    let page = json!({
        "UserDetailList": [{
            "UserName": "ada", "Arn": "arn:aws:iam::111122223333:user/ada",
            "PermissionsBoundary": {"PermissionsBoundaryArn": "arn:aws:iam::aws:policy/PowerUserAccess"},
        }],
    });
    let folder = folder(&[("export.json", page.to_string().as_bytes())]);
    let collected = collect_only(folder.path()).await;
    assert!(collected.gaps["aws_iam_user"].iter().any(|gap| gap.detail.contains("no unique id")));
    assert_eq!(collected.outcomes["aws_iam_user"], Outcome::Partial);
    let (outcome, reason, text) = gap(&collected, "aws_iam_policy");
    assert_eq!((outcome, reason), (Outcome::Partial, GapReason::NotProvided));
    assert!(text.contains("PowerUserAccess"), "{text}");
}

#[tokio::test]
async fn a_report_that_lacks_a_user_is_a_gap_and_the_users_facts_are_unknown() {
    let folder = folder(&[
        ("acct/details.json", &details(ONE, "ada", json!({}))),
        (
            "acct/credential-report.csv",
            b"user,arn,password_enabled,mfa_active,access_key_1_active,access_key_2_active\n\
              bob,arn:aws:iam::111122223333:user/bob,true,true,false,false\n",
        ),
    ]);
    let collected = collect_only(folder.path()).await;
    for kind in ["aws_iam_user", "principal"] {
        let (outcome, reason, text) = gap(&collected, kind);
        assert_eq!((outcome, reason), (Outcome::Partial, GapReason::Mismatch), "{kind}");
        assert!(text.contains("no row for `ada`"), "{text}");
    }
}

#[tokio::test]
async fn an_export_that_lacks_what_its_summary_counts_is_a_gap() {
    let folder = folder(&[
        ("acct/details.json", &details(ONE, "ada", json!({}))),
        ("acct/summary.json", br#"{"SummaryMap": {"Users": 2, "Groups": 0, "MFADevicesInUse": 9}}"#),
    ]);
    let collected = collect_only(folder.path()).await;
    let mismatch = collected.gaps["aws_iam_user"].iter().find(|gap| gap.reason == GapReason::Mismatch);
    assert!(mismatch.unwrap().detail.contains("AWS counts 2"));
    assert_eq!(collected.outcomes["aws_iam_group"], Outcome::Complete);
}
