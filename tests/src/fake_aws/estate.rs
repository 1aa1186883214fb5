//! The world the fake serves: accounts with their users, groups, roles and policies.
//!
//! Plain data with public fields, so that a test changes whatever it needs. Policy documents are text, not JSON,
//! because some tests need documents that are no JSON.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A time as AWS gives it.
pub type Time = DateTime<Utc>;

/// One AWS account.
#[derive(Debug, Clone, PartialEq)]
pub struct Account {
    /// Twelve digits.
    pub id: String,
    /// Name in Organizations.
    pub name: String,
    /// `aws`, `aws-us-gov` or `aws-cn`.
    pub partition: String,
    /// State in Organizations: `ACTIVE`, `SUSPENDED` …
    pub state: String,
    /// Sign-in alias.
    pub alias: Option<String>,
    /// Who may assume the auditing role, and how.
    pub access: Access,
    /// How the credential report behaves.
    pub report: Report,
    /// The root user.
    pub root: Root,
    /// `None` makes `GetAccountPasswordPolicy` say `NoSuchEntity`, as AWS does.
    pub password_policy: Option<PasswordPolicy>,
    /// Users.
    pub users: Vec<User>,
    /// Groups.
    pub groups: Vec<Group>,
    /// Roles.
    pub roles: Vec<Role>,
    /// Customer-managed policies.
    pub policies: Vec<Policy>,
    /// SAML providers.
    pub saml_providers: Vec<SamlProvider>,
    /// OIDC providers.
    pub oidc_providers: Vec<OidcProvider>,
    /// Server certificates.
    pub server_certificates: Vec<ServerCertificate>,
}

/// How the auditing role of an account can be assumed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// Name of the role.
    pub role_name: String,
    /// The external id its trust policy asks for.
    pub external_id: Option<String>,
    /// `false`: its trust policy does not name the hub.
    pub assumable: bool,
}

/// How the credential report of an account behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Report {
    /// Complete after this many further `GenerateCredentialReport` calls.
    ReadyAfter(u32),
    /// Forever in progress.
    Never,
    /// Generated, but `GetCredentialReport` says it expired until it is generated once more.
    Expired,
}

/// The root user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Root {
    /// Whether a second factor is set up, and whether that is a virtual one.
    pub mfa: Option<RootMfa>,
    /// Whether it has active access keys.
    pub access_key: bool,
    /// Last sign-in.
    pub password_last_used: Option<Time>,
    /// When the account was made.
    pub created: Time,
}

/// The root user's second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RootMfa {
    /// Listed by `ListVirtualMFADevices`.
    Virtual,
    /// Known only from the account summary and the credential report.
    Hardware,
}

/// The account's password policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasswordPolicy {
    /// Fewest characters.
    pub minimum_length: u32,
    /// Whether passwords expire, and after how many days.
    pub max_age_days: Option<u32>,
    /// How many earlier passwords may not be used again.
    pub reuse_prevention: Option<u32>,
    /// Whether symbols, numbers, upper and lower case are all asked for.
    pub complex: bool,
}

/// A name and a policy document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InlinePolicy {
    /// Name, unique within its holder.
    pub name: String,
    /// The document.
    pub document: String,
}

/// A tag.
pub type Tag = (String, String);

/// A user.
#[derive(Debug, Clone, PartialEq)]
pub struct User {
    /// Name, unique within the account.
    pub name: String,
    /// `AIDA…`.
    pub id: String,
    /// `/` or longer.
    pub path: String,
    /// When it was made.
    pub created: Time,
    /// Names of its groups.
    pub groups: Vec<String>,
    /// Inline policies.
    pub inline: Vec<InlinePolicy>,
    /// ARNs of attached policies.
    pub attached: Vec<String>,
    /// ARN of the permissions boundary.
    pub boundary: Option<String>,
    /// Tags.
    pub tags: Vec<Tag>,
    /// Console password.
    pub password: Option<Password>,
    /// Access keys, at most two.
    pub keys: Vec<AccessKey>,
    /// Second factors.
    pub mfa: Vec<MfaDevice>,
    /// SSH public keys for repositories.
    pub ssh_keys: Vec<IdStatus>,
    /// X.509 signing certificates.
    pub certificates: Vec<IdStatus>,
    /// Credentials of single services.
    pub service_credentials: Vec<ServiceCredential>,
}

/// A console password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Password {
    /// When it was set.
    pub changed: Time,
    /// Last sign-in.
    pub last_used: Option<Time>,
}

/// An access key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessKey {
    /// `AKIA…`.
    pub id: String,
    /// Whether it works.
    pub active: bool,
    /// When it was made.
    pub created: Time,
    /// Last use, with service and region.
    pub last_used: Option<KeyUse>,
}

/// The last use of an access key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyUse {
    /// When.
    pub at: Time,
    /// Of which service.
    pub service: String,
    /// In which region.
    pub region: String,
}

/// A second factor of a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MfaDevice {
    /// An ARN for virtual ones, else what is printed on it.
    pub serial: String,
    /// Since when.
    pub enabled: Time,
}

/// A credential of which only id and state matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdStatus {
    /// The provider's id.
    pub id: String,
    /// Whether it works.
    pub active: bool,
    /// When it was uploaded.
    pub uploaded: Time,
}

