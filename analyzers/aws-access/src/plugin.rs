//! The two plugins.

use auditor_core::{
    analyzer::{Analyzer, Knowledge, Span, View},
    config::Problem,
    model::{
        DigestBuilder, Kind, Resource,
        common::{ENTITLEMENT, Entitlement, Level},
    },
    registry::{AnalyzerConfig, Instance},
};
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    access,
    assume::{self, Assumable},
    entitlements::Entitlements,
    escalation::Analysis,
    estate::{Estate, INPUTS},
    judge::Judge,
    kinds::{ASSUME_EDGE, ESCALATION_PATH, PRINCIPAL_ACCESS, PrincipalAccess, REACH},
    reach, until,
};

/// Kinds of `aws-access`.
pub(crate) static ACCESS_KINDS: &[&Kind] = &[&ASSUME_EDGE, &ENTITLEMENT, &ESCALATION_PATH, &PRINCIPAL_ACCESS];

/// Kinds of `aws-reach`.
pub(crate) static REACH_KINDS: &[&Kind] = &[&REACH];

/// Settings of an `aws-access` analyzer: none.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AwsAccessConfig {}

/// Settings of an `aws-reach` analyzer: none.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AwsReachConfig {}

impl AnalyzerConfig for AwsAccessConfig {
    fn build(self, _: &Instance) -> Result<Box<dyn Analyzer>, Vec<Problem>> {
        Ok(Box::new(AwsAccess))
    }
}

impl AnalyzerConfig for AwsReachConfig {
    fn build(self, _: &Instance) -> Result<Box<dyn Analyzer>, Vec<Problem>> {
        Ok(Box::new(AwsReach))
    }
}

/// What the principals of one account may do, and how they come by more.
#[derive(Debug, Clone, Copy)]
pub struct AwsAccess;

/// Who crosses accounts.
#[derive(Debug, Clone, Copy)]
pub struct AwsReach;

impl Analyzer for AwsAccess {
    fn inputs(&self) -> Vec<&'static str> {
        INPUTS.to_vec()
    }

    /// The organization's policies are records of its management account, and bind every other one.
    fn shared_inputs(&self) -> Vec<&'static str> {
        INPUTS.into_iter().filter(|kind| kind.starts_with("aws_organization")).collect()
    }

    fn outputs(&self) -> Vec<&'static Kind> {
        ACCESS_KINDS.to_vec()
    }

    /// Conditions on dates are decided as of the day.
    fn holds_until(&self, view: &View<'_>) -> Option<DateTime<Utc>> {
        until::next_change(view)
    }

    fn version(&self) -> u32 {
        1
    }

    fn analyze(&self, view: &View<'_>, emit: &mut dyn FnMut(Resource)) {
        let users_or_roles = ["aws_iam_user", "aws_iam_role"];
        if users_or_roles.iter().all(|kind| view.knowledge(kind) == Knowledge::NotCollected) {
            return;
        }
        let Some(estate) = Estate::from_view(view, None) else { return };
        let judge = Judge::new(&estate);
        let assumable = Assumable::new(&judge);
        let analysis = Analysis::new(&judge, &assumable);
        let mut entitlements = Entitlements::default();
        let account = &estate.account;
        let mut resource = |kind: &'static Kind, id: String, name: &str, document: Value| {
            emit(Resource::new(kind, account.clone(), id, document).named(name));
        };
        if let Some(root) = &estate.root {
            let entitlement = access::root_entitlement(root);
            resource(&ENTITLEMENT, entitlement_id(root, &entitlement), "root", json!(entitlement));
            resource(&PRINCIPAL_ACCESS, root.clone(), "root", json!(access::of_root(root)));
        }
        if !estate.lacks.is_empty() {
            let unlisted: PrincipalAccess = access::of_unlisted(&estate);
            resource(&PRINCIPAL_ACCESS, unlisted.principal.clone(), "not listed", json!(unlisted));
        }
        for (place, member) in estate.members.iter().enumerate() {
            let granted = entitlements.of(&estate, member);
            let access = access::of(&estate, &analysis, place, &granted);
            for entitlement in granted {
                let id = entitlement_id(&member.native_id, &entitlement);
                resource(&ENTITLEMENT, id, &member.name, json!(entitlement));
            }
            for path in analysis.paths(place) {
                let id = format!("{} {}", member.arn(), path.method);
                resource(&ESCALATION_PATH, id, &member.name, json!(path));
            }
            resource(&PRINCIPAL_ACCESS, member.arn().to_owned(), &member.name, json!(access));
        }
        for (id, edge) in assume::edges(&judge, &assumable) {
            let name = edge.to.clone().unwrap_or_else(|| edge.from.clone());
            resource(&ASSUME_EDGE, id, &name, json!(edge));
        }
    }
}

impl Analyzer for AwsReach {
    fn inputs(&self) -> Vec<&'static str> {
        vec![ASSUME_EDGE.name, PRINCIPAL_ACCESS.name]
    }

    fn outputs(&self) -> Vec<&'static Kind> {
        REACH_KINDS.to_vec()
    }

    fn span(&self) -> Span {
        Span::Estate
    }

    fn version(&self) -> u32 {
        1
    }

    fn analyze(&self, view: &View<'_>, emit: &mut dyn FnMut(Resource)) {
        for record in reach::reach(view) {
            // A record belongs to the account that is reached.
            let Ok(account) = record.to_account.parse() else { continue };
            let id = format!("{} {}", record.from, record.to);
            let name = record.to.clone();
            emit(Resource::new(&REACH, account, id, json!(record)).named(name));
        }
    }
}

fn entitlement_id(principal: &str, entitlement: &Entitlement) -> String {
    let level = match entitlement.level {
        Level::List => "list",
        Level::Read => "read",
        Level::Tagging => "tagging",
        Level::Unknown => "unknown",
        Level::Write => "write",
        Level::Permissions => "permissions",
        Level::All => "all",
    };
    if entitlement.services.is_empty() {
        return format!("{principal}:{}:{level}", entitlement.service);
    }
    // Several statements may each grant many services: what they have in common tells them apart.
    let common = (&entitlement.grade, &entitlement.resources, &entitlement.conditions, &entitlement.paths);
    let mut hash = DigestBuilder::new("auditor entitlement of several services v1");
    let hash = hash.part(json!(common).to_string().as_bytes()).digest().to_string();
    format!("{principal}:*:{level}:{}", hash.get(..16).unwrap_or_default())
}
