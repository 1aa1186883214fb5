//! Accounts that one system knows and another does not.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use auditor_core::{model::common::TOOL_COVERAGE, outcome::Outcome};
use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{MANUAL, Statement};

/// What one record of the kind `tool_coverage` says.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Coverage {
    /// The account it speaks of.
    #[serde(skip)]
    pub account: String,
    /// The tool.
    pub tool: String,
    /// How well it watches: `green`, `yellow`, `red` or `unknown`.
    pub status: String,
    /// Why it is not green, a sentence each.
    pub reasons: Vec<String>,
    /// Name of the source instance.
    pub source: String,
    /// Target of the source it was found in.
    pub target: String,
    /// When it was last confirmed.
    pub seen_at: Option<DateTime<Utc>>,
}

/// How the last listing of one scope ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Listing {
    /// Name of the source instance.
    pub source: String,
    /// Id of the target.
    pub target: String,
    /// The kind.
    pub kind: String,
    /// The account the target belongs to.
    pub account: String,
    /// How it ended. `None`: there was none by then.
    pub outcome: Option<Outcome>,
}

/// An account that is known, and to whom it is not.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BlindSpot {
    /// The account.
    pub account: String,
    /// What is missing.
    #[serde(flatten)]
    pub missing: Missing,
    /// Whether it is known to be so. If not, a listing that would tell was not complete.
    pub certain: bool,
    /// Names of the sources that know of the account, each once.
    pub known_to: Vec<String>,
}

/// What is missing of an account.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "missing", rename_all = "snake_case")]
pub enum Missing {
    /// A system that knows others of its sort does not know it.
    Unknown {
        /// The system: the type of its sources.
        system: String,
    },
    /// A system is to read it and never could.
    Unread {
        /// The system: the type of its sources.
        system: String,
        /// How the last attempt ended.
        outcome: Outcome,
    },
    /// No security tool knows it.
    Unwatched,
    /// Security tools know it, and none watches it.
    NotCovered {
        /// What they say: tool and status.
        tools: Vec<String>,
    },
}

impl Missing {
    /// The system that lacks the account. `None`: it is a tool's coverage that is missing.
    pub fn system(&self) -> Option<&str> {
        match self {
            Self::Unknown { system } | Self::Unread { system, .. } => Some(system),
            Self::Unwatched | Self::NotCovered { .. } => None,
        }
    }
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown { system } => write!(f, "not known to {system}"),
            Self::Unread { system, outcome } => {
                write!(f, "never read by {system}: the last attempt ended {outcome}")
            }
            Self::Unwatched => f.write_str("known to no security tool"),
            Self::NotCovered { tools } => write!(f, "watched by no security tool: {}", tools.join(", ")),
        }
    }
}

/// The sort of an account: AWS accounts are one, those of each other provider another. A system that knows accounts of
/// a sort is expected to know all of that sort.
fn sort(account: &str) -> &str {
    account.split_once(':').map_or("", |(provider, _)| provider)
}

