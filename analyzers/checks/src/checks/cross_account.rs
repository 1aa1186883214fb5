//! Roles that let other accounts in.

use std::collections::BTreeSet;

use auditor_aws_policy::{PrincipalPattern, trust::Entry};
use auditor_core::model::common::Severity;
use serde_json::json;

use super::trust::{account_of, each};
use crate::{
    check::{Check, Subject, Verdict},
    context::{Context, Holder},
};

const ROLE: &[&str] = &["aws_iam_role"];
const ALSO: &[&str] = &["aws_organization_account", "aws_reach"];

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "role_trust_unknown_account",
        title: "Roles trust no account that nobody knows",
        severity: Severity::High,
        rationale: "Whoever runs the other account decides who enters this one.",
        remediation: "Find out whose the account is. List it under `known_accounts` or `own_accounts`, or take it out of \
                      the trust policy.",
        cis: &[],
        ccm: &["IAM-10", "IAM-16"],
        inputs: ROLE,
        also: ALSO,
        evaluate: |context| each(context, unknown_account),
    },
    Check {
        id: "role_trust_no_external_id",
        title: "Roles that trust somebody else's account ask for an external id",
        severity: Severity::High,
        rationale: "A vendor who serves many can be made to use this role for another of its customers; the external id \
                    tells them apart.",
        remediation: "Add the condition `sts:ExternalId` with a value that the vendor made for this account.",
        cis: &[],
        ccm: &["IAM-10", "IAM-16"],
        inputs: ROLE,
        also: ALSO,
        evaluate: |context| each(context, external_id),
    },
    Check {
        id: "iam_role_cross_account_readonlyaccess_policy",
        title: "No role with ReadOnlyAccess trusts somebody else's account",
        severity: Severity::High,
        rationale: "`ReadOnlyAccess` reads data, not settings alone: objects, tables, messages.",
        remediation: "Give the other side `SecurityAudit` or `ViewOnlyAccess`, or a policy that names what it needs.",
        cis: &[],
        ccm: &["IAM-10"],
        inputs: ROLE,
        also: ALSO,
        evaluate: |context| each(context, read_only),
    },
];

/// Other accounts that an entry lets in.
fn others<'e>(context: &Context<'_>, entry: &'e Entry) -> BTreeSet<&'e str> {
    let mut accounts: BTreeSet<_> = match &entry.principal {
        PrincipalPattern::Account(_) | PrincipalPattern::Arn(_) => {
            entry.principal.account().into_iter().collect()
        }
        PrincipalPattern::Everyone => {
            let named = entry.accounts.iter().map(String::as_str);
            named.chain(entry.principal_arns.iter().filter_map(|arn| account_of(arn))).collect()
        }
        _ => BTreeSet::new(),
    };
    accounts.remove(context.account);
    accounts
}

/// Whether an entry is limited to the account's own organization. `None`: which that is, is not known.
fn within_organization(context: &Context<'_>, entry: &Entry) -> Option<bool> {
    if entry.organizations.is_empty() {
        return Some(false);
    }
    let (own, _) = context.organization()?;
    Some(entry.organizations.iter().all(|organization| organization.split('/').next() == Some(own)))
}

/// The accounts let in that are not among those, where no condition keeps to the own organization; and whether
/// something could not be told.
fn strangers<'e>(
    context: &Context<'_>,
    entries: impl IntoIterator<Item = &'e Entry>,
    known: &BTreeSet<&str>,
) -> (BTreeSet<&'e str>, bool) {
    let (mut strangers, mut unknown) = (BTreeSet::new(), false);
    for entry in entries {
        let more: Vec<_> =
            others(context, entry).into_iter().filter(|account| !known.contains(account)).collect();
        match within_organization(context, entry) {
            Some(true) => {}
            Some(false) => strangers.extend(more),
            None => unknown |= !more.is_empty(),
        }
    }
    (strangers, unknown)
}

const WHICH_ORGANIZATION: &str =
    "the trust policy is limited to an organization, and the account's own is not known";

fn unknown_account(
    context: &Context<'_>,
    subject: &Subject<'_>,
    _: &Holder<'_>,
    entries: &[Entry],
) -> Verdict {
    let (strangers, unknown) = strangers(context, entries, &context.known_accounts());
    let named: Vec<_> = strangers.iter().copied().collect();
    match (named.is_empty(), unknown) {
        (false, _) => subject
            .fail(format!("the role trusts accounts that nobody knows: {}", named.join(", ")))
            .with(json!({ "accounts": named })),
        (true, true) => subject.unknown(WHICH_ORGANIZATION),
        (true, false) => subject.pass("the role trusts no account that nobody knows"),
    }
}

