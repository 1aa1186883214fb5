//! EKS in an account and region. Sessions, connections and error classes are those of `auditor_aws_common`.

mod read;

use auditor_aws_common::{Session, code_of};
use auditor_core::error::SourceError;
use aws_config::{Region, SdkConfig};
use aws_sdk_eks::Client;

pub(crate) use self::read::read;

/// Passed with `AssumeRole`: even a role that may do anything becomes one that may read.
pub(crate) const SESSION_POLICY: &str = concat!(
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["eks:Describe*","eks:List*","#,
    r#""sts:GetCallerIdentity"],"Resource":"*"}]}"#
);

/// EKS over a session.
pub(crate) type Eks = Session<Client>;

/// The client of a session.
pub(crate) fn connect(sdk: &SdkConfig, region: &str, endpoint_url: Option<&str>) -> Client {
    let mut config = aws_sdk_eks::config::Builder::from(sdk).region(Region::new(region.to_owned()));
    if let Some(url) = endpoint_url {
        config = config.endpoint_url(url);
    }
    Client::from_conf(config.build())
}

/// Whether AWS says that what was asked for does not exist.
pub(crate) fn is_absent(error: &SourceError) -> bool {
    code_of(error) == Some("ResourceNotFoundException")
}

/// AWS's answer with advice where its own words do not say enough.
pub(crate) fn explain(error: SourceError) -> SourceError {
    let advice = match (&error, code_of(&error).unwrap_or_default()) {
        (SourceError::Denied { action, .. }, _) => {
            format!("grant `{action}` to the auditing role, as in `deploy/iam/eks-role-policy.json`")
        }
        (_, "UnrecognizedClientException") => {
            "the region may be switched off in this account: enable it there, or take it out of `regions`"
                .to_owned()
        }
        _ => return error,
    };
    error.with_hint(advice)
}

#[cfg(test)]
mod tests {
    use auditor_aws_common::testkit::expect_session_policy;

    use super::*;
    use crate::kinds;

    #[test]
    fn the_session_policy_allows_every_declared_permission_and_reading_only() {
        expect_session_policy(SESSION_POLICY, kinds::ALL);
    }
}
