//! Settings: what is switched off, which limits and accounts are known, and which failures are accepted.

use std::{fs, path::PathBuf};

use auditor_aws_policy::Pattern;
use auditor_core::{
    analyzer::Analyzer,
    config::{PluginTable, Problem, did_you_mean},
    model::common::Exception,
    registry::{AnalyzerConfig, Instance},
};
use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{checks, plugin::Checks};

/// Settings of a `checks` analyzer.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ChecksConfig {
    /// Ids of checks that are not asked.
    pub disabled: Vec<String>,
    /// Ids of somebody else's accounts that roles may trust, such as vendors'. They are to be asked for an external id.
    pub known_accounts: Vec<String>,
    /// Ids of accounts of the same owner that this program does not audit. Roles may trust them.
    pub own_accounts: Vec<String>,
    /// Ids of the accounts that are meant to administer services for the whole organization.
    pub delegated_administrators: Vec<String>,
    /// After how many days an access key is to be replaced.
    #[schemars(range(min = 1, max = 3650))]
    pub max_key_age_days: u32,
    /// After how many days without use a user's password or access key is to be taken away.
    #[schemars(range(min = 1, max = 3650))]
    pub max_unused_days: u32,
    /// After how many days without use a role is to be removed. AWS knows the last 400.
    #[schemars(range(min = 1, max = 400))]
    pub max_role_unused_days: u32,
    /// Tags of users that say who answers for them; capitals, `-` and `_` do not count. One of them is enough.
    pub owner_tags: Vec<String>,
    /// A file with more `[[exception]]` tables, beside the configuration file. Default: none.
    pub exceptions_file: Option<PathBuf>,
    /// Failures that somebody answers for, for a time.
    pub exception: Vec<Accepted>,
}

/// A failure that somebody answers for, for a time. It stays a failure; the finding says who and until when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Accepted {
    /// Id of the check.
    pub check: String,
    /// The finding's subject, an ARN or an account id; `*` stands for any text, `?` for one character.
    pub resource: String,
    /// Id of the only account it counts in. Default: any.
    #[serde(default)]
    pub account: Option<String>,
    /// Who answers for it.
    pub owner: String,
    /// Why it is accepted.
    pub reason: String,
    /// Last day on which it counts, as text: `"2027-03-31"`.
    pub expires_on: NaiveDate,
}

/// What `exceptions_file` holds.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ExceptionsFile {
    /// Failures that somebody answers for.
    #[serde(default)]
    exception: Vec<Accepted>,
}

impl Default for ChecksConfig {
    fn default() -> Self {
        Self {
            disabled: Vec::new(),
            known_accounts: Vec::new(),
            own_accounts: Vec::new(),
            delegated_administrators: Vec::new(),
            max_key_age_days: 90,
            max_unused_days: 45,
            max_role_unused_days: 90,
            owner_tags: vec!["owner".to_owned()],
            exceptions_file: None,
            exception: Vec::new(),
        }
    }
}

impl Accepted {
    fn problems(&self, prefix: &str) -> Vec<Problem> {
        let mut problems: Vec<_> = unknown_check(&self.check).into_iter().collect();
        let texts = [("resource", &self.resource), ("owner", &self.owner), ("reason", &self.reason)];
        for (key, _) in texts.into_iter().filter(|(_, text)| text.trim().is_empty()) {
            problems.push(Problem::new(key, "must not be empty"));
        }
        if self.account.as_deref().is_some_and(|account| !is_account_id(account)) {
            problems.push(Problem::new("account", "expected an AWS account id of 12 digits"));
        }
        if self.resource.len() > auditor_aws_policy::MAX_PATTERN {
            problems.push(Problem::new("resource", "is longer than any ARN"));
        }
        for problem in problems.iter_mut().filter(|problem| problem.key.is_empty()) {
            problem.key.push_str("check");
        }
        problems.into_iter().map(|problem| problem.under(prefix)).collect()
    }

    /// Whether it is about that finding.
    pub(crate) fn is_about(&self, check: &str, subject: &str, account: &str) -> bool {
        self.check == check
            && self.account.as_deref().is_none_or(|only| only == account)
            && Pattern::resource(&self.resource).matches(subject)
    }

    pub(crate) fn as_exception(&self) -> Exception {
        Exception { owner: self.owner.clone(), reason: self.reason.clone(), expires_on: self.expires_on }
    }
}

/// The problem of a check that does not exist, at no key.
fn unknown_check(id: &str) -> Option<Problem> {
    let near = || did_you_mean(id, checks::all().map(|check| check.id));
    checks::find(id).is_none().then(|| Problem::new("", format!("there is no check `{id}`{}", near())))
}

pub(crate) fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

