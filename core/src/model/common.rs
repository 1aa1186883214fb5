//! Common kinds: what reports read, whichever source it came from.

mod account_cost;
mod analysis;
mod entitlement;
mod finding;
mod tool_coverage;

use serde::{Deserialize, Serialize};

pub use self::{
    account_cost::{ACCOUNT_COST, AccountCost},
    analysis::{ANALYSIS, Analysis},
    entitlement::{ENTITLEMENT, Entitlement, Grade, Level},
    finding::{Exception, FINDING, Finding, Severity, Status},
    tool_coverage::{CoverageStatus, TOOL_COVERAGE, ToolCoverage},
};
use super::{Column, Kind};

/// The common kinds.
pub const KINDS: [&Kind; 7] =
    [&ACCOUNT, &ACCOUNT_COST, &ANALYSIS, &ENTITLEMENT, &FINDING, &PRINCIPAL, &TOOL_COVERAGE];

/// The source that facts set by people are kept under. No configured source may carry this name.
pub const MANUAL: &str = "manual";

/// Facts about an account.
pub static ACCOUNT: Kind =
    Kind::new("account", "What a source knows about an account: name, owner, contacts, status")
        .native_id("The account id")
        .columns(&[
            Column::text("provider", "/provider", "System the account belongs to, e.g. `aws`"),
            Column::text("alias", "/alias", "Sign-in alias. Null: the source knows of none"),
            Column::text("partition", "/partition", "AWS partition. Null outside AWS"),
            Column::text("status", "/status", "State in the provider's word, e.g. `ACTIVE`. Null: not known"),
            Column::text("owner", "/owner", "Who answers for the account. Null: not known"),
            Column::text("business_unit", "/business_unit", "Business unit. Null: not known"),
            Column::text("support_team", "/support_team", "Team that operates it. Null: not known"),
            Column::text(
                "security_contact",
                "/security_contact",
                "Security contact's address. Null: none registered or not known",
            ),
            Column::text("email", "/email", "Address of the root user. Null: not known"),
            Column::json("tags", "/tags", "Tags as an object of strings. Null: not known"),
        ]);

/// Facts about an account, as one source knows them. Absent means not known, never "none".
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountFacts {
    /// System the account belongs to, e.g. `aws`.
    pub provider: String,
    /// Sign-in alias.
    pub alias: Option<String>,
    /// AWS partition (`aws`, `aws-us-gov`, `aws-cn`).
    pub partition: Option<String>,
    /// State in the provider's word.
    pub status: Option<String>,
    /// Who answers for the account.
    pub owner: Option<String>,
    /// Business unit.
    pub business_unit: Option<String>,
    /// Team that operates it.
    pub support_team: Option<String>,
    /// Security contact's address.
    pub security_contact: Option<String>,
    /// Address of the root user.
    pub email: Option<String>,
    /// Tags.
    pub tags: Option<std::collections::BTreeMap<String, String>>,
}

/// Someone or something that can act.
pub static PRINCIPAL: Kind =
    Kind::new("principal", "Someone or something that can sign in or act: human, machine, role, group, root")
        .native_id("The provider's unique id of the user, role or group")
        .columns(&[
            Column::text("type", "/type", "`human`, `machine`, `role`, `group`, `service` or `root`"),
            Column::text("provider", "/provider", "System the principal belongs to, e.g. `aws-iam`"),
            Column::text("identifier", "/identifier", "How the provider addresses it, e.g. an ARN"),
            Column::boolean("enabled", "/enabled", "Whether it can act or sign in at all. Null: not known"),
            Column::boolean(
                "console_access",
                "/console_access",
                "Whether it can sign in with a password. Null: not known",
            ),
            Column::boolean(
                "mfa",
                "/mfa",
                "Whether a second factor is asked of it. Null: not known, or it cannot sign in",
            ),
            Column::json("groups", "/groups", "Names of the groups it belongs to, sorted"),
            Column::json(
                "credentials",
                "/credentials",
                "Long-lived credentials: type, id, whether active, times. Null: not known",
            ),
            Column::timestamp(
                "last_used_at",
                "/last_used_at",
                "Last sign-in or use the provider has a record of. Null: no record",
            )
            .activity(),
        ]);

/// What sort of principal it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PrincipalType {
    /// A person: it has, or may have, a password.
    Human,
    /// A program with long-lived keys and no password.
    Machine,
    /// Taken on by others for a time.
    Role,
    /// A set of principals that gives them rights.
    Group,
    /// Belongs to a service of the provider.
    Service,
    /// The account itself, unlimited.
    Root,
}

/// The document of a `principal`. Absent means not known, never "no".
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Principal {
    /// What sort it is.
    #[serde(rename = "type")]
    pub principal_type: PrincipalType,
    /// System it belongs to, e.g. `aws-iam`.
    pub provider: String,
    /// How the provider addresses it, e.g. an ARN.
    pub identifier: String,
    /// Whether it can act or sign in at all.
    pub enabled: Option<bool>,
    /// Whether it can sign in with a password.
    pub console_access: Option<bool>,
    /// Whether a second factor is asked of it.
    pub mfa: Option<bool>,
    /// Names of the groups it belongs to, sorted.
    pub groups: Vec<String>,
    /// Long-lived credentials, sorted by type and id.
    pub credentials: Option<Vec<Credential>>,
}

/// A long-lived credential. Never its secret part.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Credential {
    /// `password`, `access_key`, `certificate`, `ssh_key`, `service_specific` …
    #[serde(rename = "type")]
    pub credential_type: String,
    /// The provider's id of it, or its slot (`1`, `2`) where the id is not known.
    pub id: Option<String>,
    /// Whether it works.
    pub active: bool,
    /// When it was made or last replaced.
    pub changed_at: Option<chrono::DateTime<chrono::Utc>>,
}
