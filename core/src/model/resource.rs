//! What a source emits.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::{AccountId, Kind};

/// One record of a kind, as a source emits it.
///
/// Arrays that are sets at the provider (groups, tags, attachments) must be sorted by the source: order counts in the
/// fingerprint.
#[derive(Debug, Clone, PartialEq)]
pub struct Resource {
    /// Its type.
    pub kind: &'static Kind,
    /// The tenant it belongs to.
    pub account: AccountId,
    /// The provider's unique and never re-used id within (source, target, kind). Never a name where an id exists.
    pub native_id: String,
    /// The name people use. `None` where the provider has none.
    pub name: Option<String>,
    /// Configuration: a change makes a version.
    pub document: Value,
    /// Volatile facts (last used …): never make a version. `None` where the kind has none.
    pub activity: Option<Value>,
    /// When the provider says it was created. `None` where it does not say.
    pub provider_created_at: Option<DateTime<Utc>>,
    /// When the provider says it was last changed. `None` where it does not say.
    pub provider_updated_at: Option<DateTime<Utc>>,
}

impl Resource {
    /// A resource with its document; the rest is absent.
    pub fn new(
        kind: &'static Kind,
        account: AccountId,
        native_id: impl Into<String>,
        document: Value,
    ) -> Self {
        Self {
            kind,
            account,
            native_id: native_id.into(),
            name: None,
            document,
            activity: None,
            provider_created_at: None,
            provider_updated_at: None,
        }
    }

    /// Sets the name.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Sets the activity.
    #[must_use]
    pub fn with_activity(mut self, activity: Value) -> Self {
        self.activity = Some(activity);
        self
    }

    /// Sets the provider's own times.
    #[must_use]
    pub fn with_times(mut self, created: Option<DateTime<Utc>>, updated: Option<DateTime<Utc>>) -> Self {
        self.provider_created_at = created;
        self.provider_updated_at = updated;
        self
    }
}
