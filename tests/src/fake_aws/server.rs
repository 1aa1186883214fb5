//! HTTP: who calls what, what goes wrong with it, and the answer's envelope.

use std::{collections::HashMap, sync::Arc, time::Duration};

use axum::{
    Form, Router,
    body::{Body, Bytes},
    extract::{FromRequest as _, Request, State},
    http::{HeaderMap, StatusCode, header},
    response::Response,
};
use futures::{StreamExt as _, stream};

use super::{
    HUB, HUB_ARN, Paging, control,
    estate::Account,
    faults::{Fault, Faults},
    iam, organizations, report, sts,
    world::Estate,
    xml::Xml,
};

/// What all requests share.
pub(super) struct Shared {
    pub(super) estate: Estate,
    pub(super) paging: Paging,
    pub(super) faults: Faults,
    pub(super) reports: report::Reports,
}

impl Shared {
    pub(super) fn new(estate: Estate, paging: Paging) -> Self {
        Self { estate, paging, faults: Faults::default(), reports: report::Reports::default() }
    }
}

pub(super) fn app(shared: Arc<Shared>) -> Router {
    control::routes().fallback(answer).with_state(shared)
}

/// An error as the services report it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ApiError {
    pub(super) status: u16,
    pub(super) code: String,
    pub(super) message: String,
}

impl ApiError {
    pub(super) fn new(status: u16, code: &str, message: impl Into<String>) -> Self {
        Self { status, code: code.to_owned(), message: message.into() }
    }

    pub(super) fn validation(message: impl Into<String>) -> Self {
        Self::new(400, "ValidationError", message)
    }

    pub(super) fn no_such_entity(message: impl Into<String>) -> Self {
        Self::new(404, "NoSuchEntity", message)
    }
}

/// Who is calling: read from the credentials `AssumeRole` issued, else the hub.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Caller {
    pub(super) account: String,
    pub(super) arn: String,
}

impl Caller {
    fn of(headers: &HeaderMap) -> Self {
        let token = headers.get("x-amz-security-token").and_then(|token| token.to_str().ok());
        token
            .and_then(sts::read_token)
            .unwrap_or_else(|| Self { account: HUB.to_owned(), arn: HUB_ARN.to_owned() })
    }
}

/// One call, taken apart.
pub(super) struct Call {
    pub(super) service: Service,
    pub(super) action: String,
    pub(super) caller: Caller,
    /// Query parameters, or for JSON services the members of the body that are text or numbers.
    pub(super) params: HashMap<String, String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Service {
    Iam,
    Sts,
    Organizations,
}

impl Service {
    fn prefix(self) -> &'static str {
        match self {
            Self::Iam => "iam",
            Self::Sts => "sts",
            Self::Organizations => "organizations",
        }
    }
}

impl Call {
    async fn read(request: Request) -> Result<Self, String> {
        let headers = request.headers().clone();
        let caller = Caller::of(&headers);
        let target = headers.get("x-amz-target").and_then(|target| target.to_str().ok());
        if let Some(action) = target.and_then(|target| target.strip_prefix("AWSOrganizationsV20161128.")) {
            let action = action.to_owned();
            let body = Bytes::from_request(request, &()).await.map_err(|error| error.to_string())?;
            let members: HashMap<String, serde_json::Value> =
                serde_json::from_slice(&body).map_err(|error| error.to_string())?;
            let params = members.into_iter().map(|(name, value)| match value {
                serde_json::Value::String(text) => (name, text),
                other => (name, other.to_string()),
            });
            return Ok(Self { service: Service::Organizations, action, caller, params: params.collect() });
        }
        let Form(params) = Form::<HashMap<String, String>>::from_request(request, &())
            .await
            .map_err(|error| error.to_string())?;
        let action = params.get("Action").cloned().ok_or("the request names no Action")?;
        // The versions of the two APIs differ, which tells them apart without looking at the signature.
        let service = match params.get("Version").map(String::as_str) {
            Some("2011-06-15") => Service::Sts,
            _ => Service::Iam,
        };
        Ok(Self { service, action, caller, params })
    }

    /// `iam:ListUsers`.
    fn permission(&self) -> String {
        format!("{}:{}", self.service.prefix(), self.action)
    }

    /// The account the call is about: the role's for `AssumeRole`, else the caller's.
    fn account(&self) -> &str {
        match (self.action.as_str(), self.params.get("RoleArn")) {
            ("AssumeRole", Some(arn)) => arn.split(':').nth(4).unwrap_or_default(),
            _ => &self.caller.account,
        }
    }

    pub(super) fn param(&self, name: &str) -> Option<&str> {
        self.params.get(name).map(String::as_str)
    }

    pub(super) fn required(&self, name: &str) -> Result<&str, ApiError> {
        self.param(name).ok_or_else(|| ApiError::validation(format!("{name} is required")))
    }

    pub(super) fn number<T: std::str::FromStr>(&self, name: &str) -> Result<Option<T>, ApiError> {
        self.param(name)
            .map(|text| text.parse().map_err(|_| ApiError::validation(format!("{name} is no number"))))
            .transpose()
    }

