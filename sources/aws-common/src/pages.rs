//! Paging by marker or token: AWS ends a list by saying so, never by a short or empty page.

use std::collections::HashSet;

use auditor_core::error::SourceError;

/// No more pages, the first page, or the page of a marker.
type Next = Option<Option<String>>;

/// The pages of one list: which to ask for next, if any.
#[derive(Debug)]
pub struct Pages {
    action: &'static str,
    next: Next,
    seen: HashSet<String>,
}

impl Pages {
    /// Before the first page.
    pub fn new(action: &'static str) -> Self {
        Self { action, next: Some(None), seen: HashSet::new() }
    }

    /// The marker to ask with, `Some(None)` for the first page; `None` when the list has ended. Ends the list unless
    /// [`turn`](Self::turn) says that there is more.
    #[expect(
        clippy::should_implement_trait,
        reason = "an iterator would not be told what its last item said"
    )]
    pub fn next(&mut self) -> Next {
        self.next.take()
    }

    /// Takes what a page says of the next one.
    ///
    /// # Errors
    /// [`Malformed`](SourceError::Malformed) if there is more but no marker, or one that was used before: asking again
    /// would never end.
    pub fn turn(&mut self, more: bool, marker: Option<String>) -> Result<(), SourceError> {
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

    /// The same for services that say that there is more by a token alone: a page without one is the last, however
    /// few items the pages before it held.
    ///
    /// # Errors
    /// [`Malformed`](SourceError::Malformed) if the token was used before.
    pub fn turn_to(&mut self, token: Option<String>) -> Result<(), SourceError> {
        let token = token.filter(|token| !token.is_empty());
        self.turn(token.is_some(), token)
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
    fn a_token_alone_says_that_there_is_more() {
        let mut pages = Pages::new("organizations:ListAccounts");
        pages.next();
        pages.turn_to(Some("a".to_owned())).unwrap();
        assert_eq!(pages.next(), Some(Some("a".to_owned())));
        pages.turn_to(Some(String::new())).unwrap();
        assert_eq!(pages.next(), None);
        pages.turn_to(None).unwrap();
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
