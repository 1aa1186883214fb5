//! `aws_delegated_administrator`.

use auditor_aws_common::Problems;
use auditor_core::{
    model::{AccountId, Column, Kind, Resource},
    source::Collector,
};
use aws_sdk_organizations::types::{DelegatedAdministrator, DelegatedService};
use serde_json::{Value, json};

use super::{Work, account_id, emit_sorted, named, note_without_id, time};

pub(crate) static DELEGATED_ADMINISTRATOR: Kind = Kind::new(
    "aws_delegated_administrator",
    "An account that may administer services for the whole AWS organization",
)
.native_id("The account id")
.columns(&[
    Column::json(
        "services",
        "/services",
        "Services it administers: `service_principal` and `delegated_at`, sorted (`ListDelegatedServicesForAccount`). \
         Null: not known",
    ),
    Column::timestamp(
        "delegated_at",
        "/delegated_at",
        "When it first became one (`ListDelegatedAdministrators`, `DelegationEnabledDate`)",
    ),
    Column::text(
        "state",
        "/state",
        "State of the account (`ListDelegatedAdministrators`, `State`, or `Status` where AWS gives no state)",
    ),
    Column::text("email", "/email", "Address of its root user (`ListDelegatedAdministrators`, `Email`)"),
    Column::text("arn", "/arn", "ARN of the account (`ListDelegatedAdministrators`, `Arn`)"),
])
.permissions(&[
    "organizations:ListDelegatedAdministrators",
    "organizations:ListDelegatedServicesForAccount",
]);

pub(super) async fn emit(out: &Collector, work: &Work<'_>) {
    out.scope(&[&DELEGATED_ADMINISTRATOR], |emit| async move {
        let kind = &DELEGATED_ADMINISTRATOR;
        let Some(all) = work.estate.delegated_administrators.required(&emit, kind)? else { return Ok(()) };
        let mut problems = Problems::default();
        let mut resources = Vec::with_capacity(all.len());
        let mut without_id = 0;
        for (administrator, services) in all {
            let Some(id) = administrator.id.as_deref().and_then(account_id) else {
                without_id += 1;
                continue;
            };
            let Ok(services) = problems.optional(id.as_str(), services) else { continue };
            resources.push(map(administrator, id, services.map(Vec::as_slice)));
        }
        note_without_id(&emit, kind, without_id);
        let emitted = emit_sorted(&emit, resources).await?;
        problems.tell(&emit, kind, emitted)
    })
    .await;
}

fn map(
    administrator: &DelegatedAdministrator,
    id: AccountId,
    services: Option<&[DelegatedService]>,
) -> Resource {
    let state = administrator.state.as_ref().map(aws_sdk_organizations::types::AccountState::as_str);
    let status = administrator.status.as_ref().map(aws_sdk_organizations::types::AccountStatus::as_str);
    let document = json!({
        "arn": administrator.arn,
        "state": state.or(status),
        "email": administrator.email,
        "delegated_at": time(administrator.delegation_enabled_date.as_ref()),
        "services": services.map(sorted),
    });
    let native_id = id.as_str().to_owned();
    let resource = Resource::new(&DELEGATED_ADMINISTRATOR, id, native_id, document);
    named(resource, administrator.name.as_deref())
}

fn sorted(services: &[DelegatedService]) -> Vec<Value> {
    let mut services: Vec<_> = services.iter().collect();
    services.sort_by(|a, b| a.service_principal.cmp(&b.service_principal));
    services
        .into_iter()
        .map(|service| {
            json!({
                "service_principal": service.service_principal,
                "delegated_at": time(service.delegation_enabled_date.as_ref()),
            })
        })
        .collect()
}
