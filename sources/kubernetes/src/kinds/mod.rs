//! The kinds, each with its listing and its pure mapping from objects to records.

mod aws_auth_entry;
mod binding;
mod cluster;
mod keep;
mod namespace;
mod network_policy;
mod node;
mod pod;
mod role;
mod service_account;
mod workload;

use auditor_core::{
    error::SourceError,
    model::{AccountId, Kind, Resource, common},
    source::{Collector, Emitter},
};
use chrono::{DateTime, Utc};
use k8s_openapi::{
    Metadata,
    api::core::v1::Namespace,
    apimachinery::pkg::apis::meta::v1::{ObjectMeta, Time},
};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

pub(crate) use self::{aws_auth_entry::NAME as AWS_AUTH_NAME, keep::check_pattern};
use crate::{
    client::{Reader, calls, calls::Listing},
    target::TargetSettings,
};

/// Name of this provider in common kinds.
const PROVIDER: &str = "kubernetes";

/// Every kind of this source.
pub(crate) static ALL: &[&Kind] = &[
    &cluster::CLUSTER,
    &namespace::NAMESPACE,
    &node::NODE,
    &service_account::SERVICE_ACCOUNT,
    &common::PRINCIPAL,
    &role::ROLE,
    &role::CLUSTER_ROLE,
    &binding::ROLE_BINDING,
    &binding::CLUSTER_ROLE_BINDING,
    &workload::WORKLOAD,
    &network_policy::NETWORK_POLICY,
    &aws_auth_entry::AWS_AUTH_ENTRY,
];

/// What listings work with.
pub(crate) struct Work<'a> {
    pub(crate) reader: Reader<'a>,
    /// Host and port of the API server.
    pub(crate) endpoint: Option<String>,
    pub(crate) account: &'a AccountId,
    pub(crate) settings: &'a TargetSettings,
    pub(crate) kube_system: KubeSystem,
    /// Labels that are kept beside the built-in list.
    pub(crate) labels: &'a [String],
    /// Annotations that are kept beside the built-in list.
    pub(crate) annotations: &'a [String],
}

/// The namespace that a cluster is known by.
pub(crate) struct KubeSystem {
    /// Its uid.
    pub(crate) uid: String,
    /// When it, and so the cluster, was made.
    pub(crate) created_at: Option<DateTime<Utc>>,
}

/// Reads the namespace that a cluster is known by.
///
/// # Errors
/// By class; [`Rejected`](SourceError::Rejected) if the cluster says that it has no such namespace.
pub(crate) async fn kube_system(reader: &Reader<'_>) -> Result<KubeSystem, SourceError> {
    let mut pages = reader.list::<Namespace>(&calls::KUBE_SYSTEM);
    let mut found = pages.next().await?.unwrap_or_default();
    found.retain(|namespace| namespace.metadata.name.as_deref() == Some("kube-system"));
    let metadata = found.pop().map(|namespace| namespace.metadata).unwrap_or_default();
    let created_at = created_at(&metadata);
    let uid = metadata.uid.filter(|uid| uid.len() <= 64).ok_or_else(|| {
        SourceError::rejected(
            "identify cluster",
            "it has no namespace `kube-system` with a uid to know it by",
        )
    })?;
    Ok(KubeSystem { uid, created_at })
}

/// Runs the listing of every wanted kind, always in the same order.
pub(crate) async fn emit_all(out: &Collector, work: &Work<'_>) {
    cluster::emit(out, work).await;
    namespace::emit(out, work).await;
    node::emit(out, work).await;
    service_account::emit(out, work).await;
    role::emit(out, work).await;
    binding::emit(out, work).await;
    workload::emit(out, work).await;
    network_policy::emit(out, work).await;
    aws_auth_entry::emit(out, work).await;
}

/// Reads a listing to its end and emits what each object maps to. What keeps it from being whole becomes a gap of
/// `kinds`.
async fn emit_list<T: DeserializeOwned + Metadata<Ty = ObjectMeta>>(
    emit: &Emitter,
    work: &Work<'_>,
    kinds: &[&'static Kind],
    listing: &'static Listing,
    map: impl Fn(T) -> Vec<Resource>,
) -> Result<(), SourceError> {
    let mut pages = work.reader.list::<T>(listing);
    while let Some(objects) = pages.next().await? {
        for resource in objects.into_iter().flat_map(&map) {
            emit.emit(resource).await?;
        }
    }
    for gap in pages.gaps() {
        for kind in kinds {
            emit.gap(kind, gap.clone());
        }
    }
    Ok(())
}

impl Work<'_> {
    /// A record of an object: its uid, name, creation, labels and annotations on the lists, and what `fields` holds.
    /// Objects without uid do not get here.
    fn resource(&self, kind: &'static Kind, metadata: ObjectMeta, fields: Value) -> Resource {
        let created = created_at(&metadata);
        let mut document = Map::new();
        if let Some(namespace) = metadata.namespace {
            document.insert("namespace".to_owned(), json!(namespace));
        }
        if let Value::Object(fields) = fields {
            document.extend(fields);
        }
        document.insert("labels".to_owned(), json!(keep::labels(metadata.labels, self.labels)));
        document.insert(
            "annotations".to_owned(),
            json!(keep::annotations(metadata.annotations, self.annotations)),
        );
        let uid = metadata.uid.unwrap_or_default();
        let resource = Resource::new(kind, self.account.clone(), uid, Value::Object(document));
        let resource = resource.with_times(created, None);
        match metadata.name {
            Some(name) => resource.named(name),
            None => resource,
        }
    }
}

fn created_at(metadata: &ObjectMeta) -> Option<DateTime<Utc>> {
    metadata.creation_timestamp.as_ref().and_then(time)
}

fn time(time: &Time) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(time.0.as_second(), u32::try_from(time.0.subsec_nanosecond()).ok()?)
}

/// Sorted, each once.
fn sorted<T: Ord>(items: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut items: Vec<_> = items.into_iter().collect();
    items.sort_unstable();
    items.dedup();
    items
}
