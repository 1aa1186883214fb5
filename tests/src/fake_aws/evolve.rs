//! The next day of an invented account: some things change, a few come and go, much is used again.

use chrono::Days;
use rand::{Rng as _, rngs::StdRng};

use super::{
    estate::{Account, PolicyVersion, Time},
    generate::{Make, Size, first_day},
};

/// Lets a day pass. `rate` (0 to 1) is the share of users, roles and policies whose configuration changes; a tenth as
/// many users are removed and as many new ones made. Half of all credentials are used again, which is no change of
/// configuration.
pub(super) fn next_day(account: &mut Account, random: StdRng, day: u32, rate: f64, size: Size) {
    let now = first_day() + Days::new(day.into());
    let mut dice = random.clone();
    let mut make = Make::more(&account.id, random, size);

    account.users.retain(|_| !dice.random_bool(rate / 10.0));
    for user in &mut account.users {
        if dice.random_bool(rate) {
            match dice.random_range(0..3) {
                0 => user.tags = vec![("owner".to_owned(), format!("owner-day-{day}@example.com"))],
                1 => user.path = format!("/day-{day}/"),
                _ => {
                    user.keys.truncate(1);
                    user.keys.push(make.key(now));
                }
            }
        }
        if let Some(password) = user.password.as_mut().filter(|_| dice.random_bool(0.5)) {
            password.last_used = Some(now);
        }
        for key in &mut user.keys {
            if let Some(used) = key.last_used.as_mut().filter(|_| dice.random_bool(0.5)) {
                used.at = now;
            }
        }
    }
    for role in &mut account.roles {
        if dice.random_bool(rate) {
            role.tags = vec![("team".to_owned(), format!("team-day-{day}"))];
        }
        if let Some((at, _)) = role.last_used.as_mut().filter(|_| dice.random_bool(0.5)) {
            *at = now;
        }
    }
    for policy in &mut account.policies {
        if dice.random_bool(rate) {
            add_version(&mut policy.versions, make.document(), now);
        }
    }
    let (groups, policies) = (account.groups.clone(), account.policies.clone());
    for n in 0..account.users.len() {
        if dice.random_bool(rate / 10.0) {
            let mut user = make.user(n, &groups, &policies);
            user.name = format!("{}-day-{day}", user.name);
            user.mfa.clear();
            account.users.push(user);
        }
    }
}

/// Makes a new default version; as at AWS, no more than five are kept.
fn add_version(versions: &mut Vec<PolicyVersion>, document: String, created: Time) {
    let number = versions
        .last()
        .and_then(|version| version.id.trim_start_matches('v').parse::<u32>().ok())
        .map_or(1, |number| number + 1);
    if versions.len() == 5 {
        versions.remove(0);
    }
    versions.push(PolicyVersion { id: format!("v{number}"), document, created });
}
