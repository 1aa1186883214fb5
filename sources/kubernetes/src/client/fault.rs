//! What a cluster answered instead of a result, and the class that decides what happens next.

use std::fmt;

use auditor_core::error::SourceError;
use auditor_http_common::{Class, clean, retry_after};
use chrono::Utc;
use http::{StatusCode, response::Parts};
use kube::core::Status;

use super::{body::Bytes, tls};

/// Advice for a missing right, after the right.
const MANIFEST: &str = "to the auditing identity, as `deploy/kubernetes/auditor-cluster-role.yaml` does";

/// An answer that is no result: its status and the cluster's own words. Never the body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ApiFault {
    pub(crate) status: StatusCode,
    /// The cluster's words, cut and without control characters.
    message: Option<String>,
    /// The object that was not found. `None`: the answer names none, as for an API that is not served.
    object: Option<String>,
    shape: String,
}

impl ApiFault {
    /// The answer behind an error, if there was one.
    pub(crate) fn of(error: &SourceError) -> Option<&Self> {
        match error.root() {
            SourceError::Denied { source, .. }
            | SourceError::Unavailable { source, .. }
            | SourceError::Rejected { source, .. } => source.downcast_ref(),
            _ => None,
        }
    }

    /// Whether the cluster does not serve the API at all, which is not the same as having no objects of it.
    pub(crate) fn is_missing_api(&self) -> bool {
        self.status == StatusCode::NOT_FOUND && self.object.is_none()
    }

    /// Whether the cluster says, in so many words, that this object is not there.
    pub(crate) fn is_absent(&self, object: &str) -> bool {
        self.status == StatusCode::NOT_FOUND && self.object.as_deref() == Some(object)
    }
}

impl fmt::Display for ApiFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let status = self.status.as_u16();
        if self.is_missing_api() {
            return write!(f, "missing API: HTTP {status} with {}", self.shape);
        }
        match &self.message {
            Some(message) => write!(f, "HTTP {status}: {message}"),
            None => write!(f, "HTTP {status} with {}", self.shape),
        }
    }
}

impl std::error::Error for ApiFault {}

/// The error an answer stands for.
pub(super) fn classify(action: &'static str, parts: &Parts, body: &Bytes) -> SourceError {
    let status: Option<Status> = body.try_json().filter(|status: &Status| status.code != 0);
    let message = status.as_ref().map(|status| clean(&status.message)).filter(|text| !text.is_empty());
    let object = status.and_then(|status| Some(status.details?.name)).filter(|name| !name.is_empty());
    let fault = ApiFault { status: parts.status, message, object, shape: body.to_string() };
    let wait = retry_after(&parts.headers, Utc::now());
    let hint = match parts.status {
        StatusCode::FORBIDDEN => Some(format!("grant `{action}` {MANIFEST}")),
        StatusCode::UNAUTHORIZED => {
            Some("the cluster does not know these credentials: renew them".to_owned())
        }
        StatusCode::NOT_FOUND if fault.is_missing_api() => {
            Some("leave this kind out with `kinds` if the cluster is not meant to serve its API".to_owned())
        }
        status if status.is_redirection() => {
            Some("the address of the cluster in the kubeconfig must answer itself".to_owned())
        }
        _ => None,
    };
    let error = match Class::of(parts.status, wait.is_some()) {
        _ if parts.status == StatusCode::GATEWAY_TIMEOUT && wait.is_some() => {
            SourceError::throttled(action, wait, fault)
        }
        Class::Denied => SourceError::denied(action, fault),
        Class::Throttled => SourceError::throttled(action, wait, fault),
        Class::Unavailable => SourceError::unavailable(action, fault),
        Class::Rejected => SourceError::rejected(action, fault),
    };
    match hint {
        Some(hint) => error.with_hint(hint),
        None => error,
    }
}

/// The token with which an expired listing may be continued from a later snapshot.
pub(super) fn continuation(body: &Bytes) -> Option<String> {
    // `kube` knows of no continuation in a status.
    let status: serde_json::Value = body.try_json()?;
    let token = status.pointer("/metadata/continue")?.as_str()?;
    (!token.is_empty()).then(|| token.to_owned())
}

/// The error of a request that got no answer.
pub(super) fn transport(action: &'static str, error: kube::Error) -> SourceError {
    if let Some(hint) = tls::hint(&error) {
        // The certificate is the same the next time.
        return SourceError::rejected(action, error).with_hint(hint);
    }
    match error {
        kube::Error::Auth(error) => SourceError::rejected(action, error)
            .with_hint("the kubeconfig's token file must be readable for the auditor"),
        error => SourceError::unavailable(action, error),
    }
}
