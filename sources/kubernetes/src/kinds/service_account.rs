//! `kubernetes_service_account`, and the common kind `principal`: a service account is who a pod is.

use auditor_core::{
    model::{
        Column, Kind, Resource,
        common::{PRINCIPAL, Principal, PrincipalType},
    },
    source::Collector,
};
use k8s_openapi::{api::core::v1::ServiceAccount, apimachinery::pkg::apis::meta::v1::ObjectMeta};
use serde_json::json;

use super::{PROVIDER, Work, created_at, emit_list, sorted};
use crate::client::calls;

const ROLE_ARN: &str = "eks.amazonaws.com/role-arn";

pub(crate) static SERVICE_ACCOUNT: Kind =
    Kind::new("kubernetes_service_account", "A service account, which pods act as")
        .native_id("Its uid")
        .columns(&[
            Column::text("namespace", "/namespace", "Its namespace"),
            Column::text(
                "iam_role_arn",
                "/iam_role_arn",
                "IAM role that its pods may take on (annotation `eks.amazonaws.com/role-arn`). Null: none",
            ),
            Column::boolean(
                "automount_token",
                "/automount_token",
                "Whether its token is put into its pods (`automountServiceAccountToken`). Null: not said, which means yes",
            ),
            Column::json("secret_names", "/secret_names", "Names of the Secrets it refers to (`secrets`), sorted"),
            Column::json(
                "image_pull_secret_names",
                "/image_pull_secret_names",
                "Names of the Secrets that its pods fetch images with (`imagePullSecrets`), sorted",
            ),
            Column::json("labels", "/labels", "Labels on the list of those kept"),
            Column::json("annotations", "/annotations", "Annotations on the list of those kept"),
        ])
        .permissions(&[calls::SERVICE_ACCOUNTS.action]);

pub(super) async fn emit(out: &Collector, work: &Work<'_>) {
    let kinds = [&SERVICE_ACCOUNT, &PRINCIPAL];
    out.scope(&kinds, |emit| async move {
        let map = |account: ServiceAccount| {
            let principal = principal(work, &account.metadata);
            vec![map(work, account), principal]
        };
        emit_list(&emit, work, &kinds, &calls::SERVICE_ACCOUNTS, map).await
    })
    .await;
}

fn map(work: &Work<'_>, account: ServiceAccount) -> Resource {
    let annotations = account.metadata.annotations.as_ref();
    let fields = json!({
        "iam_role_arn": annotations.and_then(|annotations| annotations.get(ROLE_ARN)),
        "automount_token": account.automount_service_account_token,
        "secret_names": sorted(account.secrets.into_iter().flatten().filter_map(|secret| secret.name)),
        "image_pull_secret_names":
            sorted(account.image_pull_secrets.into_iter().flatten().map(|secret| secret.name)),
    });
    work.resource(&SERVICE_ACCOUNT, account.metadata, fields)
}

fn principal(work: &Work<'_>, metadata: &ObjectMeta) -> Resource {
    let namespace = metadata.namespace.as_deref().unwrap_or_default();
    let name = metadata.name.as_deref().unwrap_or_default();
    let principal = Principal {
        principal_type: PrincipalType::Machine,
        provider: PROVIDER.to_owned(),
        identifier: format!("system:serviceaccount:{namespace}:{name}"),
        // It has no switch, and whoever may run a pod or ask for a token acts as it.
        enabled: Some(true),
        console_access: Some(false),
        mfa: None,
        groups: vec![
            "system:authenticated".to_owned(),
            "system:serviceaccounts".to_owned(),
            format!("system:serviceaccounts:{namespace}"),
        ],
        // Long-lived tokens are Secrets, which are not read.
        credentials: None,
    };
    let uid = metadata.uid.clone().unwrap_or_default();
    Resource::new(&PRINCIPAL, work.account.clone(), uid, json!(principal))
        .named(name)
        .with_times(created_at(metadata), None)
        .with_activity(json!({ "last_used_at": null }))
}
