//! Contacts by Account Management. The account of the session itself is asked for without its id: AWS refuses the
//! management account's own.

use auditor_core::error::SourceError;
use aws_sdk_account::types::{AlternateContact, AlternateContactType, ContactInformation};

use super::{Api, Clients, explain, is_absent};

/// The account's address of record.
pub(super) async fn primary(
    api: &Api,
    account: Option<String>,
) -> Result<Option<ContactInformation>, SourceError> {
    let send =
        |clients: &Clients| clients.account.get_contact_information().set_account_id(account.clone()).send();
    match api.call("account:GetContactInformation", send).await {
        Ok(answer) => Ok(answer.contact_information),
        Err(error) if is_absent(&error) => Ok(None),
        Err(error) => Err(explain(error)),
    }
}

/// The account's alternate contact of a type. `None`: none is registered.
pub(super) async fn alternate(
    api: &Api,
    contact_type: AlternateContactType,
    account: Option<String>,
) -> Result<Option<AlternateContact>, SourceError> {
    let send = |clients: &Clients| {
        let request = clients.account.get_alternate_contact().alternate_contact_type(contact_type.clone());
        request.set_account_id(account.clone()).send()
    };
    match api.call("account:GetAlternateContact", send).await {
        Ok(answer) => Ok(answer.alternate_contact),
        Err(error) if is_absent(&error) => Ok(None),
        Err(error) => Err(explain(error)),
    }
}
