//! What types cannot check of the list of accounts.

use auditor_core::{
    config::{Problem, Secret},
    registry::Instance,
};
use secrecy::ExposeSecret as _;

use super::{AccountList, Accounts, ListedAccount};
use crate::{
    arn::{Arn, is_account_id, is_role_name},
    settings::check_external_id,
};

impl AccountList<'_> {
    /// What is wrong with the settings.
    pub fn check(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let accounts = self.accounts();
        if accounts != Accounts::Listed && !self.account.is_empty() {
            problems.push(Problem::new("account", "is read only with `accounts = \"listed\"`"));
        }
        if accounts == Accounts::Listed && self.account.is_empty() && !self.include_own_account {
            problems
                .push(Problem::new("account", "`accounts = \"listed\"` needs at least one `account` table"));
        }
        if accounts == Accounts::Organizations && self.role_name.is_none() {
            problems.push(Problem::new(
                "role_name",
                "is required with `accounts = \"organizations\"`: the role to assume in every account",
            ));
        }
        if self.role_name.is_some_and(|name| !is_role_name(name)) {
            problems.push(Problem::new(
                "role_name",
                "expected a role's name with its path but no leading `/`: letters, digits and `+=,.@_-`, at most 64 in \
                 the name",
            ));
        }
        for (i, account) in self.account.iter().enumerate() {
            self.check_account(i, account, &mut problems);
        }
        problems
    }

    /// What is wrong with the external id of the source itself.
    pub fn check_external_id(&self) -> Option<Problem> {
        let Some(Secret::Value(external_id)) = self.external_id else { return None };
        let wrong = check_external_id(external_id.expose_secret()).err()?;
        Some(Problem::new("external_id", wrong))
    }

    /// External ids that are not where the settings say.
    pub fn missing_secrets(&self, instance: &Instance) -> Vec<Problem> {
        let listed = self.account.iter().enumerate();
        let listed =
            listed.map(|(i, account)| (format!("account[{i}].external_id"), account.external_id.as_ref()));
        std::iter::once(("external_id".to_owned(), self.external_id))
            .chain(listed)
            .filter_map(|(key, secret)| Some(secret?.resolve(instance).err()?.under(&key)))
            .collect()
    }

    fn check_account(&self, i: usize, account: &ListedAccount, problems: &mut Vec<Problem>) {
        let mut report = |key: &str, message: String| {
            problems.push(Problem::new(format!("account[{i}].{key}"), message));
        };
        if !is_account_id(&account.id) {
            report("id", "expected the 12 digits of an AWS account id, in quotes".to_owned());
        } else if self.account.iter().take(i).any(|earlier| earlier.id == account.id) {
            report("id", "this account is listed twice".to_owned());
        }
        match account.role_arn.as_deref().map(Arn::parse_role) {
            None if self.role_name.is_none() => {
                report("role_arn", "is required where the source has no `role_name`".to_owned());
            }
            Some(Err(wrong)) => report("role_arn", wrong.to_owned()),
            Some(Ok(arn)) if is_account_id(&account.id) && arn.account != account.id => {
                report("role_arn", "names another account than `id`".to_owned());
            }
            Some(Ok(arn)) if arn.partition != self.partition.as_str() => {
                report("role_arn", format!("is not in the partition `{}`", self.partition.as_str()));
            }
            None | Some(Ok(_)) => {}
        }
        if let Some(Secret::Value(external_id)) = &account.external_id
            && let Err(wrong) = check_external_id(external_id.expose_secret())
        {
            report("external_id", wrong.to_owned());
        }
    }
}
