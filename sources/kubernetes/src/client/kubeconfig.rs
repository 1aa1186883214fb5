//! Kubeconfig files: read once, and never shown. What `kube` says of one it cannot read repeats its lines, tokens
//! included.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use auditor_core::error::SourceError;
use kube::config::{AuthInfo, Cluster, Kubeconfig, KubeconfigError};
use tokio::sync::OnceCell;

const ACTION: &str = "read kubeconfig";

/// The configured files, each read when it is first needed.
pub(crate) struct Kubeconfigs {
    files: BTreeMap<PathBuf, OnceCell<Result<Arc<Kubeconfig>, SourceError>>>,
}

/// One context, put together from the file's three lists.
#[derive(Clone)]
pub(crate) struct Entry {
    /// Name of the context.
    pub(crate) name: String,
    /// Name of its cluster in the file.
    pub(crate) cluster_name: String,
    pub(super) cluster: Cluster,
    pub(super) user: AuthInfo,
}

impl Kubeconfigs {
    /// Files at absolute paths.
    pub(crate) fn new(paths: impl IntoIterator<Item = PathBuf>) -> Self {
        Self { files: paths.into_iter().map(|path| (path, OnceCell::new())).collect() }
    }

    /// Names of the contexts of a file, in its order, each once.
    ///
    /// # Errors
    /// [`Rejected`](SourceError::Rejected) if it cannot be read.
    pub(crate) async fn contexts(&self, path: &Path) -> Result<Vec<String>, SourceError> {
        let file = self.file(path).await?;
        let mut names: Vec<String> = Vec::new();
        for context in &file.contexts {
            if !names.contains(&context.name) {
                names.push(context.name.clone());
            }
        }
        Ok(names)
    }

    /// One context of a file.
    ///
    /// # Errors
    /// [`Rejected`](SourceError::Rejected) if the file cannot be read or has no such context, cluster or user.
    pub(crate) async fn context(&self, path: &Path, name: &str) -> Result<Entry, SourceError> {
        let file = self.file(path).await?;
        let missing = |what: &str| {
            SourceError::rejected(ACTION, format!("`{}` has no {what} for context `{name}`", path.display()))
        };
        let context = file.contexts.iter().find(|context| context.name == name);
        let context = context.and_then(|context| context.context.as_ref());
        let context = context.ok_or_else(|| missing("entry"))?;
        let cluster = file.clusters.iter().find(|cluster| cluster.name == context.cluster);
        let cluster = cluster.and_then(|cluster| cluster.cluster.clone());
        let user = match &context.user {
            Some(user) if !user.is_empty() => {
                let found = file.auth_infos.iter().find(|found| &found.name == user);
                found.and_then(|found| found.auth_info.clone()).ok_or_else(|| missing("user"))?
            }
            _ => AuthInfo::default(),
        };
        Ok(Entry {
            name: name.to_owned(),
            cluster_name: context.cluster.clone(),
            cluster: cluster.ok_or_else(|| missing("cluster"))?,
            user,
        })
    }

    async fn file(&self, path: &Path) -> Result<&Arc<Kubeconfig>, SourceError> {
        let cell = self.files.get(path).ok_or_else(|| {
            SourceError::rejected(ACTION, format!("`{}` is no kubeconfig of this source", path.display()))
                .with_hint("configure it as a `kubeconfig` of this source here, too")
        })?;
        let owned = path.to_owned();
        let read = || async move {
            // Files of many clusters take seconds to parse.
            let result = tokio::task::spawn_blocking(move || {
                Kubeconfig::read_from(&owned).map(Arc::new).map_err(|error| explain(&owned, &error))
            });
            result.await.unwrap_or_else(|error| Err(SourceError::rejected(ACTION, error)))
        };
        cell.get_or_init(read).await.as_ref().map_err(SourceError::again)
    }
}

/// Where a file is wrong, never what stands there.
fn explain(path: &Path, error: &KubeconfigError) -> SourceError {
    let path = path.display();
    let what = match error {
        KubeconfigError::ReadConfig(error, _) => format!("`{path}`: {error}"),
        KubeconfigError::Parse(error) => match error.location() {
            Some(place) => format!(
                "`{path}` is not in the form of a kubeconfig, at line {}, column {}",
                place.line(),
                place.column()
            ),
            None => format!("`{path}` is not in the form of a kubeconfig"),
        },
        _ => format!("`{path}` is not in the form of a kubeconfig"),
    };
    SourceError::rejected(ACTION, what)
}

#[cfg(test)]
mod tests {
    use auditor_core::error::chain;

    use super::*;

    async fn contexts(text: &str) -> Result<Vec<String>, String> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("config");
        std::fs::write(&path, text).unwrap();
        let files = Kubeconfigs::new([path.clone()]);
        files.contexts(&path).await.map_err(|error| format!("{} {error:?}", chain(&error)))
    }

    #[tokio::test]
    async fn what_cannot_be_read_is_placed_and_not_shown() {
        for text in [
            "users:\n- name: a\n  user: {token: hunter2\ncontexts: [",
            "contexts:\n- name: [hunter2]\n  context: {cluster: a}\n",
            "users:\n- name: a\n  user:\n    token: [hunter2]\n",
        ] {
            let wrong = contexts(text).await.unwrap_err();
            assert!(wrong.contains("line") && !wrong.contains("hunter2"), "{wrong}");
        }
        let files = Kubeconfigs::new([PathBuf::from("/nowhere/config")]);
        let error = files.contexts(Path::new("/nowhere/config")).await.unwrap_err();
        assert!(chain(&error).contains("/nowhere/config"));
        assert!(files.contexts(Path::new("/etc/passwd")).await.is_err(), "not a file of this source");
    }

    #[tokio::test]
    async fn the_first_of_two_contexts_counts() {
        let text = "contexts:\n- {name: b, context: {cluster: x}}\n- {name: a, context: {cluster: x}}\n\
                    - {name: b, context: {cluster: y}}\n";
        assert_eq!(contexts(text).await.unwrap(), ["b", "a"]);
        assert_eq!(contexts("").await.unwrap(), Vec::<String>::new());
    }
}
