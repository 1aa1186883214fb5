//! What types cannot check: combinations, lengths, character sets.

use auditor_aws_common::{
    Arn, check_endpoints, check_external_id, check_session, is_account_id, is_role_name,
};
use auditor_core::{
    config::{Problem, Secret},
    registry::{Instance, SourceConfig},
    source::Source,
};
use secrecy::ExposeSecret as _;

use super::{Accounts, AwsIamConfig, ListedAccount};
use crate::source::AwsIam;

impl SourceConfig for AwsIamConfig {
    fn validate(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        if self.offline.is_some() {
            self.check_offline(&mut problems);
        } else {
            self.check_accounts(&mut problems);
        }
        self.check_sessions(&mut problems);
        self.check_endpoints(&mut problems);
        problems
    }

    fn build(self, instance: &Instance) -> Result<Box<dyn Source>, Vec<Problem>> {
        let mut problems = self.validate();
        let secrets = std::iter::once(("external_id".to_owned(), self.external_id.as_ref())).chain(
            self.account
                .iter()
                .enumerate()
                .map(|(i, account)| (format!("account[{i}].external_id"), account.external_id.as_ref())),
        );
        for (key, secret) in secrets {
            let missing = secret.and_then(|secret| secret.resolve(instance).err());
            problems.extend(missing.map(|problem| problem.under(&key)));
        }
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

    fn check_accounts(&self, problems: &mut Vec<Problem>) {
        let accounts = self.accounts();
        if accounts != Accounts::Listed && !self.account.is_empty() {
            problems.push(Problem::new("account", "is read only with `accounts = \"listed\"`"));
        }
        if accounts == Accounts::Listed && self.account.is_empty() && !self.include_own_account {
            problems
                .push(Problem::new("account", "`accounts = \"listed\"` needs at least one `account` table"));
        }
        if accounts == Accounts::Organizations && self.role_name.is_none() {
            problems.push(Problem::new(
                "role_name",
                "is required with `accounts = \"organizations\"`: the role to assume in every account",
            ));
        }
        if self.role_name.as_deref().is_some_and(|name| !is_role_name(name)) {
            problems.push(Problem::new(
                "role_name",
                "expected a role's name with its path but no leading `/`: letters, digits and `+=,.@_-`, at most 64 in \
                 the name",
            ));
        }
        for (i, account) in self.account.iter().enumerate() {
            self.check_account(i, account, problems);
        }
    }

    fn check_account(&self, i: usize, account: &ListedAccount, problems: &mut Vec<Problem>) {
        let mut report = |key: &str, message: String| {
            problems.push(Problem::new(format!("account[{i}].{key}"), message));
        };
        if !is_account_id(&account.id) {
            report("id", "expected the 12 digits of an AWS account id, in quotes".to_owned());
        } else if self.account.iter().take(i).any(|earlier| earlier.id == account.id) {
            report("id", "this account is listed twice".to_owned());
        }
        match account.role_arn.as_deref().map(Arn::parse_role) {
            None if self.role_name.is_none() => {
                report("role_arn", "is required where the source has no `role_name`".to_owned());
            }
            Some(Err(wrong)) => report("role_arn", wrong.to_owned()),
            Some(Ok(arn)) if is_account_id(&account.id) && arn.account != account.id => {
                report("role_arn", "names another account than `id`".to_owned());
            }
            Some(Ok(arn)) if arn.partition != self.partition.as_str() => {
                report("role_arn", format!("is not in the partition `{}`", self.partition.as_str()));
            }
            None | Some(Ok(_)) => {}
        }
        if let Some(Secret::Value(external_id)) = &account.external_id
            && let Err(wrong) = check_external_id(external_id.expose_secret())
        {
            report("external_id", wrong.to_owned());
        }
    }

    fn check_sessions(&self, problems: &mut Vec<Problem>) {
        problems.extend(check_session(&self.session_name_prefix, self.source_identity.as_deref()));
        if let Some(Secret::Value(external_id)) = &self.external_id
            && let Err(wrong) = check_external_id(external_id.expose_secret())
        {
            problems.push(Problem::new("external_id", wrong));
        }
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
