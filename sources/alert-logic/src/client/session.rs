//! Login and its token: made when first needed, renewed before it runs out or when it is refused.

use std::sync::Arc;

use auditor_core::{error::SourceError, source::Caller};
use auditor_http_common::{Credential, HeaderName, HttpClient, HttpFault, InvalidCredential, Reply};
use chrono::{DateTime, TimeDelta, Utc};
use secrecy::SecretString;
use serde_json::Value;
use tokio::sync::Mutex;
use uuid::Uuid;

use super::calls;
use crate::item::Item;

/// Tokens are renewed this long before they run out.
const MARGIN: TimeDelta = TimeDelta::seconds(60);
const TOKEN_HEADER: HeaderName = HeaderName::from_static("x-aims-auth-token");

/// What a login gave.
pub(crate) struct Login {
    /// The token, for every later call.
    pub(super) credential: Credential,
    /// The same, to keep it out of what services say.
    pub(super) token: SecretString,
    /// The key's own account.
    pub(crate) account: String,
    /// Its name.
    pub(crate) account_name: Option<String>,
    renew_at: Option<DateTime<Utc>>,
}

enum State {
    Out,
    In(Arc<Login>),
    /// A refused key is not tried again in the same run: each attempt counts against its user.
    Refused {
        run: Uuid,
        error: SourceError,
    },
}

/// One access key and the token it got, shared by all targets.
pub(crate) struct Session {
    http: HttpClient,
    key: Credential,
    /// Its secret part, to keep it out of what services say.
    pub(super) secret: SecretString,
    state: Mutex<State>,
}

impl Session {
    /// With an access key; uses no network.
    ///
    /// # Errors
    /// If no header can carry the key.
    pub(super) fn new(http: HttpClient, id: &str, secret: SecretString) -> Result<Self, InvalidCredential> {
        let key = Credential::basic(id, &secret)?;
        Ok(Self { http, key, secret, state: Mutex::new(State::Out) })
    }

    /// The login, made if there is none that will last a minute longer.
    ///
    /// # Errors
    /// Why the login was refused, the same for the rest of the run; or why it got no answer.
    pub(crate) async fn login(&self, caller: &Caller, run: Uuid) -> Result<Arc<Login>, SourceError> {
        self.login_unless(caller, run, |login| login.renew_at.is_none_or(|time| Utc::now() < time)).await
    }

    /// Another login than `refused`, whose token a service refused.
    pub(super) async fn renewed(
        &self,
        refused: &Arc<Login>,
        caller: &Caller,
        run: Uuid,
    ) -> Result<Arc<Login>, SourceError> {
        self.login_unless(caller, run, |login| !Arc::ptr_eq(login, refused)).await
    }

    async fn login_unless(
        &self,
        caller: &Caller,
        run: Uuid,
        serves: impl Fn(&Arc<Login>) -> bool,
    ) -> Result<Arc<Login>, SourceError> {
        // Held while logging in, so that calls which find the token expired at once log in once.
        let mut state = self.state.lock().await;
        match &*state {
            State::In(login) if serves(login) => return Ok(Arc::clone(login)),
            State::Refused { run: refused, error } if *refused == run => return Err(error.again()),
            _ => {}
        }
        match self.authenticate(caller).await {
            Ok(login) => {
                let login = Arc::new(login);
                *state = State::In(Arc::clone(&login));
                Ok(login)
            }
            Err(error) => {
                if !error.is_transient() && !matches!(error.root(), SourceError::Cancelled) {
                    *state = State::Refused { run, error: error.again() };
                }
                Err(error)
            }
        }
    }

    async fn authenticate(&self, caller: &Caller) -> Result<Login, SourceError> {
        let path = calls::segments(calls::LOGIN, "", &[]);
        let reply: Reply<Value> =
            self.http.post(calls::LOGIN, &path).with(&self.key).json(caller).await.map_err(explained)?;
        let body = Item(&reply.value);
        let malformed = |what: &'static str| SourceError::malformed(calls::LOGIN, what);
        let token = body.text("authentication/token").ok_or_else(|| malformed("the reply has no token"))?;
        let account = body
            .text("authentication/account/id")
            .filter(|id| crate::config::is_account_id(id))
            .ok_or_else(|| malformed("the reply names no account"))?;
        let now = Utc::now();
        // A token that seems to have run out already speaks of clocks that differ: then a refusal tells.
        let renew_at = body.secs("authentication/token_expiration").map(|end| end - MARGIN);
        let token = SecretString::from(token);
        Ok(Login {
            credential: Credential::header(TOKEN_HEADER, &token)
                .map_err(|_| malformed("the token cannot be sent as a header"))?,
            token,
            account,
            account_name: body.text("authentication/account/name"),
            renew_at: renew_at.filter(|time| *time > now),
        })
    }
}

/// What to do about a refused login.
fn explained(error: SourceError) -> SourceError {
    let hint = HttpFault::of(&error).and_then(|fault| match (fault.status.as_u16(), fault.message.as_deref()) {
        (401, Some("mfa_code_required" | "mfa_enrollment_required")) => Some(
            "Alert Logic asks for a second factor, which nobody is there to enter: set `access_key_id` and \
             `secret_key` to an access key, not to a user's name and password",
        ),
        (401, _) => Some(
            "the access key was not accepted: compare `access_key_id` and `secret_key` with the keys of the auditing \
             user in the Alert Logic console, or make a new one there",
        ),
        (400, Some("password_expired")) => {
            Some("set `access_key_id` and `secret_key` to an access key: those do not expire with a password")
        }
        (400, Some("account_inactive")) => Some("the key's Alert Logic account is not active: ask its administrator"),
        _ => None,
    });
    match hint {
        Some(hint) => error.with_hint(hint),
        None => error,
    }
}