/// Every account that is known to some system and not to another, by account.
///
/// `system` says which system a source instance is of: instances of one type are one system. It answers `None` for
/// those that are not in use, of which nothing is expected. What [`MANUAL`] says makes an account known, and nobody
/// expects it to be complete.
pub fn blind_spots(
    statements: &[Statement],
    coverage: &[Coverage],
    listings: &[Listing],
    system: &dyn Fn(&str) -> Option<String>,
) -> Vec<BlindSpot> {
    let mut systems: BTreeMap<String, System> = BTreeMap::new();
    let mut known: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let said = statements.iter().filter(|said| said.source != MANUAL || !said.facts.is_empty());
    let said = said.map(|said| (said.account.as_str(), said.source.as_str(), said.target.as_str()));
    let covered = coverage.iter().map(|one| (one.account.as_str(), one.source.as_str(), one.target.as_str()));
    for (account, source, target) in said.chain(covered) {
        known.entry(account).or_default().insert(source);
        if source != MANUAL
            && let Some(system) = system(source)
        {
            systems.entry(system).or_default().knows.insert(account, (source, target));
        }
    }
    for listing in listings {
        if let Some(system) = system(&listing.source).filter(|_| listing.outcome.is_some()) {
            systems.entry(system).or_default().listings.push(listing);
        }
    }
    let watched_sorts: BTreeSet<_> = coverage.iter().map(|one| sort(&one.account)).collect();
    let all_told = |account: &str| {
        systems.values().all(|system| system.lists_whole(Some(TOOL_COVERAGE.name), sort(account)))
    };
    let mut spots = Vec::new();
    for (account, sources) in &known {
        let mut add = |missing, certain| {
            let known_to = sources.iter().map(|source| (*source).to_owned()).collect();
            spots.push(BlindSpot { account: (*account).to_owned(), missing, certain, known_to });
        };
        for (name, system) in &systems {
            if let Some((missing, certain)) = system.misses(name, account) {
                add(missing, certain);
            }
        }
        let tools: Vec<_> = coverage.iter().filter(|one| one.account == *account).collect();
        if tools.is_empty() && watched_sorts.contains(sort(account)) {
            add(Missing::Unwatched, all_told(account));
        } else if !tools.is_empty() && tools.iter().all(|one| one.status != "green" && one.status != "yellow")
        {
            let certain = tools.iter().all(|one| one.status == "red");
            let told = tools.iter().map(|one| format!("{} is {}", one.tool, one.status));
            let told: BTreeSet<_> = told.collect();
            add(Missing::NotCovered { tools: told.into_iter().collect() }, certain);
        }
    }
    spots
}

/// Sources of one type.
#[derive(Default)]
struct System<'a> {
    /// The accounts it knows, and a source and target that know each.
    knows: BTreeMap<&'a str, (&'a str, &'a str)>,
    /// The listings that it knows them from.
    listings: Vec<&'a Listing>,
}