fn external_id(context: &Context<'_>, subject: &Subject<'_>, _: &Holder<'_>, entries: &[Entry]) -> Verdict {
    let own = context.own_accounts();
    let without = entries.iter().filter(|entry| !entry.external_id);
    let (accounts, unknown) = strangers(context, without, &own);
    let named: Vec<_> = accounts.iter().copied().collect();
    match (named.is_empty(), unknown) {
        (false, _) => subject
            .fail(format!("the role asks no external id of {}", named.join(", ")))
            .with(json!({ "accounts": named })),
        (true, true) => subject.unknown(WHICH_ORGANIZATION),
        (true, false) if strangers(context, entries, &own).0.is_empty() => {
            subject.pass("the role trusts nobody else's account")
        }
        (true, false) => subject.pass("the role asks for an external id"),
    }
}

fn read_only(context: &Context<'_>, subject: &Subject<'_>, role: &Holder<'_>, entries: &[Entry]) -> Verdict {
    if !role.has_attached(&context.aws_policy("ReadOnlyAccess")) {
        return subject.not_applicable("the role does not have ReadOnlyAccess");
    }
    let (accounts, unknown) = strangers(context, entries, &context.known_accounts());
    let named: Vec<_> = accounts.iter().copied().collect();
    match (named.is_empty(), unknown) {
        (false, _) => subject
            .fail(format!("the role has ReadOnlyAccess and trusts {}", named.join(", ")))
            .with(json!({ "accounts": named })),
        (true, true) => subject.unknown(WHICH_ORGANIZATION),
        (true, false) => subject.pass("the role trusts no account that nobody knows"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::trust::tests::{check, trusting};
    use crate::testing::{Fixture, arn};

    #[test]
    fn other_accounts() {
        let (unknown, external) = ("role_trust_unknown_account", "role_trust_no_external_id");
        let other = json!({"AWS": "arn:aws:iam::444455556666:root"});
        let asked = json!({"StringEquals": {"sts:ExternalId": "x"}});
        check(unknown, &other, &json!({}), "fail");
        check(unknown, &other, &asked, "fail");
        check(unknown, &json!({"AWS": "111122223333"}), &json!({}), "pass");
        // `known` is among the known accounts of the fixture, `own` among its own.
        let vendor = json!({"AWS": "arn:aws:iam::999988887777:role/v"});
        let own = json!({"AWS": "222222222222"});
        check(unknown, &vendor, &json!({}), "pass");
        check(unknown, &own, &json!({}), "pass");
        check(external, &vendor, &json!({}), "fail");
        check(external, &vendor, &asked, "pass");
        check(external, &own, &json!({}), "pass");
        let organization = json!({"StringEquals": {"aws:PrincipalOrgID": "o-1"}});
        check(unknown, &other, &organization, "unknown");
        let within = |id: &str, organization: &str, expected: &str| {
            let condition = json!({"StringEquals": {"aws:PrincipalOrgID": organization}});
            let fixture =
                Fixture::new().role("r", &trusting(&other, &condition)).member_of("o-1", "333333333333");
            fixture.expect(id, &[(&arn("role/r"), expected)]);
        };
        within(unknown, "o-1", "pass");
        within(unknown, "o-2", "fail");
        within(external, "o-1", "pass");
        let audited = Fixture::new().role("r", &trusting(&other, &json!({}))).item(
            "aws_reach",
            "x",
            json!({"known": true, "from_account": "444455556666"}),
        );
        audited.expect(unknown, &[(&arn("role/r"), "pass")]);
        let id = "iam_role_cross_account_readonlyaccess_policy";
        check(id, &other, &json!({}), "not_applicable");
        let mut reading = trusting(&other, &json!({}));
        reading["policy_arns"] = json!(["arn:aws:iam::aws:policy/ReadOnlyAccess"]);
        Fixture::new().role("r", &reading).expect(id, &[(&arn("role/r"), "fail")]);
        reading["trust_policy"] = trusting(&own, &json!({}))["trust_policy"].clone();
        Fixture::new().role("r", &reading).expect(id, &[(&arn("role/r"), "pass")]);
    }
}
