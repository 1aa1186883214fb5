//! Deployments: what joins Alert Logic to AWS accounts. Several may watch one account.

use std::collections::BTreeMap;

use auditor_core::{
    model::AccountId,
    outcome::{Gap, GapReason},
};
use serde_json::Value;

use crate::item::Item;

/// One deployment.
#[derive(Debug)]
pub(crate) struct Deployment {
    /// In capitals.
    pub(crate) id: String,
    /// As addresses want it.
    pub(crate) raw_id: String,
    pub(crate) name: Option<String>,
    /// The AWS account it watches; the Alert Logic account where there is none.
    pub(crate) account: AccountId,
    value: Value,
}

impl Deployment {
    /// From a reply.
    ///
    /// # Errors
    /// A gap for a deployment without an id.
    pub(crate) fn new(value: Value, tenant: &AccountId) -> Result<Self, Gap> {
        let item = Item(&value);
        let name = item.text("name");
        let (Some(id), Some(raw_id)) = (item.id("id"), item.text("id")) else {
            let which = name.as_deref().unwrap_or("without a name");
            return Err(Gap::new(
                GapReason::Malformed,
                format!("deployment `{which}` has no id and was left out"),
            ));
        };
        let account = aws_account(item).unwrap_or_else(|| tenant.clone());
        Ok(Self { id, raw_id, name, account, value })
    }

    /// Its fields.
    pub(crate) fn item(&self) -> Item<'_> {
        Item(&self.value)
    }

    /// How people call it.
    pub(crate) fn label(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.id)
    }

    /// That it watches an AWS account but says of none which. Nothing of it can be joined.
    pub(crate) fn unjoined(&self) -> Option<Gap> {
        let names_another = self.item().text("platform/id").is_some();
        (self.is_aws() && names_another && !self.account.is_aws()).then(|| {
            Gap::new(
                GapReason::Malformed,
                format!("deployment `{}` is of AWS and its `platform.id` is no AWS account id", self.label()),
            )
        })
    }

    fn is_aws(&self) -> bool {
        self.item().text("platform/type").is_some_and(|platform| platform.eq_ignore_ascii_case("aws"))
    }

    /// Ids of the protection policies in its scope, sorted, each once.
    pub(crate) fn policy_ids(&self) -> Vec<String> {
        let mut ids: Vec<_> =
            self.item().items("scope/include").filter_map(|asset| asset.id("policy/id")).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    /// How many entries of its scope have no protection level. `None`: the scope is not known.
    pub(crate) fn without_level(&self) -> Option<usize> {
        self.item().at("scope/include").and_then(|include| include.0.as_array())?;
        Some(self.item().items("scope/include").filter(|asset| asset.id("policy/id").is_none()).count())
    }
}

/// The AWS account of a deployment.
fn aws_account(deployment: Item<'_>) -> Option<AccountId> {
    let platform = deployment.text("platform/type")?;
    if !platform.eq_ignore_ascii_case("aws") {
        return None;
    }
    aws_account_id(deployment, "platform/id")
}

/// An AWS account id at a path. A number has lost its leading zeros.
pub(crate) fn aws_account_id(item: Item<'_>, path: &str) -> Option<AccountId> {
    let text = match item.at(path)?.0 {
        Value::Number(number) => format!("{:012}", number.as_u64()?),
        _ => item.text(path)?,
    };
    text.parse().ok().filter(AccountId::is_aws)
}

/// Protection levels by the id of their policy.
#[derive(Debug, Default)]
pub(crate) struct Levels(BTreeMap<String, Level>);

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Level {
    rank: i64,
    name: String,
}

impl Levels {
    /// From the policies service.
    pub(crate) fn new(policies: &[Value]) -> Self {
        let level = |policy: &Value| {
            let policy = Item(policy);
            let rank = policy.int("policy_rank").or_else(|| {
                // What the families are worth, where the service gives no rank.
                let families = ["assess", "detect", "respond"];
                let family = policy.text("product_family")?;
                families.iter().zip(1..).find_map(|(name, rank)| (*name == family).then_some(rank))
            });
            let id = policy.id("id")?;
            let name = policy.text("name").unwrap_or_else(|| id.clone());
            Some((id, Level { rank: rank.unwrap_or(0), name }))
        };
        Self(policies.iter().filter_map(level).collect())
    }

    /// Name of the level a policy gives; its id where the policy is not known.
    pub(crate) fn name(&self, policy_id: &str) -> String {
        self.0.get(policy_id).map_or_else(|| policy_id.to_owned(), |level| level.name.clone())
    }

    /// Names of levels, highest first, each once. Policies that are not known come last, by their ids.
    pub(crate) fn names<'a>(&self, policy_ids: impl IntoIterator<Item = &'a str>) -> Vec<String> {
        let mut levels: Vec<_> = policy_ids
            .into_iter()
            .map(|id| self.0.get(id).cloned().unwrap_or(Level { rank: i64::MIN, name: id.to_owned() }))
            .collect();
        levels.sort_unstable_by(|a, b| b.rank.cmp(&a.rank).then_with(|| a.name.cmp(&b.name)));
        levels.dedup();
        levels.into_iter().map(|level| level.name).collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn deployment(platform: &Value) -> Deployment {
        let value = json!({"id": "af50cf2d-3e77-46e3-b003-0262d77b2a65", "platform": platform});
        Deployment::new(value, &"alert-logic:12345678".parse().unwrap()).unwrap()
    }

    #[test]
    fn deployments_join_to_aws_accounts_and_to_nothing_else() {
        for (platform, account, unjoined) in [
            (json!({"type": "aws", "id": "111122223333"}), "111122223333", false),
            (json!({"type": "aws", "id": "012345678901"}), "012345678901", false),
            (json!({"type": "aws", "id": 12_345_678_901_u64}), "012345678901", false),
            (json!({"type": "aws", "id": "12345678"}), "alert-logic:12345678", true),
            (json!({"type": "aws"}), "alert-logic:12345678", false),
            (json!({"type": "azure", "id": "111122223333"}), "alert-logic:12345678", false),
            (json!({"type": "datacenter"}), "alert-logic:12345678", false),
            (json!(null), "alert-logic:12345678", false),
        ] {
            let deployment = deployment(&platform);
            assert_eq!(deployment.account.as_str(), account, "{platform}");
            assert_eq!(deployment.unjoined().is_some(), unjoined, "{platform}");
        }
        assert!(Deployment::new(json!({"name": "x"}), &"a:b".parse().unwrap()).is_err());
    }

    #[test]
    fn levels_are_named_highest_first_and_unknown_ones_last() {
        let levels = Levels::new(&[
            json!({"id": "E", "name": "Essentials", "product_family": "assess"}),
            json!({"id": "P", "name": "Professional", "product_family": "detect"}),
            json!({"id": "X", "name": "Extra", "product_family": "new", "policy_rank": 9}),
        ]);
        assert_eq!(levels.names(["?", "E", "X", "P", "E"]), ["Extra", "Professional", "Essentials", "?"]);
        assert_eq!(levels.name("?"), "?");
    }
}
