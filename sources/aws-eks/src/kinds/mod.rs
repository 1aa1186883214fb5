//! The kinds, each with its pure mapping from what was read to records.

mod access_entry;
mod cluster;

use std::collections::{BTreeMap, HashMap};

use auditor_core::{
    error::SourceError,
    model::{AccountId, Kind, Resource},
    outcome::{Gap, GapReason},
    source::{Collector, Emitter},
};
use aws_smithy_types::DateTime;
use chrono::Utc;

pub(crate) use self::{access_entry::ACCESS_ENTRY, cluster::CLUSTER};
use crate::estate::Estate;

/// Every kind of this source.
pub(crate) static ALL: &[&Kind] = &[&CLUSTER, &ACCESS_ENTRY];

/// What the mappings of one target share.
pub(crate) struct Work<'a> {
    pub(crate) estate: &'a Estate,
    pub(crate) account: &'a AccountId,
    pub(crate) region: &'a str,
}

/// Runs the listing of every wanted kind over what was read, always in the same order.
pub(crate) async fn emit_all(out: &Collector, work: &Work<'_>) {
    cluster::emit(out, work).await;
    access_entry::emit(out, work).await;
}

/// Emits in the order of native ids, so that the same world gives the same records in the same order.
async fn emit_sorted(emit: &Emitter, mut resources: Vec<Resource>) -> Result<usize, SourceError> {
    resources.sort_by(|a, b| a.native_id.cmp(&b.native_id));
    resources.dedup_by(|later, earlier| later.native_id == earlier.native_id);
    let count = resources.len();
    for resource in resources {
        emit.emit(resource).await?;
    }
    Ok(count)
}

/// What has no id is no record, which is a gap: a name is no id.
fn note_without_id(emit: &Emitter, kind: &'static Kind, names: &[&str]) {
    if let Some(first) = names.first() {
        let detail = format!(
            "AWS described {} without what they are known by, which were left out: `{first}` first",
            names.len()
        );
        emit.gap(kind, Gap::new(GapReason::Malformed, detail));
    }
}

/// A set, in order.
fn sorted(values: Option<&Vec<String>>) -> Option<Vec<&str>> {
    let mut values: Vec<&str> = values?.iter().map(String::as_str).collect();
    values.sort_unstable();
    values.dedup();
    Some(values)
}

/// Tags, in order.
fn tags(tags: Option<&HashMap<String, String>>) -> BTreeMap<&str, &str> {
    tags.into_iter().flatten().map(|(key, value)| (key.as_str(), value.as_str())).collect()
}

/// A time of the SDK's.
fn time(time: Option<&DateTime>) -> Option<chrono::DateTime<Utc>> {
    let time = time?;
    chrono::DateTime::from_timestamp(time.secs(), time.subsec_nanos())
}