impl AnalyzerConfig for ChecksConfig {
    fn validate(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        for (place, id) in self.disabled.iter().enumerate() {
            problems.extend(unknown_check(id).map(|problem| problem.under(&format!("disabled[{place}]"))));
        }
        let lists = [
            ("known_accounts", &self.known_accounts),
            ("own_accounts", &self.own_accounts),
            ("delegated_administrators", &self.delegated_administrators),
        ];
        for (key, ids) in lists {
            for (place, _) in ids.iter().enumerate().filter(|(_, id)| !is_account_id(id)) {
                let key = format!("{key}[{place}]");
                problems.push(Problem::new(key, "expected an AWS account id of 12 digits, as text"));
            }
        }
        for (place, exception) in self.exception.iter().enumerate() {
            problems.extend(exception.problems(&format!("exception[{place}]")));
        }
        problems
    }

    fn build(mut self, instance: &Instance) -> Result<Box<dyn Analyzer>, Vec<Problem>> {
        if let Some(file) = self.exceptions_file.take() {
            self.exception.extend(read(&instance.path(&file))?);
        }
        let problems = self.validate();
        if problems.is_empty() { Ok(Box::new(Checks::new(self))) } else { Err(problems) }
    }
}

fn read(path: &std::path::Path) -> Result<Vec<Accepted>, Vec<Problem>> {
    let problem = |message: String| vec![Problem::new("exceptions_file", message)];
    let text = fs::read_to_string(path)
        .map_err(|error| problem(format!("cannot read `{}`: {error}", path.display())))?;
    let table =
        PluginTable::from_toml(&text).map_err(|error| problem(format!("is not valid TOML: {error}")))?;
    let located = |problems: Vec<Problem>| -> Vec<Problem> {
        problems.into_iter().map(|problem| problem.under("exceptions_file")).collect()
    };
    let file: ExceptionsFile = table.parse().map_err(located)?;
    let wrong = file.exception.iter().enumerate();
    let wrong: Vec<_> =
        wrong.flat_map(|(place, exception)| exception.problems(&format!("exception[{place}]"))).collect();
    if wrong.is_empty() { Ok(file.exception) } else { Err(located(wrong)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(toml: &str) -> Vec<String> {
        let problems = match PluginTable::from_toml(toml).unwrap().parse::<ChecksConfig>() {
            Ok(config) => config.validate(),
            Err(problems) => problems,
        };
        problems.into_iter().map(|problem| format!("{}: {}", problem.key, problem.message)).collect()
    }

    const GOOD: &str = r#"
        disabled = ["group_empty"]
        known_accounts = ["999988887777"]
        [[exception]]
        check = "iam_root_mfa_enabled"
        resource = "111122223333"
        account = "111122223333"
        owner = "ana@example.com"
        reason = "The safe is being replaced"
        expires_on = "2027-03-31"
    "#;

    #[test]
    fn what_does_not_exist_is_named_with_what_is_near() {
        assert_eq!(problems(""), Vec::<String>::new());
        assert_eq!(problems(GOOD), Vec::<String>::new());
        assert_eq!(
            problems(&GOOD.replace("iam_root_mfa_enabled", "iam_root_mfa_enable")),
            [
                "exception[0].check: there is no check `iam_root_mfa_enable`; did you mean `iam_root_mfa_enabled`?"
            ]
        );
        assert_eq!(
            problems(&GOOD.replace("group_empty", "group_emptiness")),
            ["disabled[0]: there is no check `group_emptiness`; did you mean `group_empty`?"]
        );
        assert_eq!(
            problems(&GOOD.replace("ana@example.com", " ").replace("[\"9999", "[\"x9999")),
            [
                "known_accounts[0]: expected an AWS account id of 12 digits, as text",
                "exception[0].owner: must not be empty"
            ]
        );
        assert_eq!(problems("max_key_age_days = 0").len(), 1);
        assert!(!problems(&GOOD.replace("2027-03-31", "soon")).is_empty());
        assert!(problems("max_unusd_days = 3")[0].contains("did you mean `max_unused_days`?"));
    }

    #[test]
    fn more_exceptions_come_from_a_file() {
        let folder = std::env::temp_dir().join(format!("auditor-checks-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let instance = Instance { name: "checks".to_owned(), base_dir: folder.clone() };
        let build = |text: &str| {
            fs::write(folder.join("exceptions.toml"), text).unwrap();
            let config =
                ChecksConfig { exceptions_file: Some("exceptions.toml".into()), ..ChecksConfig::default() };
            config.build(&instance).map(drop).map_err(|problems| problems[0].key.clone())
        };
        let exceptions = GOOD.split_once("[[").unwrap().1;
        assert_eq!(build(&format!("[[{exceptions}")), Ok(()));
        let wrong = exceptions.replace("iam_root_mfa_enabled", "x");
        assert_eq!(build(&format!("[[{wrong}")), Err("exceptions_file.exception[0].check".to_owned()));
        assert_eq!(build("exceptoin = []"), Err("exceptions_file.exceptoin".to_owned()));
        fs::remove_dir_all(&folder).unwrap();
        assert!(
            ChecksConfig { exceptions_file: Some("none.toml".into()), ..ChecksConfig::default() }
                .build(&instance)
                .is_err()
        );
    }
}
