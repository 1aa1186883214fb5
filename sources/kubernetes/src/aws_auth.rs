//! The `ConfigMap` `kube-system/aws-auth`, which maps IAM principals to users and groups of an EKS cluster.
//!
//! It is YAML within YAML, written by hand, and one slip in it locks people out or in. So its parts are read one by one,
//! as the authenticator does, and what cannot be read is an entry with a problem: it is a fact about the cluster.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, de::IgnoredAny};

/// The keys that the authenticator reads.
pub(crate) const SECTIONS: [&str; 3] = ["mapRoles", "mapUsers", "mapAccounts"];

/// One entry, good or bad.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Key in the map: `mapRoles`, `mapUsers`, `mapAccounts`.
    pub(crate) section: &'static str,
    /// ARN, or account id in `mapAccounts`, as written. `None`: it has none, or cannot be read.
    pub(crate) principal: Option<String>,
    /// The ARN as the authenticator compares it: in small letters, of the role behind an assumed role.
    pub(crate) matches: Option<String>,
    /// Name in the cluster, with its templates (`{{SessionName}}`). `None`: none is given.
    pub(crate) username: Option<String>,
    /// Groups in the cluster, sorted.
    pub(crate) groups: Vec<String>,
    /// Why it has no effect, or not the one it seems to have.
    pub(crate) problem: Option<String>,
}

#[derive(Deserialize)]
struct RawEntry {
    rolearn: Option<String>,
    userarn: Option<String>,
    username: Option<String>,
    groups: Option<Vec<Option<String>>>,
    sso: Option<IgnoredAny>,
}

/// The entries of the map, in its order.
pub(crate) fn parse(data: &BTreeMap<String, String>) -> Vec<Entry> {
    let mut entries = Vec::new();
    for section in SECTIONS {
        let text = data.get(section).map(|text| text.trim()).unwrap_or_default();
        if matches!(text, "" | "``" | "\"\"" | "''" | "[]" | "null") {
            continue;
        }
        if section == "mapAccounts" {
            entries.extend(accounts(text));
        } else {
            entries.extend(mappings(section, text));
        }
    }
    mark_overridden(&mut entries);
    entries
}

fn mappings(section: &'static str, text: &str) -> Vec<Entry> {
    read_list::<RawEntry>(text)
        .into_iter()
        .map(|read| match read {
            Ok(raw) => mapping(section, raw),
            Err(problem) => broken(section, problem),
        })
        .collect()
}

fn mapping(section: &'static str, raw: RawEntry) -> Entry {
    let (key, arn) = if section == "mapRoles" { ("rolearn", raw.rolearn) } else { ("userarn", raw.userarn) };
    let arn = arn.filter(|arn| !arn.trim().is_empty());
    let mut groups: Vec<_> = raw.groups.into_iter().flatten().flatten().collect();
    groups.sort_unstable();
    groups.dedup();
    let problem = match &arn {
        None if raw.sso.is_some() => {
            Some(format!("it has `sso` in place of `{key}`, which not every authenticator understands"))
        }
        None => Some(format!("it has no `{key}`")),
        Some(arn) => trouble_with(section, arn),
    };
    Entry {
        section,
        matches: arn.as_deref().and_then(canonical),
        principal: arn,
        username: raw.username.filter(|name| !name.is_empty()),
        groups,
        problem,
    }
}

fn accounts(text: &str) -> Vec<Entry> {
    let section = "mapAccounts";
    read_list::<String>(text)
        .into_iter()
        .map(|read| match read {
            Ok(account) => {
                let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
                let problem = (!is_account).then(|| "it is no account id".to_owned());
                Entry { principal: Some(account), problem, ..broken(section, String::new()) }
            }
            Err(problem) => broken(section, problem),
        })
        .collect()
}

fn broken(section: &'static str, problem: String) -> Entry {
    Entry {
        section,
        principal: None,
        matches: None,
        username: None,
        groups: Vec::new(),
        problem: Some(problem),
    }
}

