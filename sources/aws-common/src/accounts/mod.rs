//! Which accounts a source audits, and how each is reached: settings that sources of accounts have in common.

mod check;
mod open;
mod organization;
mod plan;

use auditor_core::{config::Secret, error::SourceError, model::AccountId, registry::Instance};
use schemars::JsonSchema;
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};

pub use self::open::{Reach, SessionSettings};
use crate::settings::{Partition, check_external_id};

/// Where the accounts to audit are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Accounts {
    /// In the sink's table `aws_cross_account_arn`.
    Database,
    /// In AWS Organizations; `role_name` is assumed in each.
    Organizations,
    /// In this file, as `account` tables.
    Listed,
}

/// One account to audit.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListedAccount {
    /// The 12-digit account id.
    pub id: String,
    /// Display name. Default: the id.
    pub name: Option<String>,
    /// Role to assume in it. Default: the source's `role_name` in this account.
    pub role_arn: Option<String>,
    /// External id. Default: the source's `external_id`.
    pub external_id: Option<Secret>,
}

/// The settings of a source that say which accounts it audits and through which roles. Each field is the setting of
/// its name.
#[derive(Debug, Clone, Copy)]
pub struct AccountList<'a> {
    /// Where the accounts are listed. `None`: in the file if it lists any, else in the database.
    pub accounts: Option<Accounts>,
    /// The accounts of the file.
    pub account: &'a [ListedAccount],
    /// Role to assume in every account that names none itself.
    pub role_name: Option<&'a str>,
    /// External id for every account that has none of its own.
    pub external_id: Option<&'a Secret>,
    /// Whether the account of the program's own credentials is audited, too.
    pub include_own_account: bool,
    /// The partition.
    pub partition: Partition,
    /// Endpoint for Organizations alone.
    pub organizations_endpoint_url: Option<&'a str>,
}

/// An account to audit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedAccount {
    /// The account; what stands for it where the list's id is none.
    pub id: AccountId,
    /// Display name.
    pub name: String,
    /// How it is reached.
    pub access: Access,
    /// State in AWS Organizations.
    pub status: Option<String>,
    /// Address of the root user, from AWS Organizations.
    pub email: Option<String>,
}

/// How an account is reached. No secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Access {
    /// Through a role.
    Role {
        /// The role.
        role_arn: String,
        /// Where the external id is found.
        external_id: ExternalId,
        /// Whether the account table keeps whether it worked.
        recorded: bool,
    },
    /// With the program's own credentials.
    Own,
    /// Not at all: its row is wrong.
    Wrong {
        /// What is wrong with it.
        problem: String,
    },
}

/// Where an account's external id is found. Never the external id itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExternalId {
    /// The source's `external_id`, if it has one.
    Source,
    /// The account's own table in the configuration.
    Listed,
    /// A reference kept in the account table.
    Reference(String),
}

const MALFORMED_REFERENCE: &str =
    "the external id reference of its row is malformed: expected `env:NAME` or `file:/path`";

impl AccountList<'_> {
    /// Where accounts are listed, default applied.
    fn accounts(&self) -> Accounts {
        self.accounts.unwrap_or(if self.account.is_empty() { Accounts::Database } else { Accounts::Listed })
    }

    /// ARN of `role_name` in an account. `None` without a `role_name`.
    fn role_arn_in(&self, account: &str) -> Option<String> {
        Some(format!("arn:{}:iam::{account}:role/{}", self.partition.as_str(), self.role_name?))
    }

    /// The external id, if there is one. Read when it is needed, so that a file may change while the program runs.
    ///
    /// # Errors
    /// [`Rejected`](SourceError::Rejected), naming where it should be, never what it is.
    fn resolve(
        &self,
        external_id: &ExternalId,
        instance: &Instance,
        account: &AccountId,
    ) -> Result<Option<SecretString>, SourceError> {
        const ACTION: &str = "read external id";
        let secret = match external_id {
            ExternalId::Source => self.external_id.cloned(),
            ExternalId::Listed => {
                let listed = self.account.iter().find(|listed| listed.id == account.as_str());
                listed.and_then(|listed| listed.external_id.as_ref()).or(self.external_id).cloned()
            }
            ExternalId::Reference(reference) => Some(
                Secret::from_reference(reference)
                    .ok_or_else(|| SourceError::rejected(ACTION, MALFORMED_REFERENCE))?,
            ),
        };
        let Some(secret) = secret else { return Ok(None) };
        let text =
            secret.resolve(instance).map_err(|problem| SourceError::rejected(ACTION, problem.message))?;
        check_external_id(text.expose_secret()).map_err(|wrong| SourceError::rejected(ACTION, wrong))?;
        Ok(Some(text))
    }
}

/// That an account of this state in AWS Organizations can be read.
///
/// # Errors
/// [`Gone`](SourceError::Gone) if it is closed; [`Rejected`](SourceError::Rejected) if AWS lets nobody in.
pub fn check_status(status: Option<&str>) -> Result<(), SourceError> {
    match status {
        Some("CLOSED") => Err(SourceError::Gone),
        Some(status @ ("SUSPENDED" | "PENDING_ACTIVATION")) => {
            Err(SourceError::rejected("sts:AssumeRole", format!("AWS Organizations says `{status}`"))
                .with_hint("accounts in this state cannot be read; nothing of them is retired"))
        }
        _ => Ok(()),
    }
}

/// What stands for an account where no AWS account is known: records could not be attributed to one.
///
/// # Panics
/// Never: any prefix without `:` and control characters will do.
pub fn placeholder(prefix: &str, text: &str) -> AccountId {
    let id: String = text.chars().filter(|char| !char.is_control()).take(150).collect();
    let id = if id.is_empty() { "unknown" } else { &id };
    format!("{prefix}:{id}").parse().expect("a prefix and at most 150 characters, none a control character")
}
