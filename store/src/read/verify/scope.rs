//! One scope: its versions, streamed; its heads; its row.

use std::cmp::Ordering;

use auditor_core::model::{Content, Digest, Fingerprint, canonical_json, digest_of};
use chrono::{DateTime, Utc};
use futures::TryStreamExt as _;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait as _, QueryFilter as _,
    QueryOrder as _, QueryResult, StreamTrait as _,
};
use serde_json::Value;
use uuid::Uuid;

use super::{
    ACTION, Verification,
    finding::{Check, Findings, Place},
    ledger::{Entry, place},
    replay::{Event, check_entries},
};
use crate::{
    entities::{resource, scope},
    read::{QueryError, sql::Sql},
};

/// A row of `resource_version`.
struct Version {
    native_id: String,
    number: i32,
    run: Uuid,
    observed_at: DateTime<Utc>,
    account: String,
    name: Option<String>,
    provider_created_at: Option<DateTime<Utc>>,
    provider_updated_at: Option<DateTime<Utc>>,
    fingerprint: Option<Vec<u8>>,
    document: Option<String>,
}

/// What a record's versions amount to.
struct Record {
    native_id: String,
    version: i32,
    first_seen_at: DateTime<Utc>,
    observed_at: DateTime<Utc>,
    present: bool,
    account: String,
    name: Option<String>,
    /// Of its latest state that had a document.
    fingerprint: Option<Fingerprint>,
}

/// Verifies one scope. `entries` come in the order of their observations.
pub(super) async fn verify_scope(
    snapshot: &DatabaseTransaction,
    scope: &scope::Model,
    entries: &[Entry],
    result: &mut Verification,
    findings: &mut Findings,
) -> Result<(), QueryError> {
    let (records, events) = read_versions(snapshot, scope, findings).await?;
    result.scopes += 1;
    result.records += records.len() as u64;
    result.versions += events.len() as u64;
    check_heads(snapshot, scope, &records, findings).await?;
    let ids: Vec<_> = records.iter().map(|record| record.native_id.as_str()).collect();
    check_entries(scope, &ids, events, entries, findings);
    Ok(())
}

/// Streams the versions of a scope, each compared with its own fingerprint and with the one before; what remains is
/// narrow.
async fn read_versions(
    snapshot: &DatabaseTransaction,
    scope: &scope::Model,
    findings: &mut Findings,
) -> Result<(Vec<Record>, Vec<Event>), QueryError> {
    let database = QueryError::database(ACTION);
    let mut sql = Sql::new(ConnectionTrait::get_database_backend(snapshot));
    sql.push("SELECT native_id, version, run, observed_at, account, name, provider_created_at, ");
    sql.push("provider_updated_at, fingerprint, CAST(document AS text) FROM resource_version WHERE scope = ");
    sql.bind(scope.id).push(" ORDER BY native_id, version");
    let mut rows = snapshot.stream_raw(sql.statement()).await.map_err(&database)?;
    let (mut records, mut events): (Vec<Record>, Vec<Event>) = Default::default();
    while let Some(row) = rows.try_next().await.map_err(&database)? {
        let version = match Version::read(&row) {
            Ok(version) => version,
            Err(error) => {
                let native_id = row.try_get_by_index(0).ok();
                let place = Place { native_id, version: row.try_get_by_index(1).ok(), ..place(scope) };
                findings.add(Check::Content, place, format!("the version cannot be read: {error}"));
                continue;
            }
        };
        let place = Place {
            native_id: Some(version.native_id.clone()),
            version: Some(version.number),
            run: Some(version.run),
            ..place(scope)
        };
        if let Err(detail) = version.check_content() {
            findings.add(Check::Content, place.clone(), detail);
        }
        let known = records.last_mut().filter(|record| record.native_id == version.native_id);
        if let Err(detail) = version.check_sequence(known.as_deref()) {
            findings.add(Check::Versions, place, detail);
        }
        let fingerprint = version.fingerprint.as_deref().and_then(Fingerprint::from_slice);
        let present = version.document.is_some();
        let (run, observed_at) = (version.run, version.observed_at);
        match known {
            Some(record) => record.advance(version, fingerprint),
            None => records.push(Record {
                native_id: version.native_id,
                version: version.number,
                first_seen_at: observed_at,
                observed_at,
                present,
                account: version.account,
                name: version.name,
                fingerprint,
            }),
        }
        let record = records.len().saturating_sub(1);
        events.push(Event { observed_at, run, record, state: fingerprint.filter(|_| present) });
    }
    Ok((records, events))
}

