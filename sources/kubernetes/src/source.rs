//! The source: plan, collect, check.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use async_trait::async_trait;
use auditor_core::{
    error::SourceError,
    model::Kind,
    registry::Instance,
    sink::CheckItem,
    source::{Collector, Context, Source, Target},
};

use crate::{
    account, check,
    client::{Access, Cluster, Kubeconfigs, Way},
    config::KubernetesConfig,
    kinds::{self, KubeSystem, Work},
    target::{self, Place, TargetSettings},
};

/// A `kubernetes` source.
pub(crate) struct Kubernetes {
    pub(crate) config: KubernetesConfig,
    pub(crate) kubeconfigs: Kubeconfigs,
    instance: Instance,
    access: Arc<Access>,
}

impl Kubernetes {
    /// From settings that were found valid.
    pub(crate) fn new(config: KubernetesConfig, instance: &Instance, access: Arc<Access>) -> Self {
        let kubeconfigs = Kubeconfigs::new(config.kubeconfig.iter().map(|file| instance.path(&file.path)));
        Self { config, kubeconfigs, instance: instance.clone(), access }
    }

    /// A path of the settings, absolute.
    pub(crate) fn path(&self, path: &Path) -> PathBuf {
        self.instance.path(path)
    }

    /// The cluster at a place, not yet spoken to.
    ///
    /// # Errors
    /// [`Rejected`](SourceError::Rejected) if the kubeconfig cannot be read or has no such context.
    pub(crate) async fn cluster(&self, place: &Place) -> Result<Cluster, SourceError> {
        let way = match place {
            Place::InCluster => Way::InCluster,
            Place::Context { kubeconfig, name } => {
                let name = name.as_deref().unwrap_or_default();
                Way::Context(Box::new(self.kubeconfigs.context(&self.path(kubeconfig), name).await?))
            }
        };
        Ok(Cluster::new(way, Arc::clone(&self.access)))
    }

    /// The ARN of an EKS cluster, where context or cluster have it as name.
    pub(crate) async fn eks_arn(&self, place: &Place) -> Option<String> {
        let Place::Context { kubeconfig, name: Some(name) } = place else { return None };
        let entry = self.kubeconfigs.context(&self.path(kubeconfig), name).await.ok()?;
        [entry.name, entry.cluster_name].into_iter().find(|name| account::of_eks_arn(name).is_some())
    }

    /// Connects, and makes sure that it is the cluster that was planned: a context may lead elsewhere by now.
    async fn connect(
        &self,
        target: &Target,
        settings: &TargetSettings,
        context: &Context,
    ) -> Result<(Cluster, KubeSystem), SourceError> {
        if let Some(failure) = &settings.failure {
            return Err(failure.error());
        }
        let cluster = self.cluster(&settings.place).await?;
        let found = kinds::kube_system(&cluster.reader(&context.caller)).await?;
        if found.uid != target.id {
            let what = format!("it leads to the cluster `{}`, not to `{}`", found.uid, target.id);
            return Err(SourceError::rejected("identify cluster", what)
                .with_hint("correct the context in the kubeconfig, or its `uid` in the configuration"));
        }
        Ok((cluster, found))
    }
}

#[async_trait]
impl Source for Kubernetes {
    fn kinds(&self) -> Vec<&'static Kind> {
        kinds::ALL.to_vec()
    }

    async fn plan(&self, context: &Context) -> Result<Vec<Target>, SourceError> {
        target::plan(self, context).await
    }

    async fn collect(&self, target: &Target, out: &Collector) -> Result<(), SourceError> {
        let settings = TargetSettings::of(target)?;
        let (cluster, kube_system) = self.connect(target, &settings, out.context()).await?;
        let work = Work {
            reader: cluster.reader(out.caller()),
            endpoint: cluster.endpoint(),
            account: &target.account,
            settings: &settings,
            kube_system,
            labels: &self.config.labels,
            annotations: &self.config.annotations,
        };
        kinds::emit_all(out, &work).await;
        Ok(())
    }

    async fn check(&self, target: &Target, context: &Context) -> Vec<CheckItem> {
        let on = format!("{} ({})", target.name, target.account);
        let connected = match TargetSettings::of(target) {
            Ok(settings) => self.connect(target, &settings, context).await,
            Err(error) => Err(error),
        };
        match connected {
            Ok((cluster, _)) => check::calls(&cluster.reader(&context.caller), &on).await,
            Err(error) => vec![check::item("identify cluster", &on, Err(error))],
        }
    }
}
