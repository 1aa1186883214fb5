//! Sessions in other accounts, by `sts:AssumeRole`.

use std::{error::Error, fmt};

use auditor_core::{
    error::{SourceError, chain},
    source::Caller,
};
use aws_credential_types::Credentials;
use secrecy::{ExposeSecret as _, SecretString};

use crate::{
    arn::Arn,
    fault::{classify, code_of},
    hub::Hub,
};

/// What STS takes of a session policy, in characters.
pub const MAX_SESSION_POLICY: usize = 2048;

/// A session to open. `Debug` leaves the external id out.
pub struct SessionRequest {
    /// The role to assume.
    pub role_arn: String,
    /// The account the role must lie in.
    pub account: String,
    /// What the role's trust policy may ask for.
    pub external_id: Option<SecretString>,
    /// Name of the session.
    pub session_name: String,
    /// Source identity of the session.
    pub source_identity: Option<String>,
    /// How long the session lasts, in seconds.
    pub duration_secs: u32,
    /// What limits the session, whatever the role may do: a policy of at most [`MAX_SESSION_POLICY`] characters.
    pub session_policy: Option<&'static str>,
}

impl fmt::Debug for SessionRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionRequest")
            .field("role_arn", &self.role_arn)
            .field("session_name", &self.session_name)
            .finish_non_exhaustive()
    }
}

/// AWS's answer with whatever secret it repeats taken out.
#[derive(Debug)]
struct Redacted(String);

impl fmt::Display for Redacted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for Redacted {}

const ACTION: &str = "sts:AssumeRole";

impl SessionRequest {
    /// Opens the session and makes sure that it is in the right account.
    ///
    /// # Errors
    /// [`Denied`](SourceError::Denied) with the usual causes as a hint; [`Rejected`](SourceError::Rejected) if the
    /// session is in another account; whatever else STS says. Never names the external id.
    pub(crate) async fn open(&self, hub: &Hub, caller: &Caller) -> Result<Credentials, SourceError> {
        let answer = hub
            .sts_caller(caller)
            .call(ACTION, || async {
                self.request(hub).send().await.map_err(|error| classify(ACTION, &error))
            })
            .await
            .map_err(|error| self.explain(error))?;
        let session_arn = answer.assumed_role_user().map_or("", |user| user.arn.as_str());
        let account = Arn::parse(session_arn).map(|arn| arn.account).unwrap_or_default();
        if account != self.account {
            return Err(SourceError::rejected(
                ACTION,
                format!(
                    "`{}` gave the session `{session_arn}`, which is not in account {}",
                    self.role_arn, self.account
                ),
            ));
        }
        let credentials = answer
            .credentials
            .ok_or_else(|| SourceError::malformed(ACTION, "the answer holds no credentials"))?;
        Ok(Credentials::new(
            credentials.access_key_id,
            credentials.secret_access_key,
            Some(credentials.session_token),
            // Renewed when AWS says that it is over, not by this machine's clock.
            None,
            "auditor-assume-role",
        ))
    }

    fn request(&self, hub: &Hub) -> aws_sdk_sts::operation::assume_role::builders::AssumeRoleFluentBuilder {
        hub.sts
            .assume_role()
            .role_arn(&self.role_arn)
            .role_session_name(&self.session_name)
            .set_external_id(self.external_id.as_ref().map(|id| id.expose_secret().to_owned()))
            .set_source_identity(self.source_identity.clone())
            .set_duration_seconds(i32::try_from(self.duration_secs).ok())
            .set_policy(self.session_policy.map(str::to_owned))
    }

    fn explain(&self, error: SourceError) -> SourceError {
        let error = self.redact(error);
        match error.root() {
            SourceError::Denied { .. } => {
                let external_id = if self.external_id.is_some() {
                    "its trust policy asks for another external id than the one configured"
                } else {
                    "its trust policy asks for an external id and none is configured"
                };
                let hint = format!(
                    "`{}` could not be assumed: the role does not exist, its trust policy does not name the program's \
                     own identity, {external_id}, or that identity lacks `sts:AssumeRole`{} on it",
                    self.role_arn,
                    if self.source_identity.is_some() { " or `sts:SetSourceIdentity`" } else { "" },
                );
                error.with_hint(hint)
            }
            _ => error,
        }
    }

    /// Validation errors of STS repeat the values they refuse.
    fn redact(&self, error: SourceError) -> SourceError {
        let Some(secret) = self.external_id.as_ref().map(SecretString::expose_secret) else { return error };
        let repeats = error.source().is_some_and(|cause| chain(cause).contains(secret));
        if !repeats || code_of(&error).is_none() {
            return error;
        }
        let text = error.source().map(chain).unwrap_or_default().replace(secret, "[secret]");
        match error.root() {
            SourceError::Denied { .. } => SourceError::denied(ACTION, Redacted(text)),
            SourceError::Throttled { retry_after, .. } => {
                SourceError::throttled(ACTION, *retry_after, Redacted(text))
            }
            SourceError::Unavailable { .. } => SourceError::unavailable(ACTION, Redacted(text)),
            SourceError::Malformed { .. } => SourceError::malformed(ACTION, Redacted(text)),
            _ => SourceError::rejected(ACTION, Redacted(text)),
        }
    }
}
