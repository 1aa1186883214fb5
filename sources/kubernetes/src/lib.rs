//! Kubernetes: who may do what in each cluster, what runs there, and how it is held in check.
//!
//! Reads with `GET` alone, and never a Secret: no listing of them exists here, and of other objects only named fields
//! are kept, so that values of environment variables, arguments and annotations get no further than the reply they came
//! in.
//!
//! | module | holds |
//! |---|---|
//! | [`config`] | settings and their checks |
//! | `account` | which AWS account a cluster belongs to |
//! | `target` | clusters, keyed by the uid of their namespace `kube-system` |
//! | `client` | kubeconfigs, connections, credential plugins, paging, what errors mean |
//! | `aws_auth` | the ConfigMap that maps IAM principals to users of an EKS cluster |
//! | `kinds` | the kinds and the mapping to records |

mod account;
mod aws_auth;
mod check;
mod client;
pub mod config;
mod kinds;
mod source;
mod target;
#[cfg(test)]
mod tests;

pub use config::KubernetesConfig;

auditor_core::inventory::submit! {
    auditor_core::registry::SourcePlugin::new::<KubernetesConfig>(
        "kubernetes",
        "Kubernetes clusters: RBAC, service accounts, workloads' security posture, network policies, aws-auth",
        kinds::ALL,
    )
}
