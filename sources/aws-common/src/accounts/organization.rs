//! The accounts of an organization.

use auditor_core::{error::SourceError, source::Caller};

use crate::{
    fault::{classify, code_of},
    hub::Hub,
    pages::Pages,
};

/// One account of an organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct OrganizationAccount {
    pub(super) id: String,
    pub(super) name: Option<String>,
    pub(super) email: Option<String>,
    /// `ACTIVE`, `SUSPENDED`, `CLOSED` …
    pub(super) state: Option<String>,
}

/// Every account of the organization, in the order AWS gives them.
///
/// # Errors
/// If the list could not be read to its end.
pub(super) async fn list(
    hub: &Hub,
    endpoint_url: Option<&str>,
    caller: &Caller,
) -> Result<Vec<OrganizationAccount>, SourceError> {
    const ACTION: &str = "organizations:ListAccounts";
    let mut builder = aws_sdk_organizations::config::Builder::from(hub.sdk());
    if let Some(url) = endpoint_url {
        builder = builder.endpoint_url(url);
    }
    let organizations = aws_sdk_organizations::Client::from_conf(builder.build());
    let mut accounts = Vec::new();
    let mut pages = Pages::new(ACTION);
    while let Some(token) = pages.next() {
        let page = caller
            .call(ACTION, || async {
                let request = organizations.list_accounts().set_next_token(token.clone());
                request.send().await.map_err(|error| explain(classify(ACTION, &error)))
            })
            .await?;
        pages.turn(page.next_token.is_some(), page.next_token)?;
        accounts.extend(page.accounts.into_iter().flatten().filter_map(|account| {
            let state = account.state.map(|state| state.as_str().to_owned());
            // Superseded by `State`, which emulators and older partitions do not answer yet.
            let status = account.status.map(|status| status.as_str().to_owned());
            Some(OrganizationAccount {
                id: account.id?,
                name: account.name,
                email: account.email,
                state: state.or(status),
            })
        }));
    }
    Ok(accounts)
}

fn explain(error: SourceError) -> SourceError {
    match code_of(&error) {
        Some("AWSOrganizationsNotInUseException") => error.with_hint(
            "the program's own account is in no organization: use `accounts = \"database\"` or `account` tables",
        ),
        _ => error,
    }
}
