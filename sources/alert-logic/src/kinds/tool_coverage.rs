//! The common kind `tool_coverage`: whether Alert Logic watches an AWS account, and how well.
//!
//! Several deployments of one account are told together: those that are not enabled do not count while another is, and
//! of those that are, the worst decides, except that an account of which a part is watched is not called unwatched.

use std::collections::{BTreeMap, BTreeSet};

use auditor_core::{
    model::{
        AccountId, Resource,
        common::{CoverageStatus, TOOL_COVERAGE, ToolCoverage},
    },
    outcome::Gap,
    source::Collector,
};
use serde_json::json;

use super::{PROVIDER, about, emit_sorted};
use crate::{
    deployment::{Deployment, Levels},
    estate::{Estate, HealthByDeployment},
    health::Health,
};

pub(super) async fn emit(out: &Collector, estate: &Estate<'_>) {
    out.scope(&[&TOOL_COVERAGE], async |emit| {
        let deployments = estate.deployments(&emit, &TOOL_COVERAGE).await?;
        let levels = estate.levels(&emit, &TOOL_COVERAGE).await?;
        let health = estate.health(deployments).await?;
        let mut by_account = BTreeMap::<&AccountId, Vec<&Deployment>>::new();
        for deployment in deployments {
            if let Some(gap) = deployment.unjoined() {
                emit.gap(&TOOL_COVERAGE, gap);
            }
            if deployment.account.is_aws() {
                by_account.entry(&deployment.account).or_default().push(deployment);
                if let Some(Err(error)) = health.get(&deployment.id) {
                    emit.gap(&TOOL_COVERAGE, about(deployment, Gap::from(error)));
                }
            }
        }
        let resources = by_account.into_iter().map(|(account, all)| resource(account, &all, &levels, health));
        emit_sorted(&emit, resources).await
    })
    .await;
}

fn resource(
    account: &AccountId,
    deployments: &[&Deployment],
    levels: &Levels,
    health: &HealthByDeployment,
) -> Resource {
    let health_of =
        |deployment: &Deployment| health.get(&deployment.id).and_then(|health| health.as_ref().ok());
    let enabled: Vec<_> = deployments
        .iter()
        .copied()
        .filter(|deployment| deployment.item().flag("enabled") != Some(false))
        .collect();
    let mut reasons = BTreeSet::new();
    let mut statuses = Vec::new();
    for deployment in &enabled {
        for (status, reason) in shortcomings(deployment, health_of(deployment)) {
            statuses.push((&deployment.id, status));
            reasons.insert(format!("deployment `{}`: {reason}", deployment.label()));
        }
    }
    if enabled.is_empty() {
        reasons.insert("no deployment is enabled".to_owned());
    }
    let worst: Vec<_> = enabled
        .iter()
        .map(|deployment| {
            let own = statuses.iter().filter(|(id, _)| **id == deployment.id);
            own.map(|(_, status)| *status)
                .max_by_key(|status| badness(*status))
                .unwrap_or(CoverageStatus::Green)
        })
        .collect();
    let policies: Vec<_> = enabled.iter().flat_map(|deployment| deployment.policy_ids()).collect();
    let coverage = ToolCoverage {
        tool: PROVIDER.to_owned(),
        status: combined(&worst),
        reasons: reasons.into_iter().collect(),
        levels: levels.names(policies.iter().map(String::as_str)),
        instances: deployments.iter().map(|deployment| deployment.id.clone()).collect(),
        since_at: enabled.iter().filter_map(|deployment| deployment.item().secs("created/at")).min(),
    };
    let known: Vec<_> = enabled.iter().filter_map(|deployment| health_of(deployment)).collect();
    let measures = (!known.is_empty()).then(|| Health::sum(known).counts());
    Resource::new(&TOOL_COVERAGE, account.clone(), account.as_str(), json!(coverage))
        .with_activity(json!({ "measures": measures }))
}

/// From good to bad. What could not be told may be anything, and is worse than what is known to fall short.
fn badness(status: CoverageStatus) -> u8 {
    match status {
        CoverageStatus::Green => 0,
        CoverageStatus::Yellow => 1,
        CoverageStatus::Unknown => 2,
        CoverageStatus::Red => 3,
    }
}

/// The status of an account from those of its enabled deployments.
fn combined(deployments: &[CoverageStatus]) -> CoverageStatus {
    use CoverageStatus::{Green, Red, Unknown, Yellow};
    let any = |status| deployments.contains(&status);
    if deployments.iter().all(|status| *status == Red) {
        Red
    } else if any(Unknown) {
        Unknown
    } else if any(Yellow) || any(Red) {
        Yellow
    } else {
        Green
    }
}

/// What keeps an enabled deployment from being green. `health` is `None` where it could not be read.
fn shortcomings(deployment: &Deployment, health: Option<&Health>) -> Vec<(CoverageStatus, &'static str)> {
    use CoverageStatus::{Red, Unknown, Yellow};
    let item = deployment.item();
    let mut found = Vec::new();
    if item.flag("enabled").is_none() {
        found.push((Unknown, "whether it is enabled is not known"));
    }
    match item.text("status/status").as_deref() {
        Some("ok") | None => {}
        Some("new") => found.push((Yellow, "it is new and not yet at work")),
        Some("warning") => found.push((Yellow, "Alert Logic warns of it")),
        Some("error") => found.push((Red, "Alert Logic reports an error of it")),
        Some(_) => found.push((Unknown, "it is in a state that is not known here")),
    }
    match (item.at("scope/include").and_then(|include| include.0.as_array()), deployment.without_level()) {
        (Some(include), _) if include.is_empty() => found.push((Red, "nothing is in its scope")),
        (Some(_), Some(1..)) => found.push((Yellow, "parts of its scope have no protection level")),
        (Some(_), _) => {}
        (None, _) => found.push((Unknown, "its scope is not known")),
    }
    if item.items("scope/exclude").next().is_some() {
        found.push((Yellow, "parts of the account are excluded"));
    }
    for (flag, reason) in [("discover", "discovery is off"), ("scan", "scanning for vulnerabilities is off")]
    {
        if item.flag(flag) == Some(false) {
            found.push((Yellow, reason));
        }
    }
    match health {
        None => found.push((Unknown, "its collection health could not be read")),
        Some(health) => found.extend(ailments(health).map(|reason| (Yellow, reason))),
    }
    found
}

