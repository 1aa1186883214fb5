//! `kubernetes_cluster`.

use auditor_core::{
    error::SourceError,
    model::{Column, Kind, Resource},
    outcome::Gap,
    source::Collector,
};
use serde::Deserialize;
use serde_json::json;

use super::Work;
use crate::client::calls;

pub(crate) static CLUSTER: Kind = Kind::new("kubernetes_cluster", "A Kubernetes cluster")
    .native_id("The uid of its namespace `kube-system`, which it keeps for life")
    .columns(&[
        Column::text("version", "/version", "Version of the API server (`/version`, `gitVersion`). Null: not allowed to know"),
        Column::text("platform", "/platform", "Its platform (`/version`, `platform`), e.g. `linux/amd64`. Null: as `version`"),
        Column::text("endpoint", "/endpoint", "Host and port of the API server, as the auditor reaches it"),
        Column::text("eks_arn", "/eks_arn", "ARN of the EKS cluster, where the kubeconfig has it as name. Null: not known"),
        Column::text(
            "account_source",
            "/account_source",
            "How the account is known: `configured`, `eks-arn`, or `none`, in which case it is `kubernetes:UID`",
        ),
    ])
    .permissions(&[calls::VERSION, calls::KUBE_SYSTEM.action]);

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Version {
    git_version: String,
    platform: Option<String>,
}

pub(super) async fn emit(out: &Collector, work: &Work<'_>) {
    out.scope(&[&CLUSTER], |emit| async move {
        let version: Result<Version, _> = work.reader.get(calls::VERSION, calls::VERSION_PATH).await;
        let version = match version {
            Ok(version) => Some(version),
            Err(error) if matches!(error.root(), SourceError::Denied { .. }) => {
                emit.gap(&CLUSTER, Gap::from(&error));
                None
            }
            Err(error) => return Err(error),
        };
        let (version, platform) =
            version.map(|version| (Some(version.git_version), version.platform)).unwrap_or_default();
        let document = json!({
            "version": version,
            "platform": platform,
            "endpoint": work.endpoint,
            "eks_arn": work.settings.eks_arn,
            "account_source": work.settings.account_source,
        });
        let uid = work.kube_system.uid.as_str();
        let resource = Resource::new(&CLUSTER, work.account.clone(), uid, document);
        let resource =
            resource.named(work.settings.place.name()).with_times(work.kube_system.created_at, None);
        emit.emit(resource).await
    })
    .await;
}
