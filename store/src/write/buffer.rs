//! A task's records until it is finished: shared batches in memory, the rest in a temporary file.

use std::{borrow::Cow, sync::Arc};

use auditor_core::{
    error::SinkError,
    model::{Digest, Fingerprint, Record, digest_of},
    sink::Batch,
};

use super::{
    admit,
    spill::{SpillFile, Stub},
};

/// Everything a task has written so far, bounded in memory.
#[derive(Debug)]
pub struct Buffer {
    limit: usize,
    bytes: usize,
    spilled: Vec<Stub>,
    file: Option<SpillFile>,
    batches: Vec<Batch>,
}

/// Where a record waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Slot {
    Spilled(usize),
    Memory { batch: usize, record: usize },
}

/// One distinct record of a listing.
#[derive(Debug, Clone)]
pub struct Incoming<'a> {
    /// Id within the scope.
    pub native_id: &'a str,
    /// Stands for its content.
    pub fingerprint: &'a Fingerprint,
    /// Hash of its activity. `None` if it has none.
    pub activity: Option<&'a Fingerprint>,
    /// Why the store does not take it. Known only of records that would be written.
    pub refusal: Option<Box<str>>,
    pub(crate) slot: Slot,
}

impl Incoming<'_> {
    /// Whether the store does not take it.
    pub fn is_refused(&self) -> bool {
        self.refusal.is_some()
    }
}

/// Every record of one kind, sorted by native id; of doubled ones the last.
#[derive(Debug, Default)]
pub(crate) struct Listing<'a> {
    pub(crate) kind: &'static str,
    pub(crate) records: Vec<Incoming<'a>>,
    pub(crate) duplicates: u64,
}

impl Listing<'_> {
    /// Digest of what arrived.
    pub(crate) fn digest(&self) -> Digest {
        digest_of(self.records.iter().map(|record| (record.native_id, record.fingerprint)))
    }

    /// Digest of the activities that arrived.
    pub(crate) fn activity_digest(&self) -> Digest {
        digest_of(
            self.records
                .iter()
                .filter_map(|record| record.activity.map(|activity| (record.native_id, activity))),
        )
    }
}

impl Buffer {
    /// A buffer that holds about `limit` bytes in memory.
    pub fn new(limit: usize) -> Self {
        Self { limit, bytes: 0, spilled: Vec::new(), file: None, batches: Vec::new() }
    }

    /// Takes a batch; moves everything in memory to the file once it is more than the limit.
    ///
    /// # Errors
    /// Permanent, when the temporary file cannot be made or written.
    pub async fn push(&mut self, batch: Batch) -> Result<(), SinkError> {
        self.bytes += batch.iter().map(Record::size_bytes).sum::<usize>();
        self.batches.push(batch);
        if self.bytes > self.limit {
            let file = match &self.file {
                Some(file) => file.clone(),
                None => self.file.insert(SpillFile::create()?).clone(),
            };
            let stubs = file.append(std::mem::take(&mut self.batches)).await?;
            tracing::debug!(
                records = stubs.len(),
                bytes = self.bytes,
                "buffer is full, records go to a file"
            );
            self.spilled.extend(stubs);
            self.bytes = 0;
        }
        Ok(())
    }

    /// About how many bytes are held in memory.
    pub fn memory_bytes(&self) -> usize {
        self.bytes + self.spilled.iter().map(Stub::size_bytes).sum::<usize>()
    }

