//! From an error of the SDK to the class that decides what happens next.

use std::{error::Error, fmt, time::Duration};

use auditor_core::error::{SourceError, chain};
use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::{orchestrator::HttpResponse, result::SdkError};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

const NO_CREDENTIALS: &str = "no AWS credentials were found: set `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`, or \
    `profile`, or `AWS_WEB_IDENTITY_TOKEN_FILE` with `AWS_ROLE_ARN`, or run where a container or instance role is given";

/// What AWS answered instead of a result, in its own words.
#[derive(Debug)]
pub(crate) struct AwsFault {
    /// AWS's code (`AccessDenied`); empty where the answer was not AWS's.
    code: String,
    message: String,
    status: u16,
}

impl fmt::Display for AwsFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.code.as_str(), self.message.as_str()) {
            ("", "") => write!(f, "HTTP {}", self.status),
            (code, "") => f.write_str(code),
            ("", message) => write!(f, "HTTP {}: {message}", self.status),
            (code, message) => write!(f, "{code}: {message}"),
        }
    }
}

impl Error for AwsFault {}

/// The class of an SDK error.
pub fn classify<E>(action: &'static str, error: &SdkError<E, HttpResponse>) -> SourceError
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    match error {
        SdkError::ServiceError(service) => classify_answer(action, service.err(), service.raw()),
        // Services that speak JSON cannot read the pages that gateways answer errors with.
        SdkError::ResponseError(answer) if !answer.raw().status().is_success() => {
            let status = answer.raw().status().as_u16();
            let fault = AwsFault { code: String::new(), message: String::new(), status };
            classify_fault(action, fault, answer.raw())
        }
        SdkError::ResponseError(_) => SourceError::malformed(action, cause(error)),
        SdkError::TimeoutError(_) => SourceError::unavailable(action, cause(error)),
        _ => match find::<CredentialsError>(error) {
            Some(CredentialsError::InvalidConfiguration(_)) => SourceError::rejected(action, cause(error))
                .with_hint("correct the shared AWS configuration files or `profile`"),
            Some(CredentialsError::ProviderTimedOut(_)) => SourceError::unavailable(action, cause(error)),
            // The provider has tried again by itself.
            Some(_) => SourceError::rejected(action, cause(error)).with_hint(NO_CREDENTIALS),
            None if matches!(error, SdkError::ConstructionFailure(_)) => {
                SourceError::rejected(action, cause(error))
            }
            None => SourceError::unavailable(action, cause(error)),
        },
    }
}

fn classify_answer<E: ProvideErrorMetadata + Error>(
    action: &'static str,
    error: &E,
    raw: &HttpResponse,
) -> SourceError {
    let status = raw.status().as_u16();
    let element = |name| element(raw.body().bytes().unwrap_or_default(), name);
    let code = error.code().map(str::to_owned).or_else(|| element("Code")).unwrap_or_default();
    let message = match error.message().map(str::to_owned).or_else(|| element("Message")) {
        Some(message) => message,
        // Not an error of AWS: an answer that could not be read, or something between that answered in its place.
        None if code.is_empty() && (200..300).contains(&status) => {
            return SourceError::malformed(action, chain_of(error));
        }
        None => String::new(),
    };
    classify_fault(action, AwsFault { code, message, status }, raw)
}

fn classify_fault(action: &'static str, fault: AwsFault, raw: &HttpResponse) -> SourceError {
    let (code, status) = (fault.code.as_str(), fault.status);
    if is_throttling(code) || status == 429 {
        SourceError::throttled(action, retry_after(raw), fault)
    } else if code.starts_with("AccessDenied") || code == "UnauthorizedOperation" {
        SourceError::denied(action, fault)
    } else if status >= 500 || code == "ServiceFailure" || code == "ConcurrentModification" {
        SourceError::unavailable(action, fault)
    } else if let Some(hint) = hint_for(code) {
        SourceError::rejected(action, fault).with_hint(hint)
    } else if code.is_empty() && status == 403 {
        SourceError::denied(action, fault)
    } else {
        SourceError::rejected(action, fault)
    }
}

fn is_throttling(code: &str) -> bool {
    [
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "RequestThrottled",
        "RequestThrottledException",
        "RequestLimitExceeded",
        "TooManyRequestsException",
        "TooManyRequests",
        // Of Cost Explorer, for too many calls in a short time. Quotas of other services have other names.
        "LimitExceededException",
        "SlowDown",
    ]
    .contains(&code)
}

fn hint_for(code: &str) -> Option<&'static str> {
    match code {
        "InvalidClientTokenId" | "UnrecognizedClientException" => Some(
            "the access key is unknown to AWS: it was deleted, or belongs to another partition than `partition`",
        ),
        "SignatureDoesNotMatch" | "IncompleteSignature" => {
            Some("the secret access key does not belong to the access key id")
        }
        "RequestExpired" | "RequestTimeTooSkewed" => Some("set the clock of this machine"),
        "ExpiredToken" | "ExpiredTokenException" => {
            Some("renew the program's own credentials, or raise `session_duration_secs`")
        }
        "RegionDisabledException" => {
            Some("activate STS for `region` in that account, or set another `region`")
        }
        "AWSOrganizationsNotInUseException" => Some(
            "the account whose credentials are used is in no AWS organization: use those of the organization's management \
             account or of a delegated administrator",
        ),
        _ => None,
    }
}

/// The text of the first XML element of that name. Gateways and emulators wrap errors in one element more than AWS
/// does, which the SDK then cannot read.
fn element(body: &[u8], name: &str) -> Option<String> {
    let text = std::str::from_utf8(body).ok()?;
    let (_, rest) = text.split_once(&format!("<{name}>"))?;
    let (value, _) = rest.split_once(&format!("</{name}>"))?;
    Some(value.to_owned())
}

/// The wait AWS asked for, in seconds.
fn retry_after(raw: &HttpResponse) -> Option<Duration> {
    raw.headers().get("retry-after")?.trim().parse().ok().map(Duration::from_secs)
}

/// AWS's code for an error, wherever in the chain it is.
pub fn code_of(error: &SourceError) -> Option<&str> {
    match error.root() {
        SourceError::Denied { source, .. }
        | SourceError::Throttled { source, .. }
        | SourceError::Unavailable { source, .. }
        | SourceError::Malformed { source, .. }
        | SourceError::Rejected { source, .. } => {
            source.downcast_ref::<AwsFault>().map(|fault| fault.code.as_str())
        }
        _ => None,
    }
}

/// Whether the session is over.
pub(crate) fn is_expired(error: &SourceError) -> bool {
    matches!(code_of(error), Some("ExpiredToken" | "ExpiredTokenException"))
}

fn find<'a, T: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a T> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        next = error.source();
    }
    None
}

/// The causes of an SDK error as text: its own `Display` names only its class.
fn cause<E: Error + 'static>(error: &SdkError<E, HttpResponse>) -> String {
    error.source().map_or_else(|| error.to_string(), chain)
}

fn chain_of(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text = format!("{text}: {cause}");
        next = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_found_however_they_are_wrapped() {
        let body =
            b"<ErrorResponse><Errors><Error><Code>AccessDenied</Code></Error></Errors></ErrorResponse>";
        assert_eq!(element(body, "Code").as_deref(), Some("AccessDenied"));
        assert_eq!(element(body, "Message"), None);
        assert_eq!(element(b"\xff<Code>x</Code>", "Code"), None);
    }
}
