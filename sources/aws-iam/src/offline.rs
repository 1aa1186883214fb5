//! Exported files instead of calls: outputs of AWS CLI commands, and credential reports as CSV.
//!
//! What a file is, its content tells; whose it is, the ARNs in it. Where the name of the file or of its folder holds 12
//! digits, every ARN must be of that account; elsewhere one file may hold several accounts, and each entity goes to the
//! account of its own ARN.

mod export;
mod plan;
#[cfg(test)]
pub(crate) mod tests;

use std::path::PathBuf;

use auditor_core::{
    error::SourceError,
    outcome::{Gap, GapReason},
};

use self::export::Export;
pub(crate) use self::plan::plan;
use crate::{
    counts::differences,
    estate::{AccountProfile, Estate, Input},
    kinds,
};

const ACTION: &str = "read export files";

/// Reads one account out of its files, which are `shared` with other accounts or hold this one alone.
///
/// # Errors
/// [`Rejected`](SourceError::Rejected) if the files are not of this account: nothing of them may be attributed to it.
pub(crate) async fn read(
    files: Vec<PathBuf>,
    shared: bool,
    profile: AccountProfile,
    all_policies: bool,
) -> Result<Estate, SourceError> {
    tokio::task::spawn_blocking(move || read_files(&files, shared, profile, all_policies))
        .await
        .map_err(|error| SourceError::Bug(format!("reading export files: {error}")))?
}

fn read_files(
    files: &[PathBuf],
    shared: bool,
    profile: AccountProfile,
    all_policies: bool,
) -> Result<Estate, SourceError> {
    let mut export = Export::of(files);
    let account = profile.account.as_str().to_owned();
    if let Some(other) = export.accounts.iter().find(|other| !shared && **other != account) {
        return Err(SourceError::rejected(
            ACTION,
            format!("{} holds ARNs of account {other}", describe(files)),
        )
        .with_hint(format!(
            "its name says {account}: correct the name, or take the other account's entities out"
        )));
    }
    if !profile.account.is_aws() {
        return Err(export.first_problem().unwrap_or_else(|| {
            SourceError::rejected(ACTION, format!("{} names no account", describe(files)))
                .with_hint("name the file or its folder after the 12-digit account id")
        }));
    }
    if shared {
        export.keep_only(&account);
    }
    Ok(assemble(export, files, profile, all_policies))
}

fn assemble(mut export: Export, files: &[PathBuf], profile: AccountProfile, all_policies: bool) -> Estate {
    let mut estate = Estate::unread(profile);
    estate.details = export.details(files);
    if let Input::Known(details) = &mut estate.details {
        let used = kinds::referenced_policies(details);
        if !all_policies {
            kinds::retain_used_policies(details, &used);
        }
        let held = |arn: &String| details.policies.iter().any(|policy| policy.arn.as_ref() == Some(arn));
        estate.policy_gaps = used.iter().filter(|arn| !held(arn)).map(|arn| missing_policy(arn)).collect();
    }
    estate.report = export.report.unwrap_or_else(|| {
        not_provided(
            "credential report",
            "credential-report.csv",
            "get-credential-report --query Content --output text | base64 -d",
        )
    });
    estate.summary = export
        .summary
        .unwrap_or_else(|| not_provided("account summary", "account-summary.json", "get-account-summary"));
    estate.password_policy = export.password_policy.unwrap_or_else(|| {
        not_provided("password policy", "account-password-policy.json", "get-account-password-policy")
    });
    estate.aliases = export
        .aliases
        .unwrap_or_else(|| not_provided("account alias", "account-aliases.json", "list-account-aliases"));
    // These complete a few columns only, and nobody exports them by habit: no gap without them.
    estate.listed_users = export.listed_users.unwrap_or_default();
    estate.listed_roles = export.listed_roles.unwrap_or_default();
    if let Input::Known(summary) = &estate.summary {
        estate.differences = differences(&estate, summary, |kind| kinds::OFFLINE.contains(&kind));
    }
    estate
}

fn missing_policy(arn: &str) -> Gap {
    Gap::new(GapReason::NotProvided, format!("the export lacks `{arn}`, which something in it refers to"))
        .with_hint("AWS leaves policies out of the export that are permissions boundaries only: audit the account live")
}

fn not_provided<T>(what: &str, file: &str, command: &str) -> Input<T> {
    let gap = Gap::new(GapReason::NotProvided, format!("there is no {what} beside the export"))
        .with_hint(format!("put the output of `aws iam {command}` into the account's folder as `{file}`"));
    Input::NotProvided(Some(gap))
}

/// The files, for a message: the first one's name stands for several.
fn describe(files: &[PathBuf]) -> String {
    match files {
        [] => "no file".to_owned(),
        [file] => format!("`{}`", file.display()),
        [first, rest @ ..] => format!("`{}` (with {} more)", first.display(), rest.len()),
    }
}
