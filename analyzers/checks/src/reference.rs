//! The checks reference, made from the checks themselves.

use auditor_core::model::common::Severity;

use crate::{
    check::Check,
    checks::{MISSING, THEMES, Theme},
};

/// The word of a severity.
pub(crate) fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Low => "low",
        Severity::Medium => "medium",
        Severity::High => "high",
        Severity::Critical => "critical",
    }
}

impl Check {
    /// How bad a failure is, in a word.
    pub fn severity_word(&self) -> &'static str {
        word(self.severity)
    }

    /// Sections of the CIS benchmark as `3.0: 1.4`, by version. Empty: none.
    pub fn cis_words(&self) -> String {
        let sections: Vec<_> =
            self.cis.iter().map(|(version, section)| format!("{version}: {section}")).collect();
        sections.join(", ")
    }
}

/// The reference as Markdown: the checks by theme with what they go by and read, why each is asked and what to do, and
/// what is missing.
pub fn reference() -> String {
    let count = THEMES.iter().map(|theme| theme.checks.len()).sum::<usize>();
    let mut text = format!(
        "\
# Checks

The {count} checks of the analyzer `checks`. Made by `auditor checks reference` from the checks themselves: change it there.

A check leaves a `finding` for each thing it is about: `pass`, `fail`, `unknown` or `not_applicable`. It passes nothing
while a listing that it needs (*data*) was not complete: then what is not proven to fail is `unknown`, with the reason.
Roles of AWS services and of IAM Identity Center (by their paths, `/aws-service-role/` and
`/aws-reserved/sso.amazonaws.com/`) are `not_applicable`: nobody can change the first, and of the second the assignments of
permission sets are reviewed.

CIS: sections of the CIS AWS Foundations Benchmark by version. CCM: controls of the CSA Cloud Controls Matrix v4 that a
check is evidence for; whether a control is fulfilled, a check alone does not say.

```toml
[analyzers.aws-access]            # derives what the checks of effective access read

[analyzers.checks]
disabled = [\"group_empty\"]
known_accounts = [\"999988887777\"]  # a vendor's
owner_tags = [\"owner\", \"team\"]

[[analyzers.checks.exception]]    # stays a failure; the finding says who answers for it, and until when
check = \"iam_root_mfa_enabled\"
resource = \"111122223333\"         # the finding's subject; `*` and `?` are wildcards
owner = \"ana@example.com\"
reason = \"The safe is being replaced\"
expires_on = \"2027-03-31\"         # last day; after it, the exception counts no more
```
"
    );
    for line in THEMES.iter().flat_map(section).chain(missing()) {
        text.push_str(&line);
        text.push('\n');
    }
    text
}

/// The lines of a theme.
fn section(theme: &Theme) -> Vec<String> {
    let mut lines = vec![
        format!("\n## {}\n", theme.title),
        "| check | severity | CIS | CCM | data |\n|---|---|---|---|---|".to_owned(),
    ];
    for check in theme.checks {
        let kinds = check.inputs.iter().chain(check.also).map(|kind| format!("`{kind}`"));
        let cells = [
            format!("[`{id}`](#{id})", id = check.id),
            check.severity_word().to_owned(),
            dash(&check.cis_words()),
            dash(&check.ccm.join(", ")),
            kinds.collect::<Vec<_>>().join(", "),
        ];
        lines.push(format!("| {} |", cells.join(" | ")));
    }
    for check in theme.checks {
        let Check { id, title, rationale, remediation, .. } = check;
        lines.push(format!("\n### {id}\n\n{title}. {rationale}\n\nTo do: {remediation}"));
    }
    lines
}

/// The lines about checks that cannot be answered yet.
fn missing() -> Vec<String> {
    let mut lines = vec![
        "\n## Missing\n\nWorth asking, and not to be answered from what is collected so far.\n".to_owned(),
        "| check | needs |\n|---|---|".to_owned(),
    ];
    lines.extend(MISSING.iter().map(|missing| format!("| `{}` | {} |", missing.id, missing.needs)));
    lines
}

fn dash(text: &str) -> String {
    if text.is_empty() { "–".to_owned() } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_check_is_in_the_reference() {
        let text = reference();
        for check in crate::all() {
            assert!(text.contains(&format!("\n### {}\n", check.id)), "{}", check.id);
        }
        for missing in MISSING {
            assert!(text.contains(&format!("| `{}` |", missing.id)), "{}", missing.id);
        }
        assert!(text.lines().filter(|line| line.starts_with('|')).all(|line| line.ends_with('|')));
    }
}
