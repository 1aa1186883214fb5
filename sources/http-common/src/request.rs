//! One call and its reply.

use std::fmt;

use auditor_core::{error::SourceError, source::Caller};
use reqwest::{
    Method, Url,
    header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderValue},
};
use secrecy::{ExposeSecret, SecretString};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    Credential, HttpClient,
    body::Body,
    fault::{HttpFault, classify, clean},
    tls,
};

/// A reply's value with its headers. Prints neither: they may hold tokens.
#[derive(Clone)]
pub struct Reply<T> {
    /// What the body says.
    pub value: T,
    /// The headers: paging, request ids.
    pub headers: HeaderMap,
}

impl<T> fmt::Debug for Reply<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Reply(..)")
    }
}

/// One call, as it is made as often as the engine tries it.
#[derive(Clone)]
pub struct Request {
    http: HttpClient,
    method: Method,
    action: &'static str,
    url: Url,
    headers: HeaderMap,
    body: Option<Vec<u8>>,
    secrets: Vec<SecretString>,
}

impl Request {
    pub(crate) fn new(http: &HttpClient, method: Method, action: &'static str, path: &[&str]) -> Self {
        let mut url = http.endpoint.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path.iter().filter(|segment| !segment.is_empty()));
        }
        let headers = HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static("application/json"))]);
        Self { http: http.clone(), method, action, url, headers, body: None, secrets: Vec::new() }
    }

    /// Adds a parameter to the address. Never a secret: proxies and services log addresses.
    #[must_use]
    pub fn query(mut self, name: &str, value: impl fmt::Display) -> Self {
        self.url.query_pairs_mut().append_pair(name, &value.to_string());
        self
    }

    /// Sends a secret along.
    #[must_use]
    pub fn with(mut self, credential: &Credential) -> Self {
        self.headers.insert(credential.name.clone(), credential.value.clone());
        self.hiding(&credential.secret)
    }

    /// Names a secret that the body carries, so that no message of the service repeats it.
    #[must_use]
    pub fn hiding(mut self, secret: &SecretString) -> Self {
        self.secrets.push(secret.clone());
        self
    }

    /// Sends JSON as the body.
    ///
    /// # Errors
    /// [`Bug`](SourceError::Bug) if the value is none that JSON can hold.
    pub fn body(mut self, value: &impl Serialize) -> Result<Self, SourceError> {
        let bytes = serde_json::to_vec(value)
            .map_err(|_| SourceError::Bug(format!("the body of `{}` is no JSON", self.action)))?;
        self.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        self.body = Some(bytes);
        Ok(self)
    }

    /// Makes the call through `caller` and reads its reply as JSON.
    ///
    /// # Errors
    /// - [`Denied`](SourceError::Denied): 401 and 403, unless the service means otherwise.
    /// - [`Throttled`](SourceError::Throttled): 429, and 503 with a wait; with that wait, if it was named.
    /// - [`Unavailable`](SourceError::Unavailable): no connection, a connection that was cut, 408, other 5xx.
    /// - [`Malformed`](SourceError::Malformed): no JSON, or JSON of another form.
    /// - [`Rejected`](SourceError::Rejected): other statuses, redirects, a reply beyond the size limit, a certificate
    ///   that is not accepted.
    pub async fn json<T: DeserializeOwned>(&self, caller: &Caller) -> Result<Reply<T>, SourceError> {
        caller
            .call(self.action, || async {
                let (body, headers) = self.attempt().await?;
                Ok(Reply { value: body.json(self.action)?, headers })
            })
            .await
    }

    async fn attempt(&self) -> Result<(Body, HeaderMap), SourceError> {
        let mut request = self.http.client.request(self.method.clone(), self.url.clone());
        request = request.headers(self.headers.clone());
        match &self.body {
            Some(body) => request = request.body(body.clone()),
            // Said by nobody otherwise, and asked for by some services and gateways.
            None if self.method == Method::POST => request = request.header(CONTENT_LENGTH, 0),
            None => {}
        }
        let response = request.send().await.map_err(|error| self.unsent(error))?;
        let (status, headers) = (response.status(), response.headers().clone());
        if status.is_success() {
            let body = Body::read(self.action, response, self.http.max_reply_bytes).await?;
            return Ok((body, headers));
        }
        let body = Body::read_error(response).await;
        let message = serde_json::from_slice::<Value>(&body.bytes)
            .ok()
            .and_then(|value| self.http.dialect.message(&value))
            .map(|message| self.tidy(message));
        let fault = HttpFault::new(status, message, body.shape, &headers);
        Err(classify(self.action, self.http.dialect.as_ref(), fault, &headers))
    }

    /// Words of the service as they may be printed: [cleaned](clean), and without the secrets that were sent along,
    /// since some services repeat the key they refuse.
    pub fn tidy(&self, mut words: String) -> String {
        let secrets = self.secrets.iter().map(ExposeSecret::<str>::expose_secret);
        for secret in secrets.filter(|secret| !secret.is_empty()) {
            if words.contains(secret) {
                words = words.replace(secret, "[secret]");
            }
        }
        clean(&words)
    }

    /// The error of a call that got no answer.
    fn unsent(&self, error: reqwest::Error) -> SourceError {
        // The address may carry keys.
        let error = error.without_url();
        if let Some(hint) = tls::hint(&error) {
            return SourceError::rejected(self.action, error).with_hint(hint);
        }
        if error.is_builder() {
            return SourceError::Bug(format!("`{}` is no request that can be sent", self.action));
        }
        SourceError::unavailable(self.action, error)
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Request({})", self.action)
    }
}
