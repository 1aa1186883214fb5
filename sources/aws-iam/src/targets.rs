//! Which accounts there are, and how each is reached.

use auditor_aws_common::{Arn, LazyHub, check_external_id, is_account_id};
use auditor_core::{
    config::Secret,
    error::{SourceError, chain},
    model::AccountId,
    registry::Instance,
    sink::AccountEntry,
    source::{Context, Target},
};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::{
    client::{OrganizationAccount, organization_accounts},
    config::{Accounts, AwsIamConfig},
    estate::AccountProfile,
};

/// What a target's settings hold: how to reach the account. No secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TargetSettings {
    pub(crate) access: Access,
    pub(crate) partition: String,
    /// State in AWS Organizations.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<String>,
    /// Address of the root user, from AWS Organizations.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) email: Option<String>,
}

/// How an account is reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Access {
    /// Through a role.
    Role {
        role_arn: String,
        external_id: ExternalId,
        /// Whether the account table keeps whether it worked.
        recorded: bool,
    },
    /// With the program's own credentials.
    Own,
    /// Not at all: its row is wrong.
    Wrong { problem: String },
    /// In files.
    Files {
        files: Vec<std::path::PathBuf>,
        /// Whether the files hold other accounts, too.
        shared: bool,
    },
}

/// Where an account's external id is found. Never the external id itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ExternalId {
    /// The source's `external_id`, if it has one.
    Source,
    /// The account's own table in the configuration.
    Listed,
    /// A reference kept in the account table.
    Reference(String),
}

impl ExternalId {
    /// The external id, if there is one.
    ///
    /// # Errors
    /// [`Rejected`](SourceError::Rejected), naming where it should be, never what it is.
    pub(crate) fn resolve(
        &self,
        config: &AwsIamConfig,
        instance: &Instance,
        account: &AccountId,
    ) -> Result<Option<SecretString>, SourceError> {
        const ACTION: &str = "read external id";
        let secret = match self {
            Self::Source => config.external_id.clone(),
            Self::Listed => config
                .account
                .iter()
                .find(|listed| listed.id == account.as_str())
                .and_then(|listed| listed.external_id.clone())
                .or_else(|| config.external_id.clone()),
            Self::Reference(reference) => Some(
                Secret::from_reference(reference)
                    .ok_or_else(|| SourceError::rejected(ACTION, MALFORMED_REFERENCE))?,
            ),
        };
        let Some(secret) = secret else { return Ok(None) };
        let text =
            secret.resolve(instance).map_err(|problem| SourceError::rejected(ACTION, problem.message))?;
        check_external_id(secrecy::ExposeSecret::expose_secret(&text))
            .map_err(|wrong| SourceError::rejected(ACTION, wrong))?;
        Ok(Some(text))
    }
}

const MALFORMED_REFERENCE: &str =
    "the external id reference of its row is malformed: expected `env:NAME` or `file:/path`";

/// Every account to audit, by id.
///
/// # Errors
/// If the list of accounts cannot be had.
pub(crate) async fn live(
    config: &AwsIamConfig,
    hub: &LazyHub,
    context: &Context,
) -> Result<Vec<Target>, SourceError> {
    let mut targets = match config.accounts() {
        Accounts::Database => from_database(config, context).await?,
        Accounts::Listed => from_listed(config),
        Accounts::Organizations => {
            let hub = hub.get(&config.hub()).await;
            let accounts = organization_accounts(&hub, config, &context.caller).await?;
            accounts.iter().map(|account| from_organization(config, account)).collect()
        }
    };
    if config.include_own_account {
        let own = hub.get(&config.hub()).await.own_account(&context.caller).await?;
        let listed = targets.iter().position(|target| target.account.as_str() == own);
        match listed {
            None => targets.extend(own_account(config, &own)),
            // The organization's list names every account, and the role may be missing from this one.
            Some(index) if config.accounts() == Accounts::Organizations => {
                set_access(&mut targets[index], Access::Own);
            }
            Some(_) => {}
        }
    }
    targets.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(targets)
}

async fn from_database(config: &AwsIamConfig, context: &Context) -> Result<Vec<Target>, SourceError> {
    const ACTION: &str = "list accounts to audit";
    let Some(directory) = &context.accounts else {
        return Err(SourceError::rejected(ACTION, "no sink of this run keeps a table of accounts")
            .with_hint(
                "add a `postgres` or `sqlite` sink, list accounts as `account` tables of this source, or set \
             `accounts = \"organizations\"`",
            ));
    };
    let entries = directory.list().await.map_err(|error| {
        let text = chain(&error);
        if error.is_transient() {
            SourceError::unavailable(ACTION, text)
        } else {
            SourceError::rejected(ACTION, text)
        }
    })?;
    let (ours, others): (Vec<_>, Vec<_>) =
        entries.into_iter().filter(|entry| entry.enabled).partition(|entry| {
            Arn::parse_role(&entry.role_arn).map_or(true, |arn| arn.partition == config.partition.as_str())
        });
    if !others.is_empty() {
        tracing::warn!(
            accounts = others.len(),
            partition = config.partition.as_str(),
            "accounts whose role lies in another partition are left to a source of that partition"
        );
    }
    Ok(ours.iter().map(|entry| from_entry(config, entry)).collect())
}

