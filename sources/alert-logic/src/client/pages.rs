//! Paging by `continue` token.

use std::collections::HashSet;

use auditor_core::error::SourceError;
use serde_json::Value;

use super::{Api, Query};
use crate::item::Item;

impl Api<'_> {
    /// Every page of a listing, each handed to `page` as it arrives.
    ///
    /// # Errors
    /// [`Malformed`](SourceError::Malformed) if a page has no list, if the token leads in a circle, or if the listing
    /// ends before the number of rows that it announced.
    pub(crate) async fn pages(
        &self,
        action: &'static str,
        args: &[&str],
        query: &Query<'_>,
        list: &str,
        mut page: impl FnMut(&[Value]),
    ) -> Result<(), SourceError> {
        let mut seen = HashSet::new();
        let mut rows = 0;
        let mut token: Option<String> = None;
        loop {
            let reply = match &token {
                // The token carries the question: whatever else is sent along has no effect.
                Some(token) => self.get(action, args, &[("continue", token)]).await?,
                None => self.get(action, args, query).await?,
            };
            let found = Item(&reply).at(list).and_then(|item| item.0.as_array());
            let found = found
                .ok_or_else(|| SourceError::malformed(action, format!("the reply holds no list `{list}`")))?;
            rows += found.len();
            page(found);
            token = Item(&reply).text("continue").filter(|_| !found.is_empty());
            let Some(next) = &token else {
                let announced = Item(&reply).int("total_rows").and_then(|total| usize::try_from(total).ok());
                return match announced.filter(|announced| *announced > rows) {
                    Some(announced) => {
                        let cause = format!("the listing ended after {rows} of {announced} rows");
                        Err(SourceError::malformed(action, cause))
                    }
                    None => Ok(()),
                };
            };
            if !seen.insert(next.clone()) {
                return Err(SourceError::malformed(
                    action,
                    "the pages lead in a circle: the same token came twice",
                ));
            }
        }
    }
}
