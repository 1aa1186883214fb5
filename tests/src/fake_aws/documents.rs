//! Policy documents: those of the AWS-managed policies the fake knows, and invented ones.

use serde_json::{Value, json};

/// An AWS-managed policy. The documents are short stand-ins; names, paths and id prefixes are as at AWS.
#[derive(Debug, Clone, Copy)]
pub struct AwsPolicy {
    /// Path and name behind `policy`: `/AdministratorAccess`, `/service-role/…`.
    pub path_and_name: &'static str,
    /// `ANPA…`.
    pub id: &'static str,
    /// `v1` …
    pub version: &'static str,
    /// What its document allows.
    pub actions: &'static [&'static str],
}

/// The AWS-managed policies the fake knows.
pub const AWS_POLICIES: [AwsPolicy; 9] = [
    aws("/AdministratorAccess", "ANPAAWSMANAGED0000001", "v1", &["*"]),
    aws("/PowerUserAccess", "ANPAAWSMANAGED0000002", "v5", &["ec2:*", "s3:*", "lambda:*", "rds:*"]),
    aws("/ReadOnlyAccess", "ANPAAWSMANAGED0000003", "v140", &["ec2:Describe*", "s3:Get*", "iam:Get*"]),
    aws("/SecurityAudit", "ANPAAWSMANAGED0000004", "v86", &["iam:Get*", "iam:List*", "config:Describe*"]),
    aws("/IAMFullAccess", "ANPAAWSMANAGED0000005", "v2", &["iam:*", "organizations:Describe*"]),
    aws("/IAMUserChangePassword", "ANPAAWSMANAGED0000006", "v2", &["iam:ChangePassword"]),
    aws("/AmazonS3ReadOnlyAccess", "ANPAAWSMANAGED0000007", "v3", &["s3:Get*", "s3:List*"]),
    aws(
        "/service-role/AWSLambdaBasicExecutionRole",
        "ANPAAWSMANAGED0000008",
        "v1",
        &["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
    ),
    aws("/job-function/ViewOnlyAccess", "ANPAAWSMANAGED0000009", "v20", &["ec2:Describe*", "s3:List*"]),
];

const fn aws(
    path_and_name: &'static str,
    id: &'static str,
    version: &'static str,
    actions: &'static [&'static str],
) -> AwsPolicy {
    AwsPolicy { path_and_name, id, version, actions }
}

impl AwsPolicy {
    /// The policy of that ARN, whatever the partition.
    pub fn find(arn: &str) -> Option<Self> {
        let (_, path_and_name) = arn.split_once(":iam::aws:policy")?;
        AWS_POLICIES.into_iter().find(|policy| policy.path_and_name == path_and_name)
    }

    /// Its name without the path.
    pub fn name(&self) -> &'static str {
        self.path_and_name.rsplit_once('/').map_or(self.path_and_name, |(_, name)| name)
    }

    /// Its path: `/`, `/service-role/` …
    pub fn path(&self) -> &'static str {
        self.path_and_name.strip_suffix(self.name()).unwrap_or("/")
    }

    /// Its document.
    pub fn document(&self) -> String {
        allow(self.actions, &["*"])
    }
}

/// A document with one statement that allows.
pub fn allow(actions: &[&str], resources: &[&str]) -> String {
    document(json!([{ "Effect": "Allow", "Action": actions, "Resource": resources }]))
}

/// A document with these statements.
pub fn document(statements: impl Into<Value>) -> String {
    json!({ "Version": "2012-10-17", "Statement": statements.into() }).to_string()
}

/// A trust policy for a principal such as `{"Service": "ec2.amazonaws.com"}`.
pub fn trust(principal: impl Into<Value>, action: &str) -> String {
    document(json!([{ "Effect": "Allow", "Principal": principal.into(), "Action": action }]))
}
