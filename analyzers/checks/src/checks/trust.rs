//! Whom roles let in.

use std::collections::BTreeSet;

use auditor_aws_policy::{
    Effect, PrincipalPattern,
    trust::{self, Entry},
};
use auditor_core::model::common::Severity;
use serde_json::json;

use crate::{
    check::{Check, Subject, Verdict},
    config::is_account_id,
    context::{Context, Holder},
};

const ROLE: &[&str] = &["aws_iam_role"];
const ALSO: &[&str] = &["aws_organization_account", "aws_reach"];

/// Services that use a role on behalf of the account which gave it to them, and for no other.
const OWN_ACCOUNT_ONLY: [&str; 2] = ["ec2.amazonaws.com", "lambda.amazonaws.com"];

/// What subjects of well-known providers begin with. Behind it, the name of somebody has to follow.
const SUBJECT_PREFIXES: [&str; 4] = ["repo:", "project_path:", "system:serviceaccount:", "organization:"];

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "role_trust_public",
        title: "No role lets anyone in",
        severity: Severity::Critical,
        rationale: "A role that trusts `*` is open to every AWS account there is.",
        remediation: "Name the principals; where that cannot be, add the condition `aws:PrincipalOrgID`.",
        cis: &[],
        ccm: &["IAM-10", "IAM-16"],
        inputs: ROLE,
        also: &[],
        evaluate: |context| each(context, public),
    },
    Check {
        id: "trust_notprincipal_allow",
        title: "No role lets in everybody but some",
        severity: Severity::Medium,
        rationale: "`NotPrincipal` with `Allow` lets in everyone whom nobody thought of, other accounts included.",
        remediation: "Name who is let in; refuse exceptions by a `Deny` statement.",
        cis: &[],
        ccm: &["IAM-05"],
        inputs: ROLE,
        also: &[],
        evaluate: |context| {
            each(context, |_, subject, role, _| {
                let statements = role.trust.iter().flat_map(|trust| &trust.statements);
                let mut allowing = statements.filter(|statement| statement.effect == Effect::Allow);
                if allowing.any(|statement| statement.principals.as_ref().is_some_and(|named| named.negated))
                {
                    subject.fail("the role lets in everybody but some (`NotPrincipal`)")
                } else {
                    subject.pass("the role names whom it lets in")
                }
            })
        },
    },
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
        id: "role_trust_orphaned_principal",
        title: "No role trusts a principal that was deleted",
        severity: Severity::Medium,
        rationale: "The id left behind says that nobody looked at the trust policy since; what else is in it is as old.",
        remediation: "Take the id (`AIDA…`, `AROA…`) out of the trust policy.",
        cis: &[],
        ccm: &["IAM-07"],
        inputs: ROLE,
        also: &[],
        evaluate: |context| {
            each(context, |_, subject, _, entries| {
                let deleted = entries.iter().map(|entry| &entry.principal);
                let deleted = deleted.filter(|principal| matches!(principal, PrincipalPattern::UniqueId(_)));
                let ids: BTreeSet<_> = deleted.map(PrincipalPattern::as_str).collect();
                if ids.is_empty() {
                    subject.pass("the role trusts no deleted principal")
                } else {
                    subject
                        .fail("the role trusts a principal that was deleted")
                        .with(json!({ "principals": ids }))
                }
            })
        },
    },
    Check {
        id: "oidc_trust_without_sub",
        title: "Roles that trust an OIDC provider say which of its subjects",
        severity: Severity::Critical,
        rationale: "Providers such as GitHub serve everyone: without a subject, anybody's pipeline takes on the role.",
        remediation: "Add a condition on the provider's `sub` that names the repository, project or service account.",
        cis: &[],
        ccm: &["IAM-14", "IAM-16"],
        inputs: ROLE,
        also: &[],
        evaluate: |context| {
            oidc(context, |subject, entries| {
                let open =
                    entries.iter().find(|entry| entry.subjects.is_empty() && !names_application(entry));
                match open {
                    Some(entry) => {
                        subject.fail(format!("the role trusts every subject of {}", entry.principal.as_str()))
                    }
                    None => subject.pass("the role says which subjects it trusts"),
                }
            })
        },
    },
    Check {
        id: "oidc_trust_wildcard_sub",
        title: "Roles that trust an OIDC provider name whose subjects",
        severity: Severity::Critical,
        rationale: "A pattern such as `repo:*` is fulfilled by anybody's repository.",
        remediation: "Write out the organization and repository, project or namespace; `*` may stand behind them.",
        cis: &[],
        ccm: &["IAM-14", "IAM-16"],
        inputs: ROLE,
        also: &[],
        evaluate: |context| {
            oidc(context, |subject, entries| {
                let wide: BTreeSet<_> =
                    entries.iter().flat_map(|entry| &entry.subjects).filter(|text| is_wide(text)).collect();
                if wide.is_empty() {
                    subject.pass("no pattern of subjects is open to anybody")
                } else {
                    subject.fail("a pattern of subjects is open to anybody").with(json!({ "subjects": wide }))
                }
            })
        },
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
    Check {
        id: "iam_role_cross_service_confused_deputy_prevention",
        title: "Roles that trust a service say for whom the service may act",
        severity: Severity::High,
        rationale: "A service that acts for every customer can be made to use this role for another of them.",
        remediation: "Add a condition on `aws:SourceAccount`, `aws:SourceArn` or `aws:SourceOrgID` where the service \
                      sends it.",
        cis: &[],
        ccm: &["IAM-10"],
        inputs: ROLE,
        also: &[],
        evaluate: |context| each(context, confused_deputy),
    },
];

