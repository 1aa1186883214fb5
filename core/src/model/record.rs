//! What sinks receive: a resource stamped with its canonical document and fingerprint.

use chrono::{DateTime, DurationRound, TimeDelta, Utc};

use super::{AccountId, DigestBuilder, Fingerprint, Kind, Resource, canonical_json};

/// A resource as sinks receive it.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// Its type.
    pub kind: &'static Kind,
    /// Id within (source, target, kind).
    pub native_id: String,
    /// The state that is versioned.
    pub content: Content,
    /// Stands for `content`.
    pub fingerprint: Fingerprint,
    /// Volatile facts as canonical JSON, never `null`; not part of the fingerprint.
    pub activity: Option<String>,
    /// Stands for `activity`; `None` where that is.
    pub activity_fingerprint: Option<Fingerprint>,
}

/// The versioned state of a resource: everything its fingerprint covers.
#[derive(Debug, Clone, PartialEq)]
pub struct Content {
    /// The tenant.
    pub account: AccountId,
    /// The name people use.
    pub name: Option<String>,
    /// Canonical JSON.
    pub document: String,
    /// The provider's creation time, whole microseconds.
    pub provider_created_at: Option<DateTime<Utc>>,
    /// The provider's time of the last change, whole microseconds.
    pub provider_updated_at: Option<DateTime<Utc>>,
}

impl Content {
    /// Hash over account, name, the provider's times and the document, which must be canonical.
    pub fn fingerprint(&self) -> Fingerprint {
        let micros = |time: Option<DateTime<Utc>>| time.map(|time| time.timestamp_micros().to_le_bytes());
        let mut builder = DigestBuilder::new("auditor resource fingerprint v1");
        builder.part(self.account.as_str().as_bytes());
        builder.optional(self.name.as_deref().map(str::as_bytes));
        builder.optional(micros(self.provider_created_at).as_ref().map(<[u8; 8]>::as_slice));
        builder.optional(micros(self.provider_updated_at).as_ref().map(<[u8; 8]>::as_slice));
        builder.part(self.document.as_bytes());
        builder.fingerprint()
    }
}

impl Record {
    /// Stamps a resource: canonical document, times cut to what every store keeps (microseconds), fingerprint.
    pub fn new(resource: Resource) -> Self {
        let content = Content {
            account: resource.account,
            name: resource.name,
            document: canonical_json(&resource.document),
            provider_created_at: resource.provider_created_at.map(truncate_to_micros),
            provider_updated_at: resource.provider_updated_at.map(truncate_to_micros),
        };
        let activity = resource.activity.filter(|activity| !activity.is_null());
        let activity = activity.as_ref().map(canonical_json);
        Self {
            kind: resource.kind,
            native_id: resource.native_id,
            fingerprint: content.fingerprint(),
            content,
            activity_fingerprint: activity.as_deref().map(Fingerprint::of_activity),
            activity,
        }
    }

    /// About how many bytes the record holds in memory.
    pub fn size_bytes(&self) -> usize {
        size_of::<Self>()
            + self.native_id.len()
            + self.content.document.len()
            + self.content.name.as_ref().map_or(0, String::len)
            + self.activity.as_ref().map_or(0, String::len)
    }
}

/// The time, in whole microseconds.
pub(crate) fn now_micros() -> DateTime<Utc> {
    truncate_to_micros(Utc::now())
}

/// Cuts a time to whole microseconds, the precision every store keeps.
fn truncate_to_micros(time: DateTime<Utc>) -> DateTime<Utc> {
    time.duration_trunc(TimeDelta::microseconds(1)).unwrap_or(time)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    static THING: Kind = Kind::new("test_thing", "A thing");

    fn thing() -> Resource {
        Resource::new(&THING, "111122223333".parse().unwrap(), "id-1", json!({"a": 1})).named("one")
    }

    #[test]
    fn everything_versioned_is_in_the_fingerprint_and_activity_is_not() {
        let base = Record::new(thing()).fingerprint;
        let time: DateTime<Utc> = "2026-01-01T00:00:00Z".parse().unwrap();
        let mut other_account = thing();
        other_account.account = "444455556666".parse().unwrap();
        let mut other_document = thing();
        other_document.document = json!({"a": 2});
        for changed in [
            thing().named("two"),
            thing().with_times(Some(time), None),
            thing().with_times(None, Some(time)),
            other_account,
            other_document,
        ] {
            assert_ne!(Record::new(changed).fingerprint, base);
        }
        assert_eq!(Record::new(thing().with_activity(json!({"last_used": "today"}))).fingerprint, base);
    }

    #[test]
    fn times_are_cut_to_microseconds() {
        let time: DateTime<Utc> = "2026-01-01T00:00:00.123456789Z".parse().unwrap();
        let record = Record::new(thing().with_times(Some(time), None));
        assert_eq!(record.content.provider_created_at.unwrap().timestamp_subsec_nanos(), 123_456_000);
    }
}
