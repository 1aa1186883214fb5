//! Alert Logic over HTTP: login, hosts, calls, paging, error classes. Knows no records.

pub(crate) mod calls;
mod hosts;
mod incidents;
mod pages;
mod session;

use std::{
    collections::HashSet,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use auditor_core::{
    config::Problem,
    error::SourceError,
    registry::Instance,
    source::{Caller, Context},
};
use auditor_http_common::{Class, Dialect, HttpClient, HttpFault, Reply, StatusCode, clean, common_message};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use tokio::sync::OnceCell;
use uuid::Uuid;

pub(crate) use self::{
    hosts::Discovery,
    incidents::{Incidents, Window},
    session::Login,
};
use self::{hosts::Hosts, session::Session};
use crate::{
    config::{AlertLogicConfig, Residency},
    item::Item,
};

/// Serves the services that are the same for every residency.
const GLOBAL: &str = "https://api.global-services.global.alertlogic.com";
const ROLE_HINT: &str =
    "give the key's user the role `Read Only`, or `Support / Care` to reach managed accounts";

/// Alert Logic as its own errors put it.
#[derive(Debug)]
struct AlertLogicDialect;

impl Dialect for AlertLogicDialect {
    fn message(&self, body: &Value) -> Option<String> {
        let own = ["invalid_value", "error_type"];
        common_message(body).or_else(|| own.into_iter().find_map(|key| Item(body).text(key)))
    }

    fn hint(&self, fault: &HttpFault) -> Option<String> {
        (fault.status == StatusCode::FORBIDDEN).then(|| ROLE_HINT.to_owned())
    }
}

/// Connections, login and hosts, shared by all targets.
pub(crate) struct Client {
    pub(crate) session: Session,
    hosts: Hosts,
    residency: Residency,
}

impl Client {
    /// As the settings say. Uses no network.
    pub(crate) fn new(config: &AlertLogicConfig, instance: &Instance) -> Result<Self, Vec<Problem>> {
        let discovery = Discovery { scheme: "https", trusted: hosts::TRUSTED };
        Self::with_discovery(config, instance, config.http.endpoint.is_none().then_some(discovery))
    }

    /// With another way to find hosts than the settings imply.
    pub(crate) fn with_discovery(
        config: &AlertLogicConfig,
        instance: &Instance,
        discovery: Option<Discovery>,
    ) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut resolved = |key: &'static str, secret: &auditor_core::config::Secret| {
            secret.resolve(instance).map_err(|problem| problems.push(problem.under(key))).ok()
        };
        let id = resolved("access_key_id", &config.access_key_id);
        let secret = resolved("secret_key", &config.secret_key);
        let http = HttpClient::new(&config.http, GLOBAL, instance, AlertLogicDialect).map_err(|found| {
            problems.extend(found.into_iter().map(|problem| problem.under("http")));
        });
        let (Some(id), Some(secret), Ok(base)) = (id, secret, http) else { return Err(problems) };
        let session = Session::new(base.clone(), id.expose_secret(), secret)
            .map_err(|wrong| vec![Problem::new("access_key_id", wrong.to_string())])?;
        Ok(Self { session, hosts: Hosts::new(base, discovery), residency: config.residency })
    }

    /// Calls for one Alert Logic account. `managed`: it is not the key's own.
    pub(crate) fn api<'a>(&'a self, context: &'a Context, account: &'a str, managed: bool) -> Api<'a> {
        Api {
            client: self,
            caller: &context.caller,
            run: context.run,
            account,
            managed,
            refused: Mutex::default(),
            reaches_managed: OnceCell::new(),
            seen: AtomicBool::new(false),
            is_emea: OnceCell::new(),
            finding: tokio::sync::Mutex::default(),
        }
    }
}

