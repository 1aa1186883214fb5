//! What types cannot check: combinations, lengths, character sets.

use auditor_aws_common::{check_endpoints, check_session};
use auditor_core::{
    config::Problem,
    registry::{Instance, SourceConfig},
    source::Source,
};

use super::AwsIamConfig;
use crate::source::AwsIam;

impl SourceConfig for AwsIamConfig {
    fn validate(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        if self.offline.is_some() {
            self.check_offline(&mut problems);
        } else {
            problems.extend(self.account_list().check());
        }
        self.check_sessions(&mut problems);
        self.check_endpoints(&mut problems);
        problems
    }

    fn build(self, instance: &Instance) -> Result<Box<dyn Source>, Vec<Problem>> {
        let mut problems = self.validate();
        problems.extend(self.account_list().missing_secrets(instance));
        if problems.is_empty() { Ok(Box::new(AwsIam::new(self, instance.clone()))) } else { Err(problems) }
    }
}

impl AwsIamConfig {
    fn check_offline(&self, problems: &mut Vec<Problem>) {
        let calls = [
            ("accounts", self.accounts.is_some()),
            ("account", !self.account.is_empty()),
            ("role_name", self.role_name.is_some()),
            ("external_id", self.external_id.is_some()),
            ("include_own_account", self.include_own_account),
            ("profile", self.profile.is_some()),
        ];
        for (key, _) in calls.into_iter().filter(|(_, set)| *set) {
            problems.push(Problem::new(key, "does not go with `offline`, which calls nothing"));
        }
    }

    fn check_sessions(&self, problems: &mut Vec<Problem>) {
        problems.extend(check_session(&self.session_name_prefix, self.source_identity.as_deref()));
        problems.extend(self.account_list().check_external_id());
        problems.extend(self.partition.check_region("region", self.region.as_deref()));
    }

    fn check_endpoints(&self, problems: &mut Vec<Problem>) {
        problems.extend(check_endpoints([
            ("endpoint_url", &self.endpoint_url),
            ("iam_endpoint_url", &self.iam_endpoint_url),
            ("sts_endpoint_url", &self.sts_endpoint_url),
            ("organizations_endpoint_url", &self.organizations_endpoint_url),
        ]));
    }
}

#[cfg(test)]
mod tests {
    use auditor_aws_common::check_external_id;
    use auditor_core::{
        config::PluginTable,
        testkit::{expect_problems, problems_of},
    };

    use super::*;

    #[test]
    fn the_usual_settings_are_fine() {
        expect_problems::<AwsIamConfig>("", &[]);
        expect_problems::<AwsIamConfig>("accounts = 'organizations'\nrole_name = 'security/auditor'", &[]);
        expect_problems::<AwsIamConfig>("accounts = 'listed'\ninclude_own_account = true", &[]);
        expect_problems::<AwsIamConfig>("role_name = 'auditor'\n[[account]]\nid = '111122223333'", &[]);
        expect_problems::<AwsIamConfig>("[offline]\npath = 'exports'", &[]);
        expect_problems::<AwsIamConfig>("partition = 'aws-us-gov'\nregion = 'us-gov-east-1'", &[]);
    }

    #[test]
    fn combinations_that_cannot_work_are_told() {
        expect_problems::<AwsIamConfig>("accounts = 'organizations'", &["role_name: is required"]);
        expect_problems::<AwsIamConfig>("accounts = 'listed'", &["account: `accounts"]);
        expect_problems::<AwsIamConfig>(
            "accounts = 'database'\nrole_name = 'a'\n[[account]]\nid = '111122223333'",
            &["account: is read only"],
        );
        expect_problems::<AwsIamConfig>(
            "role_name = 'a'\n[offline]\npath = 'x'",
            &["role_name: does not go with `offline`"],
        );
        expect_problems::<AwsIamConfig>(
            "region = 'eu-west-1'\npartition = 'aws-cn'",
            &["region: expected a region"],
        );
    }

    #[test]
    fn accounts_are_checked_one_by_one() {
        expect_problems::<AwsIamConfig>(
            "[[account]]\nid = '1'\nrole_arn = 'x'\n[[account]]\nid = '111122223333'\n\
             [[account]]\nid = '111122223333'\nrole_arn = 'arn:aws:iam::444455556666:role/a'\n\
             [[account]]\nid = '777788889999'\nrole_arn = 'arn:aws-cn:iam::777788889999:role/a'",
            &[
                "account[0].id: expected the 12 digits",
                "account[0].role_arn: is no ARN",
                "account[1].role_arn: is required",
                "account[2].id: this account is listed twice",
                "account[2].role_arn: names another account",
                "account[3].role_arn: is not in the partition `aws`",
            ],
        );
    }

    #[test]
    fn lengths_and_characters_are_those_of_sts() {
        expect_problems::<AwsIamConfig>(
            "session_name_prefix = 'with space'",
            &["session_name_prefix: expected at most 28"],
        );
        expect_problems::<AwsIamConfig>(
            "session_name_prefix = '12345678901234567890123456789'",
            &["session_name_prefix"],
        );
        expect_problems::<AwsIamConfig>("source_identity = 'x'", &["source_identity: expected 2 to 64"]);
        expect_problems::<AwsIamConfig>("session_duration_secs = 60", &["session_duration_secs"]);
        expect_problems::<AwsIamConfig>("sts_attempts = 0", &["sts_attempts"]);
        expect_problems::<AwsIamConfig>("endpoint_url = 'localhost:5000'", &["endpoint_url: expected a URL"]);
        expect_problems::<AwsIamConfig>("role_name = '/a/b'", &["role_name: expected"]);
    }

    #[test]
    fn an_external_id_is_checked_and_never_repeated() {
        let found = problems_of::<AwsIamConfig>("external_id = 'plänted secret'");
        assert_eq!(found.len(), 1);
        assert!(!found[0].contains("secret") && !found[0].contains("plänted"), "{found:?}");
        assert!(check_external_id("a").is_err());
        assert!(check_external_id("arn:aws/x_+=,.@-1").is_ok());
    }

    #[test]
    fn a_secret_that_is_not_there_stops_the_build() {
        let config: AwsIamConfig = PluginTable::from_toml(
            "role_name = 'a'\n[[account]]\nid = '111122223333'\nexternal_id = { env = 'AUDITOR_TEST_UNSET' }",
        )
        .unwrap()
        .parse()
        .unwrap();
        let instance = Instance { name: "aws".to_owned(), base_dir: ".".into() };
        let problems = config.build(&instance).err().unwrap();
        assert_eq!(problems[0].key, "account[0].external_id");
        assert!(problems[0].message.contains("AUDITOR_TEST_UNSET"));
    }
}
