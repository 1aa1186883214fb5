//! Reading lists to their end, and telling when an end is not one.

use std::collections::HashSet;

use auditor_core::error::SourceError;
use serde_json::Value;

use super::{
    Reader,
    calls::ListCall,
    links::{Next, next, total},
    no_result,
};
use crate::item::Item;

/// A tenant of this size does not exist; a service that counts on for ever might.
const MAX_PAGES: u32 = 10_000;

/// What was read of a list.
#[derive(Debug)]
pub(crate) struct Listing {
    /// The items, each id once, in CloudHealth's order.
    pub(crate) items: Vec<Value>,
    /// Why there may be more. `None`: this is all.
    pub(crate) problem: Option<SourceError>,
}

impl Reader<'_> {
    /// Every page of a list. What was read before a later page failed is kept, with the failure.
    ///
    /// # Errors
    /// If nothing could be read.
    pub(crate) async fn list(
        &self,
        list: &ListCall,
        parameters: &[(&str, &str)],
    ) -> Result<Listing, SourceError> {
        let mut items = Vec::new();
        let mut seen = HashSet::new();
        let mut page = 1;
        loop {
            let turned = self.page(list, parameters, page, &mut items, &mut seen).await;
            let problem = match turned {
                Ok(Some(next)) => {
                    page = next;
                    continue;
                }
                Ok(None) => None,
                Err(error) if items.is_empty() => return Err(error),
                Err(error) => Some(error),
            };
            return Ok(Listing { items, problem });
        }
    }

    /// Reads one page; `Some` is the number of the next.
    async fn page(
        &self,
        list: &ListCall,
        parameters: &[(&str, &str)],
        page: u32,
        items: &mut Vec<Value>,
        seen: &mut HashSet<String>,
    ) -> Result<Option<u32>, SourceError> {
        let action = list.call.action;
        let malformed = |cause: String| Err(SourceError::malformed(action, cause));
        let mut request = self.request(&list.call, &[]).query("page", page).query("per_page", list.per_page);
        for (name, value) in parameters {
            request = request.query(name, value);
        }
        let mut reply = request.json::<Value>(self.caller).await?;
        let Some(found) = take_list(&mut reply.value, list.list) else {
            let otherwise = format!("the reply holds no list `{}`", list.list.unwrap_or_default());
            return Err(no_result(action, &request, &reply.value, &otherwise));
        };
        let (length, before) = (found.len(), items.len());
        // A list that grows while it is read shows the last item of one page again at the top of the next.
        items.extend(found.into_iter().filter(|item| Item(item).text("id").is_none_or(|id| seen.insert(id))));
        if length > 0 && items.len() == before {
            return malformed(format!("page {page} repeats earlier pages: the list would never end"));
        }
        let next = match next(list.paging, &reply.headers, &reply.value, items.len()) {
            Err(wrong) => return malformed(wrong.to_owned()),
            Ok(Next::Page(next)) if next <= page => {
                return malformed(format!("page {page} leads back to page {next}: the list would never end"));
            }
            Ok(Next::Page(next)) => Some(next),
            Ok(Next::Untold) if length > 0 => Some(page + 1),
            Ok(Next::Untold | Next::End) => None,
        };
        match (next, total(&reply.headers)) {
            (None, Some(total)) if items.len() < total => {
                malformed(format!("the list ended after {} of {total} items", items.len()))
            }
            (Some(next), _) if next > MAX_PAGES => malformed(format!("more than {MAX_PAGES} pages")),
            _ => Ok(next),
        }
    }
}

/// Takes the list out of a reply. `None`: there is none.
fn take_list(body: &mut Value, key: Option<&str>) -> Option<Vec<Value>> {
    let list = match (body, key) {
        (Value::Object(map), Some(key)) => map.get_mut(key)?.as_array_mut()?,
        (Value::Array(list), _) => list,
        _ => return None,
    };
    Some(std::mem::take(list))
}
