//! The kinds that this crate emits beside the common ones, and their documents.

use std::collections::BTreeSet;

use auditor_core::model::{Column, Kind};
use serde::{Deserialize, Serialize};

/// What each user and role amounts to.
pub static PRINCIPAL_ACCESS: Kind = Kind::new(
    "aws_principal_access",
    "What a user or role of an AWS account amounts to: whether it is an administrator, or can become one, and by which \
     policies",
)
.native_id("The principal's ARN")
.columns(&[
    Column::text("principal", "/principal", "ARN"),
    Column::text("principal_type", "/principal_type", "`human`, `machine`, `role`, `service` or `root`"),
    Column::text(
        "admin",
        "/admin",
        "`admin` (may do everything), `admin_equivalent` (may give itself everything by IAM alone), `conditional_admin` \
         (either, under conditions), `no` or `unknown`",
    ),
    Column::text("reason", "/reason", "Why, in one sentence"),
    Column::text(
        "can_escalate",
        "/can_escalate",
        "Whether it can reach an administrator's rights that it does not have: `yes`, `conditional`, `potential` (hangs on \
         what IAM does not know), `no` or `unknown`. `no` for administrators",
    ),
    Column::json("path", "/path", "Steps of the shortest way to those rights. Empty: none is known"),
    Column::text(
        "highest_level",
        "/highest_level",
        "Strongest level of access: `list`, `read`, `tagging`, `unknown`, `write`, `permissions` or `all`. Null: no access",
    ),
    Column::integer("services", "/services", "How many services it has access to. Null: every one"),
    Column::json("policies", "/policies", "Policies that grant it something, with the groups they come by, sorted"),
    Column::text("note", "/note", "What is not known, or limits the answer. Null: nothing"),
]);

/// One way in which a principal comes by more rights.
pub static ESCALATION_PATH: Kind = Kind::new(
    "aws_escalation_path",
    "A way in which a user or role of an AWS account comes by the rights of another, or by more of its own. None is kept of \
     principals that may do everything already",
)
.native_id("The principal's ARN and the method's id, joined by ` `")
.columns(&[
    Column::text("principal", "/principal", "ARN of who can do it"),
    Column::text("method", "/method", "Id of the method, e.g. `iam-001`"),
    Column::text("summary", "/summary", "The method in one line"),
    Column::text(
        "tier",
        "/tier",
        "What policies prove: `provable` (all of it), `pass_role` (that a service which trusts the role can be given it) or \
         `potential` (hangs on what IAM does not know: a function, an instance, another's help)",
    ),
    Column::text("target", "/target", "ARN of whose rights are reached; for more rights of its own, the principal itself"),
    Column::text(
        "target_admin",
        "/target_admin",
        "Whether that leads to an administrator's rights, at once or by further steps: `yes`, `possible` or `no` (rights \
         of another, but no administrator's)",
    ),
    Column::integer("target_count", "/target_count", "How many targets the method reaches"),
    Column::json("targets", "/targets", "ARNs of up to 25 of them, sorted"),
    Column::json("steps", "/steps", "What is done, in order, to the last step that leads to an administrator's rights"),
    Column::json("conditions", "/conditions", "Condition keys it depends on, sorted. Empty: none"),
    Column::json("policies", "/policies", "Policies that grant it, sorted"),
]);

/// Who may assume what.
pub static ASSUME_EDGE: Kind = Kind::new(
    "aws_assume_edge",
    "Who may assume a role: principals of the account, of others, services, identity providers. And which roles of other \
     accounts a principal may assume as far as its own account has a say. Principals that may do everything have no edge \
     to roles that trust their whole account",
)
.native_id("`trust` or `grant`, who, the role (and the statement's place), joined by ` `")
.columns(&[
    Column::text(
        "direction",
        "/direction",
        "`trust`: the role's trust policy lets it in. `grant`: the principal's own policies allow roles of other accounts",
    ),
    Column::text(
        "from_type",
        "/from_type",
        "`user`, `role`, `account`, `service`, `oidc`, `saml`, `public`, `deleted` (the id of what no longer exists), \
         `session` or `other`",
    ),
    Column::text("from", "/from", "ARN, account id, name of a service, or `*`"),
    Column::text("from_account", "/from_account", "Account of it. Null: none, or not known"),
    Column::boolean("external", "/external", "Whether it is of another account, or of none"),
    Column::text("to", "/to", "ARN of the role. Null: see `to_patterns`"),
    Column::json("to_patterns", "/to_patterns", "Patterns of the roles that a grant allows. Empty for trusts"),
    Column::json("except_patterns", "/except_patterns", "Patterns of the roles that it refuses"),
    Column::text(
        "grade",
        "/grade",
        "`full` (enough by itself, or with what the principal's policies are known to allow), `limited` (delegated to an \
         account, whose own policies decide), `conditional` or `unknown`",
    ),
    Column::json("statements", "/statements", "Statements that let it in or allow it: policy and statement"),
    Column::json("calls", "/calls", "Calls by which, e.g. `sts:AssumeRole`"),
    Column::json("conditions", "/conditions", "Condition keys it depends on, sorted"),
    Column::boolean("has_external_id", "/has_external_id", "Whether an external id is asked for"),
    Column::boolean("has_mfa", "/has_mfa", "Whether a second factor is asked for"),
    Column::json("organizations", "/organizations", "Organizations it is limited to. Empty: not limited"),
    Column::json("accounts", "/accounts", "Accounts it is limited to. Empty: not limited"),
    Column::json("principal_arns", "/principal_arns", "Principals it is limited to. Empty: not limited"),
    Column::json("source_arns", "/source_arns", "Resources for which a service may act. Empty: not limited"),
    Column::json("subjects", "/subjects", "Patterns of OIDC or SAML subjects. Empty: not limited"),
    Column::json("audiences", "/audiences", "Audiences it is limited to. Empty: not limited"),
]);