/// A row that is wrong becomes a target that says so when it is collected.
fn from_entry(config: &AwsIamConfig, entry: &AccountEntry) -> Target {
    let wrong = |problem: String| Access::Wrong { problem };
    let reference = entry.external_id_ref.as_deref();
    let access = match Arn::parse_role(&entry.role_arn) {
        Err(problem) => wrong(format!("the role ARN of its row {problem}")),
        Ok(arn) if arn.account != entry.account.as_str() => {
            wrong(format!("the role ARN of its row names account {}", arn.account))
        }
        Ok(_) if reference.is_some_and(|text| Secret::from_reference(text).is_none()) => {
            wrong(MALFORMED_REFERENCE.to_owned())
        }
        Ok(_) => Access::Role {
            role_arn: entry.role_arn.clone(),
            external_id: reference.map_or(ExternalId::Source, |text| ExternalId::Reference(text.to_owned())),
            recorded: true,
        },
    };
    target(config, entry.account.clone(), entry.name.clone(), access)
}

fn from_listed(config: &AwsIamConfig) -> Vec<Target> {
    let listed = config.account.iter().filter_map(|listed| {
        // Both are there: `validate` has seen to it.
        let account = listed.id.parse().ok()?;
        let role_arn = listed.role_arn.clone().or_else(|| config.role_arn_in(&listed.id))?;
        let access = Access::Role { role_arn, external_id: ExternalId::Listed, recorded: false };
        Some(target(config, account, listed.name.clone(), access))
    });
    listed.collect()
}

fn from_organization(config: &AwsIamConfig, account: &OrganizationAccount) -> Target {
    let access = match config.role_arn_in(&account.id) {
        Some(role_arn) => Access::Role { role_arn, external_id: ExternalId::Source, recorded: false },
        None => Access::Wrong { problem: "`role_name` is not set".to_owned() },
    };
    let id = account.id.parse().unwrap_or_else(|_| placeholder(&account.id));
    let mut target = target(config, id, account.name.clone(), access);
    let settings = TargetSettings {
        status: account.state.clone(),
        email: account.email.clone(),
        ..TargetSettings::of(&target).expect("it was just made")
    };
    target.settings = settings.into_json();
    target
}

fn own_account(config: &AwsIamConfig, account: &str) -> Option<Target> {
    Some(target(config, account.parse().ok()?, None, Access::Own))
}

fn target(config: &AwsIamConfig, account: AccountId, name: Option<String>, access: Access) -> Target {
    let access = if is_account_id(account.as_str()) {
        access
    } else {
        Access::Wrong { problem: "it is no AWS account: expected 12 digits".to_owned() }
    };
    let partition = config.partition.as_str().to_owned();
    let settings = TargetSettings { access, partition, status: None, email: None };
    Target {
        id: account.as_str().to_owned(),
        name: name.unwrap_or_else(|| account.as_str().to_owned()),
        account,
        settings: settings.into_json(),
    }
}

fn set_access(target: &mut Target, access: Access) {
    if let Ok(settings) = TargetSettings::of(target) {
        target.settings = TargetSettings { access, ..settings }.into_json();
    }
}

/// Where no AWS account is known, records could not be attributed to one.
pub(crate) fn placeholder(text: &str) -> AccountId {
    let id: String = text.chars().filter(|char| !char.is_control()).take(150).collect();
    let id = if id.is_empty() { "unknown" } else { &id };
    format!("aws-iam:{id}").parse().expect("a prefix and at most 150 characters, none a control character")
}

impl TargetSettings {
    /// A target's settings.
    ///
    /// # Errors
    /// [`Bug`](SourceError::Bug): only this source writes them.
    pub(crate) fn of(target: &Target) -> Result<Self, SourceError> {
        serde_json::from_value(target.settings.clone()).map_err(|error| {
            SourceError::Bug(format!("target `{}` has settings of another source: {error}", target.id))
        })
    }

    pub(crate) fn into_json(self) -> serde_json::Value {
        serde_json::to_value(self).expect("strings and lists of strings are JSON")
    }

    /// What is known of the account before it is read.
    pub(crate) fn profile(&self, target: &Target) -> AccountProfile {
        AccountProfile {
            account: target.account.clone(),
            name: target.name.clone(),
            partition: self.partition.clone(),
            status: self.status.clone(),
            email: self.email.clone(),
        }
    }
}
