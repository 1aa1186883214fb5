//! `aws_organization_account`, and the common kind `account` as the organization knows it.

use std::collections::{BTreeMap, BTreeSet};

use auditor_aws_common::{Input, Problems};
use auditor_core::{
    model::{
        AccountId, Column, Kind, Resource,
        common::{ACCOUNT, AccountFacts},
    },
    outcome::{Gap, GapReason},
    source::{Collector, Emitter},
};
use aws_sdk_organizations::types::Account;
use serde_json::json;

use super::{Work, account_id, emit_sorted, named, note_without_id, time, unit::Places};
use crate::{
    config::TagNames,
    estate::{AccountRead, Tree},
};

pub(crate) static ORGANIZATION_ACCOUNT: Kind =
    Kind::new("aws_organization_account", "An account of an AWS organization, in use or not")
        .native_id("The account id, never used again")
        .columns(&[
            Column::text(
                "state",
                "/state",
                "`ACTIVE`, `PENDING_ACTIVATION`, `SUSPENDED`, `PENDING_CLOSURE` or `CLOSED` (`ListAccounts`, `State`, or \
                 `Status` where AWS gives no state)",
            ),
            Column::text("email", "/email", "Address of the root user (`ListAccounts`, `Email`)"),
            Column::text(
                "ou_path",
                "/ou_path",
                "Names of what it lies in, from the root down, as in `Root/Production`. Null: not known",
            ),
            Column::text(
                "parent_id",
                "/parent_id",
                "Id of the root or unit it lies in (`ListAccounts`, `Paths`, or `ListAccountsForParent`). Null: not known",
            ),
            Column::json("tags", "/tags", "Tags as an object (`ListTagsForResource`). Null: not known"),
            Column::text("owner", "/owner", "Who answers for it, by the tag of `tags.owner`. Null: nobody, or not known"),
            Column::text(
                "business_unit",
                "/business_unit",
                "Business unit, by the tag of `tags.business_unit`. Null: none, or not known",
            ),
            Column::text(
                "support_team",
                "/support_team",
                "Team that operates it, by the tag of `tags.support_team`. Null: none, or not known",
            ),
            Column::text(
                "joined_method",
                "/joined_method",
                "`CREATED` or `INVITED` (`ListAccounts`, `JoinedMethod`)",
            ),
            Column::timestamp("joined_at", "/joined_at", "When it joined (`ListAccounts`, `JoinedTimestamp`)"),
            Column::text("arn", "/arn", "ARN (`ListAccounts`, `Arn`)"),
        ])
        .permissions(&[
            "organizations:ListAccounts",
            "organizations:ListAccountsForParent",
            "organizations:ListOrganizationalUnitsForParent",
            "organizations:ListRoots",
            "organizations:ListTagsForResource",
        ]);

/// Whether the account is in use. Nothing else is asked of one that is not.
pub(crate) fn is_active(account: &Account) -> bool {
    state(account).is_none_or(|state| state == "ACTIVE")
}

/// `State`, which emulators and older partitions do not answer yet, or what it supersedes.
fn state(account: &Account) -> Option<&str> {
    let state = account.state.as_ref().map(aws_sdk_organizations::types::AccountState::as_str);
    state.or_else(|| account.status.as_ref().map(aws_sdk_organizations::types::AccountStatus::as_str))
}

pub(super) async fn emit(out: &Collector, work: &Work<'_>) {
    out.scope(&[&ORGANIZATION_ACCOUNT], |emit| async move {
        let kind = &ORGANIZATION_ACCOUNT;
        let Some(accounts) = work.estate.accounts.required(&emit, kind)? else { return Ok(()) };
        let tree = work.estate.tree.optional(&emit, kind)?;
        let parents = match tree {
            Some(tree) => tree.parents.optional(&emit, kind)?,
            None => None,
        };
        let places = tree.map(Places::new);
        let owners = Owners::new(&work.config.tags);
        let mut problems = Problems::default();
        let mut resources = Vec::with_capacity(accounts.len());
        let mut without_id = 0;
        for read in accounts {
            let Some(id) = read.account.id.as_deref().and_then(account_id) else {
                without_id += 1;
                continue;
            };
            let Ok(tags) = problems.optional(id.as_str(), &read.tags) else { continue };
            let parent = parent_of(&read.account, parents);
            let path = places.as_ref().and_then(|places| places.path(parent.as_deref()?));
            resources.push(map(&read.account, id, tags, &owners, parent.as_deref(), path));
        }
        note_without_id(&emit, kind, without_id);
        note_unplaced(&emit, tree, &resources);
        let emitted = emit_sorted(&emit, resources).await?;
        problems.tell(&emit, kind, emitted)
    })
    .await;
}

