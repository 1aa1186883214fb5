//! What the provider answers, in the JSON shape of the AWS CLI: exports are parsed into these types, and answers of the
//! live API are converted to them, so that one mapping serves both.
//!
//! Everything is optional, `null` is the same as absent, and unknown fields are ignored: tools write these files with
//! small differences. A value of the wrong type is an error.

use std::{collections::BTreeMap, ops::Deref};

use chrono::{DateTime, NaiveDateTime, Utc};
use serde::{Deserialize, Deserializer, de::Error as _};
use serde_json::Value;

/// An array; `null` is an empty one.
#[derive(Debug, Clone)]
pub(crate) struct List<T>(pub(crate) Vec<T>);

impl<T> Default for List<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Deref for List<T> {
    type Target = Vec<T>;

    fn deref(&self) -> &Vec<T> {
        &self.0
    }
}

impl<T> FromIterator<T> for List<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        Self(items.into_iter().collect())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(Option::deserialize(deserializer)?.unwrap_or_default()))
    }
}

/// A time: RFC 3339, the same with a space or without a zone (UTC), or seconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Time(pub(crate) DateTime<Utc>);

impl Time {
    /// `None` if the text is no time.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let zoned = DateTime::parse_from_rfc3339(text).map(|time| time.to_utc());
        let naive = || {
            NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f")
                .or_else(|_| NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f"))
                .map(|time| time.and_utc())
        };
        zoned.or_else(|_| naive()).ok().map(Self)
    }

    /// From the SDK's own type; `None` beyond chrono's calendar.
    pub(crate) fn from_sdk(time: &aws_smithy_types::DateTime) -> Option<Self> {
        DateTime::from_timestamp(time.secs(), time.subsec_nanos()).map(Self)
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let time = match Value::deserialize(deserializer)? {
            Value::String(text) => Self::parse(&text),
            Value::Number(number) => number
                .as_f64()
                .and_then(|seconds| std::time::Duration::try_from_secs_f64(seconds).ok())
                .and_then(|since| DateTime::from_timestamp(i64::try_from(since.as_secs()).ok()?, 0))
                .map(Self),
            _ => None,
        };
        time.ok_or_else(|| D::Error::custom("expected a time such as `2026-01-31T12:00:00Z`"))
    }
}

/// The chrono time of an optional [`Time`].
pub(crate) fn chrono(time: Option<Time>) -> Option<DateTime<Utc>> {
    time.map(|time| time.0)
}

/// `GetAccountAuthorizationDetails`: all pages of an account together.
#[derive(Debug, Clone, Default)]
pub(crate) struct AccountDetails {
    pub(crate) users: Vec<User>,
    pub(crate) groups: Vec<Group>,
    pub(crate) roles: Vec<Role>,
    pub(crate) policies: Vec<ManagedPolicy>,
}

