//! `kubernetes_workload`: whatever runs pods and is itself run by nothing of Kubernetes' own.

use auditor_core::{
    error::SourceError,
    model::{Column, Kind, Resource},
    source::{Collector, Emitter},
};
use k8s_openapi::{
    Metadata,
    api::{
        apps::v1::{DaemonSet, Deployment, ReplicaSet, StatefulSet},
        batch::v1::{CronJob, Job},
        core::v1::{Pod, PodTemplateSpec},
    },
    apimachinery::pkg::apis::meta::v1::{ObjectMeta, OwnerReference},
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{Work, emit_list, keep, pod};
use crate::client::{ApiFault, calls, calls::Listing};

pub(crate) static WORKLOAD: Kind = Kind::new(
    "kubernetes_workload",
    "What runs containers: Deployment, DaemonSet, StatefulSet, CronJob, and ReplicaSets, Jobs and Pods that none of \
     these made. No values of environment variables, no commands, no arguments",
)
.native_id("Its uid")
.columns(&[
    Column::text("workload_kind", "/workload_kind", "`Deployment`, `DaemonSet`, `Pod` …"),
    Column::text("namespace", "/namespace", "Its namespace"),
    Column::text("service_account", "/service_account", "Service account its pods act as; `default` where none is said"),
    Column::boolean(
        "automount_token",
        "/automount_token",
        "Whether the account's token is put into its pods. Null: the account decides",
    ),
    Column::json("images", "/images", "Images of all its containers, sorted"),
    Column::boolean("privileged", "/privileged", "Whether a container is as good as root on its node"),
    Column::boolean("host_network", "/host_network", "Whether it shares its node's network"),
    Column::boolean("host_pid", "/host_pid", "Whether it sees its node's processes"),
    Column::boolean("host_ipc", "/host_ipc", "Whether it shares its node's memory segments"),
    Column::json("host_paths", "/host_paths", "Paths of its node that it mounts (`volumes[].hostPath`), sorted"),
    Column::json("host_ports", "/host_ports", "Ports of its node that it takes, sorted"),
    Column::json("capabilities_added", "/capabilities_added", "Capabilities its containers add, sorted"),
    Column::boolean(
        "run_as_non_root",
        "/run_as_non_root",
        "Whether every container is made to run as another user than root (`runAsNonRoot`)",
    ),
    Column::boolean(
        "allow_privilege_escalation",
        "/allow_privilege_escalation",
        "Whether a container may get more rights than it began with: one that is not told otherwise may",
    ),
    Column::json("secret_names", "/secret_names", "Names of the Secrets it takes values from or mounts, sorted"),
    Column::json("containers", "/containers", "Its containers with the settings above, in their order, init containers first"),
    Column::json("owner", "/owner", "Kind and name of what made it, outside Kubernetes' own. Null: nothing did"),
    Column::text("schedule", "/schedule", "When it runs (CronJob). Null: not by a schedule"),
    Column::boolean("suspended", "/suspended", "Whether it is held (CronJob, Job). Null: neither"),
    Column::json("labels", "/labels", "Labels on the list of those kept"),
    Column::json("annotations", "/annotations", "Annotations on the list of those kept"),
    Column::json("pod_annotations", "/pod_annotations", "Annotations of its pods on the list of those kept"),
    Column::integer("replicas", "/replicas", "Pods that are wanted (`spec.replicas`). Null: has no such number").activity(),
    Column::text("phase", "/phase", "State of a Pod (`status.phase`). Null: no Pod").activity(),
])
.permissions(&[
    calls::DEPLOYMENTS.action,
    calls::DAEMON_SETS.action,
    calls::STATEFUL_SETS.action,
    calls::REPLICA_SETS.action,
    calls::CRON_JOBS.action,
    calls::JOBS.action,
    calls::PODS.action,
]);

/// What makes pods and is a workload of its own, by API group.
const OWN: [(&str, &str); 6] = [
    ("apps", "Deployment"),
    ("apps", "DaemonSet"),
    ("apps", "StatefulSet"),
    ("apps", "ReplicaSet"),
    ("batch", "Job"),
    ("batch", "CronJob"),
];

pub(super) async fn emit(out: &Collector, work: &Work<'_>) {
    out.scope(&[&WORKLOAD], |emit| async move {
        let mut tally = Tally::default();
        let read = list(&emit, work, &calls::DEPLOYMENTS, |it: Deployment| {
            let spec = it.spec.unwrap_or_default();
            let more = json!({ "replicas": spec.replicas });
            of_template(work, "Deployment", it.metadata, Some(spec.template), json!({}), more)
        });
        tally.add(&emit, read.await)?;
        let read = list(&emit, work, &calls::DAEMON_SETS, |it: DaemonSet| {
            let template = it.spec.map(|spec| spec.template);
            of_template(work, "DaemonSet", it.metadata, template, json!({}), json!({}))
        });
        tally.add(&emit, read.await)?;
        let read = list(&emit, work, &calls::STATEFUL_SETS, |it: StatefulSet| {
            let spec = it.spec.unwrap_or_default();
            let more = json!({ "replicas": spec.replicas });
            of_template(work, "StatefulSet", it.metadata, Some(spec.template), json!({}), more)
        });
        tally.add(&emit, read.await)?;
        let read = list(&emit, work, &calls::REPLICA_SETS, |it: ReplicaSet| {
            let spec = it.spec.unwrap_or_default();
            let more = json!({ "replicas": spec.replicas });
            of_template(work, "ReplicaSet", it.metadata, spec.template, json!({}), more)
        });
        tally.add(&emit, read.await)?;
        let read = list(&emit, work, &calls::CRON_JOBS, |it: CronJob| {
            let spec = it.spec;
            let fields = json!({ "schedule": spec.schedule, "suspended": spec.suspend.unwrap_or(false) });
            let template = spec.job_template.spec.map(|job| job.template);
            of_template(work, "CronJob", it.metadata, template, fields, json!({}))
        });
        tally.add(&emit, read.await)?;
        let read = list(&emit, work, &calls::JOBS, |it: Job| {
            let spec = it.spec.unwrap_or_default();
            let fields = json!({ "suspended": spec.suspend.unwrap_or(false) });
            of_template(work, "Job", it.metadata, Some(spec.template), fields, json!({}))
        });
        tally.add(&emit, read.await)?;
        let read = list(&emit, work, &calls::PODS, |it: Pod| {
            let phase = it.status.and_then(|status| status.phase);
            let annotations = keep::annotations(it.metadata.annotations.clone(), work.annotations);
            let spec = it.spec.unwrap_or_default();
            let fields = json!({ "pod_annotations": annotations });
            workload(work, "Pod", it.metadata, &spec, fields, json!({ "phase": phase }))
        });
        tally.add(&emit, read.await)?;
        tally.end()
    })
    .await;
}

/// How the listings of one kind ended: some denied is a gap, all denied is a denial.
#[derive(Default)]
struct Tally {
    read: usize,
    refused: Vec<SourceError>,
}

impl Tally {
    fn add(&mut self, emit: &Emitter, result: Result<(), SourceError>) -> Result<(), SourceError> {
        match result {
            Ok(()) => self.read += 1,
            Err(error) if is_standing(&error) => {
                emit.gap_from(&WORKLOAD, error.again())?;
                self.refused.push(error);
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }

    fn end(mut self) -> Result<(), SourceError> {
        if self.read == 0 && !self.refused.is_empty() { Err(self.refused.swap_remove(0)) } else { Ok(()) }
    }
}

/// Whether it will be the same the next time: a right or an API that is not there.
fn is_standing(error: &SourceError) -> bool {
    matches!(error.root(), SourceError::Denied { .. })
        || ApiFault::of(error).is_some_and(ApiFault::is_missing_api)
}

async fn list<T: DeserializeOwned + Metadata<Ty = ObjectMeta>>(
    emit: &Emitter,
    work: &Work<'_>,
    listing: &'static Listing,
    map: impl Fn(T) -> Resource,
) -> Result<(), SourceError> {
    let map = |object: T| {
        if made_by_own(object.metadata()) { Vec::new() } else { vec![map(object)] }
    };
    emit_list(emit, work, &[&WORKLOAD], listing, map).await
}

fn controller(metadata: &ObjectMeta) -> Option<&OwnerReference> {
    metadata.owner_references.iter().flatten().find(|owner| owner.controller == Some(true))
}

/// Whether it was made by a workload that is a record of its own, and says all that it would say.
fn made_by_own(metadata: &ObjectMeta) -> bool {
    controller(metadata).is_some_and(|owner| {
        let group = owner.api_version.split_once('/').map_or("", |(group, _)| group);
        OWN.contains(&(group, owner.kind.as_str()))
    })
}

fn of_template(
    work: &Work<'_>,
    kind: &str,
    metadata: ObjectMeta,
    template: Option<PodTemplateSpec>,
    mut fields: Value,
    activity: Value,
) -> Resource {
    let template = template.unwrap_or_default();
    let annotations = template.metadata.and_then(|metadata| metadata.annotations);
    fields["pod_annotations"] = json!(keep::annotations(annotations, work.annotations));
    workload(work, kind, metadata, &template.spec.unwrap_or_default(), fields, activity)
}

fn workload(
    work: &Work<'_>,
    kind: &str,
    metadata: ObjectMeta,
    spec: &k8s_openapi::api::core::v1::PodSpec,
    more: Value,
    activity: Value,
) -> Resource {
    let owner = controller(&metadata).map(|owner| json!({ "kind": owner.kind, "name": owner.name }));
    let mut fields = pod::posture(spec);
    fields.insert("workload_kind".to_owned(), json!(kind));
    fields.insert("owner".to_owned(), json!(owner));
    if let Value::Object(more) = more {
        fields.extend(more);
    }
    work.resource(&WORKLOAD, metadata, Value::Object(fields)).with_activity(activity)
}
