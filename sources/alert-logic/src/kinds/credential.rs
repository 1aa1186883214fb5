//! Credentials that Alert Logic holds: for AWS, the role that it assumes.

use std::collections::BTreeMap;

use auditor_core::{
    model::{AccountId, Column, Kind, Resource},
    source::Collector,
};
use serde_json::{Value, json};

use super::{emit_mapped, named};
use crate::{
    client::calls::{CREDENTIALS, DEPLOYMENTS},
    deployment::Deployment,
    estate::Estate,
    item::Item,
};

/// A credential.
pub(crate) static CREDENTIAL: Kind = Kind::new(
    "alertlogic_credential",
    "A credential that Alert Logic holds, e.g. an AWS role that it assumes; never its secret",
)
.native_id("The credential's id, a UUID in capitals")
.columns(&[
    Column::text("type", "/type", "`aws_iam_role`, `azure_ad_user` … (credentials, `secrets.type`)"),
    Column::text("role_arn", "/role_arn", "ARN of the AWS role (credentials, `secrets.arn`). Null: none"),
    Column::text("directory_id", "/directory_id", "Azure directory. Null: none"),
    Column::text("username", "/username", "User of the Azure directory. Null: none").sensitive(),
    Column::json(
        "deployments",
        "/deployments",
        "Deployments that use it: id and purpose, sorted. Empty: none does. Null: not known",
    ),
])
.permissions(&[CREDENTIALS, DEPLOYMENTS]);

pub(super) async fn emit(out: &Collector, estate: &Estate<'_>) {
    out.scope(&[&CREDENTIAL], async |emit| {
        let credentials = estate.api.list(CREDENTIALS, &[], &[], None).await?;
        let uses = uses(estate.deployments_if_permitted(&emit, &CREDENTIAL).await?);
        let map = |credential: &Value| map(&estate.tenant, Item(credential), uses.as_ref());
        emit_mapped(&emit, &CREDENTIAL, credentials.iter().map(map)).await
    })
    .await;
}

type Uses = BTreeMap<String, Vec<(String, Option<String>)>>;

/// Deployments and purposes by credential. `None` if there are no deployments to look at.
fn uses(deployments: &[Deployment]) -> Option<Uses> {
    let mut uses = Uses::new();
    for deployment in deployments {
        for credential in deployment.item().items("credentials") {
            if let Some(id) = credential.id("id") {
                uses.entry(id).or_default().push((deployment.id.clone(), credential.text("purpose")));
            }
        }
    }
    for all in uses.values_mut() {
        all.sort_unstable();
    }
    (!deployments.is_empty()).then_some(uses)
}

fn map(tenant: &AccountId, credential: Item<'_>, uses: Option<&Uses>) -> Option<Resource> {
    let id = credential.id("id")?;
    let arn = credential.text("secrets/arn");
    let account = arn.as_deref().and_then(account_of_arn).unwrap_or_else(|| tenant.clone());
    let deployments = uses.map(|uses| {
        let used_by = uses.get(&id).into_iter().flatten();
        used_by.map(|(id, purpose)| json!({"id": id, "purpose": purpose})).collect::<Vec<_>>()
    });
    // The external id that goes with the role is left where it is.
    let document = json!({
        "type": credential.text("secrets/type"),
        "role_arn": arn,
        "directory_id": credential.text("secrets/ad_id"),
        "username": credential.text("secrets/username"),
        "deployments": deployments,
    });
    let (created, modified) = credential.stamps();
    let resource = Resource::new(&CREDENTIAL, account, id, document);
    Some(named(resource, credential.text("name")).with_times(created, modified))
}

/// The account in `arn:partition:service:region:account:…`.
fn account_of_arn(arn: &str) -> Option<AccountId> {
    arn.strip_prefix("arn:")?.split(':').nth(3)?.parse().ok().filter(AccountId::is_aws)
}
