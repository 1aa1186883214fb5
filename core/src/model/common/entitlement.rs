//! The common kind `entitlement`.

use serde::{Deserialize, Serialize};

use crate::model::{Column, Kind};

/// What a principal may do in one service at one level of access, and by which path.
///
/// One record for each principal, service and level at which anything is granted. Many services that one statement grants
/// alike have one record together, of service `*`; so has a principal that may do everything.
pub static ENTITLEMENT: Kind =
    Kind::new("entitlement", "What a principal may do in one service at one level of access, and by which path")
        .native_id("The principal, the service and the level, joined by `:`; a hash of the paths behind them for several services")
        .columns(&[
            Column::text("provider", "/provider", "System the right is in, e.g. `aws-iam`"),
            Column::text("principal", "/principal", "How the provider addresses the principal, e.g. an ARN"),
            Column::text("principal_type", "/principal_type", "`human`, `machine`, `role`, `service` or `root`"),
            Column::text(
                "service",
                "/service",
                "The provider's name of the service, e.g. `s3`. `*`: those in `services`; every one if there are none",
            ),
            Column::text(
                "level",
                "/level",
                "`list`, `read`, `tagging`, `write`, `permissions`, `unknown` (an action no catalogue knows) or `all`",
            ),
            Column::text(
                "grade",
                "/grade",
                "`full` (every resource, no condition), `limited` (some resources), `conditional` or `unknown`",
            ),
            Column::json("services", "/services", "The services, sorted, where many are alike. Empty: see `service`"),
            Column::json(
                "actions",
                "/actions",
                "Patterns that grant it, as written in the policies, sorted. Empty: all but what a policy excepts, or \
                 too many to list: see the statement",
            ),
            Column::json("resources", "/resources", "Patterns of the resources, sorted. `*`: every one"),
            Column::json("conditions", "/conditions", "Condition keys it depends on, sorted. Empty: none"),
            Column::json("paths", "/paths", "How it is granted: each path is a list, from group or role to statement"),
        ]);

/// How far a right goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grade {
    /// On every resource, without condition.
    Full,
    /// On some resources, without condition.
    Limited,
    /// Under conditions that what is stored does not decide.
    Conditional,
    /// Could not be decided; the record says why.
    Unknown,
}

/// Level of access, mildest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Names things.
    List,
    /// Reads things.
    Read,
    /// Changes tags.
    Tagging,
    /// An action that no catalogue knows.
    Unknown,
    /// Makes, changes or removes things.
    Write,
    /// Changes who may do what.
    Permissions,
    /// Every level.
    All,
}

/// The document of an `entitlement`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entitlement {
    /// System the right is in.
    pub provider: String,
    /// How the provider addresses the principal.
    pub principal: String,
    /// What sort of principal it is.
    pub principal_type: super::PrincipalType,
    /// The provider's name of the service; `*` for those in `services`, or for every one if there are none.
    pub service: String,
    /// The services, sorted, where many are alike.
    pub services: Vec<String>,
    /// Level of access.
    pub level: Level,
    /// How far it goes.
    pub grade: Grade,
    /// Patterns that grant it, sorted. Empty: all but what a policy excepts, or too many to list.
    pub actions: Vec<String>,
    /// Patterns of the resources, sorted.
    pub resources: Vec<String>,
    /// Condition keys it depends on, sorted.
    pub conditions: Vec<String>,
    /// How it is granted, sorted: each path a list, from group or role to statement.
    pub paths: Vec<Vec<String>>,
    /// Why it is unknown, or what limits the answer. `None`: nothing.
    pub note: Option<String>,
}
