//! Everything read of one account, with what could not be read, before any record is made of it.

pub(crate) use auditor_aws_common::Input;
use auditor_core::{
    error::{SourceError, chain},
    model::AccountId,
    outcome::{Gap, GapReason},
};

use crate::{
    credential_report::CredentialReport,
    wire::{
        AccessKey, AccountDetails, ListedRole, ListedUser, MfaDevice, OidcProvider, PasswordPolicy,
        SamlProvider, ServerCertificate, ServiceCredential, SigningCertificate, SshKey, Summary,
    },
};

/// One account as it was read. Inputs that no wanted kind needs are [`Input::NotProvided`] without a gap.
#[derive(Debug)]
pub(crate) struct Estate {
    pub(crate) profile: AccountProfile,
    pub(crate) details: Input<AccountDetails>,
    /// Why some referenced managed policies are missing from `details`.
    pub(crate) policy_problems: Vec<SourceError>,
    /// Referenced managed policies that an export lacks.
    pub(crate) policy_gaps: Vec<Gap>,
    pub(crate) listed_users: Input<Vec<ListedUser>>,
    pub(crate) listed_roles: Input<Vec<ListedRole>>,
    pub(crate) report: Input<CredentialReport>,
    pub(crate) summary: Input<Summary>,
    /// `None` inside: the account has no password policy.
    pub(crate) password_policy: Input<Option<PasswordPolicy>>,
    pub(crate) aliases: Input<Vec<String>>,
    pub(crate) access_keys: Listing<AccessKey>,
    pub(crate) mfa_devices: Listing<MfaDevice>,
    pub(crate) ssh_keys: Listing<SshKey>,
    pub(crate) signing_certificates: Listing<SigningCertificate>,
    pub(crate) service_credentials: Listing<ServiceCredential>,
    pub(crate) server_certificates: Listing<ServerCertificate>,
    pub(crate) saml_providers: Listing<SamlProvider>,
    pub(crate) oidc_providers: Listing<OidcProvider>,
    /// Where AWS's own counts differ from what was read.
    pub(crate) differences: Vec<Difference>,
}

/// What is known of an account before it is read.
#[derive(Debug, Clone)]
pub(crate) struct AccountProfile {
    pub(crate) account: AccountId,
    pub(crate) name: String,
    pub(crate) partition: String,
    /// Its state in AWS Organizations.
    pub(crate) status: Option<String>,
    /// Address of its root user, from AWS Organizations.
    pub(crate) email: Option<String>,
}

impl Estate {
    /// An account of which nothing has been read.
    pub(crate) fn unread(profile: AccountProfile) -> Self {
        Self {
            profile,
            details: Input::default(),
            policy_problems: Vec::new(),
            policy_gaps: Vec::new(),
            listed_users: Input::default(),
            listed_roles: Input::default(),
            report: Input::default(),
            summary: Input::default(),
            password_policy: Input::default(),
            aliases: Input::default(),
            access_keys: Listing::default(),
            mfa_devices: Listing::default(),
            ssh_keys: Listing::default(),
            signing_certificates: Listing::default(),
            service_credentials: Listing::default(),
            server_certificates: Listing::default(),
            saml_providers: Listing::default(),
            oidc_providers: Listing::default(),
            differences: Vec::new(),
        }
    }

    pub(crate) fn account(&self) -> &AccountId {
        &self.profile.account
    }
}

/// What several calls gave of one kind whose records each come from one call: what was read, and why the rest was not.
#[derive(Debug)]
pub(crate) struct Listing<T> {
    pub(crate) items: Vec<T>,
    pub(crate) problems: Vec<SourceError>,
}

impl<T> Default for Listing<T> {
    fn default() -> Self {
        Self { items: Vec::new(), problems: Vec::new() }
    }
}

impl<T> Listing<T> {
    /// Nothing was read, for one reason.
    pub(crate) fn failed(error: SourceError) -> Self {
        Self { items: Vec::new(), problems: vec![error] }
    }

    pub(crate) fn extend(&mut self, other: Self) {
        self.items.extend(other.items);
        self.problems.extend(other.problems);
    }
}

impl<T> From<Result<Vec<T>, SourceError>> for Listing<T> {
    fn from(result: Result<Vec<T>, SourceError>) -> Self {
        result.map_or_else(Self::failed, |items| Self { items, problems: Vec::new() })
    }
}

/// One of AWS's own counts that differs from what was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Difference {
    /// Key in `GetAccountSummary`.
    pub(crate) key: &'static str,
    pub(crate) counted: i64,
    pub(crate) read: i64,
}

impl Difference {
    /// The difference as a gap.
    pub(crate) fn gap(&self) -> Gap {
        let Self { key, counted, read } = self;
        Gap::new(
            GapReason::Mismatch,
            format!("AWS counts {counted} (`{key}` of `iam:GetAccountSummary`), {read} were read"),
        )
        .with_hint("run again; if the difference stays, the listing lacks something, and nothing is retired meanwhile")
    }
}

/// The same failure once more, for each of several kinds that fail for it.
pub(crate) fn again(error: &SourceError) -> SourceError {
    let cause = || std::error::Error::source(error).map(chain).unwrap_or_default();
    let action = error.action().unwrap_or_default().to_owned();
    let copy = match error.root() {
        SourceError::Denied { .. } => SourceError::denied(action, cause()),
        SourceError::Throttled { retry_after, .. } => SourceError::throttled(action, *retry_after, cause()),
        SourceError::Unavailable { .. } => SourceError::unavailable(action, cause()),
        SourceError::Malformed { .. } => SourceError::malformed(action, cause()),
        SourceError::Rejected { .. } => SourceError::rejected(action, cause()),
        SourceError::Gone => SourceError::Gone,
        SourceError::Cancelled => SourceError::Cancelled,
        SourceError::Bug(text) => SourceError::Bug(text.clone()),
        other => SourceError::Bug(format!("`{other}` was repeated")),
    };
    match error {
        SourceError::Hinted(hinted) => copy.with_hint(hinted.hint.clone()),
        _ => copy,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeated_failure_is_the_same_failure() {
        let error = SourceError::throttled("iam:ListUsers", None, "Rate exceeded").with_hint("wait");
        let copy = again(&error);
        assert_eq!(Gap::from(&copy), Gap::from(&error));
        assert!(matches!(again(&SourceError::Cancelled), SourceError::Cancelled));
    }
}
