//! Which accounts there are.

use auditor_core::{
    config::Secret,
    error::{SourceError, chain},
    model::AccountId,
    sink::AccountEntry,
    source::Context,
};

use super::{
    Access, AccountList, Accounts, ExternalId, ListedAccount, MALFORMED_REFERENCE, PlannedAccount,
    organization::{self, OrganizationAccount},
    placeholder,
};
use crate::{
    arn::{Arn, is_account_id},
    hub::{HubSettings, LazyHub},
};

impl AccountList<'_> {
    /// Every account to audit, by id.
    ///
    /// # Errors
    /// If the list of accounts cannot be had.
    pub async fn plan(
        &self,
        hub: &LazyHub,
        settings: &HubSettings,
        context: &Context,
    ) -> Result<Vec<PlannedAccount>, SourceError> {
        let mut planned = match self.accounts() {
            Accounts::Database => self.listed_in_database(context).await?,
            Accounts::Listed => self.account.iter().filter_map(|listed| self.of_listed(listed)).collect(),
            Accounts::Organizations => {
                let hub = hub.get(settings).await;
                let endpoint = self.organizations_endpoint_url;
                let accounts = organization::list(&hub, endpoint, &context.caller).await?;
                accounts.into_iter().map(|account| self.of_organization(account)).collect()
            }
        };
        if self.include_own_account {
            let own = hub.get(settings).await.own_account(&context.caller).await?;
            match planned.iter_mut().find(|account| account.id.as_str() == own) {
                None => planned.extend(own.parse().ok().map(|id| account(id, None, Access::Own))),
                // The organization's list names every account, and the role may be missing from this one.
                Some(listed) if self.accounts() == Accounts::Organizations => listed.access = Access::Own,
                Some(_) => {}
            }
        }
        planned.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(planned)
    }

    async fn listed_in_database(&self, context: &Context) -> Result<Vec<PlannedAccount>, SourceError> {
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
                Arn::parse_role(&entry.role_arn).map_or(true, |arn| arn.partition == self.partition.as_str())
            });
        if !others.is_empty() {
            tracing::warn!(
                accounts = others.len(),
                partition = self.partition.as_str(),
                "accounts whose role lies in another partition are left to a source of that partition"
            );
        }
        Ok(ours.iter().map(from_entry).collect())
    }

    fn of_listed(&self, listed: &ListedAccount) -> Option<PlannedAccount> {
        // Both are there: `check` has seen to it.
        let id = listed.id.parse().ok()?;
        let role_arn = listed.role_arn.clone().or_else(|| self.role_arn_in(&listed.id))?;
        let access = Access::Role { role_arn, external_id: ExternalId::Listed, recorded: false };
        Some(account(id, listed.name.clone(), access))
    }

    fn of_organization(&self, listed: OrganizationAccount) -> PlannedAccount {
        let access = match self.role_arn_in(&listed.id) {
            Some(role_arn) => Access::Role { role_arn, external_id: ExternalId::Source, recorded: false },
            None => Access::Wrong { problem: "`role_name` is not set".to_owned() },
        };
        let id = listed.id.parse().unwrap_or_else(|_| placeholder("aws", &listed.id));
        PlannedAccount { status: listed.state, email: listed.email, ..account(id, listed.name, access) }
    }
}

/// A row that is wrong becomes an account that says so when it is opened.
fn from_entry(entry: &AccountEntry) -> PlannedAccount {
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
    account(entry.account.clone(), entry.name.clone(), access)
}

fn account(id: AccountId, name: Option<String>, access: Access) -> PlannedAccount {
    let access = if is_account_id(id.as_str()) {
        access
    } else {
        Access::Wrong { problem: "it is no AWS account: expected 12 digits".to_owned() }
    };
    let name = name.unwrap_or_else(|| id.as_str().to_owned());
    PlannedAccount { id, name, access, status: None, email: None }
}
