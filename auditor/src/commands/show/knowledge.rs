//! How far an answer is the whole truth: how the listings behind it ended.

use std::collections::BTreeMap;

use auditor_core::outcome::Outcome;
use auditor_store::{
    Store,
    read::{AccountScope, Scope},
};
use chrono::{DateTime, Utc};

use crate::{
    failure::Failure,
    output::{count, short_time, some_of},
};

/// How the listings of one kind ended.
#[derive(Debug, Default, PartialEq)]
pub(in crate::commands) struct Knowledge {
    listings: Vec<Listing>,
    /// What was looked at, for the sentence that nothing of the kind was: `by then`.
    when: &'static str,
}

#[derive(Debug, PartialEq)]
struct Listing {
    account: String,
    outcome: Outcome,
    last_complete_at: Option<DateTime<Utc>>,
}

impl Knowledge {
    /// Of the present state: every listing's last end.
    pub(in crate::commands) async fn now(
        store: &Store,
        accounts: &AccountScope,
        kind: &str,
    ) -> Result<Self, Failure> {
        let scopes = store.scopes(accounts).await?;
        let listings = scopes.into_iter().filter(|scope| scope.kind == kind).map(Listing::from).collect();
        Ok(Self { listings, when: "" })
    }

    /// Of a time: how the listings of the latest run that had begun by then ended.
    pub(in crate::commands) async fn then(
        store: &Store,
        accounts: &AccountScope,
        kind: &str,
        as_of: DateTime<Utc>,
    ) -> Result<Self, Failure> {
        let mut knowledge = Self { listings: Vec::new(), when: " by then" };
        let runs = store.runs(RUNS).await?;
        for run in runs.iter().filter(|run| run.started_at <= as_of) {
            let Some((_, tasks)) = store.run(run.id, accounts).await? else { continue };
            for task in tasks {
                let of_kind = task.scopes.iter().filter(|scope| scope.kind == kind && !scope.superseded);
                knowledge.listings.extend(of_kind.map(|scope| Listing {
                    account: task.account.clone(),
                    outcome: scope.outcome,
                    last_complete_at: Some(task.observed_at).filter(|_| scope.outcome == Outcome::Complete),
                }));
            }
            if !knowledge.listings.is_empty() {
                break;
            }
        }
        Ok(knowledge)
    }

    /// `; last complete audit …`, if there was one.
    pub(in crate::commands) fn audited(&self) -> String {
        let times = || self.listings.iter().filter_map(|listing| listing.last_complete_at);
        match (times().min(), times().max()) {
            (Some(oldest), Some(latest)) if short_time(&oldest) != short_time(&latest) => {
                format!("; last complete audits from {} to {}", short_time(&oldest), short_time(&latest))
            }
            (Some(time), _) => format!("; last complete audit {}", short_time(&time)),
            _ => String::new(),
        }
    }

    /// What is not known, a sentence each.
    pub(in crate::commands) fn warnings(&self, kind: &str) -> Vec<String> {
        if self.listings.is_empty() {
            let when = self.when;
            return vec![format!(
                "`{kind}` was never audited{when}: that no records are known does not mean that there are none"
            )];
        }
        let mut by_outcome: BTreeMap<Outcome, Vec<String>> = BTreeMap::new();
        for listing in &self.listings {
            if !listing.outcome.retires() {
                let never = listing.last_complete_at.is_none() && self.when.is_empty();
                let never = if never { " (never complete)" } else { "" };
                by_outcome.entry(listing.outcome).or_default().push(format!("{}{never}", listing.account));
            }
        }
        by_outcome
            .into_iter()
            .map(|(outcome, accounts)| {
                let why = if self.when.is_empty() { "; `auditor gaps` says why" } else { "" };
                format!(
                    "the last listing{} ended {outcome} in {} of {}: {}{why}",
                    self.when,
                    accounts.len(),
                    count(self.listings.len() as u64, "target", "targets"),
                    some_of(&accounts, 3)
                )
            })
            .collect()
    }
}

/// How many runs back a look at the past goes.
const RUNS: u64 = 100_000;

impl From<Scope> for Listing {
    fn from(scope: Scope) -> Self {
        Self { account: scope.account, outcome: scope.outcome, last_complete_at: scope.last_complete_at }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listing(outcome: Outcome, complete: Option<&str>) -> Listing {
        let last_complete_at = complete.map(|time| time.parse().unwrap());
        Listing { account: "111122223333".to_owned(), outcome, last_complete_at }
    }

    #[test]
    fn what_could_not_be_looked_at_is_said() {
        let known = |listings| Knowledge { listings, when: "" };
        assert!(known(Vec::new()).warnings("aws_iam_user")[0].contains("was never audited"));
        let complete = || listing(Outcome::Complete, Some("2026-01-01T00:00:00Z"));
        assert!(known(vec![complete()]).warnings("aws_iam_user").is_empty());
        assert_eq!(
            known(vec![listing(Outcome::Denied, None), complete()]).warnings("aws_iam_user"),
            [
                "the last listing ended denied in 1 of 2 targets: 111122223333 (never complete); `auditor gaps` says why"
            ]
        );
    }

    #[test]
    fn audits_are_dated() {
        let listings = vec![
            listing(Outcome::Complete, Some("2026-01-01T00:00:00.1Z")),
            listing(Outcome::Complete, Some("2026-01-01T00:00:00.9Z")),
        ];
        let mut knowledge = Knowledge { listings, when: "" };
        assert_eq!(knowledge.audited(), "; last complete audit 2026-01-01 00:00:00Z");
        knowledge.listings.push(listing(Outcome::Denied, Some("2025-12-01T00:00:00Z")));
        assert!(knowledge.audited().contains("from 2025-12-01 00:00:00Z to 2026-01-01 00:00:00Z"));
    }
}