    /// The records by kind, in the order of the kinds' first appearance.
    pub(crate) fn listings(&self) -> Vec<Listing<'_>> {
        let mut listings: Vec<Listing<'_>> = Vec::new();
        let mut current = 0;
        for (kind, record) in self.records() {
            // Records of a kind come in a row: look for another listing only when the kind changes.
            if listings.get(current).is_none_or(|listing| listing.kind != kind) {
                current = listings.iter().position(|listing| listing.kind == kind).unwrap_or_else(|| {
                    listings.push(Listing { kind, ..Listing::default() });
                    listings.len() - 1
                });
            }
            listings[current].records.push(record);
        }
        for listing in &mut listings {
            // Sources emit in this order as a rule. Stable, so that of equal ids the last one stands last.
            listing.records.sort_by(|a, b| a.native_id.cmp(b.native_id));
            let arrived = listing.records.len();
            listing.records.dedup_by(|later, kept| {
                let same = later.native_id == kept.native_id;
                if same {
                    std::mem::swap(later, kept);
                }
                same
            });
            listing.duplicates = (arrived - listing.records.len()) as u64;
        }
        listings
    }

    fn records(&self) -> impl Iterator<Item = (&'static str, Incoming<'_>)> {
        let spilled = self.spilled.iter().enumerate().map(|(i, stub)| {
            let record = Incoming {
                native_id: &stub.native_id,
                fingerprint: &stub.fingerprint,
                activity: stub.activity.as_ref(),
                refusal: None,
                slot: Slot::Spilled(i),
            };
            (stub.kind.name, record)
        });
        let memory = self.batches.iter().enumerate().flat_map(|(batch, records)| {
            records.iter().enumerate().map(move |(record, value)| {
                let incoming = Incoming {
                    native_id: &value.native_id,
                    fingerprint: &value.fingerprint,
                    activity: value.activity_fingerprint.as_ref(),
                    refusal: None,
                    slot: Slot::Memory { batch, record },
                };
                (value.kind.name, incoming)
            })
        });
        spilled.chain(memory)
    }

    /// Why the store cannot hold a record; `None` if it can.
    pub(crate) fn refusal(&self, slot: Slot) -> Option<Box<str>> {
        match slot {
            Slot::Spilled(i) => self.spilled[i].refusal.as_deref().map(Into::into),
            Slot::Memory { batch, record } => admit::refusal(&self.batches[batch][record]).map(Into::into),
        }
    }

    /// About how many bytes a record takes to write.
    pub(crate) fn size_bytes(&self, slot: Slot) -> usize {
        match slot {
            Slot::Spilled(i) => self.spilled[i].document_bytes(),
            Slot::Memory { batch, record } => self.batches[batch][record].size_bytes(),
        }
    }

    /// The display name of a record in memory; `None` for one in the file or without a name.
    pub(crate) fn name(&self, slot: Slot) -> Option<&str> {
        match slot {
            Slot::Spilled(_) => None,
            Slot::Memory { batch, record } => self.batches[batch][record].content.name.as_deref(),
        }
    }

    /// The records themselves, in the order asked for; those in the file are read back.
    pub(crate) async fn load(&self, slots: &[Slot]) -> Result<Vec<Cow<'_, Record>>, SinkError> {
        let stubs: Vec<_> = slots
            .iter()
            .filter_map(|slot| match *slot {
                Slot::Spilled(i) => Some(&self.spilled[i]),
                Slot::Memory { .. } => None,
            })
            .collect();
        let mut read = match &self.file {
            Some(file) if !stubs.is_empty() => file.read(&stubs).await?.into_iter(),
            _ => Vec::new().into_iter(),
        };
        Ok(slots
            .iter()
            .map(|slot| match *slot {
                Slot::Spilled(_) => Cow::Owned(read.next().expect("one record is read for each stub")),
                Slot::Memory { batch, record } => {
                    let records: &Arc<Vec<Record>> = &self.batches[batch];
                    Cow::Borrowed(&records[record])
                }
            })
            .collect())
    }
}

#[cfg(test)]
mod tests {
    use auditor_core::model::{Kind, Resource};
    use serde_json::json;

    use super::*;

    static USER: Kind = Kind::new("test_user", "A user");
    static ROLE: Kind = Kind::new("test_role", "A role");

    fn record(kind: &'static Kind, native_id: &str, value: i64) -> Record {
        let resource =
            Resource::new(kind, "111122223333".parse().unwrap(), native_id, json!({"value": value}))
                .named("é")
                .with_activity(json!({"used": value}));
        Record::new(resource)
    }

    async fn filled(limit: usize) -> Buffer {
        let mut buffer = Buffer::new(limit);
        for batch in [
            vec![record(&USER, "b", 1), record(&ROLE, "a", 2), record(&USER, "a", 3)],
            vec![record(&USER, "b", 4)],
        ] {
            buffer.push(Arc::new(batch)).await.unwrap();
        }
        buffer
    }

    #[tokio::test]
    async fn a_full_buffer_gives_the_same_records_as_one_with_room() {
        for limit in [0, 700, usize::MAX] {
            let buffer = filled(limit).await;
            let listings = buffer.listings();
            assert_eq!(listings.iter().map(|l| l.kind).collect::<Vec<_>>(), ["test_user", "test_role"]);
            let users = &listings[0];
            assert_eq!(users.duplicates, 1);
            let slots: Vec<_> = users.records.iter().map(|record| record.slot).collect();
            let loaded = buffer.load(&slots).await.unwrap();
            let loaded: Vec<_> = loaded.into_iter().map(Cow::into_owned).collect();
            assert_eq!(loaded, [record(&USER, "a", 3), record(&USER, "b", 4)], "the last one wins");
            assert!(users.records.iter().all(|record| record.activity.is_some()));
            assert_eq!(users.digest(), filled(usize::MAX).await.listings()[0].digest());
        }
    }
}