macro_rules! wire {
    ($($(#[$meta:meta])* $name:ident { $($(#[$field_meta:meta])* $field:ident: $ty:ty),+ $(,)? })+) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, Default, Deserialize)]
        #[serde(rename_all = "PascalCase", default)]
        #[allow(clippy::struct_field_names, reason = "the fields are named as in the JSON")]
        pub(crate) struct $name { $($(#[$field_meta])* pub(crate) $field: $ty,)+ }
    )+};
}

wire! {
    /// `UserDetail`.
    User {
        path: Option<String>,
        user_name: Option<String>,
        user_id: Option<String>,
        arn: Option<String>,
        create_date: Option<Time>,
        user_policy_list: List<InlinePolicy>,
        group_list: List<String>,
        attached_managed_policies: List<AttachedPolicy>,
        permissions_boundary: Option<Boundary>,
        tags: List<Tag>,
    }
    /// `GroupDetail`.
    Group {
        path: Option<String>,
        group_name: Option<String>,
        group_id: Option<String>,
        arn: Option<String>,
        create_date: Option<Time>,
        group_policy_list: List<InlinePolicy>,
        attached_managed_policies: List<AttachedPolicy>,
    }
    /// `RoleDetail`.
    Role {
        path: Option<String>,
        role_name: Option<String>,
        role_id: Option<String>,
        arn: Option<String>,
        create_date: Option<Time>,
        assume_role_policy_document: Option<Value>,
        instance_profile_list: List<InstanceProfile>,
        role_policy_list: List<InlinePolicy>,
        attached_managed_policies: List<AttachedPolicy>,
        permissions_boundary: Option<Boundary>,
        tags: List<Tag>,
        role_last_used: Option<RoleLastUsed>,
    }
    /// `InstanceProfile`.
    InstanceProfile { arn: Option<String> }
    /// `RoleLastUsed`.
    RoleLastUsed { last_used_date: Option<Time>, region: Option<String> }
    /// `PolicyDetail`: an inline policy.
    InlinePolicy { policy_name: Option<String>, policy_document: Option<Value> }
    /// `AttachedPolicy`.
    AttachedPolicy { policy_name: Option<String>, policy_arn: Option<String> }
    /// `AttachedPermissionsBoundary`.
    Boundary { permissions_boundary_arn: Option<String> }
    /// `Tag`.
    Tag { key: String, value: String }
    /// `ManagedPolicyDetail`, or what `GetPolicy` and `GetPolicyVersion` give of one.
    ManagedPolicy {
        policy_name: Option<String>,
        policy_id: Option<String>,
        arn: Option<String>,
        path: Option<String>,
        default_version_id: Option<String>,
        attachment_count: Option<i64>,
        permissions_boundary_usage_count: Option<i64>,
        is_attachable: Option<bool>,
        create_date: Option<Time>,
        update_date: Option<Time>,
        policy_version_list: List<PolicyVersion>,
    }
    /// `PolicyVersion`.
    PolicyVersion {
        document: Option<Value>,
        version_id: Option<String>,
        is_default_version: bool,
        create_date: Option<Time>,
    }
    /// `User` of `ListUsers`: what the details leave out.
    ListedUser { user_name: Option<String>, user_id: Option<String>, password_last_used: Option<Time> }
    /// `Role` of `ListRoles`: what the details leave out.
    ListedRole { role_id: Option<String>, description: Option<String>, max_session_duration: Option<i64> }
    /// `PasswordPolicy`.
    PasswordPolicy {
        minimum_password_length: Option<i64>,
        require_symbols: bool,
        require_numbers: bool,
        require_uppercase_characters: bool,
        require_lowercase_characters: bool,
        allow_users_to_change_password: bool,
        expire_passwords: bool,
        max_password_age: Option<i64>,
        password_reuse_prevention: Option<i64>,
        hard_expiry: Option<bool>,
    }
}

/// `GetAccountSummary`: AWS's own counts and quotas.
pub(crate) type Summary = BTreeMap<String, i64>;

/// `AccessKeyMetadata`. Never the secret, which AWS shows once, at creation.
#[derive(Debug, Clone)]
pub(crate) struct AccessKey {
    pub(crate) id: String,
    pub(crate) user_name: String,
    pub(crate) status: Option<String>,
    pub(crate) created_at: Option<Time>,
}

/// `MFADevice` or `VirtualMFADevice`. Never its seed.
#[derive(Debug, Clone)]
pub(crate) struct MfaDevice {
    pub(crate) serial_number: String,
    /// `None`: not assigned. `<root_account>` for the root user.
    pub(crate) user_name: Option<String>,
    pub(crate) enabled_at: Option<Time>,
}

/// `SSHPublicKeyMetadata`.
#[derive(Debug, Clone)]
pub(crate) struct SshKey {
    pub(crate) id: String,
    pub(crate) user_name: String,
    pub(crate) status: String,
    pub(crate) uploaded_at: Option<Time>,
}

/// `SigningCertificate`.
#[derive(Debug, Clone)]
pub(crate) struct SigningCertificate {
    pub(crate) id: String,
    pub(crate) user_name: String,
    pub(crate) status: String,
    pub(crate) uploaded_at: Option<Time>,
    pub(crate) body_blake3: String,
}

/// `ServiceSpecificCredentialMetadata`.
#[derive(Debug, Clone)]
pub(crate) struct ServiceCredential {
    pub(crate) id: String,
    pub(crate) user_name: String,
    pub(crate) service_name: String,
    pub(crate) service_user_name: String,
    pub(crate) alias: Option<String>,
    pub(crate) status: String,
    pub(crate) created_at: Option<Time>,
    pub(crate) expires_at: Option<Time>,
}

/// `ServerCertificateMetadata`.
#[derive(Debug, Clone)]
pub(crate) struct ServerCertificate {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) arn: String,
    pub(crate) path: String,
    pub(crate) uploaded_at: Option<Time>,
    pub(crate) expires_at: Option<Time>,
}

/// An entry of `ListSAMLProviders` with what `GetSAMLProvider` says of it.
#[derive(Debug, Clone)]
pub(crate) struct SamlProvider {
    pub(crate) arn: String,
    pub(crate) uuid: Option<String>,
    pub(crate) metadata: Option<String>,
    pub(crate) created_at: Option<Time>,
    pub(crate) valid_until: Option<Time>,
    pub(crate) assertion_encryption: Option<String>,
    pub(crate) private_key_ids: Vec<String>,
    pub(crate) tags: Vec<Tag>,
}

/// An entry of `ListOpenIDConnectProviders` with what `GetOpenIDConnectProvider` says of it.
#[derive(Debug, Clone)]
pub(crate) struct OidcProvider {
    pub(crate) arn: String,
    pub(crate) url: Option<String>,
    pub(crate) client_ids: Vec<String>,
    pub(crate) thumbprints: Vec<String>,
    pub(crate) created_at: Option<Time>,
    pub(crate) tags: Vec<Tag>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_in_every_usual_form() {
        let expected: DateTime<Utc> = "2023-03-09T10:41:45Z".parse().unwrap();
        for text in [
            "\"2023-03-09T10:41:45+00:00\"",
            "\"2023-03-09 10:41:45+00:00\"",
            "\"2023-03-09T12:41:45+02:00\"",
            "\"2023-03-09T10:41:45\"",
            "\"2023-03-09 10:41:45\"",
            "1678358505",
            "1678358505.25",
        ] {
            assert_eq!(serde_json::from_str::<Time>(text).unwrap().0, expected, "{text}");
        }
        for text in ["\"yesterday\"", "true", "-1e99", "\"\""] {
            assert!(serde_json::from_str::<Time>(text).is_err(), "{text}");
        }
    }

    #[test]
    fn null_and_unknown_fields_are_harmless_and_wrong_types_are_not() {
        let user: User =
            serde_json::from_str(r#"{"UserName":"ada","Tags":null,"PermissionsBoundary":null,"New":[1]}"#)
                .unwrap();
        assert_eq!(user.user_name.as_deref(), Some("ada"));
        assert!(user.tags.is_empty());
        assert!(serde_json::from_str::<User>(r#"{"UserName":7}"#).is_err());
    }
}