/// Calls for one Alert Logic account.
pub(crate) struct Api<'a> {
    client: &'a Client,
    caller: &'a Caller,
    run: Uuid,
    account: &'a str,
    managed: bool,
    /// Calls that a fresh token did not open either. They do not cost a login again.
    refused: Mutex<HashSet<&'static str>>,
    reaches_managed: OnceCell<bool>,
    /// Whether something of the account's own was seen, so that emptiness elsewhere is emptiness.
    seen: AtomicBool,
    is_emea: OnceCell<bool>,
    /// Held while a host is asked for, so that calls which need it at once ask once.
    finding: tokio::sync::Mutex<()>,
}

/// Parameters of an address.
pub(crate) type Query<'a> = [(&'a str, &'a str)];

impl Api<'_> {
    /// Tells where the account is at home, for the services that the endpoints service does not know by name.
    pub(crate) fn at_home_in(&self, location: Option<&str>) {
        if let Some(location) = location {
            let is_emea = location.contains("-eu-") || location.contains("-uk-");
            // Set already: by the same account's record, with the same answer.
            self.is_emea.set(is_emea).ok();
        }
    }

    /// Makes a call and reads its reply.
    ///
    /// # Errors
    /// Beside those of every call: an error inside a successful reply, in the class of the code it carries.
    pub(crate) async fn get(
        &self,
        action: &'static str,
        args: &[&str],
        query: &Query<'_>,
    ) -> Result<Value, SourceError> {
        let service = calls::service(action);
        let http = match self.client.hosts.known(self.account, service) {
            Some(http) => http,
            None => self.find_host(service).await?,
        };
        self.send(&http, action, args, query).await
    }

    async fn find_host(&self, service: &'static str) -> Result<HttpClient, SourceError> {
        let hosts = &self.client.hosts;
        let _finding = self.finding.lock().await;
        if let Some(http) = hosts.known(self.account, service) {
            return Ok(http);
        }
        let residency = self.client.residency;
        let reply = self.send(&hosts.base, calls::ENDPOINT, &[residency.as_str(), service], &[]).await;
        match reply {
            Ok(reply) => hosts.learn(self.account, service, &reply),
            Err(error) if status(&error) == Some(StatusCode::NOT_FOUND) => {
                let is_emea = match residency {
                    Residency::Default => self.is_emea.get().copied(),
                    Residency::Us => Some(false),
                    Residency::Emea => Some(true),
                };
                match is_emea {
                    Some(is_emea) => hosts.learn_from_location(self.account, service, is_emea),
                    None => Err(error),
                }
            }
            Err(error) => Err(error),
        }
    }

    async fn send(
        &self,
        http: &HttpClient,
        action: &'static str,
        args: &[&str],
        query: &Query<'_>,
    ) -> Result<Value, SourceError> {
        let path = calls::segments(action, self.account, args);
        let mut request = http.get(action, &path).hiding(&self.client.session.secret);
        for (name, value) in query {
            request = request.query(name, value);
        }
        let mut login = self.client.session.login(self.caller, self.run).await?;
        let mut result = request.clone().with(&login.credential).json(self.caller).await;
        if is_unauthorized(&result) && !self.lock_refused().contains(action) {
            login = self.client.session.renewed(&login, self.caller, self.run).await?;
            result = request.with(&login.credential).json(self.caller).await;
            if is_unauthorized(&result) {
                self.lock_refused().insert(action);
            }
        }
        match result {
            Ok(reply) => inner_error(action, reply.value, &[&login.token, &self.client.session.secret]),
            Err(error) if status(&error) == Some(StatusCode::UNAUTHORIZED) => Err(error.with_hint(format!(
                "the service refuses a token that was just issued: {ROLE_HINT}, and see whether the account is \
                 entitled to the service"
            ))),
            Err(error) => Err(error),
        }
    }

    /// Makes a call whose reply is a list, bare or under a key.
    ///
    /// # Errors
    /// [`Malformed`](SourceError::Malformed) if there is no list, which is not the same as an empty one;
    /// [`Denied`](SourceError::Denied) for an empty list of a managed account that the key may be unable to see.
    pub(crate) async fn list(
        &self,
        action: &'static str,
        args: &[&str],
        query: &Query<'_>,
        key: Option<&str>,
    ) -> Result<Vec<Value>, SourceError> {
        let list = list_in(action, self.get(action, args, query).await?, key)?;
        self.believe(action, list.is_empty()).await?;
        if !list.is_empty() && calls::SHOW_REACH.contains(&action) {
            self.seen.store(true, Ordering::Relaxed);
        }
        Ok(list)
    }

    /// Fails if emptiness cannot be believed: an account that a key does not reach may look like an empty one.
    pub(crate) async fn believe(&self, action: &'static str, empty: bool) -> Result<(), SourceError> {
        let seen = self.seen.load(Ordering::Relaxed);
        if !empty || !self.managed || seen || *self.reaches_managed.get_or_init(|| self.look_up_reach()).await
        {
            return Ok(());
        }
        let cause = "an empty list of a managed account, which a key that does not reach it is given too";
        Err(SourceError::denied(action, cause).with_hint(ROLE_HINT))
    }

    /// Whether the key's roles speak of more than its own account. Not if that cannot be told.
    async fn look_up_reach(&self) -> bool {
        match self.get(calls::TOKEN_INFO, &[], &[]).await {
            Ok(info) => allowed(&info).any(|permission| permission.split(':').nth(1) != Some("own")),
            Err(error) => {
                tracing::debug!(error = %auditor_core::error::chain(&error), "the key's roles could not be read");
                false
            }
        }
    }

    fn lock_refused(&self) -> std::sync::MutexGuard<'_, HashSet<&'static str>> {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the roles of a `token_info` allow: `service:scope:operation:resource`.
pub(crate) fn allowed(info: &Value) -> impl Iterator<Item = &str> {
    Item(info).items("roles").filter_map(|role| role.at("permissions")?.0.as_object()).flatten().filter_map(
        |(permission, effect)| (effect.as_str() == Some("allowed")).then_some(permission.as_str()),
    )
}

/// The list of a reply, bare or under a key.
fn list_in(action: &'static str, reply: Value, key: Option<&str>) -> Result<Vec<Value>, SourceError> {
    let (found, expected) = match (reply, key) {
        (Value::Object(mut map), Some(key)) => (map.remove(key), format!("no list `{key}`")),
        (_, Some(key)) => (None, format!("no object with a list `{key}`")),
        (reply, None) => (Some(reply), "no list".to_owned()),
    };
    match found {
        Some(Value::Array(list)) => Ok(list),
        _ => Err(SourceError::malformed(action, format!("the reply holds {expected}"))),
    }
}

/// An error inside a successful reply, in the class of the code it carries.
fn inner_error(action: &'static str, reply: Value, secrets: &[&SecretString]) -> Result<Value, SourceError> {
    let body = Item(&reply);
    let Some(message) = body.text("error").or_else(|| body.text("error_type")) else { return Ok(reply) };
    let mut said = match body.text("message") {
        Some(details) => format!("{message}: {details}"),
        None => message,
    };
    for secret in secrets {
        said = said.replace(secret.expose_secret(), "[secret]");
    }
    let said = clean(&said);
    let cause = format!("an error inside a successful reply: {said}");
    let code = body.int("code").and_then(|code| StatusCode::from_u16(u16::try_from(code).ok()?).ok());
    Err(match code.map(|code| Class::of(code, false)) {
        Some(Class::Denied) => SourceError::denied(action, cause).with_hint(ROLE_HINT),
        Some(Class::Throttled) => SourceError::throttled(action, None, cause),
        Some(Class::Unavailable) => SourceError::unavailable(action, cause),
        _ => SourceError::rejected(action, cause),
    })
}

fn is_unauthorized(result: &Result<Reply<Value>, SourceError>) -> bool {
    result.as_ref().err().and_then(status) == Some(StatusCode::UNAUTHORIZED)
}

/// The status behind an error.
pub(crate) fn status(error: &SourceError) -> Option<StatusCode> {
    HttpFault::of(error).map(|fault| fault.status)
}
