//! The rules that every analyzer keeps.

use auditor_core::{analyzer::Analyzer as _, testkit::AnalyzerFixture};
use serde_json::json;

use super::{ACCOUNT, Account, allow, crossing::derived, trusting};
use crate::{AwsAccess, AwsReach};

fn account() -> Account {
    Account::new().user("ana", &[allow(&["iam:PutUserPolicy", "sts:AssumeRole"])], json!({})).role(
        "vendor",
        &trusting(&json!({"AWS": "444455556666"})),
        &[allow(&["*"])],
    )
}

mod access {
    use super::*;

    fn world() -> AnalyzerFixture {
        AnalyzerFixture {
            analyzer: Box::new(AwsAccess),
            account: Some(ACCOUNT.parse().unwrap()),
            listings: account().listings(),
            decisive: &["aws_iam_group", "aws_iam_policy", "aws_iam_role", "aws_iam_user"],
        }
    }

    auditor_core::analyzer_conformance!(world);
}

mod crossing_accounts {
    use super::*;

    fn world() -> AnalyzerFixture {
        let mut listings = derived(&[account()]);
        listings.retain(|listing| AwsReach.inputs().contains(&listing.kind.as_str()));
        AnalyzerFixture {
            analyzer: Box::new(AwsReach),
            account: None,
            listings,
            decisive: &["aws_assume_edge"],
        }
    }

    auditor_core::analyzer_conformance!(world);
}
