//! The estate: many accounts, of which only those in use are in memory.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, PoisonError},
};

use super::{
    estate::Account,
    evolve,
    generate::{self, Size},
};

/// Accounts kept in memory at the same time unless they were changed by hand.
const KEPT: usize = 64;

/// Many accounts.
///
/// An account that nobody changed by hand is invented anew, always the same, whenever it is asked for and not among the
/// last 64: thousands of accounts cost no memory.
#[derive(Debug)]
pub struct Estate {
    seed: u64,
    size: Size,
    ids: Vec<String>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Rates of the days passed.
    days: Vec<f64>,
    changed: BTreeMap<String, Arc<Account>>,
    recent: VecDeque<Arc<Account>>,
}

impl Estate {
    /// The hub account and `accounts` others; the same for the same seed.
    pub fn generate(seed: u64, accounts: usize, size: Size) -> Self {
        let others = (1..=accounts).map(|n| format!("2{n:011}"));
        let ids = std::iter::once(super::HUB.to_owned()).chain(others).collect();
        Self { seed, size, ids, state: Mutex::default() }
    }

    /// Ids of the accounts, without the hub's, in order.
    pub fn members(&self) -> &[String] {
        self.ids.split_first().map_or(&[], |(_, members)| members)
    }

    /// Ids of all accounts, the hub's first.
    pub fn ids(&self) -> &[String] {
        &self.ids
    }

    /// The account of that id, or `None` if the estate has none.
    pub fn account(&self, id: &str) -> Option<Arc<Account>> {
        let index = self.ids.iter().position(|other| other == id)?;
        let days = {
            let mut state = self.lock();
            if let Some(account) = state.changed.get(id) {
                return Some(Arc::clone(account));
            }
            if let Some(at) = state.recent.iter().position(|account| account.id == id) {
                let account = state.recent.remove(at)?;
                state.recent.push_back(Arc::clone(&account));
                return Some(account);
            }
            state.days.clone()
        };
        let mut account = generate::account(id, self.seed, index, self.size);
        for (day, rate) in (1..).zip(&days) {
            self.pass_day(&mut account, index, day, *rate);
        }
        let account = Arc::new(account);
        let mut state = self.lock();
        if state.days.len() == days.len() && !state.recent.iter().any(|other| other.id == id) {
            state.recent.push_back(Arc::clone(&account));
            if state.recent.len() > KEPT {
                state.recent.pop_front();
            }
        }
        Some(account)
    }

    /// Changes an account. From now on it stays in memory.
    ///
    /// # Panics
    /// If the estate has no such account.
    pub fn change(&self, id: &str, change: impl FnOnce(&mut Account)) {
        let account = self.account(id).expect("the estate has the account");
        let mut account = Arc::unwrap_or_clone(account);
        change(&mut account);
        let mut state = self.lock();
        state.recent.retain(|other| other.id != id);
        state.changed.insert(id.to_owned(), Arc::new(account));
    }

    /// Lets a day pass everywhere; see [`evolve::next_day`].
    pub fn next_day(&self, rate: f64) {
        let mut state = self.lock();
        state.days.push(rate);
        state.recent.clear();
        let day = u32::try_from(state.days.len()).unwrap_or(u32::MAX);
        for (id, account) in &mut state.changed {
            if let Some(index) = self.ids.iter().position(|other| other == id) {
                self.pass_day(Arc::make_mut(account), index, day, rate);
            }
        }
    }

    /// Lets a day pass in the first so many accounts alone. They stay in memory.
    pub fn next_day_of(&self, accounts: usize, rate: f64) {
        for (index, id) in self.ids.iter().enumerate().take(accounts) {
            self.change(id, |account| self.pass_day(account, index, 1, rate));
        }
    }

    fn pass_day(&self, account: &mut Account, index: usize, day: u32, rate: f64) {
        evolve::next_day(account, generate::random(self.seed, index, day), day, rate, self.size);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_makes_the_same_estate_whatever_was_asked_before() {
        let (one, other) = (Estate::generate(7, 200, Size::SMALL), Estate::generate(7, 200, Size::SMALL));
        for id in one.ids() {
            one.account(id).unwrap();
        }
        one.next_day(0.3);
        other.next_day(0.3);
        let id = &one.members()[3];
        assert_eq!(one.account(id), other.account(id));
        assert_ne!(
            one.account(id).unwrap().users,
            Estate::generate(8, 200, Size::SMALL).account(id).unwrap().users
        );
        assert!(one.lock().recent.len() <= KEPT);
    }

    #[test]
    fn a_day_changes_about_as_much_as_asked() {
        let estate = Estate::generate(1, 1, Size::of(1_000));
        let id = estate.members()[0].clone();
        let before = estate.account(&id).unwrap();
        estate.next_day(0.0);
        let used = estate.account(&id).unwrap();
        assert_eq!(used.policies, before.policies);
        assert_eq!(used.users.len(), before.users.len());
        assert_ne!(used.roles, before.roles, "used again");
        estate.next_day(0.1);
        let changed = estate.account(&id).unwrap();
        let differ = changed.policies.iter().zip(&used.policies).filter(|(a, b)| a != b).count();
        assert!((5..50).contains(&differ), "{differ} of {} policies", used.policies.len());
    }

    #[test]
    fn a_changed_account_stays_changed() {
        let estate = Estate::generate(1, 100, Size::SMALL);
        let id = estate.members()[0].clone();
        estate.change(&id, |account| account.users.clear());
        for other in estate.ids() {
            estate.account(other).unwrap();
        }
        assert!(estate.account(&id).unwrap().users.is_empty());
    }
}