/// The root or unit an account lies in.
fn parent_of(account: &Account, parents: Option<&BTreeMap<String, String>>) -> Option<String> {
    let id = account.id.as_deref()?;
    // `o-…/r-…/ou-…/ou-…/111122223333/`
    let from_path = account.paths.iter().flatten().find_map(|path| {
        let mut parts = path.rsplit('/').filter(|part| !part.is_empty());
        let last = parts.next()?;
        let above = if last == id { parts.next()? } else { last };
        Some(above.to_owned()).filter(|above| above.starts_with("ou-") || above.starts_with("r-"))
    });
    from_path.or_else(|| parents?.get(id).cloned())
}

/// Where the tree was read and accounts lie nowhere in it, something moved between the calls.
fn note_unplaced(emit: &Emitter, tree: Option<&Tree>, resources: &[Resource]) {
    if tree.is_none_or(|tree| matches!(tree.parents, Input::Denied(_))) {
        return;
    }
    let unplaced: Vec<_> =
        resources.iter().filter(|resource| resource.document["ou_path"].is_null()).collect();
    if let Some((first, others)) = unplaced.split_first() {
        let more = if others.is_empty() { String::new() } else { format!(" and {} more", others.len()) };
        let detail =
            format!("`{}`{more} could not be placed in the tree of organizational units", first.native_id);
        emit.gap(
            &ORGANIZATION_ACCOUNT,
            Gap::new(GapReason::Mismatch, detail)
                .with_hint("run again: the tree may have changed while it was read"),
        );
    }
}

fn map(
    account: &Account,
    id: AccountId,
    tags: Option<&BTreeMap<String, String>>,
    owners: &Owners<'_>,
    parent: Option<&str>,
    path: Option<&str>,
) -> Resource {
    let owner = |name| tags.and_then(|tags| owners.find(tags, name));
    let joined_at = time(account.joined_timestamp.as_ref());
    let document = json!({
        "arn": account.arn,
        "state": state(account),
        "email": account.email,
        "ou_path": path,
        "parent_id": parent,
        "tags": tags,
        "owner": owner(Name::Owner),
        "business_unit": owner(Name::BusinessUnit),
        "support_team": owner(Name::SupportTeam),
        "joined_method": account.joined_method.as_ref().map(aws_sdk_organizations::types::AccountJoinedMethod::as_str),
        "joined_at": joined_at,
    });
    let native_id = id.as_str().to_owned();
    let resource = Resource::new(&ORGANIZATION_ACCOUNT, id, native_id, document);
    named(resource, account.name.as_deref())
}

pub(super) async fn emit_facts(out: &Collector, work: &Work<'_>) {
    out.scope(&[&ACCOUNT], |emit| async move {
        let Some(accounts) = work.estate.accounts.required(&emit, &ACCOUNT)? else { return Ok(()) };
        let owners = Owners::new(&work.config.tags);
        let mut problems = Problems::default();
        let mut resources = Vec::with_capacity(accounts.len());
        let mut without_id = 0;
        for read in accounts {
            let Some(id) = read.account.id.as_deref().and_then(account_id) else {
                without_id += 1;
                continue;
            };
            let (tags, security) = (
                problems.optional(id.as_str(), &read.tags),
                problems.optional(id.as_str(), &read.contacts.security),
            );
            let (Ok(tags), Ok(security)) = (tags, security) else { continue };
            let security_contact = security.and_then(|contact| contact.as_ref()?.email_address.clone());
            resources.push(facts(work, &read.account, id, tags, &owners, security_contact));
        }
        note_without_id(&emit, &ACCOUNT, without_id);
        note_missing_tags(&emit, accounts, &owners);
        let emitted = emit_sorted(&emit, resources).await?;
        problems.tell(&emit, &ACCOUNT, emitted)
    })
    .await;
}

fn facts(
    work: &Work<'_>,
    account: &Account,
    id: AccountId,
    tags: Option<&BTreeMap<String, String>>,
    owners: &Owners<'_>,
    security_contact: Option<String>,
) -> Resource {
    let owner = |name| tags.and_then(|tags| owners.find(tags, name)).map(str::to_owned);
    let facts = AccountFacts {
        provider: "aws".to_owned(),
        alias: None,
        partition: Some(work.config.partition.as_str().to_owned()),
        status: state(account).map(str::to_owned),
        owner: owner(Name::Owner),
        business_unit: owner(Name::BusinessUnit),
        support_team: owner(Name::SupportTeam),
        security_contact,
        email: account.email.clone(),
        tags: tags.cloned(),
    };
    let native_id = id.as_str().to_owned();
    named(Resource::new(&ACCOUNT, id, native_id, json!(facts)), account.name.as_deref())
}

