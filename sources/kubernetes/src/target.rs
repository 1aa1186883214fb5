//! Clusters, each keyed by the uid of its namespace `kube-system`, which it keeps for life and shares with no other.
//!
//! A cluster that does not say its uid becomes a target of its own, under the name of its context, which every
//! collection fails: nothing is ever stored under that key, so no cluster is known by two. See
//! `docs/adr/0008-clusters-that-do-not-answer.md`.

use std::{path::PathBuf, time::Duration};

use auditor_core::{
    error::{SourceError, chain},
    model::AccountId,
    outcome::GapReason,
    source::{Context, Target},
};
use futures::{StreamExt as _, stream};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{account, config::ContextSettings, source::Kubernetes};

/// Clusters that are asked for their uid at the same time.
const AT_ONCE: usize = 32;
/// Name of the cluster that the program runs in.
const IN_CLUSTER: &str = "in-cluster";

/// How a cluster is found. No secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Place {
    /// A context of one of the configured kubeconfigs.
    Context {
        /// Path of the file, as configured.
        kubeconfig: PathBuf,
        /// Name of the context. `None`: the file could not be read, so its contexts are not known.
        name: Option<String>,
    },
    /// The cluster that the program runs in.
    InCluster,
}

impl Place {
    /// Display name.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Context { name: Some(name), .. } => name.clone(),
            Self::Context { kubeconfig, name: None } => format!("every context of {}", kubeconfig.display()),
            Self::InCluster => IN_CLUSTER.to_owned(),
        }
    }

    /// Key of the target that stands for a cluster whose uid is not known.
    fn unidentified(&self) -> String {
        match self {
            Self::Context { kubeconfig, name } => {
                let name = name.as_deref().unwrap_or_default();
                format!("unidentified:{}#{name}", kubeconfig.display())
            }
            Self::InCluster => format!("unidentified:{IN_CLUSTER}"),
        }
    }
}

/// What a target's settings hold. No secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TargetSettings {
    /// How the cluster is found.
    pub(crate) place: Place,
    /// How its account is known: `configured`, `eks-arn` or `none`.
    pub(crate) account_source: String,
    /// ARN of the EKS cluster, where context or cluster have it as name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) eks_arn: Option<String>,
    /// Why the cluster could not be identified. `None`: it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) failure: Option<Failure>,
}

impl TargetSettings {
    /// A target's settings.
    ///
    /// # Errors
    /// [`Bug`](SourceError::Bug): only this source writes them.
    pub(crate) fn of(target: &Target) -> Result<Self, SourceError> {
        serde_json::from_value(target.settings.clone()).map_err(|error| {
            SourceError::Bug(format!("target `{}` has settings of another source: {error}", target.id))
        })
    }
}

/// An error that is kept until the target it belongs to is collected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Failure {
    reason: GapReason,
    action: String,
    detail: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
}

impl Failure {
    fn of(error: &SourceError) -> Self {
        let cause = std::error::Error::source(error.root());
        Self {
            reason: error.reason(),
            action: error.action().unwrap_or("identify cluster").to_owned(),
            detail: cause.map_or_else(|| error.to_string(), chain),
            hint: error.hint().map(std::borrow::Cow::into_owned),
        }
    }

    /// The error again.
    pub(crate) fn error(&self) -> SourceError {
        let (action, detail) = (self.action.clone(), self.detail.clone());
        let error = match self.reason {
            GapReason::Denied => SourceError::denied(action, detail),
            GapReason::Throttled => SourceError::throttled(action, None, detail),
            GapReason::Malformed => SourceError::malformed(action, detail),
            GapReason::Rejected => SourceError::rejected(action, detail),
            _ => SourceError::unavailable(action, detail),
        };
        match &self.hint {
            Some(hint) => error.with_hint(hint.clone()),
            None => error,
        }
    }
}

/// A cluster that is to be identified.
struct Candidate {
    place: Place,
    account: Option<AccountId>,
    uid: Option<String>,
    trouble: Option<SourceError>,
}

impl Candidate {
    fn of_context(kubeconfig: &std::path::Path, settings: &ContextSettings) -> Self {
        let place = Place::Context { kubeconfig: kubeconfig.to_owned(), name: Some(settings.name.clone()) };
        let account = settings.account.as_deref().and_then(|account| account.parse().ok());
        Self { place, account, uid: settings.uid.clone(), trouble: None }
    }
}

