//! The files of one account, put together.

use std::{collections::BTreeSet, path::Path};

use auditor_aws_common::{Arn, is_account_id};
use auditor_core::{
    error::SourceError,
    outcome::{Gap, GapReason},
};
use serde::Deserialize;

use super::describe;
use crate::{
    credential_report::CredentialReport,
    estate::{Input, again},
    wire::{
        AccountDetails, Group, List, ListedRole, ListedUser, ManagedPolicy, PasswordPolicy, Role, Summary,
        User,
    },
};

const ACTION: &str = "read export file";

/// An account id found in an ARN.
pub(super) type Account = String;

/// What the files of one account hold. `None`: no file had it.
#[derive(Default)]
pub(super) struct Export {
    pub(super) accounts: BTreeSet<Account>,
    pages: Option<Result<Pages, SourceError>>,
    pub(super) report: Option<Input<CredentialReport>>,
    pub(super) summary: Option<Input<Summary>>,
    pub(super) password_policy: Option<Input<Option<PasswordPolicy>>>,
    pub(super) aliases: Option<Input<Vec<String>>>,
    pub(super) listed_users: Option<Input<Vec<ListedUser>>>,
    pub(super) listed_roles: Option<Input<Vec<ListedRole>>>,
}

#[derive(Default)]
struct Pages {
    details: AccountDetails,
    /// Pages that say that more follow.
    open: usize,
    all: usize,
}

/// Every top-level key that the known commands write.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct File {
    user_detail_list: Option<List<User>>,
    group_detail_list: Option<List<Group>>,
    role_detail_list: Option<List<Role>>,
    policies: Option<List<ManagedPolicy>>,
    #[serde(default)]
    is_truncated: bool,
    next_token: Option<String>,
    summary_map: Option<Summary>,
    password_policy: Option<PasswordPolicy>,
    account_aliases: Option<List<String>>,
    users: Option<List<ListedUser>>,
    roles: Option<List<ListedRole>>,
}

impl Export {
    /// What the files hold.
    pub(super) fn of(files: &[std::path::PathBuf]) -> Self {
        let mut export = Self::default();
        for file in files {
            export.add(file);
        }
        export
    }

    /// Leaves out what is not of this account, by each entity's own ARN. What carries no ARN cannot be attributed.
    pub(super) fn keep_only(&mut self, account: &str) {
        let ours = |arn: Option<&str>| arn.and_then(Arn::parse).is_some_and(|arn| arn.account == account);
        if let Some(Ok(pages)) = &mut self.pages {
            let details = &mut pages.details;
            if arns(details).count()
                < details.users.len() + details.groups.len() + details.roles.len() + details.policies.len()
            {
                let wrong = "it holds several accounts and an entity without an ARN";
                self.pages = Some(Err(SourceError::malformed(ACTION, wrong)));
            } else {
                details.users.retain(|user| ours(user.arn.as_deref()));
                details.groups.retain(|group| ours(group.arn.as_deref()));
                details.roles.retain(|role| ours(role.arn.as_deref()));
                let used = crate::kinds::referenced_policies(details);
                details.policies.retain(|policy| {
                    ours(policy.arn.as_deref()) || policy.arn.as_ref().is_some_and(|arn| used.contains(arn))
                });
            }
        }
        if let Some(Input::Known(report)) = &mut self.report {
            report.rows.retain(|_, row| ours(Some(&row.arn)));
            if report.rows.is_empty() {
                self.report = None;
            }
        }
        self.summary = None;
        self.password_policy = None;
        self.aliases = None;
    }

