//! IAM in one account.

use auditor_aws_common::Session;
use aws_config::SdkConfig;
use aws_sdk_iam::Client;

use super::whole::WholeAnswer;

/// Passed with every `AssumeRole`: even a role that may do anything becomes one that may read. Minified, since STS
/// takes 2048 characters.
pub(crate) const SESSION_POLICY: &str = concat!(
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:Get*","iam:List*","iam:Generate*","#,
    r#""account:Get*","organizations:Describe*","organizations:List*","sts:GetCallerIdentity"],"Resource":"*"}]}"#
);

/// IAM in one account, over a session that is renewed when it ends, or with the program's own credentials.
pub(crate) type Iam = Session<Client>;

/// The client of a session.
pub(crate) fn connect(sdk: &SdkConfig, endpoint_url: Option<&str>) -> Client {
    let mut config = aws_sdk_iam::config::Builder::from(sdk).interceptor(WholeAnswer);
    if let Some(url) = endpoint_url {
        config = config.endpoint_url(url);
    }
    Client::from_conf(config.build())
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
