//! Where views come from.

use async_trait::async_trait;

use super::Listing;
use crate::{
    error::SinkError,
    model::{AccountId, Digest},
};

/// Id of the one target of an analyzer whose view is every account, and, behind `auditor:`, the account it stands under.
pub const ESTATE: &str = "estate";

/// What a store lets analyzers read.
#[async_trait]
pub trait Reader: Send + Sync {
    /// Every account that listings of these kinds belong to or hold records of, by account id. A digest that is as it was
    /// means a view that is as it was.
    async fn inputs(&self, kinds: &[&str]) -> Result<Vec<Input>, SinkError>;

    /// The listings of these kinds with the records of that account, or with every record: the listings that belong to the
    /// account, and those of others that hold records of it.
    async fn listings(&self, account: Option<&AccountId>, kinds: &[&str]) -> Result<Vec<Listing>, SinkError>;
}

/// What one account has to be analyzed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// The account.
    pub account: AccountId,
    /// Covers everything that a view of it shows: outcomes, records and their activities.
    pub digest: Digest,
}
