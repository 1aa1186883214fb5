//! Which of several statements counts.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;

use super::{MANUAL, Statement, facts};

/// In which order sources are believed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Precedence {
    names: Vec<String>,
    types: BTreeMap<String, String>,
}

impl Precedence {
    /// `names`, the most believed first, are names of source instances or of their types; `types` says which type each
    /// instance is of. An instance that is not in it counts as one of the type of its own name.
    pub fn new(
        names: impl IntoIterator<Item = String>,
        types: impl IntoIterator<Item = (String, String)>,
    ) -> Self {
        Self { names: names.into_iter().collect(), types: types.into_iter().collect() }
    }

    /// The place of a source: by its own name where that is listed, else by its type; those not listed come last, all
    /// alike.
    pub fn rank(&self, source: &str) -> usize {
        let place = |name: &str| self.names.iter().position(|listed| listed == name);
        place(source).or_else(|| place(self.types.get(source)?)).unwrap_or(self.names.len())
    }
}

/// An account, as all sources together know it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Account {
    /// Its id.
    pub account: String,
    /// What is known of it, in display order. A fact that no source knows is not there.
    pub facts: Vec<MergedFact>,
    /// The sources that know of it, by name and target.
    pub known_to: Vec<Knower>,
}

/// A fact, from the source that is believed most among those that know it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MergedFact {
    /// Which.
    pub fact: &'static str,
    /// What counts.
    #[serde(flatten)]
    pub said: Said,
    /// What others say, the more believed first; they may say the same.
    pub others: Vec<Said>,
}

/// A value, who says so, and of when it is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Said {
    /// The value.
    pub value: Value,
    /// Name of the source instance.
    pub source: String,
    /// Target of the source it was found in.
    pub target: String,
    /// Since when the source says so, as far as was seen.
    pub changed_at: DateTime<Utc>,
    /// When the source last confirmed it.
    pub seen_at: Option<DateTime<Utc>>,
    /// Who set it. `None`: it was read from a system.
    pub set_by: Option<String>,
}

/// A source that knows of an account.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Knower {
    /// Name of the source instance.
    pub source: String,
    /// Target of the source the account was found in.
    pub target: String,
    /// When the source last confirmed what it says.
    pub seen_at: Option<DateTime<Utc>>,
    /// How the source's last listing ended: anything but `complete` means that it may say otherwise by now.
    pub outcome: Option<String>,
}

impl Account {
    /// The fact of that name.
    pub fn fact(&self, name: &str) -> Option<&MergedFact> {
        self.facts.iter().find(|fact| fact.fact == name)
    }

    /// The value of that fact as text. `None`: not known, or no text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.fact(name)?.said.value.as_str()
    }

    /// Names of the sources that know of it, each once.
    pub fn sources(&self) -> BTreeSet<&str> {
        self.known_to.iter().map(|knower| knower.source.as_str()).collect()
    }
}

/// Every account of the statements, by id, each fact from the source that is believed most. Among sources of the same
/// place the fact that changed last counts, then the source's and target's names decide, so that the order of the
/// statements never does.
pub fn merge(statements: &[Statement], precedence: &Precedence) -> Vec<Account> {
    let mut by_account: BTreeMap<&str, Vec<&Statement>> = BTreeMap::new();
    // Facts that were all cleared again by hand leave a record that says nothing, of an account that may not even exist.
    for statement in statements.iter().filter(|said| said.source != MANUAL || !said.facts.is_empty()) {
        by_account.entry(&statement.account).or_default().push(statement);
    }
    by_account.into_iter().map(|(account, statements)| merged(account, &statements, precedence)).collect()
}

