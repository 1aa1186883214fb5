//! `MaxItems` and `Marker`, as AWS does it and as AWS may do it.

use std::ops::Range;

use super::{server::ApiError, xml::Xml};

/// How lists are cut into pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paging {
    /// Most items on a page, whatever the caller asks for.
    pub max_items: usize,
    /// Makes use of what AWS reserves the right to do: the second page is empty, every other one is half full, and
    /// the last one is empty, while all but the last say that there is more.
    pub awkward: bool,
}

impl Paging {
    /// Full pages of what the caller asks for.
    pub const PLAIN: Self = Self { max_items: 1_000, awkward: false };

    /// Small pages, short and empty ones among them.
    pub const AWKWARD: Self = Self { max_items: 6, awkward: true };

    /// Which of `total` items are on the page that `marker` names.
    pub(super) fn page(
        self,
        total: usize,
        marker: Option<&str>,
        asked: Option<usize>,
    ) -> Result<Page, ApiError> {
        let (number, start) = match marker {
            None => (0, 0),
            Some(marker) => parse_marker(marker)
                .filter(|(_, start)| *start <= total)
                .ok_or_else(|| ApiError::validation("Invalid Marker"))?,
        };
        let full = asked.unwrap_or(100).min(self.max_items);
        let length = match number {
            1 if self.awkward => 0,
            n if self.awkward && n % 2 == 1 => full.div_ceil(2),
            _ => full,
        };
        let end = total.min(start + length);
        let empty_last = self.awkward && number > 0 && start < total;
        let next = (end < total || empty_last).then(|| format!("page-{}-{end}", number + 1));
        Ok(Page { range: start..end, next })
    }
}

fn parse_marker(marker: &str) -> Option<(usize, usize)> {
    let (number, start) = marker.strip_prefix("page-")?.split_once('-')?;
    Some((number.parse().ok()?, start.parse().ok()?))
}

/// One page.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Page {
    /// The items on it.
    pub(super) range: Range<usize>,
    /// The marker of the next one.
    pub(super) next: Option<String>,
}

impl Page {
    /// Writes `IsTruncated` and `Marker`.
    pub(super) fn write(&self, xml: &mut Xml) {
        xml.text("IsTruncated", self.next.is_some());
        xml.optional("Marker", self.next.as_ref());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lengths(paging: Paging, total: usize) -> Vec<usize> {
        let (mut lengths, mut marker, mut expected_start) = (Vec::new(), None::<String>, 0);
        loop {
            let page = paging.page(total, marker.as_deref(), Some(1_000)).unwrap();
            assert_eq!(page.range.start, expected_start);
            expected_start = page.range.end;
            lengths.push(page.range.len());
            marker = page.next;
            if marker.is_none() {
                assert_eq!(expected_start, total);
                return lengths;
            }
        }
    }

    #[test]
    fn every_item_is_on_one_page() {
        let plain = Paging { max_items: 4, awkward: false };
        assert_eq!(lengths(plain, 10), [4, 4, 2]);
        assert_eq!(lengths(plain, 8), [4, 4]);
        assert_eq!(lengths(plain, 0), [0]);
        assert_eq!(lengths(Paging::AWKWARD, 20), [6, 0, 6, 3, 5, 0]);
        assert_eq!(lengths(Paging::AWKWARD, 5), [5]);
    }

    #[test]
    fn an_unknown_marker_is_refused() {
        assert!(Paging::PLAIN.page(5, Some("page-1-6"), None).is_err());
        assert!(Paging::PLAIN.page(5, Some("nonsense"), None).is_err());
    }
}
