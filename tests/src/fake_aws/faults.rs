//! Faults on demand, and how often each action was called.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use serde::{Deserialize, Serialize};

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// `Throttling: Rate exceeded`.
    Throttle,
    /// `AccessDenied`, in the words AWS uses for the action.
    AccessDenied,
    /// Any other error.
    Error {
        /// HTTP status.
        status: u16,
        /// Error code, e.g. `ServiceFailure`.
        code: String,
        /// Its message.
        message: String,
    },
    /// The true answer up to its middle, then the connection is cut.
    Cut,
    /// The first half of the true answer as if it were all of it, as a proxy may leave it. The SDK's XML reader takes
    /// this for a short but complete answer.
    Truncated,
    /// An answer that is no XML (or JSON) at all, with status 200.
    Garbage,
    /// The true answer after this many milliseconds.
    DelayMs(u64),
    /// The true answer in ten pieces, this many milliseconds apart.
    TrickleMs(u64),
    /// No answer ever.
    Hang,
}

/// When a fault happens. The first rule that matches and is not used up decides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// `iam:ListUsers`, `iam:*` or `*`.
    pub action: String,
    /// The account called; for `sts:AssumeRole` the role's account. Default: every account.
    #[serde(default)]
    pub account: Option<String>,
    /// Matching calls that go well first.
    #[serde(default)]
    pub after: u32,
    /// Calls that go wrong then. Default: for ever.
    #[serde(default)]
    pub times: Option<u32>,
    /// What goes wrong.
    pub fault: Fault,
}

impl Rule {
    /// The fault on every call of the action.
    pub fn new(action: &str, fault: Fault) -> Self {
        Self { action: action.to_owned(), account: None, after: 0, times: None, fault }
    }

    /// Only in this account.
    #[must_use]
    pub fn account(mut self, id: &str) -> Self {
        self.account = Some(id.to_owned());
        self
    }

    /// Only after this many calls that go well.
    #[must_use]
    pub fn after(mut self, calls: u32) -> Self {
        self.after = calls;
        self
    }

    /// Only this many times.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }

    fn matches(&self, account: &str, action: &str) -> bool {
        let action_matches = match self.action.strip_suffix('*') {
            Some(prefix) => action.starts_with(prefix),
            None => action == self.action,
        };
        action_matches && self.account.as_deref().is_none_or(|wanted| wanted == account)
    }

    /// Counts a matching call; says whether it goes wrong.
    fn strike(&mut self) -> bool {
        if self.after > 0 {
            self.after -= 1;
            return false;
        }
        match &mut self.times {
            Some(0) => false,
            Some(times) => {
                *times -= 1;
                true
            }
            None => true,
        }
    }
}

/// The rules in force and the calls counted.
#[derive(Debug, Default)]
pub struct Faults {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    rules: Vec<Rule>,
    calls: BTreeMap<String, BTreeMap<String, u64>>,
}

impl Faults {
    /// Adds a rule behind those there are.
    pub fn add(&self, rule: Rule) {
        self.lock().rules.push(rule);
    }

    /// Removes all rules.
    pub fn clear(&self) {
        self.lock().rules.clear();
    }

    /// Counts a call and says what goes wrong with it.
    pub fn on_call(&self, account: &str, action: &str) -> Option<Fault> {
        let mut state = self.lock();
        *state.calls.entry(account.to_owned()).or_default().entry(action.to_owned()).or_default() += 1;
        state
            .rules
            .iter_mut()
            .filter(|rule| rule.matches(account, action))
            .find_map(|rule| rule.strike().then(|| rule.fault.clone()))
    }

    /// How often an action was called in an account.
    pub fn calls(&self, account: &str, action: &str) -> u64 {
        self.lock().calls.get(account).and_then(|calls| calls.get(action)).copied().unwrap_or(0)
    }

    /// All calls: account → action → number.
    pub fn all_calls(&self) -> BTreeMap<String, BTreeMap<String, u64>> {
        self.lock().calls.clone()
    }

    /// Forgets the calls counted.
    pub fn reset_calls(&self) {
        self.lock().calls.clear();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_lets_pass_strikes_and_is_used_up() {
        let faults = Faults::default();
        faults.add(Rule::new("iam:List*", Fault::Throttle).account("1").after(1).times(2));
        let struck: Vec<_> = (0..5).map(|_| faults.on_call("1", "iam:ListUsers").is_some()).collect();
        assert_eq!(struck, [false, true, true, false, false]);
        assert_eq!(faults.on_call("2", "iam:ListUsers"), None);
        assert_eq!(faults.calls("1", "iam:ListUsers"), 5);
    }

    #[test]
    fn a_rule_used_up_makes_way_for_the_next() {
        let faults = Faults::default();
        faults.add(Rule::new("*", Fault::Throttle).times(1));
        faults.add(Rule::new("*", Fault::Cut));
        assert_eq!(faults.on_call("1", "sts:AssumeRole"), Some(Fault::Throttle));
        assert_eq!(faults.on_call("1", "sts:AssumeRole"), Some(Fault::Cut));
    }
}
