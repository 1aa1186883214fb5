//! Exported files, good and bad: a bad one is a gap of its account that names the file; the others are not touched.

use std::{fs, path::PathBuf};

use auditor_testbed::harness::program::Auditor;

use crate::common::{Report, program};

pub(crate) const CONFIG: &str = "[sources.aws]\ntype = \"aws-iam\"\n[sources.aws.offline]\npath = \"exports\"\n\
    [sinks.sqlite]\npath = \"auditor.sqlite\"\n";

/// The account whose export is damaged.
pub(crate) const DAMAGED: &str = "111122223333";
pub(crate) const OTHER: &str = "222233334444";

/// The program with the exports of two accounts of the demo estate.
pub(crate) fn two_accounts() -> Auditor {
    let auditor = program().config(CONFIG);
    let estate = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../config/demo/2026-09");
    for entry in fs::read_dir(estate).unwrap().map(Result::unwrap) {
        let name = entry.file_name().into_string().unwrap();
        if name.starts_with(DAMAGED) || name.starts_with(OTHER) {
            for file in fs::read_dir(entry.path()).unwrap().map(Result::unwrap) {
                let file_name = file.file_name().into_string().unwrap();
                auditor.write(&format!("exports/{name}/{file_name}"), fs::read(file.path()).unwrap());
            }
        }
    }
    auditor
}

pub(crate) fn details(auditor: &Auditor) -> PathBuf {
    let folders = fs::read_dir(auditor.dir().join("exports")).unwrap().map(Result::unwrap);
    let mut folders = folders.filter(|folder| folder.file_name().to_string_lossy().starts_with(DAMAGED));
    folders.next().unwrap().path().join("authorization-details.json")
}

fn run(auditor: &Auditor, code: i32) -> Report {
    Report::of(auditor.run(&["run", "--format", "json"]), code)
}

/// Damages an export after a good run; the run that follows must name the file and retire nothing.
#[track_caller]
fn damaged(damage: impl FnOnce(Vec<u8>) -> Vec<u8>) -> Report {
    let auditor = two_accounts();
    let first = auditor.run(&["run", "--format", "json"]);
    let code = first.code.unwrap();
    let first = Report::of(first, code);
    let users = first.scopes(DAMAGED).iter().find(|scope| scope["kind"] == "aws_iam_user").unwrap();
    assert!(users["result"]["counts"]["new"].as_u64().unwrap() > 0, "{}", first.output);

    let path = details(&auditor);
    fs::write(&path, damage(fs::read(&path).unwrap())).unwrap();
    let report = run(&auditor, 3);
    report.expect_unseen_kept();
    assert_ne!(report.outcome(DAMAGED, "aws_iam_user"), "complete", "{}", report.output);
    assert!(report.gaps(DAMAGED).contains("111122223333-"), "{}", report.output);
    assert_eq!(report.outcome(OTHER, "aws_iam_user"), "complete", "{}", report.output);
    report
}

#[test]
fn good_exports_are_stored_and_unchanged_the_second_time() {
    let auditor = two_accounts();
    let first = auditor.run(&["run", "--format", "json"]);
    let code = first.code.unwrap();
    let first = Report::of(first, code);
    let second = run(&auditor, code);
    assert_eq!(second.total("unchanged"), first.total("seen"), "{}", second.output);
    assert_eq!((second.total("new"), second.total("changed"), second.total("removed")), (0, 0, 0));
}

#[test]
fn a_truncated_file() {
    let report = damaged(|bytes| bytes[..bytes.len() / 2].to_vec());
    assert!(report.gaps(DAMAGED).contains("malformed"), "{}", report.output);
}

#[test]
fn an_empty_file() {
    damaged(|_| Vec::new());
}

#[test]
fn a_file_that_is_no_json() {
    damaged(|_| b"An error occurred (AccessDenied) when calling the operation".to_vec());
}

#[test]
fn json_of_another_shape() {
    damaged(|_| br#"{"UserDetailList": {"not": "a list"}}"#.to_vec());
}

#[test]
fn a_file_that_is_not_utf8() {
    damaged(|bytes| {
        let text = String::from_utf8(bytes).unwrap();
        text.replacen("\"UserName\": \"", "\"UserName\": \"\u{1}", 1)
            .into_bytes()
            .into_iter()
            .map(|byte| if byte == 1 { 0xff } else { byte })
            .collect()
    });
}

#[test]
fn a_page_of_several_is_not_taken_for_all() {
    // What `aws iam get-account-authorization-details --max-items` leaves: the listing is not complete.
    damaged(|bytes| {
        let mut json: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
        json["UserDetailList"].as_array_mut().unwrap().truncate(1);
        json["IsTruncated"] = true.into();
        json["Marker"] = "more".into();
        serde_json::to_vec(&json).unwrap()
    });
}

#[test]
fn no_exports_at_all() {
    let auditor = program().config(CONFIG);
    let output = auditor.run(&["run"]);
    assert!(matches!(output.code, Some(1 | 3)), "{output}");
    output.expect_stderr(&["exports"]);
    fs::create_dir(auditor.dir().join("exports")).unwrap();
    let output = auditor.run(&["run"]);
    assert!(matches!(output.code, Some(1 | 3)), "{output}");
    output.expect_stderr(&["exports", "get-account-authorization-details"]);
}
