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
    use auditor_core::config::PluginTable;

    use super::*;

    fn problems(toml: &str) -> Vec<String> {
        match PluginTable::from_toml(toml).unwrap().parse::<AwsIamConfig>() {
            Ok(config) => config.validate(),
            Err(problems) => problems,
        }
        .into_iter()
        .map(|problem| format!("{}: {}", problem.key, problem.message))
        .collect()
    }

    fn check(toml: &str, expected: &[&str]) {
        let found = problems(toml);
        assert_eq!(found.len(), expected.len(), "{toml}: {found:?}");
        for (found, expected) in found.iter().zip(expected) {
            assert!(found.starts_with(expected), "{found} is not {expected}");
        }
    }

    #[test]
    fn the_usual_settings_are_fine() {
        check("", &[]);
        check("accounts = 'organizations'\nrole_name = 'security/auditor'", &[]);
        check("accounts = 'listed'\ninclude_own_account = true", &[]);
        check("role_name = 'auditor'\n[[account]]\nid = '111122223333'", &[]);
        check("[offline]\npath = 'exports'", &[]);
        check("partition = 'aws-us-gov'\nregion = 'us-gov-east-1'", &[]);
    }

    #[test]
    fn combinations_that_cannot_work_are_told() {
        check("accounts = 'organizations'", &["role_name: is required"]);
        check("accounts = 'listed'", &["account: `accounts"]);
        check(
            "accounts = 'database'\nrole_name = 'a'\n[[account]]\nid = '111122223333'",
            &["account: is read only"],
        );
        check("role_name = 'a'\n[offline]\npath = 'x'", &["role_name: does not go with `offline`"]);
        check("region = 'eu-west-1'\npartition = 'aws-cn'", &["region: expected a region"]);
    }

    #[test]
    fn accounts_are_checked_one_by_one() {
        check(
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
        check("session_name_prefix = 'with space'", &["session_name_prefix: expected at most 28"]);
        check("session_name_prefix = '12345678901234567890123456789'", &["session_name_prefix"]);
        check("source_identity = 'x'", &["source_identity: expected 2 to 64"]);
        check("session_duration_secs = 60", &["session_duration_secs"]);
        check("sts_attempts = 0", &["sts_attempts"]);
        check("endpoint_url = 'localhost:5000'", &["endpoint_url: expected a URL"]);
        check("role_name = '/a/b'", &["role_name: expected"]);
    }

    #[test]
    fn an_external_id_is_checked_and_never_repeated() {
        let found = problems("external_id = 'plänted secret'");
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