/// An ARN as it is compared. `None`: not one of a user or role.
fn canonical(arn: &str) -> Option<String> {
    let arn = arn.trim().to_ascii_lowercase();
    let mut parts = arn.splitn(6, ':');
    let (head, partition, service) = (parts.next()?, parts.next()?, parts.next()?);
    let (_region, account, resource) = (parts.next()?, parts.next()?, parts.next()?);
    if head != "arn" {
        return None;
    }
    let mut resource = resource.split('/');
    match (service, resource.next()?) {
        ("sts", "assumed-role") => Some(format!("arn:{partition}:iam::{account}:role/{}", resource.next()?)),
        ("iam", _) | ("sts", "federated-user") => Some(arn),
        _ => None,
    }
}

/// What keeps an ARN from ever matching.
fn trouble_with(section: &str, arn: &str) -> Option<String> {
    let Some(canonical) = canonical(arn) else { return Some("its ARN is none of IAM".to_owned()) };
    let resource = canonical.splitn(6, ':').nth(5).unwrap_or_default().to_owned();
    let wanted = if section == "mapRoles" { "role/" } else { "user/" };
    if section == "mapRoles" && resource.strip_prefix(wanted).is_some_and(|name| name.contains('/')) {
        return Some("its role ARN has a path, so that it never matches: leave the path out".to_owned());
    }
    if !resource.starts_with(wanted) && resource != "root" && !resource.starts_with("federated-user/") {
        return Some(format!("its ARN is of no {}", wanted.trim_end_matches('/')));
    }
    None
}

/// The last of several entries for the same ARN counts.
fn mark_overridden(entries: &mut [Entry]) {
    let mut later = BTreeSet::new();
    for entry in entries.iter_mut().rev() {
        let key = match (&entry.matches, &entry.principal) {
            (Some(arn), _) => (entry.section, arn.clone()),
            (None, Some(principal)) => (entry.section, principal.clone()),
            (None, None) => continue,
        };
        if !later.insert(key) && entry.problem.is_none() {
            entry.problem = Some("a later entry for the same principal takes its place".to_owned());
        }
    }
}

/// A YAML list; if it cannot be read whole, entry by entry.
fn read_list<T: serde::de::DeserializeOwned>(text: &str) -> Vec<Result<T, String>> {
    if let Ok(all) = serde_saphyr::from_str::<Vec<T>>(text) {
        return all.into_iter().map(Ok).collect();
    }
    let parts = split(text);
    let alone = parts.len() < 2;
    parts
        .into_iter()
        .map(|part| match serde_saphyr::from_str::<Vec<T>>(&part.text) {
            Ok(mut one) if one.len() == 1 => Ok(one.remove(0)),
            // The parser's own words repeat the text around the place.
            Ok(_) => Err(format!("it cannot be read, at line {} of the section", part.line)),
            Err(_) if alone => Err("the section cannot be read as a YAML list".to_owned()),
            Err(error) => {
                let line = error.location().map_or(0, |place| usize::try_from(place.line()).unwrap_or(1) - 1);
                Err(format!("it cannot be read, at line {} of the section", part.line + line))
            }
        })
        .collect()
}

struct Part {
    text: String,
    /// First line, from 1.
    line: usize,
}