/// The targets, in the order of the configuration.
///
/// # Errors
/// [`Cancelled`](SourceError::Cancelled) alone: a cluster or file that fails is a target that says so.
pub(crate) async fn plan(source: &Kubernetes, context: &Context) -> Result<Vec<Target>, SourceError> {
    let candidates = candidates(source).await;
    let mut identified =
        stream::iter(candidates).map(|candidate| identify(source, candidate, context)).buffered(AT_ONCE);
    let mut targets: Vec<Target> = Vec::new();
    while let Some(target) = identified.next().await {
        let target = target?;
        match targets.iter().find(|earlier| earlier.id == target.id) {
            Some(earlier) => tracing::warn!(
                context = target.name,
                through = earlier.name,
                "two contexts lead to the same cluster, which is audited once"
            ),
            None => targets.push(target),
        }
    }
    Ok(targets)
}

async fn candidates(source: &Kubernetes) -> Vec<Candidate> {
    let mut all = Vec::new();
    for file in &source.config.kubeconfig {
        if !file.context.is_empty() {
            all.extend(file.context.iter().map(|context| Candidate::of_context(&file.path, context)));
            continue;
        }
        let unnamed = |trouble| Candidate {
            place: Place::Context { kubeconfig: file.path.clone(), name: None },
            account: None,
            uid: None,
            trouble: Some(trouble),
        };
        match source.kubeconfigs.contexts(&source.path(&file.path)).await {
            Ok(names) if names.is_empty() => {
                let what = format!("`{}` has no context", file.path.display());
                all.push(unnamed(SourceError::rejected("read kubeconfig", what)));
            }
            Ok(names) => all.extend(names.into_iter().map(|name| {
                let settings = ContextSettings { name, account: None, uid: None };
                Candidate::of_context(&file.path, &settings)
            })),
            Err(error) => all.push(unnamed(error)),
        }
    }
    if source.config.in_cluster {
        all.push(Candidate { place: Place::InCluster, account: None, uid: None, trouble: None });
    }
    all
}

/// Asks a cluster who it is, unless the configuration says so.
async fn identify(
    source: &Kubernetes,
    candidate: Candidate,
    context: &Context,
) -> Result<Target, SourceError> {
    let Candidate { place, account, uid, trouble } = candidate;
    let eks_arn = source.eks_arn(&place).await;
    let (account, account_source) = match (account, eks_arn.as_deref().and_then(account::of_eks_arn)) {
        (Some(account), _) => (Some(account), "configured"),
        (None, Some(account)) => (Some(account), "eks-arn"),
        (None, None) => match source.config.account.as_deref().and_then(|account| account.parse().ok()) {
            Some(account) => (Some(account), "configured"),
            None => (None, "none"),
        },
    };
    let found = match (trouble, uid) {
        (Some(trouble), _) => Err(trouble),
        (None, Some(uid)) => Ok(uid),
        (None, None) => ask(source, &place, context).await,
    };
    let (id, failure) = match found {
        Ok(uid) => (uid, None),
        Err(error) if matches!(error.root(), SourceError::Cancelled) => return Err(error),
        Err(error) => (place.unidentified(), Some(Failure::of(&error))),
    };
    // Before the uid is known, the name stands in: the account is only that of a gap.
    let own = || account::own(if failure.is_none() { id.clone() } else { place.name() }.as_str());
    let account = account.unwrap_or_else(own);
    let name = place.name();
    let settings = TargetSettings { place, account_source: account_source.to_owned(), eks_arn, failure };
    Ok(Target { id, account, name, settings: json!(settings) })
}

async fn ask(source: &Kubernetes, place: &Place, context: &Context) -> Result<String, SourceError> {
    let limit = Duration::from_secs(source.config.identify_timeout_secs.into());
    // Turns of its own: clusters that hang must not keep others waiting for theirs.
    let caller = context.caller.clone().with_parallel(1);
    let asking = async {
        let cluster = source.cluster(place).await?;
        let found = crate::kinds::kube_system(&cluster.reader(&caller)).await?;
        Ok(found.uid)
    };
    tokio::time::timeout(limit, asking).await.unwrap_or_else(|_| {
        let what = format!("no answer within {} s", limit.as_secs());
        Err(SourceError::unavailable("identify cluster", what))
    })
}
