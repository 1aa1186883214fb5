//! Settings of a `kubernetes` source.

use std::{collections::BTreeSet, path::PathBuf, sync::Arc, time::Duration};

use auditor_core::{
    config::Problem,
    model::AccountId,
    registry::{Instance, SourceConfig},
    source::Source,
};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    client::{Access, ExecPolicy, ProxyEnvironment},
    source::Kubernetes,
};

/// Settings of one `kubernetes` source.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct KubernetesConfig {
    /// Files that say how clusters are reached, as `kubectl` uses them.
    pub kubeconfig: Vec<KubeconfigSettings>,
    /// Whether the cluster that the program runs in is audited, as the pod's service account.
    pub in_cluster: bool,
    /// Account of the clusters for which nothing more exact is known: neither the context's own `account` nor an EKS
    /// cluster's ARN as name of context or cluster. Default: `kubernetes:UID`, with the uid of the cluster.
    pub account: Option<String>,
    /// Programs that kubeconfigs may have run for credentials, spelled as there, e.g. `aws`. A kubeconfig names
    /// programs to run: allow only those you would run yourself. Default: none.
    pub exec_plugins: Vec<String>,
    /// Environment variables that kubeconfigs may set for those programs.
    pub exec_environment: Vec<String>,
    /// Upper bound for one run of such a program, in seconds.
    #[schemars(range(min = 1, max = 300))]
    pub exec_timeout_secs: u16,
    /// Upper bound for finding out which cluster a context leads to, in seconds. One that does not answer by then is a
    /// gap, and holds up no other.
    #[schemars(range(min = 1, max = 600))]
    pub identify_timeout_secs: u16,
    /// Objects asked for at a time.
    #[schemars(range(min = 1, max = 1000))]
    pub page_size: u16,
    /// Largest reply that is read, in bytes, unpacked. A larger one is cut off and counts as an error.
    #[schemars(range(min = 1024, max = 1_073_741_824))]
    pub max_reply_bytes: u64,
    /// Whether a kubeconfig's `insecure-skip-tls-verify: true` is obeyed. Anyone on the way could then read the
    /// credentials and answer in the cluster's name.
    pub accept_invalid_certificates: bool,
    /// Labels to keep beside the built-in list; a `*` at the end stands for anything. All others are dropped.
    pub labels: Vec<String>,
    /// Annotations to keep beside the built-in list; a `*` at the end stands for anything. All others are dropped,
    /// since tools put whole manifests and passwords there.
    pub annotations: Vec<String>,
}

/// One kubeconfig file.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KubeconfigSettings {
    /// The file. Relative to the configuration file.
    pub path: PathBuf,
    /// The contexts to audit. Default: every context of the file. Two contexts that lead to the same cluster are
    /// audited once, through the first.
    #[serde(default)]
    pub context: Vec<ContextSettings>,
}

/// One context of a kubeconfig.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ContextSettings {
    /// The context's name in the file.
    pub name: String,
    /// Account that its cluster belongs to: 12 digits, or `provider:id`.
    pub account: Option<String>,
    /// Uid of the cluster's namespace `kube-system`, which is what the cluster is known by (`kubectl get namespace
    /// kube-system -o jsonpath={.metadata.uid}`). Default: asked of the cluster. Said here, a cluster that does not
    /// answer is a gap under its own key, and a context that leads to another cluster is refused.
    pub uid: Option<String>,
}

impl Default for KubernetesConfig {
    fn default() -> Self {
        let aws = ["AWS_DEFAULT_REGION", "AWS_PROFILE", "AWS_REGION", "AWS_STS_REGIONAL_ENDPOINTS"];
        Self {
            kubeconfig: Vec::new(),
            in_cluster: false,
            account: None,
            exec_plugins: Vec::new(),
            exec_environment: aws.map(str::to_owned).to_vec(),
            exec_timeout_secs: 30,
            identify_timeout_secs: 30,
            page_size: 200,
            max_reply_bytes: 64 * 1024 * 1024,
            accept_invalid_certificates: false,
            labels: Vec::new(),
            annotations: Vec::new(),
        }
    }
}

impl KubernetesConfig {
    /// How connections are made.
    pub(crate) fn access(&self, proxies: ProxyEnvironment) -> Access {
        Access {
            exec: ExecPolicy {
                allowed: self.exec_plugins.clone(),
                environment: self.exec_environment.clone(),
                timeout: Duration::from_secs(self.exec_timeout_secs.into()),
            },
            proxies,
            accept_invalid_certificates: self.accept_invalid_certificates,
            page_size: self.page_size,
            max_reply_bytes: self.max_reply_bytes,
        }
    }
}

