//! Since when each fact of a record is as it is.

use auditor_core::model::common::ACCOUNT;
use chrono::{DateTime, Utc};
use serde_json::Value;

use super::{Fact, NAME, SET_BY, facts};

/// Follows one record's versions, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Timeline {
    facts: Vec<Fact>,
}

impl Timeline {
    /// Takes the next version. Without a document the record was gone, and what it said with it: a fact that comes back
    /// is as old as its return.
    pub(crate) fn push(
        &mut self,
        observed_at: DateTime<Utc>,
        account: &str,
        name: Option<&str>,
        document: Option<&Value>,
    ) {
        let Some(document) = document else {
            self.facts.clear();
            return;
        };
        let mut before = std::mem::take(&mut self.facts);
        for fact in facts() {
            let Some(value) = value_of(fact, account, name, document) else { continue };
            let same = before.iter().position(|old| old.name == fact && old.value == value);
            let changed_at = same.map_or(observed_at, |i| before.swap_remove(i).changed_at);
            let set_by = document.get(SET_BY).and_then(|by| by.get(fact)).and_then(Value::as_str);
            self.facts.push(Fact { name: fact, value, changed_at, set_by: set_by.map(ToOwned::to_owned) });
        }
    }

    /// What the record says now.
    pub(crate) fn into_facts(self) -> Vec<Fact> {
        self.facts
    }
}

/// What a document says of a fact. Nothing, an empty text, and the account's id in place of a name all mean that it is
/// not known.
fn value_of(fact: &str, account: &str, name: Option<&str>, document: &Value) -> Option<Value> {
    if fact == NAME {
        return name.filter(|name| !name.is_empty() && *name != account).map(Value::from);
    }
    let value = document.pointer(ACCOUNT.column(fact)?.pointer)?;
    let known = !value.is_null() && value.as_str().is_none_or(|text| !text.is_empty());
    known.then(|| value.clone())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ID: &str = "111122223333";

    fn time(day: u32) -> DateTime<Utc> {
        format!("2026-09-{day:02}T00:00:00Z").parse().unwrap()
    }

    fn told(timeline: Timeline) -> Vec<(&'static str, Value, DateTime<Utc>)> {
        timeline.into_facts().into_iter().map(|fact| (fact.name, fact.value, fact.changed_at)).collect()
    }

    #[test]
    fn each_fact_has_the_age_of_its_own_last_change() {
        let mut timeline = Timeline::default();
        timeline.push(time(1), ID, Some("prod"), Some(&json!({"owner": "ada", "status": "ACTIVE"})));
        timeline.push(time(2), ID, Some("prod"), Some(&json!({"owner": "bob", "status": "ACTIVE"})));
        timeline.push(time(3), ID, Some("production"), Some(&json!({"owner": "bob", "status": "ACTIVE"})));
        assert_eq!(
            told(timeline),
            [
                ("name", json!("production"), time(3)),
                ("status", json!("ACTIVE"), time(1)),
                ("owner", json!("bob"), time(2)),
            ]
        );
    }

    #[test]
    fn what_comes_back_is_as_old_as_its_return() {
        let mut timeline = Timeline::default();
        timeline.push(time(1), ID, None, Some(&json!({"owner": "ada"})));
        timeline.push(time(2), ID, None, None);
        timeline.push(time(3), ID, None, Some(&json!({"owner": "ada"})));
        timeline.push(time(4), ID, None, Some(&json!({"owner": null})));
        timeline.push(time(5), ID, None, Some(&json!({"owner": "ada"})));
        assert_eq!(told(timeline), [("owner", json!("ada"), time(5))]);
    }

    #[test]
    fn what_says_nothing_is_no_fact() {
        let mut timeline = Timeline::default();
        timeline.push(
            time(1),
            ID,
            Some(ID),
            Some(&json!({"owner": "", "email": null, "unheard_of": 1, "tags": {}})),
        );
        assert_eq!(told(timeline), [("tags", json!({}), time(1))], "no tags is a fact");
    }

    #[test]
    fn who_set_a_fact_goes_with_it() {
        let mut timeline = Timeline::default();
        let document = json!({"owner": "ada", "email": "a@example.com", "set_by": {"owner": "grace"}});
        timeline.push(time(1), ID, None, Some(&document));
        let facts = timeline.into_facts();
        let by = |name: &str| facts.iter().find(|fact| fact.name == name).unwrap().set_by.clone();
        assert_eq!((by("owner").as_deref(), by("email")), (Some("grace"), None));
    }
}