    /// `AccessDenied` as AWS words it.
    pub(super) fn access_denied(&self, resource: &str) -> ApiError {
        let (arn, permission) = (&self.caller.arn, self.permission());
        let code = match self.service {
            Service::Organizations => "AccessDeniedException",
            Service::Iam | Service::Sts => "AccessDenied",
        };
        ApiError::new(
            403,
            code,
            format!("User: {arn} is not authorized to perform: {permission} on resource: {resource}"),
        )
    }

    fn perform(&self, shared: &Shared) -> Result<String, ApiError> {
        match self.service {
            Service::Sts => sts::perform(self, &shared.estate).map(|xml| self.envelope(xml)),
            Service::Organizations => organizations::perform(self, shared).map(|value| value.to_string()),
            Service::Iam => {
                let account: Arc<Account> = shared.estate.account(&self.caller.account).ok_or_else(|| {
                    ApiError::new(
                        403,
                        "InvalidClientTokenId",
                        "The security token included in the request is invalid",
                    )
                })?;
                iam::perform(self, &account, shared).map(|xml| self.envelope(xml))
            }
        }
    }

    fn envelope(&self, result: Xml) -> String {
        let (action, result) = (&self.action, result.finish());
        let namespace = self.namespace();
        format!(
            "<{action}Response xmlns=\"{namespace}\"><{action}Result>{result}</{action}Result>\
             <ResponseMetadata><RequestId>{REQUEST_ID}</RequestId></ResponseMetadata></{action}Response>"
        )
    }

    fn namespace(&self) -> &'static str {
        match self.service {
            Service::Sts => "https://sts.amazonaws.com/doc/2011-06-15/",
            _ => "https://iam.amazonaws.com/doc/2010-05-08/",
        }
    }

    fn error(&self, error: &ApiError) -> (u16, String) {
        if self.service == Service::Organizations {
            let body = serde_json::json!({ "__type": error.code, "Message": error.message });
            return (error.status, body.to_string());
        }
        let mut xml = Xml::default();
        xml.element("Error", |xml| {
            xml.text("Type", if error.status < 500 { "Sender" } else { "Receiver" });
            xml.text("Code", &error.code);
            xml.text("Message", &error.message);
        });
        xml.text("RequestId", REQUEST_ID);
        let namespace = self.namespace();
        (error.status, format!("<ErrorResponse xmlns=\"{namespace}\">{}</ErrorResponse>", xml.finish()))
    }
}

const REQUEST_ID: &str = "00000000-0000-4000-8000-000000000000";

async fn answer(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let call = match Call::read(request).await {
        Ok(call) => call,
        Err(error) => return plain(StatusCode::BAD_REQUEST, error),
    };
    let fault = shared.faults.on_call(call.account(), &call.permission());
    let result = match &fault {
        Some(Fault::Throttle) if call.service == Service::Organizations => {
            Err(ApiError::new(400, "TooManyRequestsException", "Rate exceeded"))
        }
        Some(Fault::Throttle) => Err(ApiError::new(400, "Throttling", "Rate exceeded")),
        Some(Fault::AccessDenied) => Err(call.access_denied("*")),
        Some(Fault::Error { status, code, message }) => Err(ApiError::new(*status, code, message)),
        _ => call.perform(&shared),
    };
    let (status, body) = match &result {
        Ok(body) => (200, body.clone()),
        Err(error) => call.error(error),
    };
    let body = match fault {
        Some(Fault::Hang) => std::future::pending().await,
        Some(Fault::DelayMs(ms)) => {
            tokio::time::sleep(Duration::from_millis(ms)).await;
            Body::from(body)
        }
        Some(Fault::TrickleMs(ms)) => trickle(&body, ms),
        Some(Fault::Cut) => return cut(status, &body),
        Some(Fault::Truncated) => {
            let half = body.len() / 2;
            Body::from(Bytes::from(body).slice(..half))
        }
        Some(Fault::Garbage) => Body::from("<html><p>Not what you asked for & not XML <p"),
        _ => Body::from(body),
    };
    let content_type = match call.service {
        Service::Organizations => "application/x-amz-json-1.1",
        Service::Iam | Service::Sts => "text/xml",
    };
    respond(status, content_type, body)
}

fn respond(status: u16, content_type: &'static str, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static(content_type));
    response.headers_mut().insert("x-amzn-requestid", header::HeaderValue::from_static(REQUEST_ID));
    response
}

fn plain(status: StatusCode, text: String) -> Response {
    respond(status.as_u16(), "text/plain", Body::from(text))
}

fn trickle(body: &str, ms: u64) -> Body {
    let size = body.len().div_ceil(10).max(1);
    let pieces: Vec<_> = body.as_bytes().chunks(size).map(Bytes::copy_from_slice).collect();
    Body::from_stream(stream::iter(pieces).then(move |piece| async move {
        tokio::time::sleep(Duration::from_millis(ms)).await;
        Ok::<_, std::io::Error>(piece)
    }))
}

/// Promises the whole body, sends half of it and closes the connection.
fn cut(status: u16, body: &str) -> Response {
    let half = Bytes::copy_from_slice(&body.as_bytes()[..body.len() / 2]);
    let pieces = stream::iter([Ok(half), Err(std::io::Error::other("cut on purpose"))]);
    let mut response = respond(status, "text/xml", Body::from_stream(pieces));
    response.headers_mut().insert(header::CONTENT_LENGTH, body.len().into());
    response
}