impl SourceConfig for KubernetesConfig {
    fn validate(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        if self.kubeconfig.is_empty() && !self.in_cluster {
            problems
                .push(Problem::new("kubeconfig", "expected a `kubeconfig` table, or `in_cluster = true`"));
        }
        let mut paths = BTreeSet::new();
        for (i, file) in self.kubeconfig.iter().enumerate() {
            if !paths.insert(&file.path) {
                problems.push(Problem::new(format!("kubeconfig[{i}].path"), "this file is listed twice"));
            }
            let mut names = BTreeSet::new();
            for (j, context) in file.context.iter().enumerate() {
                let key = |key: &str| format!("kubeconfig[{i}].context[{j}].{key}");
                if context.name.is_empty() {
                    problems.push(Problem::new(key("name"), "expected the name of a context"));
                } else if !names.insert(&context.name) {
                    problems.push(Problem::new(key("name"), "this context is listed twice"));
                }
                problems.extend(check_account(context.account.as_deref(), key("account")));
                let is_uid = |uid: &str| {
                    (1..=64).contains(&uid.len())
                        && uid.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
                };
                if context.uid.as_deref().is_some_and(|uid| !is_uid(uid)) {
                    problems.push(Problem::new(key("uid"), "expected a uid like `5b1a2c3d-…`"));
                }
            }
        }
        problems.extend(check_account(self.account.as_deref(), "account".to_owned()));
        for (i, command) in self.exec_plugins.iter().enumerate() {
            if command.trim().is_empty() {
                problems.push(Problem::new(format!("exec_plugins[{i}]"), "expected the name of a program"));
            }
        }
        for (list, patterns) in [("labels", &self.labels), ("annotations", &self.annotations)] {
            for (i, pattern) in patterns.iter().enumerate() {
                if let Err(wrong) = crate::kinds::check_pattern(pattern) {
                    problems.push(Problem::new(format!("{list}[{i}]"), wrong));
                }
            }
        }
        problems
    }

    fn build(self, instance: &Instance) -> Result<Box<dyn Source>, Vec<Problem>> {
        let problems = self.validate();
        if !problems.is_empty() {
            return Err(problems);
        }
        let access = Arc::new(self.access(ProxyEnvironment::of_process()));
        Ok(Box::new(Kubernetes::new(self, instance, access)))
    }
}

fn check_account(account: Option<&str>, key: String) -> Option<Problem> {
    let wrong = account?.parse::<AccountId>().is_err();
    wrong.then(|| Problem::new(key, "expected 12 digits, or `provider:id`"))
}

#[cfg(test)]
mod tests {
    use auditor_core::testkit::problems_of;

    use super::*;

    #[test]
    fn the_smallest_files_are_enough() {
        assert_eq!(problems_of::<KubernetesConfig>("in_cluster = true\n"), Vec::<String>::new());
        assert_eq!(
            problems_of::<KubernetesConfig>("[[kubeconfig]]\npath = \"config\"\n"),
            Vec::<String>::new()
        );
    }

    #[test]
    fn everything_wrong_is_said_at_once() {
        let found = problems_of::<KubernetesConfig>(
            "account = \"12\"\nexec_plugins = [\"\"]\nlabels = [\"*\"]\n\
             annotations = [\"kubectl.kubernetes.io/*\"]\n\
             [[kubeconfig]]\npath = \"a\"\n[[kubeconfig.context]]\nname = \"\"\naccount = \"x\"\nuid = \"a b\"\n\
             [[kubeconfig.context]]\nname = \"y\"\n[[kubeconfig.context]]\nname = \"y\"\n\
             [[kubeconfig]]\npath = \"a\"\n",
        );
        let keys: Vec<_> = found.iter().filter_map(|problem| problem.split(": ").next()).collect();
        assert_eq!(
            keys,
            [
                "kubeconfig[0].context[0].name",
                "kubeconfig[0].context[0].account",
                "kubeconfig[0].context[0].uid",
                "kubeconfig[0].context[2].name",
                "kubeconfig[1].path",
                "account",
                "exec_plugins[0]",
                "labels[0]",
                "annotations[0]",
            ],
            "{found:#?}"
        );
        assert_eq!(problems_of::<KubernetesConfig>("").len(), 1);
    }
}
