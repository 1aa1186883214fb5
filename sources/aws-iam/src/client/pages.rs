//! Paging by marker: AWS ends a list by saying so, never by a short or empty page.

use std::collections::HashSet;

use auditor_core::error::SourceError;

/// No more pages, the first page, or the page of a marker.
type Next = Option<Option<String>>;

/// The pages of one list: which to ask for next, if any.
pub(super) struct Pages {
    action: &'static str,
    next: Next,
    seen: HashSet<String>,
}

impl Pages {
    /// Before the first page.
    pub(super) fn new(action: &'static str) -> Self {
        Self { action, next: Some(None), seen: HashSet::new() }
    }

    /// The marker to ask with, `Some(None)` for the first page; `None` when the list has ended. Ends the list unless
    /// [`turn`](Self::turn) says that there is more.
    pub(super) fn next(&mut self) -> Next {
        self.next.take()
    }

    /// Takes what a page says of the next one.
    ///
    /// # Errors
    /// [`Malformed`](SourceError::Malformed) if there is more but no marker, or one that was used before: asking again
    /// would never end.
    pub(super) fn turn(&mut self, more: bool, marker: Option<String>) -> Result<(), SourceError> {
        if !more {
            return Ok(());
        }
        let marker = marker
            .filter(|marker| !marker.is_empty())
            .ok_or_else(|| SourceError::malformed(self.action, "a page is not the last and has no marker"))?;
        if !self.seen.insert(marker.clone()) {
            return Err(SourceError::malformed(self.action, "a page's marker leads back to an earlier page"));
        }
        self.next = Some(Some(marker));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn follows_markers_until_told_that_there_are_no_more() {
        let mut pages = Pages::new("iam:ListUsers");
        assert_eq!(pages.next(), Some(None));
        pages.turn(true, Some("a".to_owned())).unwrap();
        assert_eq!(pages.next(), Some(Some("a".to_owned())));
        pages.turn(false, Some("ignored".to_owned())).unwrap();
        assert_eq!(pages.next(), None);
    }

    #[test]
    fn a_list_that_leads_nowhere_is_an_error() {
        let mut pages = Pages::new("iam:ListUsers");
        pages.turn(true, Some("a".to_owned())).unwrap();
        pages.turn(true, Some("b".to_owned())).unwrap();
        assert!(pages.turn(true, Some("a".to_owned())).is_err());
        assert!(pages.turn(true, None).is_err());
    }
}
