//! `kubernetes_aws_auth_entry`.

use std::collections::BTreeMap;

use auditor_core::{
    model::{Column, Kind, Resource},
    source::Collector,
};
use k8s_openapi::api::core::v1::ConfigMap;
use serde_json::json;

use super::Work;
use crate::{
    aws_auth::{self, Entry},
    client::{ApiFault, calls},
};

/// Name of the `ConfigMap`.
pub(crate) const NAME: &str = "aws-auth";

pub(crate) static AWS_AUTH_ENTRY: Kind = Kind::new(
    "kubernetes_aws_auth_entry",
    "An IAM principal that `kube-system/aws-auth` lets into an EKS cluster. A cluster whose authentication mode is `API` \
     ignores them all",
)
.native_id("Section and ARN as written, numbered where one comes twice; for entries without ARN, their number")
.columns(&[
    Column::text("section", "/section", "`mapRoles`, `mapUsers` or `mapAccounts`"),
    Column::text("principal", "/principal", "ARN, or account id in `mapAccounts`, as written. Null: it cannot be read"),
    Column::text(
        "matches",
        "/matches",
        "The ARN as it is compared: in small letters, the role behind an assumed role. Null: none, or an account",
    ),
    Column::text(
        "username",
        "/username",
        "Name in the cluster, with its templates (`{{SessionName}}`). Null: none is given",
    ),
    Column::json("groups", "/groups", "Groups in the cluster, sorted"),
    Column::text("problem", "/problem", "Why it has no effect, or not the one it seems to have. Null: nothing is wrong"),
])
.permissions(&[calls::AWS_AUTH]);

pub(super) async fn emit(out: &Collector, work: &Work<'_>) {
    out.scope(&[&AWS_AUTH_ENTRY], |emit| async move {
        let map: Result<ConfigMap, _> = work.reader.get(calls::AWS_AUTH, calls::AWS_AUTH_PATH).await;
        let data = match map {
            Ok(map) => map.data.unwrap_or_default(),
            // Said in so many words: there is none, as in every cluster that is not of EKS.
            Err(error) if ApiFault::of(&error).is_some_and(|fault| fault.is_absent(NAME)) => BTreeMap::new(),
            Err(error) => return Err(error),
        };
        for resource in map_entries(work, &aws_auth::parse(&data)) {
            emit.emit(resource).await?;
        }
        Ok(())
    })
    .await;
}

fn map_entries(work: &Work<'_>, entries: &[Entry]) -> Vec<Resource> {
    let mut taken = BTreeMap::<String, usize>::new();
    entries
        .iter()
        .map(|entry| {
            let section = entry.section;
            let key = match &entry.principal {
                Some(principal) => format!("{section}/{principal}"),
                None => format!("{section}/without-principal"),
            };
            let number = taken.entry(key.clone()).or_default();
            *number += 1;
            let id = if *number == 1 { key } else { format!("{key}#{number}") };
            let document = json!({
                "section": section,
                "principal": entry.principal,
                "matches": entry.matches,
                "username": entry.username,
                "groups": entry.groups,
                "problem": entry.problem,
            });
            let resource = Resource::new(&AWS_AUTH_ENTRY, work.account.clone(), id, document);
            match &entry.principal {
                Some(principal) => resource.named(principal.clone()),
                None => resource,
            }
        })
        .collect()
}
