//! Listings page by page: each a snapshot, which the cluster keeps for some minutes.

use std::{collections::HashSet, marker::PhantomData};

use auditor_core::{
    error::SourceError,
    outcome::{Gap, GapReason},
};
use k8s_openapi::{Metadata, apimachinery::pkg::apis::meta::v1::ObjectMeta};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Deserializer, de::DeserializeOwned};

use super::{Answer, ApiFault, Reader, calls::Listing};

/// Pages in a row that may bring nothing new. More is a server that never ends.
const IDLE_PAGES: u8 = 3;

/// A listing on its way.
pub(crate) struct Pages<'a, T> {
    reader: Reader<'a>,
    listing: &'static Listing,
    limit: u16,
    path: usize,
    token: Option<String>,
    /// Uids that were handed out, so that beginning again brings nothing twice.
    seen: HashSet<String>,
    idle: u8,
    restarted: bool,
    inconsistent: bool,
    without_uid: usize,
    ended: bool,
    item: PhantomData<fn() -> T>,
}

/// The form of a page. A reply without `items` is none, whatever else it is; `null` is how Go writes an empty list.
#[derive(Deserialize)]
#[serde(bound = "T: DeserializeOwned")]
struct Page<T> {
    kind: String,
    #[serde(default)]
    metadata: PageMetadata,
    #[serde(default, deserialize_with = "present")]
    items: Option<Vec<T>>,
}

#[derive(Default, Deserialize)]
struct PageMetadata {
    #[serde(rename = "continue")]
    token: Option<String>,
}

fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<Vec<T>>, D::Error> {
    Option::<Vec<T>>::deserialize(deserializer).map(|items| Some(items.unwrap_or_default()))
}

impl<'a, T> Pages<'a, T> {
    pub(super) fn new(reader: Reader<'a>, listing: &'static Listing, limit: u16) -> Self {
        Self {
            reader,
            listing,
            limit,
            path: 0,
            token: None,
            seen: HashSet::new(),
            idle: 0,
            restarted: false,
            inconsistent: false,
            without_uid: 0,
            ended: false,
            item: PhantomData,
        }
    }

    /// The same listing with another number of objects at a time.
    pub(crate) fn by(mut self, limit: u16) -> Self {
        self.limit = limit;
        self
    }

    /// What keeps the listing from being the whole of it, although it came to its end.
    pub(crate) fn gaps(&self) -> Vec<Gap> {
        let action = self.listing.action;
        let mut gaps = Vec::new();
        if self.inconsistent {
            let detail = format!(
                "`{action}` took longer than the cluster keeps a snapshot, twice: its parts are of different times"
            );
            let hint = "raise `page_size` or `requests_per_second` of this source";
            gaps.push(Gap::new(GapReason::Mismatch, detail).with_hint(hint));
        }
        if self.without_uid > 0 {
            let detail = format!("`{action}`: {} came without a uid and were left out", self.without_uid);
            gaps.push(Gap::new(GapReason::Malformed, detail));
        }
        gaps
    }

    fn address(&self) -> String {
        let path = self.listing.paths[self.path];
        let separator = if path.contains('?') { '&' } else { '?' };
        let mut address = format!("{path}{separator}limit={}", self.limit);
        if let Some(token) = &self.token {
            address.push_str("&continue=");
            address.extend(utf8_percent_encode(token, NON_ALPHANUMERIC));
        }
        address
    }

    /// Goes on after the snapshot expired: once from the beginning, after that from where the cluster says.
    fn expired(&mut self, token: Option<String>) -> Result<(), SourceError> {
        let action = self.listing.action;
        if self.token.is_none() {
            return Err(SourceError::rejected(action, "HTTP 410 to the first page of a listing"));
        }
        if !self.restarted {
            self.restarted = true;
            self.token = None;
            return Ok(());
        }
        self.inconsistent = true;
        self.idle += 1;
        if self.idle > IDLE_PAGES {
            return Err(SourceError::unavailable(action, "the listing expires faster than it is read"));
        }
        self.token = Some(token.ok_or_else(|| {
            SourceError::unavailable(
                action,
                "the listing expired twice, and the cluster names no way to go on",
            )
        })?);
        Ok(())
    }
}

impl<T: DeserializeOwned + Metadata<Ty = ObjectMeta>> Pages<'_, T> {
    /// The next page's objects. `None`: that was all.
    ///
    /// # Errors
    /// By class, see `fault`. What was handed out before is then a part of the whole.
    pub(crate) async fn next(&mut self) -> Result<Option<Vec<T>>, SourceError> {
        if self.ended {
            return Ok(None);
        }
        let page = self.read().await?;
        let action = self.listing.action;
        let malformed = |what: String| Err(SourceError::malformed(action, what));
        let next = page.metadata.token.filter(|token| !token.is_empty());
        if next.is_some() && next == self.token {
            return malformed("the page says that it comes after itself".to_owned());
        }
        let mut objects = page.items.unwrap_or_default();
        let arrived = objects.len();
        objects.retain(|object| match &object.metadata().uid {
            Some(uid) if !uid.is_empty() => self.seen.insert(uid.clone()),
            _ => {
                self.without_uid += 1;
                false
            }
        });
        self.idle = if objects.is_empty() && !(self.restarted && arrived > 0) { self.idle + 1 } else { 0 };
        if next.is_some() && self.idle > IDLE_PAGES {
            return malformed("page after page brings nothing new".to_owned());
        }
        self.ended = next.is_none();
        self.token = next;
        Ok(Some(objects))
    }

    async fn read(&mut self) -> Result<Page<T>, SourceError> {
        loop {
            let action = self.listing.action;
            let address = self.address();
            let read = || async {
                match self.reader.cluster.send(action, &address).await? {
                    Answer::Body(body) => self.page(&body).map(Ok),
                    Answer::Expired(token) => Ok(Err(token)),
                }
            };
            match self.reader.caller.call(action, read).await {
                Ok(Ok(page)) => return Ok(page),
                Ok(Err(token)) => self.expired(token)?,
                Err(error)
                    if self.has_older_path()
                        && ApiFault::of(&error).is_some_and(ApiFault::is_missing_api) =>
                {
                    self.path += 1;
                }
                Err(error) => return Err(error),
            }
        }
    }

    fn has_older_path(&self) -> bool {
        self.token.is_none() && self.path + 1 < self.listing.paths.len()
    }

    fn page(&self, body: &super::body::Bytes) -> Result<Page<T>, SourceError> {
        let (action, reply) = (self.listing.action, self.listing.reply);
        let page: Page<T> = body.json(action)?;
        if page.kind != reply || page.items.is_none() {
            return Err(SourceError::malformed(action, format!("{body} that is no `{reply}`")));
        }
        Ok(page)
    }
}
