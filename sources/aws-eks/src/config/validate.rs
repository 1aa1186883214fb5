//! What types cannot check.

use auditor_aws_common::{check_endpoints, check_session};
use auditor_core::{
    config::Problem,
    registry::{Instance, SourceConfig},
    source::Source,
};

use super::AwsEksConfig;
use crate::source::AwsEks;

impl SourceConfig for AwsEksConfig {
    fn validate(&self) -> Vec<Problem> {
        let mut problems = self.check_regions();
        problems.extend(self.account_list().check());
        problems.extend(check_session(&self.session_name_prefix, self.source_identity.as_deref()));
        problems.extend(self.account_list().check_external_id());
        problems.extend(self.partition.check_region("region", self.region.as_deref()));
        problems.extend(check_endpoints([
            ("endpoint_url", &self.endpoint_url),
            ("eks_endpoint_url", &self.eks_endpoint_url),
            ("sts_endpoint_url", &self.sts_endpoint_url),
            ("organizations_endpoint_url", &self.organizations_endpoint_url),
        ]));
        problems
    }

    fn build(self, instance: &Instance) -> Result<Box<dyn Source>, Vec<Problem>> {
        let mut problems = self.validate();
        problems.extend(self.account_list().missing_secrets(instance));
        if problems.is_empty() { Ok(Box::new(AwsEks::new(self, instance.clone()))) } else { Err(problems) }
    }
}

impl AwsEksConfig {
    fn check_regions(&self) -> Vec<Problem> {
        if self.regions.is_empty() {
            return vec![Problem::new(
                "regions",
                "expected the regions in which there may be clusters, like `regions = [\"eu-west-1\"]`",
            )];
        }
        let mut problems = Vec::new();
        for (i, region) in self.regions.iter().enumerate() {
            let key = format!("regions[{i}]");
            let is_name = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
            if region.is_empty() || !region.bytes().all(is_name) {
                problems.push(Problem::new(key, "expected a region like `eu-west-1`"));
            } else if self.regions.iter().take(i).any(|earlier| earlier == region) {
                problems.push(Problem::new(key, "this region is listed twice"));
            } else {
                problems.extend(self.partition.check_region(&key, Some(region)));
            }
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    use auditor_core::testkit::{expect_problems, problems_of};

    use super::*;

    #[test]
    fn the_usual_settings_are_fine() {
        expect_problems::<AwsEksConfig>("regions = ['eu-west-1', 'us-east-1']", &[]);
        expect_problems::<AwsEksConfig>(
            "regions = ['eu-west-1']\naccounts = 'organizations'\nrole_name = 'security/auditor'",
            &[],
        );
        expect_problems::<AwsEksConfig>("regions = ['us-gov-east-1']\npartition = 'aws-us-gov'", &[]);
    }

    #[test]
    fn what_cannot_work_is_told() {
        expect_problems::<AwsEksConfig>("", &["regions: expected the regions"]);
        expect_problems::<AwsEksConfig>(
            "regions = ['eu-west-1', 'eu-west-1', 'cn-north-1', 'https://x']",
            &[
                "regions[1]: this region",
                "regions[2]: expected a region of",
                "regions[3]: expected a region like",
            ],
        );
        expect_problems::<AwsEksConfig>(
            "regions = ['eu-west-1']\nrole_name = '/a'",
            &["role_name: expected"],
        );
        expect_problems::<AwsEksConfig>(
            "regions = ['eu-west-1']\neks_endpoint_url = 'localhost'",
            &["eks_endpoint_url: expected a URL"],
        );
        expect_problems::<AwsEksConfig>(
            "regions = ['eu-west-1']\nexternal_id = { env = 'AUDITOR_TEST_UNSET' }",
            &["external_id: the environment"],
        );
    }

    #[test]
    fn an_external_id_is_never_repeated() {
        let found = problems_of::<AwsEksConfig>("regions = ['eu-west-1']\nexternal_id = 'plänted secret'");
        assert!(found.len() == 1 && !found[0].contains("secret"), "{found:?}");
    }
}