/// A credential for one service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceCredential {
    /// `ACCA…`.
    pub id: String,
    /// `codecommit.amazonaws.com`, `bedrock.amazonaws.com` …
    pub service: String,
    /// Whether it works.
    pub active: bool,
    /// When it was made.
    pub created: Time,
    /// When it ends.
    pub expires: Option<Time>,
}

/// A group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Name, unique within the account.
    pub name: String,
    /// `AGPA…`.
    pub id: String,
    /// `/` or longer.
    pub path: String,
    /// When it was made.
    pub created: Time,
    /// Inline policies.
    pub inline: Vec<InlinePolicy>,
    /// ARNs of attached policies.
    pub attached: Vec<String>,
}

/// A role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// Name, unique within the account.
    pub name: String,
    /// `AROA…`.
    pub id: String,
    /// `/` or longer.
    pub path: String,
    /// When it was made.
    pub created: Time,
    /// Who may assume it.
    pub trust: String,
    /// Inline policies.
    pub inline: Vec<InlinePolicy>,
    /// ARNs of attached policies.
    pub attached: Vec<String>,
    /// ARN of the permissions boundary.
    pub boundary: Option<String>,
    /// Tags.
    pub tags: Vec<Tag>,
    /// Description, which only `ListRoles` and `GetRole` give.
    pub description: Option<String>,
    /// Longest session, in seconds.
    pub max_session: u32,
    /// Last use and its region.
    pub last_used: Option<(Time, String)>,
    /// Whether an instance profile of the same name holds it.
    pub instance_profile: bool,
}

/// A customer-managed policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Name, unique within the account.
    pub name: String,
    /// `ANPA…`.
    pub id: String,
    /// `/` or longer.
    pub path: String,
    /// Description, which only `GetPolicy` gives.
    pub description: Option<String>,
    /// When it was made.
    pub created: Time,
    /// Versions, oldest first; the last one is the default.
    pub versions: Vec<PolicyVersion>,
}

/// A version of a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyVersion {
    /// `v1`, `v2` …
    pub id: String,
    /// The document.
    pub document: String,
    /// When it was made.
    pub created: Time,
}

/// A SAML provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SamlProvider {
    /// Name.
    pub name: String,
    /// When it was made.
    pub created: Time,
    /// Until when its metadata is valid.
    pub valid_until: Time,
    /// The metadata document.
    pub metadata: String,
}

/// An OIDC provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OidcProvider {
    /// Host and path, without `https://`.
    pub url: String,
    /// Client ids (audiences).
    pub client_ids: Vec<String>,
    /// Thumbprints.
    pub thumbprints: Vec<String>,
    /// When it was made.
    pub created: Time,
}

/// A server certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerCertificate {
    /// Name.
    pub name: String,
    /// `ASCA…`.
    pub id: String,
    /// When it was uploaded.
    pub uploaded: Time,
    /// When it ends.
    pub expires: Time,
}

impl Account {
    /// `arn:aws:iam::111122223333:` and the rest.
    pub fn arn(&self, resource: &str) -> String {
        format!("arn:{}:iam::{}:{resource}", self.partition, self.id)
    }

    /// ARN of the auditing role.
    pub fn role_arn(&self) -> String {
        self.arn(&format!("role/{}", self.access.role_name))
    }

    /// ARN of a customer-managed policy.
    pub fn policy_arn(&self, policy: &Policy) -> String {
        self.arn(&format!("policy{}{}", policy.path, policy.name))
    }

    /// The user of that name.
    pub fn user(&mut self, name: &str) -> Option<&mut User> {
        self.users.iter_mut().find(|user| user.name == name)
    }

    /// How many users, groups and roles have the policy attached.
    pub fn attachments(&self, policy_arn: &str) -> usize {
        let of = |attached: &[String]| attached.iter().filter(|arn| *arn == policy_arn).count();
        self.users.iter().map(|user| of(&user.attached)).sum::<usize>()
            + self.groups.iter().map(|group| of(&group.attached)).sum::<usize>()
            + self.roles.iter().map(|role| of(&role.attached)).sum::<usize>()
    }

    /// How many users and roles have the policy as their boundary.
    pub fn boundary_uses(&self, policy_arn: &str) -> usize {
        let users = self.users.iter().filter_map(|user| user.boundary.as_deref());
        let roles = self.roles.iter().filter_map(|role| role.boundary.as_deref());
        users.chain(roles).filter(|arn| *arn == policy_arn).count()
    }

    /// ARNs of the AWS-managed policies attached to anything, sorted, each once.
    pub fn attached_aws_policies(&self) -> Vec<String> {
        let prefix = format!("arn:{}:iam::aws:policy/", self.partition);
        let users = self.users.iter().flat_map(|user| &user.attached);
        let groups = self.groups.iter().flat_map(|group| &group.attached);
        let roles = self.roles.iter().flat_map(|role| &role.attached);
        let mut arns: Vec<_> =
            users.chain(groups).chain(roles).filter(|arn| arn.starts_with(&prefix)).cloned().collect();
        arns.sort();
        arns.dedup();
        arns
    }
}

impl Policy {
    /// The version in force.
    ///
    /// # Panics
    /// If a test left the policy without any version, which AWS does not allow.
    pub fn default_version(&self) -> &PolicyVersion {
        self.versions.last().expect("a policy has at least one version")
    }
}
