//! IAM principals that are somebody in a cluster, and service accounts that are somebody in IAM.

mod eks;
mod policies;
mod unlisted;

use std::collections::BTreeSet;

use auditor_core::analyzer::{Item, View};
use serde_json::Value;

pub(crate) use self::eks::{ACCESS_ENTRY, EKS_CLUSTER};
use self::eks::{Mode, Policy};
use crate::{
    escalation::Escalations,
    kinds::{ClusterAdmin, Direction, IdentityMapping, Via},
    rbac::{AWS_AUTH_ENTRY, Cluster, Principal, Subject},
};

/// A mapping with what its record needs beside the document.
pub(crate) struct Mapping {
    pub(crate) native_id: String,
    pub(crate) name: String,
    pub(crate) document: IdentityMapping,
}

/// A cluster with what its subjects amount to.
pub(crate) type Known<'a> = (&'a Cluster, &'a Escalations<'a>);

/// Every mapping of an account's clusters, in order.
pub(crate) fn mappings(view: &View<'_>, clusters: &[Known<'_>]) -> Vec<Mapping> {
    let mut mappings = Vec::new();
    for known in clusters {
        let mode = Mode::of(view, known.0);
        mappings.extend(aws_auth(view, known, &mode));
        mappings.extend(unlisted::aws_auth(view, known.0));
        mappings.extend(service_accounts(known));
    }
    mappings.extend(access_entries(view, clusters));
    mappings.extend(unlisted::access_entries(view, clusters));
    mappings.sort_by(|a, b| a.native_id.cmp(&b.native_id));
    // Two sources may read one cluster.
    mappings.dedup_by(|later, earlier| later.native_id == earlier.native_id);
    mappings
}

fn aws_auth(view: &View<'_>, known: &Known<'_>, mode: &Mode) -> Vec<Mapping> {
    let (cluster, escalations) = known;
    let listings = view.listings(AWS_AUTH_ENTRY).filter(|listing| listing.target == cluster.id);
    let mut mappings = Vec::new();
    for (listing, item) in listings.flat_map(|listing| listing.items.iter().map(move |item| (listing, item)))
    {
        let iam_principal = text(item, "principal");
        let username = text(item, "username").or_else(|| {
            // Of whole accounts, everybody is known by the ARN.
            (text(item, "section").as_deref() != Some("mapAccounts")).then(|| iam_principal.clone()).flatten()
        });
        let groups = strings(item.document.get("groups"));
        let mut notes: Vec<String> = text(item, "problem").into_iter().collect();
        let (effective, why) = mode.aws_auth(text(item, "matches").as_deref());
        let effective = if iam_principal.is_none() {
            Some(false)
        } else if effective == Some(true) && !notes.is_empty() {
            None
        } else {
            effective
        };
        notes.extend(why);
        if !listing.outcome.retires() {
            notes.push(format!("the latest listing of {AWS_AUTH_ENTRY} ended {}", listing.outcome));
        }
        let (admin, reason) =
            amounts_to(Some(escalations), username.as_deref(), &groups, Some(&[]), effective);
        let document = IdentityMapping {
            cluster: Some(cluster.id.clone()),
            cluster_name: cluster.name.clone(),
            cluster_arn: mode.cluster_arn.clone().or_else(|| cluster.eks_arn.clone()),
            direction: Direction::ToCluster,
            via: Via::AwsAuth,
            iam_principal: iam_principal.clone(),
            username,
            groups,
            access_policies: Some(Vec::new()),
            effective,
            admin,
            reason,
            note: note(notes, cluster.lack()),
        };
        let native_id = format!("{}/{}", cluster.id, item.native_id);
        mappings.push(Mapping { native_id, name: iam_principal.unwrap_or_default(), document });
    }
    mappings
}

fn access_entries(view: &View<'_>, clusters: &[Known<'_>]) -> Vec<Mapping> {
    let mut mappings = Vec::new();
    for (listing, item) in
        view.listings(ACCESS_ENTRY).flat_map(|listing| listing.items.iter().map(move |item| (listing, item)))
    {
        let cluster_arn = text(item, "cluster_arn");
        let known = clusters.iter().find(|(cluster, _)| eks::is_of(view, cluster, cluster_arn.as_deref()));
        let (effective, why) = eks::entries_count(view, cluster_arn.as_deref());
        let mut notes: Vec<_> = why.into_iter().collect();
        if known.is_none() {
            notes.push("the cluster's roles and bindings are not collected here".to_owned());
        }
        if !listing.outcome.retires() {
            notes.push(format!("the latest listing of {ACCESS_ENTRY} ended {}", listing.outcome));
        }
        let iam_principal = text(item, "principal_arn");
        let username = text(item, "username");
        let groups = strings(item.document.get("kubernetes_groups"));
        let policies = Policy::all(item.document.get("access_policies"));
        let (admin, reason) = amounts_to(
            known.map(|(_, escalations)| *escalations),
            username.as_deref(),
            &groups,
            policies.as_deref(),
            effective,
        );
        let cluster = known.map(|(cluster, _)| *cluster);
        let document = IdentityMapping {
            cluster: cluster.map(|cluster| cluster.id.clone()),
            cluster_name: cluster.and_then(|cluster| cluster.name.clone()).or_else(|| text(item, "cluster")),
            cluster_arn,
            direction: Direction::ToCluster,
            via: Via::AccessEntry,
            iam_principal: iam_principal.clone(),
            username,
            groups,
            access_policies: policies.map(|policies| policies.iter().map(ToString::to_string).collect()),
            effective,
            admin,
            reason,
            note: note(notes, cluster.and_then(Cluster::lack)),
        };
        let name = iam_principal.unwrap_or_default();
        mappings.push(Mapping { native_id: item.native_id.clone(), name, document });
    }
    mappings
}

