//! The credential report: asked for, waited for, fetched.

use std::time::Duration;

use auditor_core::error::SourceError;
use aws_sdk_iam::types::ReportStateType;
use tokio::time::Instant;

use super::{Iam, is_report_not_ready};
use crate::{credential_report::CredentialReport, wire::Time};

const GENERATE: &str = "iam:GenerateCredentialReport";
const GET: &str = "iam:GetCredentialReport";
/// The first wait; each later one is twice as long, up to [`LONGEST_WAIT`].
const FIRST_WAIT: Duration = Duration::from_millis(500);
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// The account's credential report. AWS makes one at most every four hours and gives the last one meanwhile.
///
/// # Errors
/// [`Unavailable`](SourceError::Unavailable) if it is not ready within `timeout`.
pub(super) async fn credential_report(iam: &Iam, timeout: Duration) -> Result<CredentialReport, SourceError> {
    let deadline = Instant::now() + timeout;
    let mut wait = FIRST_WAIT;
    loop {
        let generated = iam.call(GENERATE, |client| client.generate_credential_report().send()).await;
        match generated {
            Ok(answer) if answer.state == Some(ReportStateType::Complete) => match get(iam).await {
                Err(error) if is_report_not_ready(&error) => {}
                result => return result,
            },
            Ok(_) => {}
            Err(SourceError::Cancelled) => return Err(SourceError::Cancelled),
            // A report that is not too old will do, whatever stands in the way of a new one.
            Err(error) => return get(iam).await.map_err(|_| error),
        }
        if Instant::now() + wait > deadline {
            let seconds = timeout.as_secs();
            return Err(SourceError::unavailable(
                GENERATE,
                format!("the report was not ready within {seconds} s"),
            )
            .with_hint("raise `credential_report_timeout_secs`, or run again: AWS goes on making it"));
        }
        iam.pause(wait).await?;
        wait = (wait * 2).min(LONGEST_WAIT);
    }
}

async fn get(iam: &Iam) -> Result<CredentialReport, SourceError> {
    let answer = iam.call(GET, |client| client.get_credential_report().send()).await?;
    let generated_at = answer.generated_time.as_ref().and_then(Time::from_sdk).map(|time| time.0);
    let csv = answer.content.map(aws_sdk_iam::primitives::Blob::into_inner).unwrap_or_default();
    CredentialReport::parse(&csv, generated_at).map_err(|wrong| SourceError::malformed(GET, wrong))
}
