//! What principals amount to over all their policies: read from what `aws-access` derives.

use std::collections::HashMap;

use auditor_core::{analyzer::Item, model::common::Severity};
use serde_json::{Value, json};

use crate::{
    check::{Check, Subject, Verdict},
    context::{Context, is_reserved, texts},
};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "principal_admin_effective",
        title: "No user or role amounts to an administrator",
        severity: Severity::Critical,
        rationale: "Groups, several policies together and rights over IAM make administrators whom no single policy \
                    shows; refusals and boundaries unmake others.",
        remediation: "Take away what makes it one; accept the few that must be by an exception with an owner.",
        cis: &[],
        ccm: &["IAM-05", "IAM-16"],
        inputs: &["aws_principal_access"],
        also: &[],
        evaluate: |context| each(context, administrator),
    },
    Check {
        id: "principal_can_escalate",
        title: "No user or role can become an administrator",
        severity: Severity::High,
        rationale: "A principal that is a few calls away from everything is as good as an administrator for whoever \
                    takes it over.",
        remediation: "Take away one right on each of the ways, or bound the principal's permissions.",
        cis: &[],
        ccm: &["IAM-05", "IAM-10"],
        inputs: &["aws_escalation_path", "aws_principal_access"],
        also: &[],
        evaluate: escalations,
    },
];

/// Asks of each principal that is reviewed as the account's own.
fn each(context: &Context<'_>, judge: fn(&Subject<'_>, &Value) -> Verdict) -> Vec<Verdict> {
    let judged = context.view.items("aws_principal_access").map(|item| {
        let subject = subject(item);
        foreign(&subject, &item.document).unwrap_or_else(|| judge(&subject, &item.document))
    });
    judged.collect()
}

fn subject(item: &Item) -> Subject<'_> {
    let id = item.document["principal"].as_str().unwrap_or(&item.native_id);
    let kind = if id.contains(":user/") {
        "aws_iam_user"
    } else if id.contains(":role/") {
        "aws_iam_role"
    } else {
        "principal"
    };
    Subject { kind, id: id.into(), name: item.name.as_deref().unwrap_or(id) }
}

fn foreign(subject: &Subject<'_>, access: &Value) -> Option<Verdict> {
    let why = match access["principal_type"].as_str() {
        Some("root") => "the root user may always do everything; it has checks of its own",
        Some("service") => "the role belongs to an AWS service, which alone can use and change it",
        _ if is_reserved(&subject.id) => {
            "the role belongs to IAM Identity Center: the assignment of its permission set is what is reviewed"
        }
        _ => return None,
    };
    Some(subject.not_applicable(why))
}

fn reason(access: &Value) -> &str {
    access["reason"].as_str().unwrap_or("no reason is told")
}

fn administrator(subject: &Subject<'_>, access: &Value) -> Verdict {
    let because = reason(access);
    let evidence = json!({ "policies": access["policies"] });
    match access["admin"].as_str() {
        Some("admin") => subject.fail(format!("it is an administrator: {because}")).with(evidence),
        Some("admin_equivalent") => {
            subject.fail(format!("it may give itself everything: {because}")).with(evidence)
        }
        Some("conditional_admin") => subject
            .fail(format!("under conditions, it may do everything: {because}"))
            .with(evidence)
            .rated(Severity::High),
        Some("no") => subject.pass("it is no administrator"),
        _ => subject.unknown(format!("it could not be told whether it is an administrator: {because}")),
    }
}

fn escalations(context: &Context<'_>) -> Vec<Verdict> {
    let mut ways: HashMap<&str, Vec<&Value>> = HashMap::new();
    for item in context.view.items("aws_escalation_path") {
        if let (Some(principal), Some("yes" | "possible")) =
            (item.document["principal"].as_str(), item.document["target_admin"].as_str())
        {
            ways.entry(principal).or_default().push(&item.document);
        }
    }
    let judge = |item: &Item| {
        let (subject, access) = (subject(item), &item.document);
        if let Some(verdict) = foreign(&subject, access) {
            return verdict;
        }
        if ["admin", "admin_equivalent"].contains(&access["admin"].as_str().unwrap_or_default()) {
            return subject.not_applicable("it is an administrator already");
        }
        let ways = ways.get(&*subject.id).map(Vec::as_slice).unwrap_or_default();
        let shortest = ways.iter().find(|way| way["steps"] == access["path"]).or(ways.first());
        let methods: Vec<_> = ways.iter().map(|way| &way["method"]).collect();
        let target = shortest.map_or(&Value::Null, |way| &way["target"]);
        let evidence = json!({ "path": access["path"], "methods": methods, "target": target });
        let steps = texts(&access["path"]).collect::<Vec<_>>().join("; ");
        let way = match target.as_str().filter(|target| *target != subject.id) {
            _ if steps.is_empty() => reason(access).to_owned(),
            Some(target) => format!("by {target}: {steps}"),
            None => steps,
        };
        match access["can_escalate"].as_str() {
            Some("yes") => subject.fail(format!("it can become an administrator, {way}")).with(evidence),
            Some("conditional") => subject
                .fail(format!("under conditions, it can become an administrator, {way}"))
                .with(evidence)
                .rated(Severity::Medium),
            Some("potential") => subject
                .unknown(format!(
                    "it may become an administrator, which hangs on what IAM does not know, {way}"
                ))
                .with(evidence),
            Some("no") => subject.pass("no way to an administrator's rights is known"),
            _ => subject.unknown(format!("it could not be told: {}", reason(access))),
        }
    };
    context.view.items("aws_principal_access").map(judge).collect()
}

