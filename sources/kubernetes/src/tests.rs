//! The source against a fake API server.

mod faults;
mod mapping;
mod plans;

use std::{
    io,
    sync::{Arc, Mutex},
};

use auditor_core::{
    config::PluginTable,
    outcome::Outcome,
    registry::{Instance, SourceConfig as _},
    source::{Context, Source, Target},
    testkit::{Collected, SourceFixture, collect, context},
};
use auditor_fakes::kubernetes::{self as fake, Fake, SECRETS, TOKEN, world};
use tempfile::TempDir;

use crate::config::KubernetesConfig;

/// A folder with a kubeconfig whose contexts lead to fakes, and a source that uses it.
struct Setup {
    dir: TempDir,
    source: Box<dyn Source>,
}

/// A kubeconfig of these contexts: name and address.
fn kubeconfig(contexts: &[(&str, &str)]) -> String {
    let each = |line: fn(&str, &str) -> String| -> String {
        contexts.iter().map(|(name, url)| line(name, url)).collect::<Vec<_>>().concat()
    };
    let clusters = each(|name, url| format!("- name: cluster-{name}\n  cluster: {{server: \"{url}\"}}\n"));
    let contexts = each(|name, _| {
        format!("- name: {name}\n  context: {{cluster: \"cluster-{name}\", user: auditor}}\n")
    });
    format!(
        "apiVersion: v1\nkind: Config\nclusters:\n{clusters}contexts:\n{contexts}\
         users:\n- name: auditor\n  user: {{token: {TOKEN}}}\n"
    )
}

/// A source whose only file is this kubeconfig, with more settings in TOML.
fn setup(kubeconfig: &str, more: &str) -> Setup {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("config"), kubeconfig).unwrap();
    let toml =
        format!("page_size = 2\nmax_reply_bytes = 100000\n{more}\n[[kubeconfig]]\npath = \"config\"\n");
    let config: KubernetesConfig = PluginTable::from_toml(&toml).unwrap().parse().unwrap();
    let instance = Instance { name: "k8s".to_owned(), base_dir: dir.path().to_owned() };
    let source = config.build(&instance).unwrap_or_else(|problems| panic!("{problems:?}"));
    Setup { dir, source }
}

/// The targets by name.
async fn targets(source: &dyn Source, context: &Context) -> Vec<Target> {
    source.plan(context).await.unwrap()
}

/// Collects the one cluster of a fake.
async fn collect_one(fake: &Fake) -> Collected {
    let setup = setup(&kubeconfig(&[("prod", &fake.url)]), "");
    let context = context(None);
    let target = targets(setup.source.as_ref(), &context).await.remove(0);
    collect(setup.source.as_ref(), &target, context).await
}

/// Checks how the listing of a kind ended and that one of its gaps says all of this.
#[track_caller]
fn expect(collected: &Collected, kind: &str, outcome: Outcome, words: &[&str]) {
    assert_eq!(collected.outcomes.get(kind), Some(&outcome), "{kind}: {:?}", collected.gaps.get(kind));
    let gaps = format!("{:?}", collected.gaps.get(kind));
    for word in words {
        assert!(gaps.contains(word), "{kind}: `{word}` is not in {gaps}");
    }
}

/// What the fake's world holds.
async fn healthy() -> SourceFixture {
    let fake = Fake::start().await;
    let setup = setup(&kubeconfig(&[("prod", &fake.url)]), "");
    SourceFixture {
        source: setup.source,
        accounts: None,
        secrets: SECRETS.map(str::to_owned).to_vec(),
        expected: vec![
            ("kubernetes_cluster", 1),
            ("kubernetes_namespace", 4),
            ("kubernetes_node", 1),
            ("kubernetes_service_account", 5),
            ("principal", 5),
            ("kubernetes_role", 1),
            ("kubernetes_cluster_role", 4),
            ("kubernetes_role_binding", 2),
            ("kubernetes_cluster_role_binding", 2),
            ("kubernetes_workload", 6),
            ("kubernetes_network_policy", 1),
            ("kubernetes_aws_auth_entry", 3),
        ],
        keep: Box::new((fake, setup.dir)),
    }
}

mod conformance {
    auditor_core::source_conformance!(super::healthy);
}

#[tokio::test]
async fn only_reads_and_asks_for_no_secret() {
    let fake = Fake::start().await;
    let setup = setup(&kubeconfig(&[("prod", &fake.url)]), "");
    let context = context(None);
    let target = targets(setup.source.as_ref(), &context).await.remove(0);
    let collected = collect(setup.source.as_ref(), &target, context.clone()).await;
    collected.result.unwrap();
    let items = setup.source.check(&target, &context).await;
    let problems: Vec<_> = items.iter().filter_map(|item| item.problem.as_ref()).collect();
    assert!(problems.is_empty(), "{problems:?}");
    let calls = fake.calls();
    assert!(calls.iter().all(|call| call.starts_with("GET ")), "{calls:?}");
    assert!(!calls.iter().any(|call| call.contains("secret")), "{calls:?}");
    assert!(calls.iter().filter(|call| call.contains("/api/v1/pods")).count() >= 3, "pages: {calls:?}");
    // What was tried is what the kinds say that they need.
    let mut tried: Vec<_> = items.iter().map(|item| item.what.as_str()).collect();
    let mut needed: Vec<_> = setup.source.kinds().iter().flat_map(|kind| kind.permissions).copied().collect();
    tried.sort_unstable();
    needed.sort_unstable();
    needed.dedup();
    assert_eq!(tried, needed);
}

/// Where log messages go in a test.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Log {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}
