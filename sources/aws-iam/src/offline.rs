//! Exported files instead of calls: outputs of AWS CLI commands, and credential reports as CSV.
//!
//! What a file is, its content tells; whose it is, the ARNs in it, cross-checked with the 12 digits in its name or its
//! folder's name.

mod export;
mod plan;
#[cfg(test)]
mod tests;

use std::path::PathBuf;

use auditor_core::{
    error::SourceError,
    outcome::{Gap, GapReason},
};

use self::export::{Account, Export};
pub(crate) use self::plan::plan;
use crate::estate::{AccountProfile, Estate, Input};

/// Reads the files of one account.
///
/// # Errors
/// [`Rejected`](SourceError::Rejected) if the files are not of this account: nothing of them may be attributed to it.
pub(crate) async fn read(files: Vec<PathBuf>, profile: AccountProfile) -> Result<Estate, SourceError> {
    tokio::task::spawn_blocking(move || read_files(&files, profile))
        .await
        .map_err(|error| SourceError::Bug(format!("reading export files: {error}")))?
}

fn read_files(files: &[PathBuf], profile: AccountProfile) -> Result<Estate, SourceError> {
    let mut export = Export::default();
    for file in files {
        export.add(file);
    }
    let of = export.accounts.iter().map(Account::as_str).collect::<Vec<_>>();
    if of.iter().any(|account| *account != profile.account.as_str()) {
        return Err(SourceError::rejected(
            "read export files",
            format!("{} holds ARNs of account {}", describe(files), of.join(" and of ")),
        )
        .with_hint(format!(
            "keep the files of each account in a folder of their own, or name them after it: these were taken for {}",
            profile.account
        )));
    }
    if !profile.account.is_aws() {
        return Err(export.first_problem().unwrap_or_else(|| {
            SourceError::rejected("read export files", format!("{} names no account", describe(files)))
                .with_hint("name the file or its folder after the 12-digit account id")
        }));
    }
    let mut estate = Estate::unread(profile);
    estate.details = export.details(files);
    estate.report =
        or_not_provided(export.report, "credential report", "credential-report.csv", "get-credential-report");
    estate.summary =
        or_not_provided(export.summary, "account summary", "account-summary.json", "get-account-summary");
    estate.password_policy = or_not_provided(
        export.password_policy,
        "password policy",
        "account-password-policy.json",
        "get-account-password-policy",
    );
    estate.aliases =
        or_not_provided(export.aliases, "account aliases", "account-aliases.json", "list-account-aliases");
    // These complete a few columns only, and nobody exports them by habit: no gap without them.
    estate.listed_users = export.listed_users.unwrap_or_default();
    estate.listed_roles = export.listed_roles.unwrap_or_default();
    Ok(estate)
}

fn or_not_provided<T>(input: Option<Input<T>>, what: &str, file: &str, command: &str) -> Input<T> {
    input.unwrap_or_else(|| {
        let gap = Gap::new(GapReason::NotProvided, format!("no {what} was found beside the export"))
            .with_hint(format!("add `{file}`, the output of `aws iam {command}`, to the account's folder"));
        Input::NotProvided(Some(gap))
    })
}

/// The files, for a message: the first one's name stands for several.
fn describe(files: &[PathBuf]) -> String {
    match files {
        [] => "no file".to_owned(),
        [file] => format!("`{}`", file.display()),
        [first, rest @ ..] => format!("`{}` (with {} more)", first.display(), rest.len()),
    }
}
