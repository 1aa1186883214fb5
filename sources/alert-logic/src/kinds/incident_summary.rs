//! Incidents of each account, counted; accounts that are watched and have none, too.

use std::collections::BTreeMap;

use auditor_core::{
    model::{AccountId, Column, Kind, Resource},
    source::Collector,
};
use serde_json::{Value, json};

use super::{
    emit_sorted,
    incident::{Join, escalated, rating, status},
};
use crate::{
    client::calls::{DEPLOYMENTS, INCIDENTS},
    estate::Estate,
    item::Item,
};

/// Incidents of an account.
pub(crate) static INCIDENT_SUMMARY: Kind = Kind::new(
    "alertlogic_incident_summary",
    "How many incidents an account had in the last days, by rating, and how many are open",
)
.native_id("The account id")
.columns(&[
    Column::integer("days", "/days", "How many days are counted"),
    Column::integer("total", "/total", "Incidents of those days").activity(),
    Column::integer("open", "/open", "Those that are not completed, or of which that is not known")
        .activity(),
    Column::integer("escalated", "/escalated", "Those that Alert Logic escalated").activity(),
    Column::integer("critical", "/critical", "Critical ones").activity(),
    Column::integer("high", "/high", "High ones").activity(),
    Column::integer("medium", "/medium", "Medium ones").activity(),
    Column::integer("low", "/low", "Low ones").activity(),
    Column::integer("info", "/info", "Those for information").activity(),
    Column::integer("other", "/other", "Those with another rating or none").activity(),
])
.permissions(&[INCIDENTS, DEPLOYMENTS]);

#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    total: u64,
    open: u64,
    escalated: u64,
    critical: u64,
    high: u64,
    medium: u64,
    low: u64,
    info: u64,
    other: u64,
}

impl Counts {
    fn add(&mut self, incident: Item<'_>) {
        self.total += 1;
        // Whatever is not known to be over is not over.
        self.open +=
            u64::from(status(incident).is_none_or(|status| !status.eq_ignore_ascii_case("completed")));
        self.escalated += u64::from(escalated(incident) == Some(true));
        let rating = rating(incident).map(|rating| rating.to_ascii_lowercase());
        *match rating.as_deref() {
            Some("critical") => &mut self.critical,
            Some("high") => &mut self.high,
            Some("medium") => &mut self.medium,
            Some("low") => &mut self.low,
            Some("info") => &mut self.info,
            _ => &mut self.other,
        } += 1;
    }

    fn json(self) -> Value {
        json!({
            "total": self.total, "open": self.open, "escalated": self.escalated, "critical": self.critical,
            "high": self.high, "medium": self.medium, "low": self.low, "info": self.info, "other": self.other,
        })
    }
}

pub(super) async fn emit(out: &Collector, estate: &Estate<'_>) {
    out.scope(&[&INCIDENT_SUMMARY], async |emit| {
        let incidents = estate.incidents().await?;
        let deployments = estate.deployments_if_permitted(&emit, &INCIDENT_SUMMARY).await?;
        let join = Join::new(&estate.tenant, deployments);
        super::note_nameless(&emit, &INCIDENT_SUMMARY, incidents.nameless);
        let watched = deployments.iter().map(|deployment| &deployment.account).chain([&estate.tenant]);
        let mut counts: BTreeMap<AccountId, Counts> =
            watched.map(|account| (account.clone(), Counts::default())).collect();
        for incident in incidents.by_id.values().map(Item) {
            counts.entry(join.account(incident).0).or_default().add(incident);
        }
        let days = estate.config.incident_days;
        emit_sorted(
            &emit,
            counts.into_iter().map(|(account, counts)| {
                let id = account.as_str().to_owned();
                Resource::new(&INCIDENT_SUMMARY, account, id, json!({ "days": days }))
                    .with_activity(counts.json())
            }),
        )
        .await
    })
    .await;
}
