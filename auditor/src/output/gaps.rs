//! Gaps: each matter once, with everywhere it was met and what would close it.

use std::collections::{BTreeMap, BTreeSet};

use auditor_core::outcome::Gap;

use super::{Paint, normalized, printable, some_of};

/// Where a gap was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct GapPlace<'a> {
    pub(crate) account: &'a str,
    /// `None`: the whole target.
    pub(crate) kind: Option<&'a str>,
}

/// A gap with the name of its source; without a place, the source's targets could not even be listed.
pub(crate) type FoundGap<'a> = (&'a str, &'a Gap, Option<GapPlace<'a>>);

/// Gaps that say the same, with everywhere they were found.
struct Group<'a> {
    source: &'a str,
    gap: &'a Gap,
    /// Whether the details differ between places, so that the one shown is only an example.
    varies: bool,
    places: BTreeSet<GapPlace<'a>>,
}

/// Gaps by source, reason and what would close them, those found in most places first.
fn grouped<'a>(found: impl Iterator<Item = FoundGap<'a>>) -> Vec<Group<'a>> {
    let mut groups: BTreeMap<_, Group<'_>> = BTreeMap::new();
    for (source, gap, place) in found {
        let detail = normalized(&gap.detail);
        // Where the advice is the same the matter is; the provider's words may carry ids of requests.
        let same = gap.hint.as_deref().map_or_else(|| detail.clone(), normalized);
        let group = groups.entry((source, gap.reason, same)).or_insert_with(|| Group {
            source,
            gap,
            varies: false,
            places: BTreeSet::new(),
        });
        group.varies |= normalized(&group.gap.detail) != detail;
        group.places.extend(place);
    }
    let mut groups: Vec<_> = groups.into_values().collect();
    groups.sort_by_key(|group| std::cmp::Reverse(group.places.len()));
    groups
}

/// Each different gap with everywhere it was found; empty if there is none.
pub(crate) fn gap_list<'a>(found: impl Iterator<Item = FoundGap<'a>>, paint: Paint) -> String {
    let mut text = String::new();
    for group in grouped(found) {
        let accounts: BTreeSet<_> = group.places.iter().map(|place| place.account).collect();
        let accounts: Vec<_> = accounts.into_iter().collect();
        let kinds: BTreeSet<_> = group.places.iter().filter_map(|place| place.kind).collect();
        let kinds: Vec<_> = kinds.into_iter().collect();
        let place = match accounts.as_slice() {
            [] => format!("targets of `{}`", group.source),
            [account] => format!("account {account}"),
            many => format!("{} accounts: {}", many.len(), some_of(many, 3)),
        };
        let reason = paint.yellow(group.gap.reason.as_str());
        text.push_str(&format!("  {reason}  {}\n", printable(&place)));
        if !kinds.is_empty() {
            text.push_str(&format!("      kinds: {}\n", some_of(&kinds, 4)));
        }
        let example = if group.varies { "for instance: " } else { "" };
        text.push_str(&format!("      {example}{}\n", printable(&group.gap.detail)));
        if let Some(hint) = &group.gap.hint {
            text.push_str(&format!("      {} {}\n", paint.cyan("to close it:"), printable(hint)));
        }
    }
    text
}