type Judge = fn(&Context<'_>, &Subject<'_>, &Holder<'_>, &[Entry]) -> Verdict;

/// Asks of each role that is the account's own.
fn each(context: &Context<'_>, judge: Judge) -> Vec<Verdict> {
    let judged = context.roles.iter().map(|role| {
        let subject = role.subject();
        if let Some(why) = role.foreign() {
            return subject.not_applicable(why);
        }
        let Some(trust) = &role.trust else { return subject.unknown("its trust policy is not stored") };
        let verdict = judge(context, &subject, role, &trust::entries(trust));
        match &trust.unreadable {
            Some(why) if verdict.status != auditor_core::model::common::Status::Fail => {
                subject.unknown(format!("the trust policy could not be read: {why}"))
            }
            _ => verdict,
        }
    });
    judged.collect()
}

/// Asks of each role that trusts an OIDC provider.
fn oidc(context: &Context<'_>, judge: fn(&Subject<'_>, &[Entry]) -> Verdict) -> Vec<Verdict> {
    let judged = context.roles.iter().map(|role| {
        let subject = role.subject();
        let trust = role.trust.as_ref();
        let federated = |entry: &Entry| {
            matches!(&entry.principal, PrincipalPattern::Federated(name) if !name.contains(":saml-provider/"))
        };
        let entries: Vec<_> =
            trust.map(trust::entries).unwrap_or_default().into_iter().filter(federated).collect();
        let verdict = if entries.is_empty() {
            subject.not_applicable("the role trusts no OIDC provider")
        } else {
            judge(&subject, &entries)
        };
        match trust.and_then(|trust| trust.unreadable.as_ref()) {
            Some(why) if verdict.status != auditor_core::model::common::Status::Fail => {
                subject.unknown(format!("the trust policy could not be read: {why}"))
            }
            _ => verdict,
        }
    });
    judged.collect()
}

/// Whether the provider is one of those without an ARN whose users come by one application, which is named.
fn names_application(entry: &Entry) -> bool {
    let application = entry.keys.iter().any(|key| key.to_ascii_lowercase().ends_with(":app_id"));
    !entry.principal.as_str().starts_with("arn:") && (!entry.audiences.is_empty() || application)
}

fn is_wide(subject: &str) -> bool {
    let rest = SUBJECT_PREFIXES.iter().find_map(|prefix| subject.strip_prefix(prefix)).unwrap_or(subject);
    rest.is_empty() || rest.starts_with(['*', '?'])
}

/// The account that a pattern of ARNs names, if it names one.
fn account_of(arn: &str) -> Option<&str> {
    arn.split(':').nth(4).filter(|account| is_account_id(account))
}

/// Whether an entry that lets in anyone is limited to certain organizations, accounts or principals.
fn is_limited(entry: &Entry) -> bool {
    let named =
        !entry.principal_arns.is_empty() && entry.principal_arns.iter().all(|arn| account_of(arn).is_some());
    !entry.organizations.is_empty() || !entry.accounts.is_empty() || named
}

fn public(_: &Context<'_>, subject: &Subject<'_>, _: &Holder<'_>, entries: &[Entry]) -> Verdict {
    let open =
        entries.iter().filter(|entry| entry.principal == PrincipalPattern::Everyone && !is_limited(entry));
    let open: Vec<_> = open.collect();
    match open.iter().find(|entry| entry.keys.is_empty()).or_else(|| open.first()) {
        None => subject.pass("the role does not let anyone in"),
        Some(entry) if entry.keys.is_empty() => {
            subject.fail(format!("{} of the trust policy lets anyone in", entry.label))
        }
        Some(entry) => subject
            .fail(format!("{} of the trust policy lets in anyone who fulfils its conditions", entry.label))
            .with(json!({ "conditions": entry.keys }))
            .rated(Severity::High),
    }
}

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