#[cfg(test)]
mod tests {
    use auditor_core::model::common::Severity;
    use serde_json::{Value, json};

    use crate::{
        check::Verdict,
        testing::{ACCOUNT, Fixture, arn},
    };

    fn fixture(name: &str, access: &Value) -> Fixture {
        let principal = arn(&format!("role/{name}"));
        let mut document = json!({"principal": principal, "principal_type": "role", "reason": "of a policy",
            "policies": ["p"], "path": []});
        document.as_object_mut().unwrap().extend(access.as_object().unwrap().clone());
        Fixture::new().named("aws_principal_access", &principal, name, document)
    }

    fn verdict(id: &str, name: &str, access: &Value) -> Verdict {
        let mut verdicts = fixture(name, access).verdicts(id);
        assert_eq!(verdicts.len(), 1);
        verdicts.remove(0)
    }

    #[test]
    fn administrators() {
        let check = |name: &str, access: &Value, expected: &str, severity: Option<Severity>| {
            let verdict = verdict("principal_admin_effective", name, access);
            assert_eq!(json!(verdict.status), expected, "{access}");
            assert_eq!(verdict.severity, severity);
        };
        check("r", &json!({"admin": "admin"}), "fail", None);
        check("r", &json!({"admin": "admin_equivalent"}), "fail", None);
        check("r", &json!({"admin": "conditional_admin"}), "fail", Some(Severity::High));
        check("r", &json!({"admin": "no"}), "pass", None);
        check("r", &json!({"admin": "unknown"}), "unknown", None);
        check("r", &json!({"admin": "admin", "principal_type": "service"}), "not_applicable", None);
        check("r", &json!({"admin": "admin", "principal_type": "root"}), "not_applicable", None);
        check(
            "aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_1",
            &json!({"admin": "admin"}),
            "not_applicable",
            None,
        );
        check("AWSReservedSSO_Forged_1", &json!({"admin": "admin"}), "fail", None);
        Fixture::new()
            .without("aws_principal_access")
            .expect("principal_admin_effective", &[(ACCOUNT, "unknown")]);
    }

    #[test]
    fn ways_up() {
        let check = |access: &Value, expected: &str| {
            let verdict = verdict("principal_can_escalate", "r", access);
            assert_eq!(json!(verdict.status), expected, "{access}");
        };
        check(&json!({"admin": "no", "can_escalate": "yes"}), "fail");
        check(&json!({"admin": "no", "can_escalate": "conditional"}), "fail");
        check(&json!({"admin": "no", "can_escalate": "potential"}), "unknown");
        check(&json!({"admin": "no", "can_escalate": "no"}), "pass");
        check(&json!({"admin": "unknown", "can_escalate": "unknown"}), "unknown");
        check(&json!({"admin": "admin", "can_escalate": "no"}), "not_applicable");
    }

    #[test]
    fn the_way_is_told() {
        let steps = json!(["pass the role to a function", "call it"]);
        let way = json!({"principal": arn("role/r"), "method": "lambda-001", "target": arn("role/strong"),
            "target_admin": "yes", "steps": steps});
        let fixture = fixture("r", &json!({"admin": "no", "can_escalate": "yes", "path": steps})).item(
            "aws_escalation_path",
            "x",
            way,
        );
        let verdict = &fixture.verdicts("principal_can_escalate")[0];
        assert_eq!(
            verdict.reason,
            "it can become an administrator, by arn:aws:iam::111122223333:role/strong: pass the role to a function; \
             call it"
        );
        assert_eq!(verdict.evidence.as_ref().unwrap()["methods"], json!(["lambda-001"]));
    }
}
