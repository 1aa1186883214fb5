//! An unnamed temporary file for records that do not fit a task's buffer.
//!
//! Not the database, though it could take changed documents early: that would hold a connection, locks and the vacuum
//! horizon for as long as a source collects, could not be tried again after a lost connection, and could not take back
//! a version when the same native id arrives a second time. The file has no name, so nobody else can open it and
//! nothing is left behind however the program ends.

use std::{
    fs::File,
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
    sync::{Arc, Mutex, PoisonError},
};

use auditor_core::{
    error::SinkError,
    model::{AccountId, Content, Fingerprint, Kind, Record},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::admit;

/// What stays in memory of a record in the file.
#[derive(Debug)]
pub(crate) struct Stub {
    pub(crate) kind: &'static Kind,
    pub(crate) native_id: Box<str>,
    pub(crate) fingerprint: Fingerprint,
    pub(crate) activity: Option<Fingerprint>,
    pub(crate) refusal: Option<String>,
    offset: u64,
    len: usize,
}

/// The file. Clones write to and read from the same one.
#[derive(Debug, Clone)]
pub(crate) struct SpillFile {
    file: Arc<Mutex<File>>,
}

/// A record in the file, without what its stub keeps.
#[derive(Serialize, Deserialize)]
struct Body {
    account: AccountId,
    name: Option<String>,
    document: String,
    activity: Option<String>,
    provider_created_at: Option<DateTime<Utc>>,
    provider_updated_at: Option<DateTime<Utc>>,
}

impl SpillFile {
    /// Makes a file in the directory for temporary files.
    pub(crate) fn create() -> Result<Self, SinkError> {
        let file = tempfile::tempfile().map_err(failed)?;
        Ok(Self { file: Arc::new(Mutex::new(file)) })
    }

    /// Appends records; what remains of them comes back in their order.
    pub(crate) async fn append(&self, batches: Vec<Arc<Vec<Record>>>) -> Result<Vec<Stub>, SinkError> {
        let this = self.clone();
        blocking(move || {
            let mut file = this.lock();
            let mut offset = file.seek(SeekFrom::End(0))?;
            let mut stubs = Vec::with_capacity(batches.iter().map(|batch| batch.len()).sum());
            let mut bytes = Vec::new();
            for batch in batches {
                bytes.clear();
                for record in batch.iter() {
                    let start = bytes.len();
                    serde_json::to_writer(&mut bytes, &Body::of(record))?;
                    let len = bytes.len() - start;
                    stubs.push(Stub::of(record, offset, len));
                    offset += len as u64;
                }
                file.write_all(&bytes)?;
            }
            Ok(stubs)
        })
        .await
    }

    /// Reads records back, in the order asked for.
    pub(crate) async fn read(&self, stubs: &[&Stub]) -> Result<Vec<Record>, SinkError> {
        let this = self.clone();
        let places: Vec<_> = stubs.iter().map(|stub| (stub.offset, stub.len)).collect();
        let bodies = blocking(move || {
            let mut file = this.lock();
            let mut bytes = Vec::new();
            let mut bodies = Vec::with_capacity(places.len());
            for (offset, len) in places {
                bytes.resize(len, 0);
                file.seek(SeekFrom::Start(offset))?;
                file.read_exact(&mut bytes)?;
                bodies.push(serde_json::from_slice::<Body>(&bytes)?);
            }
            Ok(bodies)
        })
        .await?;
        Ok(stubs.iter().zip(bodies).map(|(stub, body)| body.record(stub)).collect())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, File> {
        self.file.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Stub {
    fn of(record: &Record, offset: u64, len: usize) -> Self {
        Self {
            kind: record.kind,
            native_id: record.native_id.as_str().into(),
            fingerprint: record.fingerprint,
            activity: record.activity_fingerprint,
            refusal: admit::refusal(record),
            offset,
            len,
        }
    }

    /// How many bytes its record has in the file.
    pub(crate) fn document_bytes(&self) -> usize {
        self.len
    }

    /// About how many bytes it holds in memory.
    pub(crate) fn size_bytes(&self) -> usize {
        size_of::<Self>() + self.native_id.len()
    }
}

impl Body {
    fn of(record: &Record) -> Self {
        let content = record.content.clone();
        Self {
            account: content.account,
            name: content.name,
            document: content.document,
            activity: record.activity.clone(),
            provider_created_at: content.provider_created_at,
            provider_updated_at: content.provider_updated_at,
        }
    }

    fn record(self, stub: &Stub) -> Record {
        Record {
            kind: stub.kind,
            native_id: stub.native_id.to_string(),
            content: Content {
                account: self.account,
                name: self.name,
                document: self.document,
                provider_created_at: self.provider_created_at,
                provider_updated_at: self.provider_updated_at,
            },
            fingerprint: stub.fingerprint,
            activity: self.activity,
            activity_fingerprint: stub.activity,
        }
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, SinkError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result.map_err(failed),
        Err(error) => Err(failed(io::Error::other(error))),
    }
}

fn failed(error: io::Error) -> SinkError {
    SinkError::permanent("keeping records in a temporary file", error).with_hint(
        "make room in the directory for temporary files, name another with the environment variable `TMPDIR`, or \
         raise the sink's `buffer_bytes`",
    )
}