/// A tag that the settings name and that no account has is a misspelt one: every account would look as if it had no
/// owner.
fn note_missing_tags(emit: &Emitter, accounts: &[AccountRead], owners: &Owners<'_>) {
    let known: Vec<_> = accounts.iter().filter_map(|read| read.tags.known()).collect();
    if known.is_empty() {
        return;
    }
    let keys: BTreeSet<&str> = known.iter().flat_map(|tags| tags.keys()).map(String::as_str).collect();
    for (setting, name) in owners.named() {
        if keys.iter().any(|key| is_same(key, name)) {
            continue;
        }
        let some: Vec<_> = keys.iter().take(20).map(|key| format!("`{key}`")).collect();
        let some = if some.is_empty() { "none".to_owned() } else { some.join(", ") };
        let gap = Gap::new(GapReason::NotProvided, format!("no account has the tag `{name}`"));
        emit.gap(
            &ACCOUNT,
            gap.with_hint(format!("correct `tags.{setting}`; accounts have the tags: {some}")),
        );
    }
}

/// Which of the tags that say who answers for an account.
#[derive(Debug, Clone, Copy)]
enum Name {
    Owner,
    BusinessUnit,
    SupportTeam,
}

/// Who answers for an account, by its tags.
struct Owners<'a> {
    names: &'a TagNames,
}

impl<'a> Owners<'a> {
    fn new(names: &'a TagNames) -> Self {
        Self { names }
    }

    fn find<'t>(&self, tags: &'t BTreeMap<String, String>, name: Name) -> Option<&'t str> {
        let (set, default) = match name {
            Name::Owner => (&self.names.owner, "owner"),
            Name::BusinessUnit => (&self.names.business_unit, "business-unit"),
            Name::SupportTeam => (&self.names.support_team, "support-team"),
        };
        let key = set.as_deref().unwrap_or(default);
        let same = || tags.iter().find(|(other, value)| is_same(other, key) && !value.trim().is_empty());
        let value = tags.get(key).filter(|value| !value.trim().is_empty());
        value.or_else(|| same().map(|(_, value)| value)).map(|value| value.trim())
    }

    /// Tags that the settings name, with their keys.
    fn named(&self) -> impl Iterator<Item = (&'static str, &'a str)> {
        let names = [
            ("owner", &self.names.owner),
            ("business_unit", &self.names.business_unit),
            ("support_team", &self.names.support_team),
        ];
        names.into_iter().filter_map(|(key, name)| Some((key, name.as_deref()?)))
    }
}

/// Whether two keys are the same but for capitals, `-`, `_` and blanks.
fn is_same(a: &str, b: &str) -> bool {
    let plain = |text: &str| -> String {
        text.chars().filter(|char| !['-', '_', ' '].contains(char)).flat_map(char::to_lowercase).collect()
    };
    plain(a) == plain(b)
}

#[cfg(test)]
mod tests {
    use aws_sdk_organizations::types::{AccountState, AccountStatus};

    use super::*;

    #[test]
    fn owners_are_found_by_the_tag_that_is_named() {
        let tags = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
            pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
        };
        let check = |names: &TagNames, pairs: &[(&str, &str)], name, expected: Option<&str>| {
            assert_eq!(Owners::new(names).find(&tags(pairs), name), expected, "{pairs:?}");
        };
        let none = TagNames::default();
        check(&none, &[("Owner", "ada ")], Name::Owner, Some("ada"));
        check(&none, &[("Owner", "ada"), ("owner", "bob")], Name::Owner, Some("bob"));
        check(&none, &[("BusinessUnit", "shop")], Name::BusinessUnit, Some("shop"));
        check(&none, &[("support_team", "ops")], Name::SupportTeam, Some("ops"));
        check(&none, &[("owner", " ")], Name::Owner, None);
        let named = TagNames { owner: Some("cost owner".to_owned()), ..TagNames::default() };
        check(&named, &[("owner", "ada")], Name::Owner, None);
        check(&named, &[("Cost-Owner", "bob")], Name::Owner, Some("bob"));
    }

    #[test]
    fn the_parent_is_the_last_step_of_the_path() {
        let account = |path: &str| Account::builder().id("111122223333").paths(path).build();
        let parents = BTreeMap::from([("111122223333".to_owned(), "ou-other".to_owned())]);
        let check = |path: &str, expected: Option<&str>| {
            assert_eq!(parent_of(&account(path), None).as_deref(), expected, "{path}");
        };
        check("o-abc/r-1/ou-1-a/ou-1-b/111122223333/", Some("ou-1-b"));
        check("o-abc/r-1/111122223333", Some("r-1"));
        check("o-abc/r-1/ou-1-a/", Some("ou-1-a"));
        check("nonsense", None);
        assert_eq!(parent_of(&account("nonsense"), Some(&parents)).as_deref(), Some("ou-other"));
    }

    #[test]
    fn the_state_supersedes_the_status() {
        let status = Account::builder().status(AccountStatus::Suspended);
        assert!(!is_active(&status.clone().build()));
        assert_eq!(state(&status.state(AccountState::Closed).build()), Some("CLOSED"));
        assert!(is_active(&Account::builder().build()));
    }
}