/// Entries of a YAML list in block style: each begins with `-` as far to the right as the first.
fn split(text: &str) -> Vec<Part> {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let begins = |line: &str| {
        let rest = line.trim_start();
        rest == "-" || rest.starts_with("- ")
    };
    let mut parts: Vec<Part> = Vec::new();
    let mut column = None;
    for (number, line) in text.lines().enumerate() {
        let is_first = column.is_none() && begins(line);
        if is_first {
            column = Some(indent(line));
        }
        if is_first || (begins(line) && column == Some(indent(line))) || parts.is_empty() {
            parts.push(Part { text: String::new(), line: number + 1 });
        }
        if let Some(part) = parts.last_mut() {
            part.text.push_str(line);
            part.text.push('\n');
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(section: &str, text: &str) -> Vec<Entry> {
        parse(&BTreeMap::from([(section.to_owned(), text.to_owned())]))
    }

    #[test]
    fn good_entries_are_read_as_they_are() {
        let found = entries(
            "mapRoles",
            "- rolearn: arn:aws:iam::111122223333:role/Nodes\n  username: system:node:{{EC2PrivateDNSName}}\n  \
             groups:\n  - system:nodes\n  - system:bootstrappers\n",
        );
        assert_eq!(
            found,
            [Entry {
                section: "mapRoles",
                principal: Some("arn:aws:iam::111122223333:role/Nodes".to_owned()),
                matches: Some("arn:aws:iam::111122223333:role/nodes".to_owned()),
                username: Some("system:node:{{EC2PrivateDNSName}}".to_owned()),
                groups: vec!["system:bootstrappers".to_owned(), "system:nodes".to_owned()],
                problem: None,
            }]
        );
    }

    #[test]
    fn one_broken_entry_costs_no_other() {
        let text = "- rolearn: arn:aws:iam::111122223333:role/a\n  groups: null\n\
                    - rolearn: [arn:aws:iam::111122223333:role/b]\n  username: b\n\
                    - rolearn: arn:aws:iam::111122223333:role/c\n   username: c\n\
                    - just a line\n\
                    - sso: {permissionSetName: x}\n\
                    - rolearn: arn:aws:iam::111122223333:role/d\n  username: \"d\n";
        let found = entries("mapRoles", text);
        let names: Vec<_> = found.iter().map(|entry| entry.principal.as_deref()).collect();
        assert_eq!(found.len(), 6, "{found:#?}");
        assert_eq!(names[0], Some("arn:aws:iam::111122223333:role/a"));
        assert_eq!((found[0].problem.as_ref(), found[0].groups.len()), (None, 0));
        for broken in &found[1..] {
            assert!(broken.problem.is_some(), "{broken:?}");
        }
        assert!(found[1].problem.as_deref().unwrap().contains("line 3"), "{:?}", found[1]);
        assert!(found[4].problem.as_deref().unwrap().contains("`sso`"), "{:?}", found[4]);
    }

    #[test]
    fn empty_is_written_in_many_ways() {
        for text in ["", " \n", "``", "\"\"", "[]", "null"] {
            assert_eq!(entries("mapUsers", text), [], "{text:?}");
        }
        assert_eq!(entries("somethingElse", "- rolearn: x"), []);
        let found = entries("mapUsers", "{ not: a list }");
        assert_eq!(found[0].problem.as_deref(), Some("the section cannot be read as a YAML list"));
    }

    #[test]
    fn zeros_in_front_of_an_account_id_are_kept() {
        let found = entries("mapAccounts", "- 012345670123\n- \"111122223333\"\n- twelve\n");
        assert_eq!(found[0].principal.as_deref(), Some("012345670123"));
        assert_eq!((found[0].problem.as_ref(), found[1].problem.as_ref()), (None, None));
        assert!(found[2].problem.is_some());
    }

    #[test]
    fn what_never_matches_is_said() {
        let problem = |section: &str, arn: &str| {
            let key = if section == "mapRoles" { "rolearn" } else { "userarn" };
            entries(section, &format!("- {key}: {arn}\n")).remove(0).problem.unwrap_or_default()
        };
        assert!(problem("mapRoles", "arn:aws:iam::111122223333:role/path/name").contains("path"));
        assert!(problem("mapRoles", "arn:aws:iam::111122223333:user/u").contains("no role"));
        assert!(problem("mapUsers", "u").contains("none of IAM"));
        assert_eq!(problem("mapUsers", "arn:aws:iam::111122223333:user/path/u"), "");
        let session = "- rolearn: arn:aws:sts::111122223333:assumed-role/Admin/session\n";
        let found = entries("mapRoles", session).remove(0);
        assert_eq!(found.matches.as_deref(), Some("arn:aws:iam::111122223333:role/admin"));
    }

    #[test]
    fn the_last_of_two_counts() {
        let text = "- rolearn: arn:aws:iam::111122223333:role/Admin\n  username: one\n\
                    - rolearn: arn:aws:iam::111122223333:role/admin\n  username: two\n";
        let found = entries("mapRoles", text);
        assert!(found[0].problem.as_deref().unwrap().contains("later entry"));
        assert_eq!(found[1].problem, None);
    }
}
