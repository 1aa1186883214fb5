//! Incidents of the last days. Descriptions, payloads, attackers and victims are left where they are.

use std::collections::BTreeMap;

use auditor_core::{
    model::{AccountId, Column, Kind, Resource},
    source::Collector,
};
use serde_json::json;

use super::{emit_sorted, named, note_nameless};
use crate::{
    client::calls::{DEPLOYMENTS, INCIDENTS},
    deployment::{Deployment, aws_account_id},
    estate::Estate,
    item::Item,
};

/// An incident.
pub(crate) static INCIDENT: Kind = Kind::new("alertlogic_incident", "An incident of the last days, as many as the settings say")
    .native_id("The incident's id; UUIDs in capitals")
    .columns(&[
        Column::text("rating", "/rating", "`Critical`, `High`, `Medium`, `Low` or `Info`. Null: not known"),
        Column::text("status", "/status", "State in the customer's eyes: `open`, `completed` … Null: not known"),
        Column::timestamp("status_changed_at", "/status_changed_at", "Last change of that. Null: not known"),
        Column::text("status_reason", "/status_reason", "Why it was completed. Null: not completed, or not known"),
        Column::boolean("escalated", "/escalated", "Whether Alert Logic escalated it. Null: not known"),
        Column::text("class", "/class", "Class of attack, e.g. `brute_force`. Null: not known"),
        Column::text("type", "/type", "Type of incident. Null: not known"),
        Column::text("friendly_id", "/friendly_id", "The id that people quote. Null: not known"),
        Column::text("deployment_name", "/deployment_name", "Name of the deployment. Null: none"),
        Column::text("deployment_type", "/deployment_type", "`aws`, `azure`, `datacenter` or `saas`. Null: not known"),
        Column::text(
            "account_from",
            "/account_from",
            "How its account was told: `incident`: it names the AWS account; `deployment`: by the deployment's name; \
             `none`: it could not be, and the Alert Logic account is named",
        ),
        Column::boolean("snoozed", "/snoozed", "Whether it is snoozed. Null: not known"),
        Column::text("detection_source", "/detection_source", "What detected it, e.g. `log`. Null: not known"),
        Column::timestamp("closed_at", "/closed_at", "When it was closed. Null: open, or not known"),
        Column::timestamp("updated_at", "/updated_at", "Last change of anything in it. Null: not known").activity(),
    ])
    .permissions(&[INCIDENTS, DEPLOYMENTS]);

pub(super) async fn emit(out: &Collector, estate: &Estate<'_>) {
    out.scope(&[&INCIDENT], async |emit| {
        let incidents = estate.incidents().await?;
        let deployments = estate.deployments_if_permitted(&emit, &INCIDENT).await?;
        let join = Join::new(&estate.tenant, deployments);
        note_nameless(&emit, &INCIDENT, incidents.nameless);
        emit_sorted(&emit, incidents.by_id.iter().map(|(id, incident)| map(&join, id, Item(incident)))).await
    })
    .await;
}

/// How incidents are joined to accounts.
pub(super) struct Join<'a> {
    tenant: &'a AccountId,
    /// Deployments by name. `None`: several of that name watch different accounts.
    by_name: BTreeMap<&'a str, Option<&'a AccountId>>,
}

impl<'a> Join<'a> {
    pub(super) fn new(tenant: &'a AccountId, deployments: &'a [Deployment]) -> Self {
        let mut by_name = BTreeMap::new();
        for deployment in deployments.iter().filter(|deployment| deployment.account.is_aws()) {
            if let Some(name) = &deployment.name {
                by_name
                    .entry(name.as_str())
                    .and_modify(|account| {
                        if *account != Some(&deployment.account) {
                            *account = None;
                        }
                    })
                    .or_insert(Some(&deployment.account));
            }
        }
        Self { tenant, by_name }
    }

    /// The account of an incident, and how it was told.
    pub(super) fn account(&self, incident: Item<'_>) -> (AccountId, &'static str) {
        let is_aws =
            incident.text("asset_deployment_type").is_none_or(|text| text.eq_ignore_ascii_case("aws"));
        if let Some(account) = aws_account_id(incident, "asset_native_account_id").filter(|_| is_aws) {
            return (account, "incident");
        }
        let by_name =
            deployment_name(incident).and_then(|name| self.by_name.get(name.as_str()).copied().flatten());
        match by_name.filter(|_| is_aws) {
            Some(account) => (account.clone(), "deployment"),
            None => (self.tenant.clone(), "none"),
        }
    }
}

fn deployment_name(incident: Item<'_>) -> Option<String> {
    // Names that were asked for by their dotted path may come under just that.
    incident.text("assets/al__deployment").or_else(|| incident.text("assets.al__deployment"))
}

/// A field that replies give within `incident` and, under another name, outside.
fn either(incident: Item<'_>, inner: &str, outer: &str) -> Option<String> {
    incident
        .text(&format!("incident/{inner}"))
        .or_else(|| incident.text(outer))
        .or_else(|| incident.text(&format!("incident.{inner}")))
}

/// Rating, in the service's word.
pub(super) fn rating(incident: Item<'_>) -> Option<String> {
    either(incident, "threatRating", "incident_threat_rating")
}

/// State in the customer's eyes.
pub(super) fn status(incident: Item<'_>) -> Option<String> {
    incident.text("customer_status/status").or_else(|| incident.text("customer_status_status"))
}

/// Whether Alert Logic escalated it; comes as text or as a truth value.
pub(super) fn escalated(incident: Item<'_>) -> Option<bool> {
    incident.flag("incident/escalated").or_else(|| incident.flag("incident_escalated"))
}

fn map(join: &Join<'_>, id: &str, incident: Item<'_>) -> Resource {
    let (account, account_from) = join.account(incident);
    let document = json!({
        "rating": rating(incident),
        "status": status(incident),
        "status_changed_at": incident.secs("customer_status/status_change_time"),
        "status_reason": incident.text("customer_status/reason_code"),
        "escalated": escalated(incident),
        "class": either(incident, "attackClassId_str", "incident_attack_class"),
        "type": incident.text("incident_type"),
        "friendly_id": incident.text("humanFriendlyId"),
        "deployment_name": deployment_name(incident),
        "deployment_type": incident.text("asset_deployment_type"),
        "account_from": account_from,
        "snoozed": incident.flag("snooze_status/snoozed"),
        "detection_source": incident.text("detection_source"),
        "closed_at": incident.secs("closed_time"),
    });
    let created = incident.secs("createTime").or_else(|| incident.secs("createtime_str"));
    let resource = Resource::new(&INCIDENT, account, id, document).with_times(created, None);
    let activity =
        json!({ "updated_at": incident.secs("updateTime").or_else(|| incident.secs("updatetime_str")) });
    named(resource, either(incident, "summary", "summary")).with_activity(activity)
}