impl System<'_> {
    fn misses(&self, name: &str, account: &str) -> Option<(Missing, bool)> {
        if self.knows.contains_key(account) || !self.speaks_of(sort(account)) {
            return None;
        }
        let system = name.to_owned();
        let own = self.listings.iter().filter(|listing| listing.account == account);
        if let Some(outcome) = own.filter_map(|listing| listing.outcome).find(|outcome| !outcome.retires()) {
            return Some((Missing::Unread { system, outcome }, true));
        }
        Some((Missing::Unknown { system }, self.lists_whole(None, sort(account))))
    }

    /// Whether it knows, or was to read, accounts of a sort.
    fn speaks_of(&self, wanted: &str) -> bool {
        self.knows.keys().any(|account| sort(account) == wanted)
            || self.listings.iter().any(|listing| sort(&listing.account) == wanted)
    }

    /// Whether every listing (of one kind, or any) that may have named other accounts of a sort than its target's own
    /// was whole.
    fn lists_whole(&self, kind: Option<&str>, wanted: &str) -> bool {
        let mut of_kind = self.listings.iter().filter(|listing| kind.is_none_or(|kind| listing.kind == kind));
        of_kind.all(|listing| {
            // A target that is an account of the sort, and was never seen to name another, speaks of itself alone.
            let names_others = self.knows.iter().any(|(known, (source, target))| {
                *source == listing.source && *target == listing.target && *known != listing.account
            });
            let own_alone = !names_others && sort(&listing.account) == wanted;
            own_alone || listing.outcome.is_some_and(Outcome::retires)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(source: &str, target: &str, account: &str) -> Statement {
        Statement {
            account: account.to_owned(),
            source: source.to_owned(),
            target: target.to_owned(),
            facts: Vec::new(),
            seen_at: None,
            outcome: None,
        }
    }

    fn watched(account: &str, status: &str) -> Coverage {
        Coverage {
            account: account.to_owned(),
            tool: "dog".to_owned(),
            status: status.to_owned(),
            reasons: Vec::new(),
            source: "dog".to_owned(),
            target: "kennel".to_owned(),
            seen_at: None,
        }
    }

    fn listed(source: &str, account: &str, kind: &str, outcome: Outcome) -> Listing {
        Listing {
            source: source.to_owned(),
            target: account.to_owned(),
            kind: kind.to_owned(),
            account: account.to_owned(),
            outcome: Some(outcome),
        }
    }

    fn told(statements: &[Statement], coverage: &[Coverage], listings: &[Listing]) -> Vec<String> {
        // `cloud-2` is of the type `cloud`; `old` is not in use.
        let system = |source: &str| match source {
            "cloud-2" => Some("cloud".to_owned()),
            "old" => None,
            other => Some(other.to_owned()),
        };
        let spots = blind_spots(statements, coverage, listings, &system);
        let certainty = |spot: &BlindSpot| if spot.certain { "" } else { "?" };
        spots.iter().map(|spot| format!("{} {}{}", spot.account, spot.missing, certainty(spot))).collect()
    }

    const A: &str = "111111111111";
    const B: &str = "222222222222";

    #[test]
    fn an_account_that_another_system_knows_is_missed() {
        let statements = [known("ledger", "l", A), known("ledger", "l", B), known("cloud", A, A)];
        assert_eq!(told(&statements, &[], &[]), [format!("{B} not known to cloud")]);
        // Two instances of one type are one system; one that is not in use is missed by nobody and makes known.
        let statements = [known("cloud", A, A), known("cloud-2", B, B), known("old", "o", "333333333333")];
        assert_eq!(told(&statements, &[], &[]), ["333333333333 not known to cloud"]);
    }

    #[test]
    fn a_system_is_expected_to_know_its_own_sort_only() {
        let statements = [known("cloud", A, A), known("cluster", "c", "cluster:1")];
        assert_eq!(told(&statements, &[], &[]), Vec::<String>::new());
    }

    #[test]
    fn what_was_set_by_hand_is_known_and_expected_of_nobody() {
        let mut by_hand = known(MANUAL, B, B);
        assert_eq!(told(&[by_hand.clone(), known("cloud", A, A)], &[], &[]), Vec::<String>::new(), "cleared");
        let fact =
            super::super::Fact { name: "name", value: "x".into(), changed_at: Utc::now(), set_by: None };
        by_hand.facts.push(fact);
        assert_eq!(told(&[by_hand, known("cloud", A, A)], &[], &[]), [format!("{B} not known to cloud")]);
    }

    #[test]
    fn a_target_that_could_not_be_read_is_not_one_that_is_not_there() {
        let statements = [known("ledger", "l", A), known("ledger", "l", B), known("cloud", A, A)];
        let listings = [
            listed("cloud", A, "account", Outcome::Complete),
            listed("cloud", B, "account", Outcome::Denied),
        ];
        let spot = format!("{B} never read by cloud: the last attempt ended denied");
        assert_eq!(told(&statements, &[], &listings), [spot]);
    }

    #[test]
    fn an_incomplete_list_does_not_tell() {
        let statements = [known("ledger", "ledger:1", A), known("cloud", A, A), known("cloud", B, B)];
        let check = |outcome, expected: String| {
            let listings = [listed("ledger", "ledger:1", "account", outcome)];
            assert_eq!(told(&statements, &[], &listings), [expected]);
        };
        check(Outcome::Complete, format!("{B} not known to ledger"));
        check(Outcome::Partial, format!("{B} not known to ledger?"));
        // A failed target that speaks of itself alone says nothing of other accounts.
        let listings = [listed("cloud", "333333333333", "account", Outcome::Failed)];
        let more = [known("ledger", "l", "444444444444"), known("ledger", "l", A), known("cloud", A, A)];
        assert_eq!(told(&more, &[], &listings), ["444444444444 not known to cloud"]);
    }

    #[test]
    fn tools_that_do_not_watch_are_told() {
        let statements = [known("cloud", A, A), known("cloud", B, B)];
        let listing = |outcome| [listed("dog", "dog:1", "tool_coverage", outcome)];
        let green = [watched(A, "green")];
        let spots = [format!("{B} not known to dog"), format!("{B} known to no security tool")];
        assert_eq!(told(&statements, &green, &listing(Outcome::Complete)), spots);
        assert_eq!(
            told(&statements, &green, &listing(Outcome::Partial)),
            spots.map(|spot| format!("{spot}?")),
            "it may be on the part that could not be read"
        );
        let all = [watched(A, "red"), watched(B, "unknown")];
        assert_eq!(
            told(&statements, &all, &listing(Outcome::Complete)),
            [
                format!("{A} watched by no security tool: dog is red"),
                format!("{B} watched by no security tool: dog is unknown?"),
            ]
        );
        assert_eq!(told(&statements, &[], &[]), Vec::<String>::new(), "without a tool there is no coverage");
    }
}
