//! `aws_iam_access_key`.

use auditor_core::{
    model::{Column, Kind, Resource},
    source::Collector,
};
use chrono::{DateTime, Utc};
use serde_json::json;

use super::emit_listing;
use crate::{
    credential_report::ReportKey,
    estate::Estate,
    wire::{AccessKey, chrono},
};

pub(crate) static ACCESS_KEY: Kind = Kind::new(
    "aws_iam_access_key",
    "An access key of a user. Users that have none by the credential report (up to four hours old) are not asked",
)
.native_id("`AccessKeyId` (`AKIA…`)")
.columns(&[
    Column::text("user_name", "/user_name", "Name of its user (`ListAccessKeys`, `UserName`)"),
    Column::boolean("active", "/active", "Whether it works (`ListAccessKeys`, `Status`)"),
    Column::timestamp(
        "last_used_at",
        "/last_used_at",
        "Last use. Null: no record of one, or not known which of two keys was used (credential report, matched by the \
         key's creation time)",
    )
    .activity(),
    Column::text("last_used_service", "/last_used_service", "Service it was used with. Null: no record of use").activity(),
    Column::text("last_used_region", "/last_used_region", "Region it was used in. Null: no record of use").activity(),
])
.permissions(&[
    "iam:GenerateCredentialReport",
    "iam:GetAccountAuthorizationDetails",
    "iam:GetCredentialReport",
    "iam:ListAccessKeys",
]);

pub(super) async fn emit(out: &Collector, estate: &Estate) {
    out.scope(&[&ACCESS_KEY], |emit| async move {
        emit_listing(&emit, &ACCESS_KEY, &estate.access_keys, |key| map(estate, key)).await
    })
    .await;
}

fn map(estate: &Estate, key: &AccessKey) -> Resource {
    let created_at = chrono(key.created_at);
    let document = json!({ "user_name": key.user_name, "active": key.status.as_deref() == Some("Active") });
    let resource = Resource::new(&ACCESS_KEY, estate.account().clone(), key.id.as_str(), document)
        .named(key.id.as_str())
        .with_times(created_at, None);
    let row = estate.report.known().and_then(|report| report.rows.get(&key.user_name));
    let only_key =
        estate.access_keys.items.iter().filter(|other| other.user_name == key.user_name).count() == 1;
    match row.and_then(|row| slot_of(&row.access_keys, created_at, only_key)) {
        Some(slot) => resource.with_activity(json!({
            "last_used_at": slot.last_used_at,
            "last_used_region": slot.last_used_region,
            "last_used_service": slot.last_used_service,
        })),
        None => resource,
    }
}

/// The report's slot of the key created at that time. The report has no key ids; it has the time each key was made.
fn slot_of(slots: &[ReportKey; 2], created_at: Option<DateTime<Utc>>, only_key: bool) -> Option<&ReportKey> {
    let only = |matching: Vec<&'_ ReportKey>| -> Option<usize> {
        (matching.len() == 1).then(|| slots.iter().position(|slot| std::ptr::eq(slot, matching[0])))?
    };
    let same_time = |slot: &&ReportKey| {
        slot.last_rotated_at
            .zip(created_at)
            .is_some_and(|(slot, key)| slot.timestamp().abs_diff(key.timestamp()) <= 1)
    };
    let index = only(slots.iter().filter(same_time).collect())
        .or_else(|| only_key.then(|| only(slots.iter().filter(|slot| slot.exists()).collect())).flatten())?;
    slots.get(index)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_matched_by_its_time_or_as_the_only_one() {
        let at = |text: &str| Some(text.parse::<DateTime<Utc>>().unwrap());
        let slot = |rotated: &str, region: &str| ReportKey {
            active: Some(true),
            last_rotated_at: at(rotated),
            last_used_region: Some(region.to_owned()),
            ..ReportKey::default()
        };
        let region = |slots: &[ReportKey; 2], created, only| {
            slot_of(slots, created, only).and_then(|slot| slot.last_used_region.clone())
        };
        let two = [slot("2021-01-01T00:00:00Z", "a"), slot("2022-01-01T00:00:00Z", "b")];
        assert_eq!(region(&two, at("2022-01-01T00:00:00.4Z"), false).as_deref(), Some("b"));
        assert_eq!(region(&two, at("2023-01-01T00:00:00Z"), false), None);
        let one = [slot("2021-01-01T00:00:00Z", "a"), ReportKey::default()];
        assert_eq!(region(&one, at("2020-01-01T00:00:00Z"), true).as_deref(), Some("a"));
        let twins = [slot("2021-01-01T00:00:00Z", "a"), slot("2021-01-01T00:00:00Z", "b")];
        assert_eq!(region(&twins, at("2021-01-01T00:00:00Z"), false), None);
    }
}
