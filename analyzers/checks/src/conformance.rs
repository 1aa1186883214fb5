//! The rules that every analyzer keeps.

use auditor_core::testkit::AnalyzerFixture;

use crate::{
    config::ChecksConfig,
    plugin::Checks,
    testing::{ACCOUNT, Fixture},
};

fn world() -> AnalyzerFixture {
    AnalyzerFixture {
        analyzer: Box::new(Checks::new(ChecksConfig::default())),
        account: Some(ACCOUNT.parse().unwrap()),
        listings: Fixture::large(6).listings,
        decisive: &["aws_iam_account_settings", "aws_iam_policy", "aws_iam_role", "aws_iam_user"],
    }
}

auditor_core::analyzer_conformance!(world);