fn ailments(health: &Health) -> impl Iterator<Item = &'static str> {
    health.sections().flat_map(|(name, section)| {
        let unprotected =
            section.protected.zip(section.total).is_some_and(|(protected, total)| protected < total);
        let unhealthy = section.unhealthy.is_some_and(|count| count > 0);
        let (unprotected_reason, unhealthy_reason) = match name {
            "agents" => ("not all agents protect", "agents are unhealthy"),
            "appliances" => ("not all appliances protect", "appliances are unhealthy"),
            "collectors" => ("not all log collectors protect", "log collectors are unhealthy"),
            _ => ("not all networks are protected", "networks are unhealthy"),
        };
        [unprotected.then_some(unprotected_reason), unhealthy.then_some(unhealthy_reason)]
            .into_iter()
            .flatten()
    })
}

#[cfg(test)]
mod tests {
    use auditor_core::error::SourceError;
    use serde_json::{Value, json};

    use super::*;

    const POLICY: &str = "D12D5E67-166C-474F-87AA-6F86FC9FB9BC";

    fn coverage(deployments: &[Value], health: &[Option<Value>]) -> Value {
        let tenant: AccountId = "alert-logic:1".parse().unwrap();
        let deployments: Vec<_> =
            deployments.iter().map(|value| Deployment::new(value.clone(), &tenant).unwrap()).collect();
        let health: HealthByDeployment = deployments
            .iter()
            .zip(health)
            .map(|(deployment, health)| {
                let health = match health {
                    Some(reply) => Health::new(reply),
                    None => Err(SourceError::unavailable("x", "503")),
                };
                (deployment.id.clone(), health)
            })
            .collect();
        let all: Vec<_> = deployments.iter().collect();
        resource(&deployments[0].account, &all, &Levels::default(), &health).document
    }

    fn deployment(id: &str, change: impl FnOnce(&mut Value)) -> Value {
        let mut value = json!({
            "id": id, "name": id, "platform": {"type": "aws", "id": "111122223333"}, "enabled": true, "discover": true,
            "scan": true, "status": {"status": "ok"}, "created": {"at": 1_496_673_172},
            "scope": {"include": [{"type": "region", "key": "/aws/us-east-1", "policy": {"id": POLICY}}], "exclude": []},
        });
        change(&mut value);
        value
    }

    fn well() -> Value {
        json!({"agents": {"coverage": {"total": 3, "protected": 3}, "health": {"scores": [{"count": 3, "health_level": 0}]}}})
    }

    fn check(
        change: impl FnOnce(&mut Value),
        health: impl Into<Option<Value>>,
        status: &str,
        reasons: &[&str],
    ) {
        let found = coverage(&[deployment("a", change)], &[health.into()]);
        assert_eq!((&found["status"], &found["reasons"]), (&json!(status), &json!(reasons)));
    }

    #[test]
    fn one_deployment_decides_alone() {
        check(|_| {}, well(), "green", &[]);
        check(|d| d["enabled"] = json!(false), well(), "red", &["no deployment is enabled"]);
        check(
            |d| d["status"]["status"] = json!("error"),
            well(),
            "red",
            &["deployment `a`: Alert Logic reports an error of it"],
        );
        check(
            |d| d["scope"]["include"] = json!([]),
            well(),
            "red",
            &["deployment `a`: nothing is in its scope"],
        );
        check(
            |d| d["scan"] = json!(false),
            well(),
            "yellow",
            &["deployment `a`: scanning for vulnerabilities is off"],
        );
        check(|d| d["scope"] = json!(null), well(), "unknown", &["deployment `a`: its scope is not known"]);
        check(
            |d| d["status"]["status"] = json!("odd"),
            well(),
            "unknown",
            &["deployment `a`: it is in a state that is not known here"],
        );
        check(|_| {}, None, "unknown", &["deployment `a`: its collection health could not be read"]);
        let ill = json!({"networks": {"coverage": {"total": 3, "protected": 2}, "health": {"scores": [{"count": 1, "health_level": 2}]}}});
        check(
            |_| {},
            Some(ill),
            "yellow",
            &["deployment `a`: networks are unhealthy", "deployment `a`: not all networks are protected"],
        );
    }

    #[test]
    fn several_deployments_are_told_together() {
        let off = deployment("b", |d| d["enabled"] = json!(false));
        let found = coverage(&[deployment("a", |_| {}), off.clone()], &[Some(well()), None]);
        assert_eq!((&found["status"], &found["instances"]), (&json!("green"), &json!(["a", "b"])));
        let broken = deployment("b", |d| d["status"]["status"] = json!("error"));
        let found = coverage(&[deployment("a", |_| {}), broken.clone()], &[Some(well()), Some(well())]);
        assert_eq!(found["status"], json!("yellow"), "a part of it is watched");
        let found = coverage(&[broken, off], &[Some(well()), Some(well())]);
        assert_eq!((&found["status"], &found["levels"]), (&json!("red"), &json!([POLICY])));
        assert_eq!(found["since_at"], json!("2017-06-05T14:32:52Z"));
    }
}