fn service_accounts((cluster, escalations): &Known<'_>) -> Vec<Mapping> {
    let with_role = cluster
        .service_accounts
        .iter()
        .filter_map(|(principal, account)| Some((principal, account.iam_role_arn.clone()?)));
    let mapping = |(principal, role_arn): (&Principal, String)| {
        let (namespace, name) = principal.as_service_account()?;
        let subject = Subject::service_account(namespace, name);
        let (admin, reason) = amounts_to(Some(escalations), Some(&subject.user), &[], Some(&[]), Some(true));
        let document = IdentityMapping {
            cluster: Some(cluster.id.clone()),
            cluster_name: cluster.name.clone(),
            cluster_arn: cluster.eks_arn.clone(),
            direction: Direction::ToIam,
            via: Via::ServiceAccount,
            iam_principal: Some(role_arn.clone()),
            username: Some(subject.user.clone()),
            groups: Vec::new(),
            access_policies: Some(Vec::new()),
            // The trust policy of the role has the last word.
            effective: None,
            admin,
            reason,
            note: note(
                vec!["whether the role lets the service account in, its trust policy says".to_owned()],
                cluster.lack(),
            ),
        };
        Some(Mapping { native_id: format!("{}/{principal}", cluster.id), name: role_arn, document })
    };
    with_role.filter_map(mapping).collect()
}

/// Whether somebody of that name and these groups may do everything, and why.
fn amounts_to(
    escalations: Option<&Escalations<'_>>,
    username: Option<&str>,
    groups: &[String],
    policies: Option<&[Policy]>,
    effective: Option<bool>,
) -> (ClusterAdmin, String) {
    if effective == Some(false) {
        return (ClusterAdmin::No, "it has no effect".to_owned());
    }
    let mut best = (ClusterAdmin::No, "neither bindings nor access policies give it everything".to_owned());
    let mut consider = |admin: ClusterAdmin, reason: String| {
        if admin > best.0 {
            best = (admin, reason);
        }
    };
    for policy in policies.unwrap_or_default() {
        let admin = policy.admin();
        consider(admin, format!("by the access policy {policy}"));
    }
    if policies.is_none() {
        consider(ClusterAdmin::Unknown, "its access policies are not known".to_owned());
    }
    let subject = match username.and_then(service_account_of) {
        Some((namespace, name)) => Subject::service_account(namespace, name),
        None => Subject::user(username.unwrap_or_default(), groups),
    };
    if subject.bypasses() {
        consider(ClusterAdmin::Yes, "by the group system:masters".to_owned());
    }
    match escalations {
        Some(escalations) => {
            let admin = escalations.admin(&subject);
            let reason = match admin {
                ClusterAdmin::Unknown => "not all roles and bindings of the cluster are known",
                ClusterAdmin::Yes => "by bindings to its name or groups",
                _ => "by a way to more rights that its name or groups have (`kubernetes_escalation`)",
            };
            consider(admin, reason.to_owned());
        }
        None => consider(
            ClusterAdmin::Unknown,
            "the cluster's roles and bindings are not collected here".to_owned(),
        ),
    }
    // A name that each session completes may be one that bindings name.
    if best.0 == ClusterAdmin::No && username.is_some_and(|username| username.contains("{{")) {
        best.1 = format!("{}, as far as its groups go: its name differs from session to session", best.1);
    }
    best
}

fn service_account_of(username: &str) -> Option<(&str, &str)> {
    username.strip_prefix("system:serviceaccount:")?.split_once(':')
}

fn note(mut notes: Vec<String>, lack: Option<String>) -> Option<String> {
    notes.extend(lack);
    (!notes.is_empty()).then(|| notes.join("; "))
}

fn text(item: &Item, field: &str) -> Option<String> {
    item.document.get(field)?.as_str().map(str::to_owned)
}

fn strings(values: Option<&Value>) -> Vec<String> {
    let values = values.and_then(Value::as_array).into_iter().flatten();
    let sorted: BTreeSet<_> = values.filter_map(Value::as_str).collect();
    sorted.into_iter().map(str::to_owned).collect()
}