impl Version {
    fn read(row: &QueryResult) -> Result<Self, DbErr> {
        Ok(Self {
            native_id: row.try_get_by_index(0)?,
            number: row.try_get_by_index(1)?,
            run: row.try_get_by_index(2)?,
            observed_at: row.try_get_by_index(3)?,
            account: row.try_get_by_index(4)?,
            name: row.try_get_by_index(5)?,
            provider_created_at: row.try_get_by_index(6)?,
            provider_updated_at: row.try_get_by_index(7)?,
            fingerprint: row.try_get_by_index(8)?,
            document: row.try_get_by_index(9)?,
        })
    }

    /// Compares the content with the fingerprint.
    fn check_content(&self) -> Result<(), String> {
        let Some(document) = &self.document else {
            return match self.fingerprint {
                None => Ok(()),
                Some(_) => Err("there is a fingerprint and no document: the document was removed".to_owned()),
            };
        };
        let document: Value =
            serde_json::from_str(document).map_err(|error| format!("the document is not JSON: {error}"))?;
        let account = self.account.parse().map_err(|error| format!("the account is none: {error}"))?;
        let content = Content {
            account,
            name: self.name.clone(),
            document: canonical_json(&document),
            provider_created_at: self.provider_created_at,
            provider_updated_at: self.provider_updated_at,
        };
        let stored = self.fingerprint.as_deref().and_then(Fingerprint::from_slice);
        match stored {
            None => Err("there is a document and no fingerprint".to_owned()),
            Some(stored) if stored == content.fingerprint() => Ok(()),
            Some(_) => Err("the content does not have the stored fingerprint: document, name, account, the \
                            provider's times or the fingerprint were changed"
                .to_owned()),
        }
    }

    /// Compares with the version before.
    fn check_sequence(&self, before: Option<&Record>) -> Result<(), String> {
        let expected = before.map_or(1, |before| before.version.saturating_add(1));
        let gone = self.document.is_none();
        if self.number != expected {
            Err(format!("expected version {expected}: a version was removed or renumbered"))
        } else if before.is_some_and(|before| self.observed_at < before.observed_at) {
            Err("it was observed earlier than the version before".to_owned())
        } else if gone && before.is_none_or(|before| !before.present) {
            Err("a removal of what was not there".to_owned())
        } else {
            Ok(())
        }
    }
}

impl Record {
    fn advance(&mut self, version: Version, fingerprint: Option<Fingerprint>) {
        self.version = version.number;
        self.observed_at = version.observed_at;
        self.present = version.document.is_some();
        self.account = version.account;
        if self.present {
            self.name = version.name;
            self.fingerprint = fingerprint;
        }
    }
}

