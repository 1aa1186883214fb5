//! Managed policies.

use super::{
    super::{
        documents::{AWS_POLICIES, AwsPolicy},
        estate::{Account, Policy, PolicyVersion, Time},
        generate::first_day,
        server::ApiError,
        xml::Xml,
    },
    Request,
};

/// A policy of the account, or one of AWS with its ARN.
enum Managed<'a> {
    Local(&'a Policy),
    Aws(String, AwsPolicy),
}

pub(super) fn list_policies(request: &Request<'_>) -> Result<Xml, ApiError> {
    let account = request.account;
    let scope = request.call.param("Scope").unwrap_or("All");
    let attached_only = request.call.param("OnlyAttached") == Some("true");
    let local = account.policies.iter().filter(|_| scope != "AWS").map(Managed::Local);
    let aws = AWS_POLICIES.iter().filter(|_| scope != "Local").map(|policy| {
        let arn = format!("arn:{}:iam::aws:policy{}", account.partition, policy.path_and_name);
        Managed::Aws(arn, *policy)
    });
    let uses = |arn: &str| account.attachments(arn) + account.boundary_uses(arn);
    let all: Vec<_> = local
        .chain(aws)
        .filter(|policy| match policy {
            _ if !attached_only => true,
            Managed::Local(policy) => uses(&account.policy_arn(policy)) > 0,
            Managed::Aws(arn, _) => uses(arn) > 0,
        })
        .collect();
    request.paged("Policies", &all, |xml, policy| match policy {
        Managed::Local(policy) => local_head(xml, account, policy),
        Managed::Aws(arn, policy) => aws_head(xml, account, arn, *policy),
    })
}

pub(super) fn list_policy_versions(request: &Request<'_>) -> Result<Xml, ApiError> {
    let arn = request.call.required("PolicyArn")?;
    if let Some(policy) = AwsPolicy::find(arn) {
        return request.paged("Versions", &[policy], |xml, policy| {
            version_head(xml, policy.version, true, aws_created());
        });
    }
    let policy = local(request.account, arn)?;
    let newest_first: Vec<_> = policy.versions.iter().rev().collect();
    request.paged("Versions", &newest_first, |xml, found| {
        version_head(xml, &found.id, found.id == policy.default_version().id, found.created);
    })
}

pub(super) fn get_policy(request: &Request<'_>) -> Result<Xml, ApiError> {
    let arn = request.call.required("PolicyArn")?;
    let account = request.account;
    let mut xml = Xml::default();
    if let Some(policy) = AwsPolicy::find(arn) {
        xml.element("Policy", |xml| {
            aws_head(xml, account, arn, policy);
            xml.text("Description", format!("What {} allows", policy.name()));
        });
    } else {
        let policy = local(account, arn)?;
        xml.element("Policy", |xml| {
            local_head(xml, account, policy);
            xml.optional("Description", policy.description.as_ref());
            xml.list("Tags", [("policy", &policy.name)], |xml, (key, value)| {
                xml.text("Key", key);
                xml.text("Value", value);
            });
        });
    }
    Ok(xml)
}

pub(super) fn get_policy_version(request: &Request<'_>) -> Result<Xml, ApiError> {
    let arn = request.call.required("PolicyArn")?;
    let wanted = request.call.required("VersionId")?;
    let missing = || ApiError::no_such_entity(format!("Policy {arn} version {wanted} does not exist"));
    let mut xml = Xml::default();
    if let Some(policy) = AwsPolicy::find(arn) {
        if policy.version != wanted {
            return Err(missing());
        }
        xml.element("PolicyVersion", |xml| aws_version(xml, policy));
    } else {
        let policy = local(request.account, arn)?;
        let found = policy.versions.iter().find(|version| version.id == wanted).ok_or_else(missing)?;
        xml.element("PolicyVersion", |xml| version(xml, policy, found));
    }
    Ok(xml)
}

fn local<'a>(account: &'a Account, arn: &str) -> Result<&'a Policy, ApiError> {
    account
        .policies
        .iter()
        .find(|policy| account.policy_arn(policy) == arn)
        .ok_or_else(|| ApiError::no_such_entity(format!("Policy {arn} does not exist or is not attachable.")))
}

/// A member of `Policies` in the authorization details.
pub(super) fn local_detail(xml: &mut Xml, account: &Account, policy: &Policy) {
    local_head(xml, account, policy);
    xml.list("PolicyVersionList", policy.versions.iter().rev(), |xml, found| version(xml, policy, found));
}

/// The same for an AWS-managed policy, of which AWS gives the default version only.
pub(super) fn aws_detail(xml: &mut Xml, account: &Account, arn: &str, policy: AwsPolicy) {
    aws_head(xml, account, arn, policy);
    xml.list("PolicyVersionList", [policy], aws_version);
}

fn local_head(xml: &mut Xml, account: &Account, policy: &Policy) {
    let default = policy.default_version();
    let head = Head {
        name: &policy.name,
        id: &policy.id,
        arn: &account.policy_arn(policy),
        path: &policy.path,
        version: &default.id,
        created: policy.created,
        updated: default.created,
    };
    head.write(xml, account);
}

fn aws_head(xml: &mut Xml, account: &Account, arn: &str, policy: AwsPolicy) {
    let head = Head {
        name: policy.name(),
        id: policy.id,
        arn,
        path: policy.path(),
        version: policy.version,
        created: aws_created(),
        updated: aws_created(),
    };
    head.write(xml, account);
}

struct Head<'a> {
    name: &'a str,
    id: &'a str,
    arn: &'a str,
    path: &'a str,
    version: &'a str,
    created: Time,
    updated: Time,
}

impl Head<'_> {
    fn write(&self, xml: &mut Xml, account: &Account) {
        xml.text("PolicyName", self.name);
        xml.text("PolicyId", self.id);
        xml.text("Arn", self.arn);
        xml.text("Path", self.path);
        xml.text("DefaultVersionId", self.version);
        xml.text("AttachmentCount", account.attachments(self.arn));
        xml.text("PermissionsBoundaryUsageCount", account.boundary_uses(self.arn));
        xml.text("IsAttachable", true);
        xml.time("CreateDate", self.created);
        xml.time("UpdateDate", self.updated);
    }
}

fn version(xml: &mut Xml, policy: &Policy, version: &PolicyVersion) {
    xml.document("Document", &version.document);
    version_head(xml, &version.id, version.id == policy.default_version().id, version.created);
}

fn aws_version(xml: &mut Xml, policy: AwsPolicy) {
    xml.document("Document", &policy.document());
    version_head(xml, policy.version, true, aws_created());
}

fn version_head(xml: &mut Xml, id: &str, is_default: bool, created: Time) {
    xml.text("VersionId", id);
    xml.text("IsDefaultVersion", is_default);
    xml.time("CreateDate", created);
}

fn aws_created() -> Time {
    first_day() - chrono::Days::new(3_000)
}
