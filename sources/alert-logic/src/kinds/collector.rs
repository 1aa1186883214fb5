//! Log collectors, one by one: where each is, how it is, when it was last heard of.

use auditor_core::{
    model::{Column, Kind},
    source::Collector,
};

use super::health_graph;
use crate::{
    client::calls::{DEPLOYMENTS, HEALTH, POLICIES},
    estate::Estate,
};

/// An Alert Logic log collector.
pub(crate) static COLLECTOR: Kind = Kind::new("alertlogic_collector", "An Alert Logic log collector")
    .native_id("The deployment's id and the collector's key in it, joined by `/`")
    .columns(&[
        Column::text("deployment_id", "/deployment_id", "The deployment"),
        Column::text("host_name", "/host_name", "Name of the host it runs on. Null: not known"),
        Column::text("instance_id", "/instance_id", "EC2 instance it runs on. Null: none, or not known"),
        Column::text("region", "/region", "Key of the region. Null: not known"),
        Column::text("vpc", "/vpc", "Key of the VPC. Null: not known"),
        Column::text(
            "protection_level",
            "/protection_level",
            "Level of protection there. Null: none, or not known",
        ),
        Column::text("host_id", "/host_id", "Alert Logic's id of the host. Null: not known"),
        Column::text("key", "/key", "Its key within the deployment"),
        Column::integer("health_level", "/health_level", "0: healthy; more: not. Null: not reported")
            .activity(),
        Column::text("status", "/status", "State in the service's word. Null: not reported").activity(),
        Column::timestamp(
            "status_updated_at",
            "/status_updated_at",
            "When that was last told. Null: not reported",
        )
        .activity(),
        Column::timestamp("modified_at", "/modified_at", "Last change of its record. Null: not reported")
            .activity(),
        Column::json("problems", "/problems", "What is wrong with it, sorted").activity(),
    ])
    .permissions(&[HEALTH, DEPLOYMENTS, POLICIES]);

pub(super) async fn emit(out: &Collector, estate: &Estate<'_>) {
    health_graph::emit(out, estate, &COLLECTOR, "collector").await;
}
