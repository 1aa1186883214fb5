//! Whom AWS turns to.

use auditor_core::{analyzer::Item, model::common::Severity};

use crate::{
    check::{Check, Verdict},
    context::Context,
};

const INPUTS: &[&str] = &["aws_account_contact"];

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "account_maintain_current_contact_details",
        title: "The account has contact details",
        severity: Severity::Medium,
        rationale: "AWS calls before it closes an account that is misused; whom it cannot reach, it closes.",
        remediation: "Set the contact information and look at it once a year: whether it is current, only people know.",
        cis: &[("3.0", "1.1"), ("5.0", "1.1"), ("6.0", "2.1"), ("7.0", "2.2")],
        ccm: &["SEF-08"],
        inputs: INPUTS,
        also: &[],
        evaluate: |context| registered(context, "PRIMARY", "contact information"),
    },
    Check {
        id: "account_security_contact_information_is_registered",
        title: "The account has a security contact",
        severity: Severity::Medium,
        rationale: "Without one, AWS tells of leaked keys and abuse to the root user's mailbox, which nobody may read.",
        remediation: "Register the security team's shared mailbox as alternate contact for security.",
        cis: &[("3.0", "1.2"), ("5.0", "1.2"), ("6.0", "2.2"), ("7.0", "2.3")],
        ccm: &["SEF-08"],
        inputs: INPUTS,
        also: &[],
        evaluate: |context| registered(context, "SECURITY", "a security contact"),
    },
    Check {
        id: "account_maintain_different_contact_details_to_security_billing_and_operations",
        title: "Security, billing and operations have contacts of their own",
        severity: Severity::Medium,
        rationale: "Where all mail of AWS goes to one place, the one that matters drowns in invoices.",
        remediation: "Register alternate contacts with a different address for each.",
        cis: &[],
        ccm: &["SEF-08"],
        inputs: INPUTS,
        also: &[],
        evaluate: different,
    },
];

fn contact<'v>(context: &Context<'v>, sort: &str) -> Option<&'v Item> {
    context.view.items("aws_account_contact").find(|item| item.document["type"] == sort)
}

fn registered(context: &Context<'_>, sort: &str, what: &str) -> Vec<Verdict> {
    let account = context.subject();
    vec![match contact(context, sort).map(|item| item.document["registered"] == true) {
        Some(true) => account.pass(format!("{what} is registered")),
        Some(false) => account.fail(format!("{what} is not registered")),
        None => account.unknown(format!("whether {what} is registered could not be read")),
    }]
}

fn different(context: &Context<'_>) -> Vec<Verdict> {
    let account = context.subject();
    let mut addresses: Vec<(String, &str)> = Vec::new();
    let mut unread = None;
    for (sort, word) in [("BILLING", "billing"), ("OPERATIONS", "operations"), ("SECURITY", "security")] {
        let Some(item) = contact(context, sort) else {
            unread = Some(word);
            continue;
        };
        if item.document["registered"] != true {
            return vec![account.fail(format!("the account has no contact for {word}"))];
        }
        let Some(email) = item.document["email"].as_str() else { continue };
        let email = email.to_lowercase();
        if let Some((_, other)) = addresses.iter().find(|(address, _)| *address == email) {
            return vec![account.fail(format!("{other} and {word} have the same contact"))];
        }
        addresses.push((email, word));
    }
    vec![match unread {
        Some(word) => account.unknown(format!("the contact for {word} could not be read")),
        None => account.pass("security, billing and operations have contacts of their own"),
    }]
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{ACCOUNT, Fixture};

    fn contacts(all: &[(&str, Option<&str>)]) -> Fixture {
        all.iter().fold(Fixture::new(), |fixture, (sort, email)| {
            let document = json!({"type": sort, "registered": email.is_some(), "email": email});
            fixture.item("aws_account_contact", sort, document)
        })
    }

    #[test]
    fn each_contact() {
        for (id, sort) in [
            ("account_maintain_current_contact_details", "PRIMARY"),
            ("account_security_contact_information_is_registered", "SECURITY"),
        ] {
            contacts(&[(sort, Some("a@example.com"))]).expect(id, &[(ACCOUNT, "pass")]);
            contacts(&[(sort, None)]).expect(id, &[(ACCOUNT, "fail")]);
            contacts(&[]).expect(id, &[(ACCOUNT, "unknown")]);
            Fixture::new().without("aws_account_contact").expect(id, &[(ACCOUNT, "unknown")]);
        }
        let id = "account_maintain_different_contact_details_to_security_billing_and_operations";
        let (a, b, c) = (Some("a@example.com"), Some("b@example.com"), Some("c@example.com"));
        contacts(&[("BILLING", a), ("OPERATIONS", b), ("SECURITY", c)]).expect(id, &[(ACCOUNT, "pass")]);
        contacts(&[("BILLING", a), ("OPERATIONS", Some("A@example.com"))]).expect(id, &[(ACCOUNT, "fail")]);
        contacts(&[("BILLING", a), ("OPERATIONS", None)]).expect(id, &[(ACCOUNT, "fail")]);
        contacts(&[("BILLING", a), ("OPERATIONS", b)]).expect(id, &[(ACCOUNT, "unknown")]);
    }
}