fn merged(account: &str, statements: &[&Statement], precedence: &Precedence) -> Account {
    let merged_facts = facts().filter_map(|name| {
        let mut all: Vec<_> = statements
            .iter()
            .flat_map(|statement| statement.facts.iter().map(move |fact| (*statement, fact)))
            .filter(|(_, fact)| fact.name == name)
            .collect();
        all.sort_by_key(|(statement, fact)| {
            let rank = precedence.rank(&statement.source);
            (rank, Reverse(fact.changed_at), statement.source.as_str(), statement.target.as_str())
        });
        let mut all = all.into_iter().map(|(statement, fact)| Said {
            value: fact.value.clone(),
            source: statement.source.clone(),
            target: statement.target.clone(),
            changed_at: fact.changed_at,
            seen_at: statement.seen_at,
            set_by: fact.set_by.clone(),
        });
        Some(MergedFact { fact: name, said: all.next()?, others: all.collect() })
    });
    let mut known_to: Vec<_> = statements
        .iter()
        .map(|statement| Knower {
            source: statement.source.clone(),
            target: statement.target.clone(),
            seen_at: statement.seen_at,
            outcome: statement.outcome.clone(),
        })
        .collect();
    known_to.sort();
    Account { account: account.to_owned(), facts: merged_facts.collect(), known_to }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::directory::Fact;

    const ID: &str = "111122223333";

    fn time(day: u32) -> DateTime<Utc> {
        format!("2026-09-{day:02}T00:00:00Z").parse().unwrap()
    }

    fn says(source: &str, day: u32, facts: &[(&'static str, &str)]) -> Statement {
        let fact = |(name, value): &(&'static str, &str)| Fact {
            name,
            value: json!(value),
            changed_at: time(day),
            set_by: None,
        };
        Statement {
            account: ID.to_owned(),
            source: source.to_owned(),
            target: "t".to_owned(),
            facts: facts.iter().map(fact).collect(),
            seen_at: Some(time(20)),
            outcome: Some("complete".to_owned()),
        }
    }

    fn order(names: &[&str]) -> Precedence {
        let types = [("east", "ledger"), ("west", "ledger")];
        let own = |text: &&str| (*text).to_owned();
        Precedence::new(names.iter().map(own), types.map(|(name, ty)| (name.to_owned(), ty.to_owned())))
    }

    /// `fact=value@source` of all facts, and `<` before what others say.
    fn told(statements: &[Statement], precedence: &Precedence) -> String {
        let accounts = merge(statements, precedence);
        assert!(accounts.len() <= 1);
        let said = |said: &Said| format!("{}@{}", said.value.as_str().unwrap(), said.source);
        let facts = accounts.iter().flat_map(|account| &account.facts).map(|fact| {
            let all: Vec<_> = std::iter::once(&fact.said).chain(&fact.others).map(said).collect();
            format!("{}={}", fact.fact, all.join("<"))
        });
        facts.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn facts_are_merged_one_by_one() {
        let statements = [
            says("b", 1, &[("owner", "bob"), ("email", "b@example.com")]),
            says("a", 1, &[("owner", "ada")]),
        ];
        assert_eq!(told(&statements, &order(&["a", "b"])), "owner=ada@a<bob@b email=b@example.com@b");
        assert_eq!(told(&statements, &order(&["b", "a"])), "owner=bob@b<ada@a email=b@example.com@b");
    }

    #[test]
    fn the_order_of_the_statements_does_not_matter() {
        let mut statements = vec![
            says("c", 3, &[("owner", "c")]),
            says("a", 1, &[("owner", "a")]),
            says("b", 3, &[("owner", "b")]),
            says("manual", 1, &[("owner", "m")]),
        ];
        let expected = "owner=m@manual<b@b<c@c<a@a";
        for _ in 0..statements.len() {
            statements.rotate_left(1);
            assert_eq!(told(&statements, &order(&["manual"])), expected, "not listed: latest change first");
        }
    }

    #[test]
    fn a_source_is_placed_by_its_name_before_its_type() {
        let precedence = order(&["west", "other", "ledger"]);
        assert_eq!(["west", "other", "east", "unheard-of"].map(|name| precedence.rank(name)), [0, 1, 2, 3]);
        // Not configured any more: its name is taken for its type.
        assert_eq!(precedence.rank("ledger"), 2);
        let both = [says("east", 9, &[("owner", "e")]), says("west", 1, &[("owner", "w")])];
        assert_eq!(told(&both, &order(&["west", "ledger"])), "owner=w@west<e@east");
        assert_eq!(told(&both, &order(&["ledger"])), "owner=e@east<w@west", "the same place");
    }

    #[test]
    fn a_source_that_knows_nothing_of_a_fact_hides_nobodys() {
        let statements = [says("a", 1, &[]), says("b", 1, &[("owner", "bob")])];
        assert_eq!(told(&statements, &order(&["a", "b"])), "owner=bob@b");
        let account = &merge(&statements, &order(&[]))[0];
        assert_eq!(account.sources().into_iter().collect::<Vec<_>>(), ["a", "b"], "it knows the account");
    }

    #[test]
    fn an_account_whose_facts_were_all_cleared_by_hand_is_not_known() {
        assert_eq!(merge(&[says(MANUAL, 1, &[])], &order(&[])), []);
        let statements = [says(MANUAL, 1, &[]), says("a", 1, &[])];
        assert_eq!(merge(&statements, &order(&[]))[0].known_to.len(), 1);
    }
}
