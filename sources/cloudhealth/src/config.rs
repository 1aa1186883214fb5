//! Settings of a `cloudhealth` source.

use auditor_core::{
    config::{Problem, Secret},
    registry::{Instance, SourceConfig},
    source::Source,
};
use auditor_http_common::HttpSettings;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{client::Api, source::CloudHealth};

/// Settings of one `cloudhealth` source.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CloudHealthConfig {
    /// The tenants to audit. CloudHealth's limit of 30 calls a minute is kept over all of them; it holds for each
    /// user, so tenants with users of their own may go faster as sources of their own.
    pub tenant: Vec<TenantConfig>,
    /// Perspectives that say who answers for an account.
    pub perspectives: PerspectiveNames,
    /// How many months of cost are recorded, the running one included.
    #[schemars(range(min = 1, max = 36))]
    pub cost_months: u8,
    /// What is counted as cost, in CloudHealth's word: `cost`, `cost_amortized` …
    pub cost_measure: String,
    /// Currency of the cost reports as an ISO 4217 code. Default: the symbol that CloudHealth prints.
    pub currency: Option<String>,
    /// How CloudHealth is reached.
    pub http: HttpSettings,
}

/// One CloudHealth tenant.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TenantConfig {
    /// Your short name for it; records that belong to no AWS account are filed under `cloudhealth:ID`. Letters, digits
    /// and `._-`. Keep it: another id is another tenant.
    pub id: String,
    /// Display name. Default: the id.
    pub name: Option<String>,
    /// API key of a user who may read. What the user's organization and role hide is not there for the auditor
    /// either, and CloudHealth does not say that something is hidden.
    pub api_key: Secret,
    /// Id of the CloudHealth organization to read. Default: the user's default organization.
    pub organization: Option<String>,
    /// Whether the key is a partner's: its customers are recorded, and each is read, too.
    #[serde(default)]
    pub partner: bool,
}

/// Names of the perspectives that say who answers for an account, in any capitals. An account in the catch-all group
/// `Other` has nobody.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PerspectiveNames {
    /// Perspective whose groups are owners. Default: `Owner`, where there is one.
    pub owner: Option<String>,
    /// Perspective whose groups are business units. Default: `Business Unit`, where there is one.
    pub business_unit: Option<String>,
    /// Perspective whose groups are support teams. Default: `Support Team`, where there is one.
    pub support_team: Option<String>,
}

impl Default for CloudHealthConfig {
    fn default() -> Self {
        Self {
            tenant: Vec::new(),
            perspectives: PerspectiveNames::default(),
            cost_months: 13,
            cost_measure: "cost".to_owned(),
            currency: None,
            http: HttpSettings::default(),
        }
    }
}

impl SourceConfig for CloudHealthConfig {
    fn validate(&self) -> Vec<Problem> {
        let mut problems: Vec<_> =
            self.http.validate().into_iter().map(|problem| problem.under("http")).collect();
        if self.tenant.is_empty() {
            problems.push(Problem::new("tenant", "expected at least one `tenant` table"));
        }
        for (i, tenant) in self.tenant.iter().enumerate() {
            let mut report =
                |key: &str, message: &str| problems.push(Problem::new(format!("tenant[{i}].{key}"), message));
            if !is_name(&tenant.id) {
                report("id", "expected 1 to 100 letters, digits and `._-`");
            } else if self.tenant.iter().take(i).any(|earlier| earlier.id == tenant.id) {
                report("id", "this tenant is listed twice");
            }
            if tenant.organization.as_deref().is_some_and(|id| id.trim().is_empty()) {
                report("organization", "expected the id of an organization");
            }
        }
        let names = &self.perspectives;
        for (key, name) in [
            ("owner", &names.owner),
            ("business_unit", &names.business_unit),
            ("support_team", &names.support_team),
        ] {
            if name.as_deref().is_some_and(|name| name.trim().is_empty()) {
                problems
                    .push(Problem::new(format!("perspectives.{key}"), "expected the name of a perspective"));
            }
        }
        if !is_name(&self.cost_measure) {
            problems.push(Problem::new("cost_measure", "expected a measure's name, e.g. `cost`"));
        }
        let is_code = |code: &str| code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_uppercase());
        if self.currency.as_deref().is_some_and(|code| !is_code(code)) {
            problems.push(Problem::new("currency", "expected three capital letters, e.g. `USD`"));
        }
        problems
    }

    fn build(self, instance: &Instance) -> Result<Box<dyn Source>, Vec<Problem>> {
        let mut problems = self.validate();
        let mut apis = Vec::new();
        for (i, tenant) in self.tenant.iter().enumerate() {
            match Api::new(tenant, &self.http, instance) {
                Ok(api) => apis.push(api),
                Err(found) => {
                    problems.extend(found.into_iter().map(|problem| match problem.key.as_str() {
                        "api_key" => problem.under(&format!("tenant[{i}]")),
                        _ => problem.under("http"),
                    }));
                }
            }
        }
        problems.sort();
        problems.dedup();
        if problems.is_empty() { Ok(Box::new(CloudHealth::new(self, apis))) } else { Err(problems) }
    }
}

fn is_name(text: &str) -> bool {
    (1..=100).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}

#[cfg(test)]
mod tests {
    use auditor_core::testkit::problems_of;

    use super::*;

    #[test]
    fn the_smallest_file_is_enough() {
        assert_eq!(
            problems_of::<CloudHealthConfig>("[[tenant]]\nid = \"main\"\napi_key = \"k\"\n"),
            Vec::<String>::new()
        );
    }

    #[test]
    fn everything_wrong_is_said_at_once_and_without_secrets() {
        let found = problems_of::<CloudHealthConfig>(
            "cost_measure = \"\"\ncurrency = \"dollar\"\nhttp.endpoint = \"http://example.com\"\nperspectives.owner = \" \"\n\
             [[tenant]]\nid = \"a b\"\napi_key = \"hunter2\\n\"\n[[tenant]]\nid = \"x\"\napi_key = \"k\"\norganization = \"\"\n\
             [[tenant]]\nid = \"x\"\napi_key = { env = \"AUDITOR_TEST_NOT_SET\" }\n",
        );
        let keys: Vec<_> = found.iter().filter_map(|problem| problem.split(':').next()).collect();
        assert_eq!(
            keys,
            [
                "cost_measure",
                "currency",
                "http.endpoint",
                "perspectives.owner",
                "tenant[0].api_key",
                "tenant[0].id",
                "tenant[1].organization",
                "tenant[2].api_key",
                "tenant[2].id",
            ],
            "{found:#?}"
        );
        assert!(!found.concat().contains("hunter2"));
        assert_eq!(problems_of::<CloudHealthConfig>("").len(), 1);
    }
}