/// Compares the heads with the latest versions, and the scope's row with the heads. Both lists are sorted by native id.
async fn check_heads(
    snapshot: &DatabaseTransaction,
    scope: &scope::Model,
    records: &[Record],
    findings: &mut Findings,
) -> Result<(), QueryError> {
    let database = QueryError::database(ACTION);
    let mut heads = resource::Entity::find()
        .filter(resource::Column::Scope.eq(scope.id))
        .order_by_asc(resource::Column::NativeId)
        .stream(snapshot)
        .await
        .map_err(&database)?;
    let mut present: Vec<(String, Fingerprint)> = Vec::new();
    let mut records = records.iter().peekable();
    let at = |native_id: &str, version: Option<i32>| Place {
        native_id: Some(native_id.to_owned()),
        version,
        ..place(scope)
    };
    while let Some(head) = heads.try_next().await.map_err(&database)? {
        let missing = |record: &Record, findings: &mut Findings| {
            let place = at(&record.native_id, Some(record.version));
            findings.add(Check::Head, place, "the record has versions and no head: the head was removed");
        };
        while let Some(record) = records.next_if(|record| record.native_id < head.native_id) {
            missing(record, findings);
        }
        match records.next_if(|record| record.native_id.cmp(&head.native_id) == Ordering::Equal) {
            None => {
                let place = at(&head.native_id, Some(head.version));
                findings.add(Check::Head, place, "the record has a head and no versions");
            }
            Some(record) => {
                if let Some(field) = record.disagrees_on(&head) {
                    let place = at(&head.native_id, Some(head.version));
                    let detail = format!(
                        "`{field}` of the head is not that of the latest version ({})",
                        record.version
                    );
                    findings.add(Check::Head, place, detail);
                }
            }
        }
        if head.missing_since.is_none()
            && let Some(fingerprint) = Fingerprint::from_slice(&head.fingerprint)
        {
            present.push((head.native_id, fingerprint));
        }
    }
    for record in records {
        let place = at(&record.native_id, Some(record.version));
        findings.add(Check::Head, place, "the record has versions and no head: the head was removed");
    }
    if i64::try_from(present.len()).ok() != Some(scope.present) {
        let detail =
            format!("{} records are present, and the scope's row says {}", present.len(), scope.present);
        findings.add(Check::Scope, place(scope), detail);
    }
    let digest = digest_of(present.iter().map(|(native_id, fingerprint)| (native_id.as_str(), fingerprint)));
    if Digest::from_slice(&scope.digest) != Some(digest) {
        findings.add(Check::Scope, place(scope), "the scope's digest is not that of its present records");
    }
    Ok(())
}

impl Record {
    /// The first field in which a head is not what the versions amount to.
    fn disagrees_on(&self, head: &resource::Model) -> Option<&'static str> {
        let removed_at = (!self.present).then_some(self.observed_at);
        let agreements = [
            ("version", head.version == self.version),
            ("missing_since", head.missing_since == removed_at),
            ("fingerprint", Fingerprint::from_slice(&head.fingerprint) == self.fingerprint),
            ("account", head.account == self.account),
            ("name", head.name == self.name),
            ("first_seen_at", head.first_seen_at == self.first_seen_at),
            ("changed_at", !self.present || head.changed_at == self.observed_at),
        ];
        agreements.into_iter().find(|(_, agrees)| !agrees).map(|(field, _)| field)
    }
}

/// Versions and heads of scopes that are not there.
pub(super) async fn verify_orphans(
    snapshot: &DatabaseTransaction,
    findings: &mut Findings,
) -> Result<(), QueryError> {
    let database = QueryError::database(ACTION);
    for table in ["resource_version", "resource"] {
        let mut sql = Sql::new(ConnectionTrait::get_database_backend(snapshot));
        sql.push("SELECT x.scope, min(x.native_id), count(*) FROM ").push(table);
        sql.push(
            " x LEFT JOIN scope s ON s.id = x.scope WHERE s.id IS NULL GROUP BY x.scope ORDER BY x.scope",
        );
        for row in snapshot.query_all_raw(sql.statement()).await.map_err(&database)? {
            let read = || -> Result<(i64, String, i64), DbErr> {
                Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?, row.try_get_by_index(2)?))
            };
            let (scope, native_id, count) = read().map_err(&database)?;
            let place = Place { native_id: Some(native_id), ..Place::default() };
            let detail = format!(
                "{count} rows of `{table}` are of scope {scope}, which is not there; this is the first"
            );
            findings.add(Check::Scope, place, detail);
        }
    }
    Ok(())
}
