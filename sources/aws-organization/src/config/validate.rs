//! What types cannot check: combinations, lengths, character sets.

use auditor_aws_common::{Arn, check_endpoints, check_external_id, check_session};
use auditor_core::{
    config::{Problem, Secret},
    registry::{Instance, SourceConfig},
    source::Source,
};
use secrecy::ExposeSecret as _;

use super::{AwsOrganizationConfig, Parts};
use crate::source::AwsOrganization;

impl SourceConfig for AwsOrganizationConfig {
    fn validate(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        match self.role_arn.as_deref().map(Arn::parse_role) {
            Some(Err(wrong)) => problems.push(Problem::new("role_arn", wrong)),
            Some(Ok(arn)) if arn.partition != self.partition.as_str() => {
                let partition = self.partition.as_str();
                problems.push(Problem::new("role_arn", format!("is not in the partition `{partition}`")));
            }
            None if self.external_id.is_some() => {
                problems.push(Problem::new("external_id", "goes with `role_arn` alone"));
            }
            Some(Ok(_)) | None => {}
        }
        if let Some(Secret::Value(external_id)) = &self.external_id
            && let Err(wrong) = check_external_id(external_id.expose_secret())
        {
            problems.push(Problem::new("external_id", wrong));
        }
        if self.reads_nothing() {
            problems.push(Problem::new("parts", "every part is switched off: nothing would be read"));
        }
        for (key, name) in [
            ("owner", &self.tags.owner),
            ("business_unit", &self.tags.business_unit),
            ("support_team", &self.tags.support_team),
        ] {
            if name.as_deref().is_some_and(|name| name.trim().is_empty()) {
                problems.push(Problem::new(format!("tags.{key}"), "expected the key of a tag"));
            }
        }
        problems.extend(check_session(&self.session_name_prefix, self.source_identity.as_deref()));
        problems.extend(self.partition.check_region("region", self.region.as_deref()));
        problems.extend(
            self.partition.check_region("identity_center_region", self.identity_center_region.as_deref()),
        );
        problems.extend(check_endpoints([
            ("endpoint_url", &self.endpoint_url),
            ("sts_endpoint_url", &self.sts_endpoint_url),
            ("organizations_endpoint_url", &self.organizations_endpoint_url),
            ("iam_endpoint_url", &self.iam_endpoint_url),
            ("account_endpoint_url", &self.account_endpoint_url),
            ("sso_endpoint_url", &self.sso_endpoint_url),
            ("identity_store_endpoint_url", &self.identity_store_endpoint_url),
            ("cost_explorer_endpoint_url", &self.cost_explorer_endpoint_url),
        ]));
        problems
    }

    fn build(self, instance: &Instance) -> Result<Box<dyn Source>, Vec<Problem>> {
        let mut problems = self.validate();
        let missing = self.external_id.as_ref().and_then(|secret| secret.resolve(instance).err());
        problems.extend(missing.map(|problem| problem.under("external_id")));
        if problems.is_empty() {
            Ok(Box::new(AwsOrganization::new(self, instance.clone())))
        } else {
            Err(problems)
        }
    }
}

impl AwsOrganizationConfig {
    fn reads_nothing(&self) -> bool {
        let Parts { accounts, organizational_units, policies, delegated_administrators, .. } = self.parts;
        let Parts { identity_center, identity_store, cost, .. } = self.parts;
        let organization = accounts || organizational_units || policies || delegated_administrators;
        !(organization || self.contacts() || identity_center || identity_store || cost)
    }
}

#[cfg(test)]
mod tests {
    use auditor_core::{
        config::PluginTable,
        testkit::{expect_problems, problems_of},
    };

    use super::*;

    #[test]
    fn the_usual_settings_are_fine() {
        expect_problems::<AwsOrganizationConfig>("", &[]);
        expect_problems::<AwsOrganizationConfig>(
            "role_arn = 'arn:aws:iam::111122223333:role/security/auditor'\nexternal_id = 'invented'",
            &[],
        );
        expect_problems::<AwsOrganizationConfig>(
            "identity_center_region = 'eu-central-1'\n[parts]\ncost = true\ncontacts = false",
            &[],
        );
        expect_problems::<AwsOrganizationConfig>("partition = 'aws-us-gov'\nregion = 'us-gov-east-1'", &[]);
        expect_problems::<AwsOrganizationConfig>(
            "cost_metric = 'NetAmortizedCost'\n[tags]\nowner = 'Cost Owner'",
            &[],
        );
    }

    #[test]
    fn what_cannot_work_is_told() {
        expect_problems::<AwsOrganizationConfig>("role_arn = 'auditor'", &["role_arn: is no ARN"]);
        expect_problems::<AwsOrganizationConfig>(
            "role_arn = 'arn:aws-cn:iam::111122223333:role/a'",
            &["role_arn: is not in the partition `aws`"],
        );
        expect_problems::<AwsOrganizationConfig>(
            "external_id = 'invented'",
            &["external_id: goes with `role_arn`"],
        );
        expect_problems::<AwsOrganizationConfig>(
            "identity_center_region = 'cn-north-1'",
            &["identity_center_region: expected a region"],
        );
        expect_problems::<AwsOrganizationConfig>(
            "sso_endpoint_url = 'localhost:5000'",
            &["sso_endpoint_url: expected a URL"],
        );
        expect_problems::<AwsOrganizationConfig>(
            "session_name_prefix = 'with space'",
            &["session_name_prefix: expected"],
        );
        expect_problems::<AwsOrganizationConfig>("[tags]\nowner = ' '", &["tags.owner: expected"]);
        expect_problems::<AwsOrganizationConfig>("cost_months = 0", &["cost_months"]);
        expect_problems::<AwsOrganizationConfig>(
            "[parts]\naccounts = false\norganizational_units = false\ncontacts = false\npolicies = false\n\
             delegated_administrators = false\nidentity_center = false\nidentity_store = false",
            &["parts: every part is switched off"],
        );
    }

    #[test]
    fn an_external_id_is_checked_and_never_repeated() {
        let role = "role_arn = 'arn:aws:iam::111122223333:role/a'\n";
        let found = problems_of::<AwsOrganizationConfig>(&format!("{role}external_id = 'plänted secret'"));
        assert_eq!(found.len(), 1);
        assert!(!found[0].contains("secret"), "{found:?}");
        expect_problems::<AwsOrganizationConfig>(
            &format!("{role}external_id = {{ env = 'AUDITOR_TEST_UNSET' }}"),
            &["external_id: the environment"],
        );
    }

    #[test]
    fn govcloud_has_no_contacts_unless_told_so() {
        let config =
            |toml: &str| PluginTable::from_toml(toml).unwrap().parse::<AwsOrganizationConfig>().ok().unwrap();
        assert!(config("").contacts());
        assert!(!config("partition = 'aws-us-gov'").contacts());
        assert!(config("partition = 'aws-us-gov'\nparts.contacts = true").contacts());
    }
}
