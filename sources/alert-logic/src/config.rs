//! Settings of an `alert-logic` source.

use auditor_core::{
    config::{Problem, Secret},
    registry::{Instance, SourceConfig},
    source::Source,
};
use auditor_http_common::HttpSettings;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::source::AlertLogic;

/// Settings of one `alert-logic` source.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AlertLogicConfig {
    /// Id of an access key. Its user needs the role `Read Only`, or `Support / Care` to reach managed accounts too.
    pub access_key_id: Secret,
    /// Secret part of the access key.
    pub secret_key: Secret,
    /// Where accounts are served from. Default: each where it is at home.
    #[serde(default)]
    pub residency: Residency,
    /// Whether to audit the accounts that the key's account manages, too.
    #[serde(default = "yes")]
    pub managed_accounts: bool,
    /// Ids of the only Alert Logic accounts to audit, as text. Default: the key's own and, with `managed_accounts`,
    /// those it manages.
    #[serde(default)]
    pub accounts: Vec<String>,
    /// How far back incidents are recorded, in days. Incidents that are older are retired from the store's present
    /// state and stay in its history; a window well above the time between two runs keeps that gradual.
    #[serde(default = "default_incident_days")]
    #[schemars(range(min = 1, max = 400))]
    pub incident_days: u16,
    /// Longest span of one question for incidents, in hours. Alert Logic refuses longer ones than it likes; a refused
    /// span is halved.
    #[serde(default = "default_incident_window_hours")]
    #[schemars(range(min = 1, max = 168))]
    pub incident_window_hours: u16,
    /// Severities of which each exposure is recorded, not only the count. Empty: of none, and the kind
    /// `alertlogic_exposure` is left out.
    #[serde(default = "default_exposure_severities")]
    pub exposure_severities: Vec<Severity>,
    /// How Alert Logic is reached. With `endpoint` set, that address serves everything, and Alert Logic is not asked
    /// for the addresses of its services.
    #[serde(default)]
    pub http: HttpSettings,
}

/// Where an account is served from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Residency {
    /// Where the account is at home.
    #[default]
    Default,
    /// The United States.
    Us,
    /// Europe, Middle East and Africa.
    Emea,
}

impl Residency {
    /// As in addresses.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Us => "us",
            Self::Emea => "emea",
        }
    }
}

/// Severity of an exposure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Critical, which not every account reports.
    Critical,
    /// High.
    High,
    /// Medium.
    Medium,
    /// Low.
    Low,
    /// For information.
    Info,
}

impl Severity {
    /// As in replies.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
            Self::Info => "info",
        }
    }
}

const fn yes() -> bool {
    true
}

const fn default_incident_days() -> u16 {
    90
}

const fn default_incident_window_hours() -> u16 {
    168
}

fn default_exposure_severities() -> Vec<Severity> {
    vec![Severity::Critical, Severity::High]
}

impl SourceConfig for AlertLogicConfig {
    fn validate(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        for (i, id) in self.accounts.iter().enumerate() {
            let key = format!("accounts[{i}]");
            if !is_account_id(id) {
                problems
                    .push(Problem::new(key, "expected the digits of an Alert Logic account id, in quotes"));
            } else if self.accounts.iter().take(i).any(|earlier| earlier == id) {
                problems.push(Problem::new(key, "this account is listed twice"));
            }
        }
        problems.extend(self.http.validate().into_iter().map(|problem| problem.under("http")));
        problems
    }

    fn build(self, instance: &Instance) -> Result<Box<dyn Source>, Vec<Problem>> {
        Ok(Box::new(AlertLogic::new(self, instance)?))
    }
}

/// Whether a text is an id of an Alert Logic account. It goes into addresses.
pub(crate) fn is_account_id(text: &str) -> bool {
    (1..=20).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use auditor_core::config::PluginTable;

    use super::*;

    const KEY: &str = "access_key_id = '61fb235617960503'\nsecret_key = { env = 'AUDITOR_TEST_UNSET' }\n";

    fn check(toml: &str, expected: &[&str]) {
        let toml = format!("{KEY}{toml}");
        let found = match PluginTable::from_toml(&toml).unwrap().parse::<AlertLogicConfig>() {
            Ok(config) => config.validate(),
            Err(problems) => problems,
        };
        let found: Vec<_> =
            found.iter().map(|problem| format!("{}: {}", problem.key, problem.message)).collect();
        assert_eq!(found.len(), expected.len(), "{toml}: {found:?}");
        for (found, expected) in found.iter().zip(expected) {
            assert!(found.starts_with(expected), "{found} is not {expected}");
        }
    }

    #[test]
    fn settings_are_checked() {
        check("", &[]);
        check("residency = 'emea'\nmanaged_accounts = false\naccounts = ['01000001']", &[]);
        check("exposure_severities = []\nincident_days = 30", &[]);
        check("accounts = ['12 34', '7', '7']", &["accounts[0]: expected", "accounts[2]: this account"]);
        check("incident_window_hours = 169", &["incident_window_hours"]);
        check("residency = 'asia'", &["residency"]);
        check("[http]\nendpoint = 'http://api.example.com'", &["http.endpoint"]);
    }

    #[test]
    fn a_secret_that_is_not_there_stops_the_build() {
        let config: AlertLogicConfig = PluginTable::from_toml(KEY).unwrap().parse().unwrap();
        let instance = Instance { name: "al".to_owned(), base_dir: ".".into() };
        let problems = config.build(&instance).err().unwrap();
        assert_eq!(problems[0].key, "secret_key");
        assert!(problems[0].message.contains("AUDITOR_TEST_UNSET"));
    }
}
