//! `aws_iam_account_settings`.

use auditor_core::{
    error::SourceError,
    model::{Column, Kind, Resource},
    source::{Collector, Emitter},
};
use serde_json::{Map, Value, json};

use crate::{
    estate::{Estate, Input, again},
    wire::{PasswordPolicy, Summary},
};

pub(crate) static ACCOUNT_SETTINGS: Kind = Kind::new(
    "aws_iam_account_settings",
    "Account-wide IAM settings: password policy, root user's credentials, alias, quotas",
)
.native_id("The account id")
.columns(&[
    Column::boolean(
        "root_mfa",
        "/root_mfa",
        "Whether the root user has MFA. Null: not known (`GetAccountSummary`, `AccountMFAEnabled`)",
    ),
    Column::boolean(
        "root_access_keys",
        "/root_access_keys",
        "Whether the root user has access keys. Null: not known (`GetAccountSummary`, `AccountAccessKeysPresent`)",
    ),
    Column::boolean(
        "root_signing_certificates",
        "/root_signing_certificates",
        "Whether the root user has signing certificates. Null: not known (`GetAccountSummary`, \
         `AccountSigningCertificatesPresent`)",
    ),
    Column::boolean(
        "root_password",
        "/root_password",
        "Whether the root user has a password. Null: not known (`GetAccountSummary`, `AccountPasswordPresent`)",
    ),
    Column::boolean(
        "password_policy_set",
        "/password_policy_set",
        "Whether the account has a password policy of its own. Null: not known (`GetAccountPasswordPolicy`)",
    ),
    Column::integer(
        "minimum_password_length",
        "/password_policy/minimum_length",
        "Null: no policy, or not known (`GetAccountPasswordPolicy`, `MinimumPasswordLength`)",
    ),
    Column::integer(
        "max_password_age_days",
        "/password_policy/max_age_days",
        "Null: passwords do not expire, no policy, or not known (`GetAccountPasswordPolicy`, `MaxPasswordAge`)",
    ),
    Column::integer(
        "password_reuse_prevention",
        "/password_policy/reuse_prevention",
        "How many earlier passwords may not be used again. Null: none, no policy, or not known \
         (`GetAccountPasswordPolicy`, `PasswordReusePrevention`)",
    ),
    Column::json("password_policy", "/password_policy", "The whole policy. Null: none, or not known"),
    Column::text("alias", "/alias", "Sign-in alias. Null: none, or not known (`ListAccountAliases`)"),
    Column::json("quotas", "/quotas", "Quotas. Null: not known (`GetAccountSummary`, keys that end in `Quota`)"),
    Column::json(
        "counts",
        "/counts",
        "AWS's own counts of users, groups, roles … Null: not known (`GetAccountSummary`)",
    )
    .activity(),
])
.permissions(&["iam:GetAccountPasswordPolicy", "iam:GetAccountSummary", "iam:ListAccountAliases"]);

pub(super) async fn emit(out: &Collector, estate: &Estate) {
    out.scope(&[&ACCOUNT_SETTINGS], |emit| listing(estate, emit)).await;
}

async fn listing(estate: &Estate, emit: Emitter) -> Result<(), SourceError> {
    // With every part denied there is nothing to record: the scope is denied, not partial.
    if let (Input::Denied(error), Input::Denied(_), Input::Denied(_)) =
        (&estate.summary, &estate.password_policy, &estate.aliases)
    {
        return Err(again(error));
    }
    let summary = estate.summary.optional(&emit, &ACCOUNT_SETTINGS)?;
    let password_policy = estate.password_policy.optional(&emit, &ACCOUNT_SETTINGS)?;
    let aliases = estate.aliases.optional(&emit, &ACCOUNT_SETTINGS)?;
    if summary.is_none() && password_policy.is_none() && aliases.is_none() {
        return Ok(());
    }
    emit.emit(map(estate, summary, password_policy, aliases)).await
}

fn map(
    estate: &Estate,
    summary: Option<&Summary>,
    password_policy: Option<&Option<PasswordPolicy>>,
    aliases: Option<&Vec<String>>,
) -> Resource {
    let flag = |key: &str| summary.and_then(|summary| summary.get(key)).map(|value| *value != 0);
    let part = |wanted: fn(&str) -> bool| {
        summary.map(|summary| {
            summary
                .iter()
                .filter(|(key, _)| wanted(key))
                .map(|(key, value)| (key.clone(), Value::from(*value)))
                .collect::<Map<_, _>>()
        })
    };
    let account = estate.account();
    let document = json!({
        "alias": aliases.and_then(|aliases| aliases.iter().min()),
        "root_mfa": flag("AccountMFAEnabled"),
        "root_access_keys": flag("AccountAccessKeysPresent"),
        "root_signing_certificates": flag("AccountSigningCertificatesPresent"),
        "root_password": flag("AccountPasswordPresent"),
        "quotas": part(|key| key.ends_with("Quota")),
        "global_endpoint_token_version": summary.and_then(|summary| summary.get("GlobalEndpointTokenVersion")),
        "password_policy_set": password_policy.map(Option::is_some),
        "password_policy": password_policy.and_then(Option::as_ref).map(map_password_policy),
    });
    Resource::new(&ACCOUNT_SETTINGS, account.clone(), account.as_str(), document)
        .named(estate.profile.name.as_str())
        .with_activity(json!({ "counts": part(is_count) }))
}

/// Counts change whenever anything is created: they say nothing of the settings.
fn is_count(key: &str) -> bool {
    !key.ends_with("Quota") && !key.starts_with("Account") && key != "GlobalEndpointTokenVersion"
}

fn map_password_policy(policy: &PasswordPolicy) -> Value {
    json!({
        "minimum_length": policy.minimum_password_length,
        "require_symbols": policy.require_symbols,
        "require_numbers": policy.require_numbers,
        "require_uppercase": policy.require_uppercase_characters,
        "require_lowercase": policy.require_lowercase_characters,
        "users_may_change": policy.allow_users_to_change_password,
        "expires": policy.expire_passwords,
        "max_age_days": policy.max_password_age.filter(|days| *days > 0),
        "reuse_prevention": policy.password_reuse_prevention.filter(|count| *count > 0),
        "hard_expiry": policy.hard_expiry.unwrap_or(false),
    })
}