/// What crosses accounts.
pub static REACH: Kind = Kind::new(
    "aws_reach",
    "Who becomes what in another account: outside accounts, identity providers, anyone, and principals of other accounts, \
     directly or over several roles",
)
.native_id("Who and the role, joined by ` `")
.columns(&[
    Column::text("from_type", "/from_type", "`user`, `role`, `account`, `oidc`, `saml`, `public`, `deleted`, `session` or `other`"),
    Column::text(
        "from",
        "/from",
        "ARN, account id, `*`, or `not known` where who may assume roles of the account could not be told",
    ),
    Column::text("from_account", "/from_account", "Account of it. Null: none, or not known"),
    Column::boolean("known", "/known", "Whether that account is among the audited ones"),
    Column::text("to", "/to", "ARN of the role it becomes"),
    Column::text("to_account", "/to_account", "Account of the role"),
    Column::text("to_admin", "/to_admin", "Whether the role is an administrator, as in `aws_principal_access`. Null: not known"),
    Column::text("to_can_escalate", "/to_can_escalate", "Whether the role can become one, as there. Null: not known"),
    Column::json("chain", "/chain", "Who becomes whom, first to last"),
    Column::integer("hops", "/hops", "How many roles are assumed"),
    Column::json("conditions", "/conditions", "Condition keys the way depends on, sorted"),
    Column::boolean("has_external_id", "/has_external_id", "Whether the first role asks for an external id"),
    Column::json("organizations", "/organizations", "Organizations the first role is limited to. Empty: not limited"),
    Column::json("subjects", "/subjects", "Patterns of subjects the first role is limited to. Empty: not limited"),
]);

/// Whether a principal is an administrator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Admin {
    /// It may do everything.
    Admin,
    /// It may give itself everything.
    AdminEquivalent,
    /// Either, under conditions.
    ConditionalAdmin,
    /// Neither.
    No,
    /// Policies are not known that may make it one.
    Unknown,
}

/// Whether a principal can reach an administrator's rights.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CanEscalate {
    /// It can.
    Yes,
    /// It can under conditions that a snapshot does not decide.
    Conditional,
    /// It may, depending on what IAM does not know.
    Potential,
    /// It cannot.
    No,
    /// Policies are not known that may let it.
    Unknown,
}

/// The document of an `aws_principal_access`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrincipalAccess {
    /// ARN.
    pub principal: String,
    /// What sort of principal it is.
    pub principal_type: auditor_core::model::common::PrincipalType,
    /// Whether it is an administrator.
    pub admin: Admin,
    /// Why: one sentence.
    pub reason: String,
    /// Whether it can become one.
    pub can_escalate: CanEscalate,
    /// Steps of the shortest way.
    pub path: Vec<String>,
    /// Strongest level of access. `None`: no access.
    pub highest_level: Option<auditor_core::model::common::Level>,
    /// How many services it has access to. `None`: every one.
    pub services: Option<usize>,
    /// Policies that grant it something.
    pub policies: BTreeSet<String>,
    /// What is not known, or limits the answer.
    pub note: Option<String>,
}

/// Whether a way leads to an administrator's rights.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TargetAdmin {
    /// It does.
    Yes,
    /// It may.
    Possible,
    /// It does not.
    No,
}

/// The document of an `aws_escalation_path`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EscalationPath {
    /// ARN of who can do it.
    pub principal: String,
    /// Id of the method.
    pub method: String,
    /// The method in one line.
    pub summary: String,
    /// `provable`, `pass_role` or `potential`.
    pub tier: String,
    /// ARN of whose rights are reached.
    pub target: String,
    /// Whether that leads to an administrator's rights.
    pub target_admin: TargetAdmin,
    /// How many targets there are.
    pub target_count: usize,
    /// ARNs of up to 25 of them, sorted.
    pub targets: Vec<String>,
    /// What is done, in order.
    pub steps: Vec<String>,
    /// Condition keys it depends on.
    pub conditions: BTreeSet<String>,
    /// Policies that grant it.
    pub policies: BTreeSet<String>,
}

/// The document of an `aws_assume_edge`; the columns of [`ASSUME_EDGE`] say what each field means.
#[expect(missing_docs, reason = "the columns say it")]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssumeEdge {
    pub direction: String,
    pub from_type: String,
    pub from: String,
    pub from_account: Option<String>,
    pub external: bool,
    pub to: Option<String>,
    pub to_patterns: Vec<String>,
    pub except_patterns: Vec<String>,
    pub grade: String,
    pub statements: BTreeSet<String>,
    pub calls: Vec<String>,
    pub conditions: BTreeSet<String>,
    pub has_external_id: bool,
    pub has_mfa: bool,
    pub organizations: BTreeSet<String>,
    pub accounts: BTreeSet<String>,
    pub principal_arns: BTreeSet<String>,
    pub source_arns: BTreeSet<String>,
    pub subjects: BTreeSet<String>,
    pub audiences: BTreeSet<String>,
}

/// The document of an `aws_reach`; the columns of [`REACH`] say what each field means.
#[expect(missing_docs, reason = "the columns say it")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReachRecord {
    pub from_type: String,
    pub from: String,
    pub from_account: Option<String>,
    pub known: bool,
    pub to: String,
    pub to_account: String,
    pub to_admin: Option<Admin>,
    pub to_can_escalate: Option<CanEscalate>,
    pub chain: Vec<String>,
    pub hops: usize,
    pub conditions: BTreeSet<String>,
    pub has_external_id: bool,
    pub organizations: BTreeSet<String>,
    pub subjects: BTreeSet<String>,
}
