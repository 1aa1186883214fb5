//! `aws_account_contact`.

use auditor_aws_common::{Input, Problems};
use auditor_core::{
    model::{AccountId, Column, Kind, Resource},
    source::Collector,
};
use aws_sdk_account::types::{AlternateContact, ContactInformation};
use serde_json::{Value, json};

use super::{Work, account_id, emit_sorted, named, note_without_id, text};

pub(crate) static ACCOUNT_CONTACT: Kind = Kind::new(
    "aws_account_contact",
    "Whom AWS turns to for an account in use: one record for each account and type, registered or not",
)
.native_id("The account id and the type: `111122223333/SECURITY`")
.columns(&[
    Column::text("type", "/type", "`PRIMARY`, `BILLING`, `OPERATIONS` or `SECURITY`"),
    Column::boolean(
        "registered",
        "/registered",
        "Whether there is one. Where there is not, AWS turns to the root user's address",
    ),
    Column::text(
        "contact",
        "/contact",
        "Name of the person or team (`GetAlternateContact`, `Name`; `GetContactInformation`, `FullName`)",
    ),
    Column::text("title", "/title", "Title (`GetAlternateContact`, `Title`). Null: none, or the primary contact"),
    Column::text(
        "email",
        "/email",
        "Address (`GetAlternateContact`, `EmailAddress`). Null: the primary contact, whose address is the root user's",
    ),
    Column::text("phone", "/phone", "Telephone number (`PhoneNumber`)").sensitive(),
    Column::text("company", "/company", "Company (`GetContactInformation`, `CompanyName`). Null: none, or no primary contact"),
    Column::json(
        "address",
        "/address",
        "Postal address (`GetContactInformation`). Null: an alternate contact, which has none",
    )
    .sensitive(),
    Column::text("website", "/website", "Website (`GetContactInformation`, `WebsiteUrl`). Null: none given"),
])
.permissions(&[
    "account:GetAlternateContact",
    "account:GetContactInformation",
    "organizations:ListAccounts",
]);

pub(super) async fn emit(out: &Collector, work: &Work<'_>) {
    out.scope(&[&ACCOUNT_CONTACT], |emit| async move {
        let Some(accounts) = work.estate.accounts.required(&emit, &ACCOUNT_CONTACT)? else { return Ok(()) };
        let mut problems = Problems::default();
        let mut resources = Vec::with_capacity(accounts.len() * 4);
        let mut without_id = 0;
        for read in accounts {
            let Some(id) = read.account.id.as_deref().and_then(account_id) else {
                without_id += 1;
                continue;
            };
            let contacts = &read.contacts;
            let mut alternate = |contact_type: &str, input: &Input<Option<AlternateContact>>| {
                let contact = problems.required(id.as_str(), input)?;
                Some(resource(&id, contact_type, contact.as_ref().map(from_alternate)))
            };
            resources.extend(alternate("BILLING", &contacts.billing));
            resources.extend(alternate("OPERATIONS", &contacts.operations));
            resources.extend(alternate("SECURITY", &contacts.security));
            if let Some(contact) = problems.required(id.as_str(), &contacts.primary) {
                resources.push(resource(&id, "PRIMARY", contact.as_ref().map(from_primary)));
            }
        }
        note_without_id(&emit, &ACCOUNT_CONTACT, without_id);
        let emitted = emit_sorted(&emit, resources).await?;
        problems.tell(&emit, &ACCOUNT_CONTACT, emitted)
    })
    .await;
}

fn resource(account: &AccountId, contact_type: &str, contact: Option<Value>) -> Resource {
    let registered = contact.is_some();
    let mut document = contact.unwrap_or_else(|| json!({}));
    document["type"] = contact_type.into();
    document["registered"] = registered.into();
    let name = document["contact"].as_str().map(str::to_owned);
    let native_id = format!("{account}/{contact_type}");
    named(Resource::new(&ACCOUNT_CONTACT, account.clone(), native_id, document), name.as_deref())
}

fn from_alternate(contact: &AlternateContact) -> Value {
    json!({
        "contact": contact.name,
        "title": contact.title,
        "email": contact.email_address,
        "phone": contact.phone_number,
    })
}

fn from_primary(contact: &ContactInformation) -> Value {
    let lines = [
        Some(contact.address_line1.as_str()),
        contact.address_line2.as_deref(),
        contact.address_line3.as_deref(),
    ];
    json!({
        "contact": text(&contact.full_name),
        "phone": text(&contact.phone_number),
        "company": contact.company_name,
        "website": contact.website_url,
        "address": {
            "lines": lines.into_iter().flatten().filter_map(text).collect::<Vec<_>>(),
            "postal_code": text(&contact.postal_code),
            "city": text(&contact.city),
            "district_or_county": contact.district_or_county,
            "state_or_region": contact.state_or_region,
            "country_code": text(&contact.country_code),
        },
    })
}