    /// Reads one file. What is wrong with it is kept where its content would have been.
    fn add(&mut self, path: &Path) {
        let is_csv = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("csv"));
        let bytes = std::fs::read(path)
            .map_err(|error| SourceError::unavailable(ACTION, format!("`{}`: {error}", path.display())));
        if is_csv {
            let report = bytes.and_then(|bytes| {
                CredentialReport::parse(&bytes, None)
                    .map_err(|wrong| malformed(path, &wrong).with_hint("export it again: `aws iam get-credential-report --query Content --output text | base64 -d`"))
            });
            if let Ok(report) = &report {
                let arns = report.rows.values().map(|row| row.arn.as_str());
                self.accounts.extend(arns.filter_map(account_of));
            }
            self.report = Some(report.into());
            return;
        }
        match bytes.and_then(|bytes| parse(path, &bytes)) {
            Ok(file) => self.add_file(file),
            // Whose content it was nobody knows; the details are what every export has.
            Err(error) => self.pages = Some(Err(error)),
        }
    }

    fn add_file(&mut self, file: File) {
        if file.user_detail_list.is_some()
            || file.group_detail_list.is_some()
            || file.role_detail_list.is_some()
        {
            if let Ok(pages) = self.pages.get_or_insert_with(|| Ok(Pages::default())) {
                pages.all += 1;
                pages.open += usize::from(file.is_truncated || file.next_token.is_some());
                let details = AccountDetails {
                    users: file.user_detail_list.unwrap_or_default().0,
                    groups: file.group_detail_list.unwrap_or_default().0,
                    roles: file.role_detail_list.unwrap_or_default().0,
                    policies: file.policies.unwrap_or_default().0,
                };
                self.accounts.extend(arns(&details).filter_map(account_of));
                pages.details.users.extend(details.users);
                pages.details.groups.extend(details.groups);
                pages.details.roles.extend(details.roles);
                pages.details.policies.extend(details.policies);
            }
            return;
        }
        if let Some(summary) = file.summary_map {
            self.summary = Some(Input::Known(summary));
        }
        if let Some(policy) = file.password_policy {
            self.password_policy = Some(Input::Known(Some(policy)));
        }
        if let Some(aliases) = file.account_aliases {
            self.aliases = Some(Input::Known(aliases.0));
        }
        if let Some(users) = file.users {
            self.listed_users = Some(Input::Known(users.0));
        }
        if let Some(roles) = file.roles {
            self.listed_roles = Some(Input::Known(roles.0));
        }
    }

    /// The account's details, all pages together.
    pub(super) fn details(&mut self, files: &[std::path::PathBuf]) -> Input<AccountDetails> {
        match self.pages.take() {
            None => Input::NotProvided(Some(
                Gap::new(
                    GapReason::NotProvided,
                    format!("{} holds no authorization details", describe(files)),
                )
                .with_hint("add the output of `aws iam get-account-authorization-details`"),
            )),
            Some(Err(error)) => Input::Failed(error),
            Some(Ok(pages)) if pages.open >= pages.all => Input::Failed(
                SourceError::malformed(ACTION, format!("{} ends before the last page", describe(files)))
                    .with_hint(
                        "export again without `--max-items` and `--no-paginate`, or add the missing pages",
                    ),
            ),
            Some(Ok(pages)) => Input::Known(pages.details),
        }
    }

    /// The first thing that was wrong with a file.
    pub(super) fn first_problem(&self) -> Option<SourceError> {
        match (&self.pages, &self.report) {
            (Some(Err(error)), _) | (_, Some(Input::Failed(error))) => Some(again(error)),
            _ => None,
        }
    }
}

fn parse(path: &Path, bytes: &[u8]) -> Result<File, SourceError> {
    let hint = "export it again: it is cut off, or not the JSON output of an AWS CLI command";
    let text = std::str::from_utf8(bytes)
        .map_err(|error| malformed(path, &format!("it is not UTF-8: {error}")).with_hint(hint))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let file: File =
        serde_json::from_str(text).map_err(|error| malformed(path, &error.to_string()).with_hint(hint))?;
    let known = file.user_detail_list.is_some()
        || file.group_detail_list.is_some()
        || file.role_detail_list.is_some()
        || file.summary_map.is_some()
        || file.password_policy.is_some()
        || file.account_aliases.is_some()
        || file.users.is_some()
        || file.roles.is_some();
    if known {
        Ok(file)
    } else {
        Err(malformed(path, "it has none of the keys of a known export").with_hint(hint))
    }
}

fn malformed(path: &Path, wrong: &str) -> SourceError {
    SourceError::malformed(ACTION, format!("`{}`: {wrong}", path.display()))
}

fn account_of(arn: &str) -> Option<Account> {
    Arn::parse(arn).map(|arn| arn.account).filter(|account| is_account_id(account)).map(str::to_owned)
}

fn arns(details: &AccountDetails) -> impl Iterator<Item = &str> {
    let users = details.users.iter().map(|user| &user.arn);
    let groups = details.groups.iter().map(|group| &group.arn);
    let roles = details.roles.iter().map(|role| &role.arn);
    let policies = details.policies.iter().map(|policy| &policy.arn);
    users.chain(groups).chain(roles).chain(policies).filter_map(Option::as_deref)
}