fn confused_deputy(_: &Context<'_>, subject: &Subject<'_>, _: &Holder<'_>, entries: &[Entry]) -> Verdict {
    let service = |entry: &Entry| match &entry.principal {
        PrincipalPattern::Service(name) => {
            let plain = name.strip_suffix(".cn").unwrap_or(name).to_ascii_lowercase();
            (!OWN_ACCOUNT_ONLY.contains(&plain.as_str())).then_some(plain)
        }
        _ => None,
    };
    let of_organization = |entry: &Entry| {
        let keys = entry.keys.iter().map(|key| key.to_ascii_lowercase());
        keys.into_iter().any(|key| ["aws:sourceorgid", "aws:sourceorgpaths"].contains(&key.as_str()))
    };
    let open =
        |entry: &&Entry| entry.accounts.is_empty() && entry.source_arns.is_empty() && !of_organization(entry);
    let services: BTreeSet<_> = entries.iter().filter(open).filter_map(service).collect();
    if !services.is_empty() {
        let named: Vec<_> = services.iter().map(String::as_str).collect();
        return subject
            .fail(format!("the role does not say for whom {} may act", named.join(", ")))
            .with(json!({ "services": named }));
    }
    if entries.iter().any(|entry| service(entry).is_some()) {
        subject.pass("the role says for whom services may act")
    } else {
        subject.not_applicable("the role trusts no service that acts for others")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::{Fixture, arn};

    fn trusting(principal: &Value, condition: &Value) -> Value {
        json!({"trust_policy": {"document": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
            "Action": ["sts:AssumeRole", "sts:AssumeRoleWithWebIdentity"], "Principal": principal,
            "Condition": condition}]}}})
    }

    fn check(id: &str, principal: &Value, condition: &Value, expected: &str) {
        let fixture = Fixture::new().role("r", &trusting(principal, condition));
        fixture.expect(id, &[(&arn("role/r"), expected)]);
    }

    #[test]
    fn anyone() {
        let id = "role_trust_public";
        check(id, &json!("*"), &json!({}), "fail");
        check(id, &json!({"AWS": "*"}), &json!({"StringEquals": {"sts:ExternalId": "x"}}), "fail");
        check(id, &json!({"AWS": "*"}), &json!({"StringEquals": {"aws:PrincipalOrgID": "o-1"}}), "pass");
        let anywhere = json!({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/x"}});
        check(id, &json!({"AWS": "*"}), &anywhere, "fail");
        let here = json!({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/*"}});
        check(id, &json!({"AWS": "*"}), &here, "pass");
        check(id, &json!({"AWS": "111122223333"}), &json!({}), "pass");
        let unread = Fixture::new().role("r", &json!({"trust_policy": {"document": "{"}}));
        unread.expect(id, &[(&arn("role/r"), "unknown")]);
        let reserved = Fixture::new().role("AWSReservedSSO_X_1", &trusting(&json!("*"), &json!({})));
        reserved.expect(id, &[(&arn("role/AWSReservedSSO_X_1"), "not_applicable")]);
        check("trust_notprincipal_allow", &json!("*"), &json!({}), "pass");
        let not = json!({"trust_policy": {"document": {"Statement": {"Effect": "Allow", "Action": "sts:AssumeRole",
            "NotPrincipal": {"AWS": "111122223333"}}}}});
        Fixture::new().role("r", &not).expect("trust_notprincipal_allow", &[(&arn("role/r"), "fail")]);
    }

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

    #[test]
    fn deleted_principals() {
        check("role_trust_orphaned_principal", &json!({"AWS": "AIDAEXAMPLE"}), &json!({}), "fail");
        check("role_trust_orphaned_principal", &json!({"AWS": arn("user/u")}), &json!({}), "pass");
    }

    #[test]
    fn oidc_subjects() {
        let github = json!({"Federated": arn("oidc-provider/token.actions.githubusercontent.com")});
        let of = |subject: &str| json!({"StringLike": {"token.actions.githubusercontent.com:sub": subject}});
        let (without, wildcard) = ("oidc_trust_without_sub", "oidc_trust_wildcard_sub");
        check(without, &github, &json!({}), "fail");
        let audience =
            json!({"StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"}});
        check(without, &github, &audience, "fail");
        check(without, &github, &of("repo:example/app:*"), "pass");
        check(without, &json!({"AWS": "111122223333"}), &json!({}), "not_applicable");
        let cognito = json!({"Federated": "cognito-identity.amazonaws.com"});
        let pool = json!({"StringEquals": {"cognito-identity.amazonaws.com:aud": "eu-west-1:x"}});
        check(without, &cognito, &pool, "pass");
        check(without, &cognito, &json!({}), "fail");
        for (subject, expected) in
            [("repo:*", "fail"), ("*", "fail"), ("repo:*/app:*", "fail"), ("repo:example/*", "pass")]
        {
            check(wildcard, &github, &of(subject), expected);
        }
        check(wildcard, &json!("*"), &json!({}), "not_applicable");
    }

    #[test]
    fn services() {
        let id = "iam_role_cross_service_confused_deputy_prevention";
        let service = |name: &str| json!({"Service": name});
        check(id, &service("events.amazonaws.com"), &json!({}), "fail");
        let account = json!({"StringEquals": {"aws:SourceAccount": "111122223333"}});
        check(id, &service("events.amazonaws.com"), &account, "pass");
        let organization = json!({"StringEquals": {"aws:SourceOrgID": "o-1"}});
        check(id, &service("events.amazonaws.com"), &organization, "pass");
        check(id, &service("ec2.amazonaws.com"), &json!({}), "not_applicable");
        check(id, &json!({"AWS": "111122223333"}), &json!({}), "not_applicable");
    }
}
