//! Calls of one tenant, all of them `GET`.
//!
//! Paths, list names and page sizes are those of the vendor's REST guide; [`calls`] names each once. A partner's key
//! reads a customer with the customer's id as a parameter.

pub(crate) mod calls;
mod dialect;
mod links;
mod pages;

use auditor_core::{config::Problem, error::SourceError, registry::Instance, source::Caller};
use auditor_http_common::{Credential, HttpClient, HttpSettings, Request, common_message};
use serde_json::Value;

use self::{calls::Call, dialect::CloudHealthDialect};
pub(crate) use self::{calls::Scope, pages::Listing};
use crate::config::TenantConfig;

const ENDPOINT: &str = "https://chapi.cloudhealthtech.com";

/// Connections with the key of one tenant.
pub(crate) struct Api {
    pub(crate) tenant: String,
    http: HttpClient,
    key: Credential,
    organization: Option<String>,
}

impl Api {
    /// Uses no network.
    ///
    /// # Errors
    /// What is wrong with the key or the connection's settings; only the key's problems are filed under `api_key`.
    pub(crate) fn new(
        tenant: &TenantConfig,
        http: &HttpSettings,
        instance: &Instance,
    ) -> Result<Self, Vec<Problem>> {
        let key = tenant
            .api_key
            .resolve(instance)
            .map_err(|problem| problem.under("api_key"))
            .and_then(|key| {
                Credential::bearer(&key).map_err(|wrong| Problem::new("api_key", wrong.to_string()))
            })
            .map_err(|problem| vec![problem])?;
        let dialect = CloudHealthDialect { tenant: tenant.id.clone() };
        let http = HttpClient::new(http, ENDPOINT, instance, dialect)?;
        let organization = tenant.organization.as_deref().map(|id| id.trim().to_owned());
        Ok(Self { tenant: tenant.id.clone(), http, key, organization })
    }

    /// Reads what the key's own tenant holds, or one of a partner's customers.
    pub(crate) fn reader<'a>(&'a self, caller: &'a Caller, customer: Option<&'a str>) -> Reader<'a> {
        Reader { api: self, caller, customer }
    }
}

/// Reads one target.
#[derive(Clone, Copy)]
pub(crate) struct Reader<'a> {
    api: &'a Api,
    caller: &'a Caller,
    customer: Option<&'a str>,
}

impl Reader<'_> {
    /// A call, with what says whose data is meant. `ids` take the places of `{}` in its path.
    pub(crate) fn request(&self, call: &Call, ids: &[&str]) -> Request {
        let mut ids = ids.iter();
        let path: Vec<&str> = call
            .path
            .iter()
            .map(|segment| if *segment == "{}" { ids.next().copied().unwrap_or_default() } else { segment })
            .collect();
        let mut request = self.api.http.get(call.action, &path).with(&self.api.key);
        match (call.scope, self.customer) {
            (Scope::Tenant, Some(customer)) => request = request.query("client_api_id", customer),
            (Scope::Policies, Some(customer)) => request = request.query("api_key", customer),
            _ => {}
        }
        match &self.api.organization {
            Some(organization) if call.scope == Scope::Tenant => request.query("org_id", organization),
            _ => request,
        }
    }

    /// Makes a call that has no pages.
    ///
    /// # Errors
    /// As [`Request::json`], and [`Rejected`](SourceError::Rejected) for an error under the status 200.
    pub(crate) async fn get(&self, request: &Request, action: &'static str) -> Result<Value, SourceError> {
        let body = request.json::<Value>(self.caller).await?.value;
        match body.get("error") {
            Some(error) if !error.is_null() => {
                Err(no_result(action, request, &body, "the reply is an error without words"))
            }
            _ if body.is_object() => Ok(body),
            _ => Err(no_result(action, request, &body, "the reply is no object")),
        }
    }
}

/// The error of a reply that came as a success and holds no result.
pub(crate) fn no_result(
    action: &'static str,
    request: &Request,
    body: &Value,
    otherwise: &str,
) -> SourceError {
    match common_message(body) {
        Some(words) => {
            SourceError::rejected(action, format!("HTTP 200 with an error: {}", request.tidy(words)))
        }
        None => SourceError::malformed(action, otherwise.to_owned()),
    }
}
