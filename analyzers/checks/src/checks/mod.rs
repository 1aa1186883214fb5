//! The checks by theme, one file each, and what is missing.

mod account;
mod coverage;
mod cross_account;
mod effective;
mod federation;
mod keys;
mod organization;
mod password_policy;
mod policies;
mod privileged;
mod roles;
mod root;
mod trust;
mod users;

pub(crate) use self::coverage::CHECKS as COVERAGE;
use crate::check::Check;

/// Checks about one subject.
#[derive(Debug)]
pub struct Theme {
    /// What they are about.
    pub title: &'static str,
    /// The checks.
    pub checks: &'static [Check],
}

/// A check that is known to be worth asking and that cannot be answered from what is collected.
#[derive(Debug)]
pub struct Missing {
    /// Its id in other tools, or the one it would have.
    pub id: &'static str,
    /// The calls, or the data, that it needs.
    pub needs: &'static str,
}

const fn theme(title: &'static str, checks: &'static [Check]) -> Theme {
    Theme { title, checks }
}

/// Every check, by theme.
pub static THEMES: &[Theme] = &[
    theme("Root user", root::CHECKS),
    theme("Password policy", password_policy::CHECKS),
    theme("Users", users::CHECKS),
    theme("Keys and other credentials", keys::CHECKS),
    theme("Federation", federation::CHECKS),
    theme("Policies", policies::CHECKS),
    theme("Privileged policies", privileged::CHECKS),
    theme("Roles", roles::CHECKS),
    theme("Trust", trust::CHECKS),
    theme("Trust in other accounts", cross_account::CHECKS),
    theme("Effective access", effective::CHECKS),
    theme("Account contacts", account::CHECKS),
    theme("Organization", organization::CHECKS),
    theme("Ownership and coverage", coverage::CHECKS),
];

/// Calls that tell when a principal last used each service.
const LAST_ACCESSED: &str = "`iam:GenerateServiceLastAccessedDetails` and `iam:GetServiceLastAccessedDetails` for every user and role";

const fn missing(id: &'static str, needs: &'static str) -> Missing {
    Missing { id, needs }
}

/// Checks that need what no source collects.
pub static MISSING: &[Missing] = &[
    missing("accessanalyzer_enabled", "`access-analyzer:ListAnalyzers` in every region"),
    missing(
        "accessanalyzer_enabled_without_findings",
        "`access-analyzer:ListAnalyzers` and `access-analyzer:ListFindingsV2` in every region",
    ),
    missing(
        "account_security_questions_are_registered_in_the_aws_account",
        "no call tells: AWS shows security questions in the console alone",
    ),
    missing("iam_role_access_not_stale_to_bedrock", LAST_ACCESSED),
    missing("iam_user_access_not_stale_to_bedrock", LAST_ACCESSED),
    missing("iam_user_access_not_stale_to_sagemaker", LAST_ACCESSED),
    missing(
        "permission_drift_since_last_approval",
        "recorded approvals of access, to compare the present state with",
    ),
];

/// Every check, in the order of the themes.
pub fn all() -> impl Iterator<Item = &'static Check> + Clone {
    THEMES.iter().flat_map(|theme| theme.checks)
}

/// The check of that id.
pub fn find(id: &str) -> Option<&'static Check> {
    all().find(|check| check.id == id)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use auditor_core::registry;

    use super::*;

    #[test]
    fn every_check_says_all_that_a_reader_needs() {
        let mut ids = BTreeSet::new();
        for check in all() {
            let id = check.id;
            assert!(ids.insert(id), "{id} is there twice");
            assert!(
                id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_'),
                "{id}"
            );
            assert!(check.title.len() > 15 && check.title.len() < 110 && !check.title.ends_with('.'), "{id}");
            assert!(check.rationale.len() > 40 && check.rationale.ends_with('.'), "{id}");
            assert!(check.remediation.len() > 30 && check.remediation.ends_with('.'), "{id}");
            assert!(check.ccm.iter().all(|control| control.contains('-')), "{id}");
            assert!(
                check.cis.iter().all(|(version, section)| version.contains('.') && section.contains('.')),
                "{id}"
            );
            assert!(!check.inputs.is_empty(), "{id} would pass on nothing");
            assert!(!check.inputs.contains(&"finding") && !check.also.contains(&"finding"), "{id}");
        }
        for missing in MISSING {
            assert!(ids.insert(missing.id), "{} is both there and missing", missing.id);
        }
    }

    #[test]
    fn the_controls_that_no_check_is_evidence_for_are_known() {
        let none: Vec<_> = all().filter(|check| check.ccm.is_empty()).map(|check| check.id).collect();
        assert_eq!(
            none,
            [
                "iam_user_with_temporary_credentials",
                "iam_no_expired_server_certificates_stored",
                "iam_inline_policy_no_full_access_to_cloudtrail",
                "iam_policy_no_full_access_to_cloudtrail",
                "iam_inline_policy_no_full_access_to_kms",
                "iam_policy_no_full_access_to_kms",
                "iam_inline_policy_no_wildcard_marketplace_subscribe",
                "iam_policy_no_wildcard_marketplace_subscribe",
                "iam_policy_cloudshell_admin_not_attached",
                "organizations_account_part_of_organizations",
                "organizations_delegated_administrators",
                "iam_root_credentials_management_enabled",
                "organizations_opt_out_ai_services_policy",
                "organizations_scp_check_deny_regions",
                "organizations_tags_policies_enabled_and_attached",
                "tool_coverage",
            ]
        );
    }

    #[test]
    fn the_plugin_is_registered() {
        assert!(registry::analyzers().iter().any(|plugin| plugin.name == "checks"));
    }
}
