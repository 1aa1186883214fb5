//! What only partners have: `cloudhealth_customer` and `cloudhealth_account_assignment`.

use auditor_core::{
    model::{AccountId, Column, Kind, Resource},
    outcome::{Gap, GapReason},
    source::Collector,
};
use serde_json::json;

use super::{Work, emit_listing};
use crate::{accounts::aws_account_at, client::calls, item::Item};

pub(crate) static CUSTOMER: Kind = Kind::new("cloudhealth_customer", "A customer of a CloudHealth partner")
    .native_id("The customer's id")
    .columns(&[
        Column::text(
            "classification",
            "/classification",
            "`managed_with_access` or `managed_without_access`: whether the customer's own people can sign in",
        ),
        Column::text("billing_status", "/billing_status", "State of its billing, e.g. `Healthy`. Null: not said"),
        Column::text("billing_contact", "/billing_contact", "Address for bills. Null: not said"),
        Column::boolean("partner_billing", "/partner_billing", "Whether the partner makes its bills"),
        Column::json("tags", "/tags", "CloudHealth's own tags. Null: not said"),
    ])
    .permissions(&["GET /v1/customers"]);

pub(crate) static ACCOUNT_ASSIGNMENT: Kind = Kind::new(
    "cloudhealth_account_assignment",
    "Which customer of a partner an AWS account is assigned to, and who pays",
)
.native_id("The assignment's id")
.columns(&[
    Column::text("account_id", "/account_id", "The AWS account (`owner_id`)"),
    Column::text("customer_id", "/customer_id", "The customer (`target_client_api_id`)"),
    Column::text("payer_account_id", "/payer_account_id", "The AWS account that pays"),
    Column::text("billing_family_id", "/billing_family_id", "The AWS account whose bill it is part of"),
    Column::text("billing_block_type", "/billing_block_type", "`Family`, `Consolidated` or `Standalone`"),
    Column::text("billing_block_name", "/billing_block_name", "Name of the billing block"),
])
.permissions(&["GET /v2/aws_account_assignments"]);

/// A tenant that is no partner's has neither: its listings are complete and empty.
pub(super) async fn emit(out: &Collector, work: &Work<'_>) {
    let partner = work.settings.partner;
    out.scope(&[&CUSTOMER], |emit| async move {
        if !partner {
            return Ok(());
        }
        if let Some(unplanned) = &work.settings.unplanned {
            let detail = format!("not every customer could be audited: {}", unplanned.cause);
            let hint = unplanned.hint.as_str();
            emit.gap(&CUSTOMER, Gap::new(GapReason::NotProvided, detail).with_hint(hint));
        }
        let listing = work.reader.list(&calls::CUSTOMERS, &[]).await?;
        emit_listing(&emit, &CUSTOMER, listing, |id, item| map_customer(work.account, id, item)).await
    })
    .await;
    out.scope(&[&ACCOUNT_ASSIGNMENT], |emit| async move {
        if !partner {
            return Ok(());
        }
        let listing = work.reader.list(&calls::ASSIGNMENTS, &[]).await?;
        let map = |id: &str, item: Item<'_>| map_assignment(work.account, id, item);
        emit_listing(&emit, &ACCOUNT_ASSIGNMENT, listing, map).await
    })
    .await;
}

fn map_customer(tenant: &AccountId, id: &str, item: Item<'_>) -> Resource {
    let document = json!({
        "classification": item.text("classification"),
        "billing_status": item
            .text("billing_configuration/status")
            .or_else(|| item.text("billing_configuration_status")),
        "billing_contact": item.text("billing_contact"),
        "partner_billing": item.flag("partner_billing_configuration/enabled"),
        "tags": item.tags("tags"),
    });
    let resource = Resource::new(&CUSTOMER, tenant.clone(), id, document)
        .with_times(item.time("created_at"), item.time("updated_at"));
    match item.text("name") {
        Some(name) => resource.named(name),
        None => resource,
    }
}

fn map_assignment(tenant: &AccountId, id: &str, item: Item<'_>) -> Resource {
    let account = aws_account_at(item, "owner_id");
    let document = json!({
        "account_id": item.text("owner_id"),
        "customer_id": item.text("target_client_api_id").or_else(|| item.text("customer_id")),
        "payer_account_id": item.text("payer_account_owner_id"),
        "billing_family_id": item.text("billing_family_owner_id"),
        "billing_block_type": item.text("billing_block_type"),
        "billing_block_name": item.text("billing_block_name"),
    });
    Resource::new(&ACCOUNT_ASSIGNMENT, account.unwrap_or_else(|| tenant.clone()), id, document)
}
