//! Records and their types: what sources emit and sinks store.

mod account;
mod canonical;
pub mod common;
mod kind;
mod record;
mod resource;

pub use account::{AccountId, InvalidAccountId};
pub use canonical::{Digest, DigestBuilder, Fingerprint, canonical_json, digest_of};
pub use kind::{Column, ColumnType, Kind, Part};
pub(crate) use record::now_micros;
pub use record::{Content, Record};
pub use resource::Resource;
