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
    use auditor_aws_common::MAX_SESSION_POLICY;

    use super::*;

    #[test]
    fn the_session_policy_is_json_within_the_limit_and_allows_reading_only() {
        assert!(SESSION_POLICY.len() <= MAX_SESSION_POLICY);
        let policy: serde_json::Value = serde_json::from_str(SESSION_POLICY).unwrap();
        for action in policy["Statement"][0]["Action"].as_array().unwrap() {
            let (_, verb) = action.as_str().unwrap().split_once(':').unwrap();
            assert!(
                ["Get", "List", "Describe", "Generate"].iter().any(|read| verb.starts_with(read)),
                "{verb}"
            );
        }
    }
}
