//! A Kubernetes that this project did not write: a real API server, read with exactly the rights of the manifest in
//! `deploy/`.

mod access;

use std::sync::atomic::{AtomicBool, Ordering};

use auditor_testbed::harness::{kubernetes::Cluster, program::Auditor, tables::Tables};
use serde_json::{Value, json};

use crate::common::{Report, program};

const ROLES: &str = "/apis/rbac.authorization.k8s.io/v1/clusterroles";
const BINDINGS: &str = "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings";
const MANIFEST: &str = include_str!("../../deploy/kubernetes/auditor-cluster-role.yaml");
const SECRETS: [&str; 4] = ["planted-annotation", "planted-env", "planted-argument", "planted-secret"];

/// A cluster with something of every kind, and the auditor's service account with the manifest's role.
fn cluster() -> Cluster {
    let cluster = Cluster::start();
    cluster.create("/api/v1/namespaces", "Namespace", &json!({ "metadata": { "name": "app" } }));
    let account = |namespace: &str, name: &str| {
        let path = format!("/api/v1/namespaces/{namespace}/serviceaccounts");
        cluster.create(
            &path,
            "ServiceAccount",
            &json!({ "metadata": { "name": name, "annotations": {
                "eks.amazonaws.com/role-arn": format!("arn:aws:iam::111122223333:role/{name}"),
                "kubectl.kubernetes.io/last-applied-configuration": "planted-annotation"
            }}}),
        );
    };
    account("kube-system", "auditor");
    for n in 0..12 {
        account("app", &format!("account-{n:02}"));
    }
    cluster.create_yaml(ROLES, MANIFEST);
    cluster.create(
        BINDINGS,
        "ClusterRoleBinding",
        &json!({
            "metadata": { "name": "auditor" },
            "roleRef": { "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "auditor" },
            "subjects": [{ "kind": "ServiceAccount", "name": "auditor", "namespace": "kube-system" }]
        }),
    );
    cluster.create(
        BINDINGS,
        "ClusterRoleBinding",
        &json!({
            "metadata": { "name": "nobody" },
            "roleRef": { "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "not-there" }
        }),
    );
    fill(&cluster);
    cluster
}

fn fill(cluster: &Cluster) {
    let containers = json!([{
        "name": "a", "image": "registry.example.com/a:1", "args": ["planted-argument"],
        "env": [{ "name": "PASSWORD", "value": "planted-env" }], "securityContext": { "privileged": true }
    }]);
    let spec =
        |restart: &str| json!({ "containers": containers, "restartPolicy": restart, "hostNetwork": true });
    let template = |restart: &str| json!({ "metadata": { "labels": { "app": "a" } }, "spec": spec(restart) });
    let selector = json!({ "matchLabels": { "app": "a" } });
    let named = |spec: Value| json!({ "metadata": { "name": "a" }, "spec": spec });
    let set = json!({ "selector": selector, "template": template("Always"), "serviceName": "a" });
    let mut plain = set.clone();
    plain.as_object_mut().unwrap().remove("serviceName");
    for (resource, kind, spec) in [
        ("deployments", "Deployment", &plain),
        ("daemonsets", "DaemonSet", &plain),
        ("replicasets", "ReplicaSet", &plain),
        ("statefulsets", "StatefulSet", &set),
    ] {
        cluster.create(&format!("/apis/apps/v1/namespaces/app/{resource}"), kind, &named(spec.clone()));
    }
    let job = json!({ "template": template("Never") });
    cluster.create("/apis/batch/v1/namespaces/app/jobs", "Job", &named(job.clone()));
    // This server is older than `batch/v1`.
    let cron_job = json!({ "schedule": "0 3 * * *", "jobTemplate": { "spec": job } });
    cluster.create("/apis/batch/v1beta1/namespaces/app/cronjobs", "CronJob", &named(cron_job));
    cluster.create("/api/v1/namespaces/app/pods", "Pod", &named(spec("Always")));
    cluster.create("/api/v1/nodes", "Node", &named(json!({ "providerID": "aws:///eu-west-1a/i-0abc" })));
    let policy = json!({ "podSelector": {}, "policyTypes": ["Ingress"] });
    cluster.create(
        "/apis/networking.k8s.io/v1/namespaces/app/networkpolicies",
        "NetworkPolicy",
        &named(policy),
    );
    cluster.create("/apis/rbac.authorization.k8s.io/v1/namespaces/app/roles", "Role", &json!({
        "metadata": { "name": "reader" },
        "rules": [{ "verbs": ["get"], "apiGroups": [""], "resources": ["secrets"], "resourceNames": ["db"] }]
    }));
    cluster.create(
        "/apis/rbac.authorization.k8s.io/v1/namespaces/app/rolebindings",
        "RoleBinding",
        &json!({
            "metadata": { "name": "dangling" },
            "roleRef": { "apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "gone" }
        }),
    );
    cluster.create(
        "/api/v1/namespaces/app/secrets",
        "Secret",
        &json!({
            "metadata": { "name": "db" }, "stringData": { "password": "planted-secret" }
        }),
    );
    cluster.create("/api/v1/namespaces/kube-system/configmaps", "ConfigMap", &json!({
        "metadata": { "name": "aws-auth" },
        "data": { "mapRoles": "- rolearn: arn:aws:iam::111122223333:role/admin\n  groups: [system:masters]\n- oops\n" }
    }));
}

fn auditor(cluster: &Cluster, page_size: u32, source: &str) -> Auditor {
    let auditor = program().config(&format!(
        "[sources.kubernetes]\npage_size = {page_size}\naccount = \"111122223333\"\nattempts = 2\n{source}\n\
         [[sources.kubernetes.kubeconfig]]\npath = \"kubeconfig\"\n[sinks.sqlite]\npath = \"auditor.sqlite\"\n"
    ));
    auditor.write("kubeconfig", cluster.kubeconfig("prod", &cluster.token("kube-system", "auditor")));
    auditor
}

fn uid(cluster: &Cluster) -> String {
    cluster.get("/api/v1/namespaces/kube-system")["metadata"]["uid"].as_str().unwrap().to_owned()
}

#[test]
#[ignore = "needs kube-apiserver: cargo xtask test --kubernetes"]
fn the_rights_of_the_manifest_are_enough_and_nothing_secret_is_kept() {
    let cluster = cluster();
    let auditor = auditor(&cluster, 5, "");
    let check = auditor.run(&["check"]).expect_code(0);
    let first = Report::of(auditor.run(&["run", "--format", "json"]), 0);
    for scope in first.scopes("111122223333") {
        assert_eq!(scope["outcome"], "complete", "{scope}");
    }
    assert_eq!(first.json["tasks"][0]["target"], json!(uid(&cluster)));

    let path = auditor.dir().join("auditor.sqlite");
    let tables = Tables::Sqlite(&path);
    let count = |kind: &str| {
        tables.number(&format!("SELECT count(*) AS n FROM resource_current WHERE kind = '{kind}'"))
    };
    // What the server itself says there is.
    let there = |path: &str| i64::try_from(cluster.get(path)["items"].as_array().unwrap().len()).unwrap();
    for (kind, path) in [
        ("kubernetes_namespace", "/api/v1/namespaces"),
        ("kubernetes_service_account", "/api/v1/serviceaccounts"),
        ("principal", "/api/v1/serviceaccounts"),
        ("kubernetes_role", "/apis/rbac.authorization.k8s.io/v1/roles"),
        ("kubernetes_cluster_role", ROLES),
        ("kubernetes_role_binding", "/apis/rbac.authorization.k8s.io/v1/rolebindings"),
        ("kubernetes_cluster_role_binding", BINDINGS),
    ] {
        assert_eq!(count(kind), there(path), "{kind}");
        assert!(count(kind) > 0, "{kind}");
    }
    assert!(count("kubernetes_cluster_role") > 50, "many pages");
    for (kind, expected) in [
        ("kubernetes_cluster", 1),
        ("kubernetes_node", 1),
        ("kubernetes_workload", 7),
        ("kubernetes_network_policy", 1),
        ("kubernetes_aws_auth_entry", 2),
    ] {
        assert_eq!(count(kind), expected, "{kind}");
    }

    let second = Report::of(auditor.run(&["run", "--format", "json"]), 0);
    assert_eq!((second.total("new"), second.total("changed"), second.total("removed")), (0, 0, 0));
    let verify = auditor.run(&["verify"]).expect_code(0);
    let shown = auditor
        .run(&["show", "kubernetes_workload", "--filter", "privileged = true", "--format", "csv"])
        .expect_code(0)
        .expect_stdout(&["Deployment", "CronJob", "Pod"]);
    let store = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
    for secret in SECRETS {
        assert!(!store.contains(secret), "{secret} is stored");
        for output in [&check, &first.output, &second.output, &verify, &shown] {
            output.clone().expect_nowhere(secret);
        }
    }
    let token = cluster.token("kube-system", "auditor");
    let signature = token.split('.').next().unwrap();
    assert!(!store.contains(signature), "the token is stored");
}

#[test]
#[ignore = "needs kube-apiserver: cargo xtask test --kubernetes"]
fn a_right_that_is_taken_away_is_a_gap_and_retires_nothing() {
    let cluster = cluster();
    let auditor = auditor(&cluster, 5, "");
    Report::of(auditor.run(&["run", "--format", "json"]), 0);

    let less = program()
        .run(&[
            "kinds",
            "--cluster-role",
            "kubernetes_cluster",
            "kubernetes_role",
            "kubernetes_service_account",
        ])
        .expect_code(0);
    cluster.replace_yaml(&format!("{ROLES}/auditor"), &less.stdout);
    let report = Report::of(auditor.run(&["run", "--format", "json"]), 3);
    let account = "111122223333";
    for kind in ["kubernetes_cluster", "kubernetes_role", "kubernetes_service_account", "principal"] {
        assert_eq!(report.outcome(account, kind), "complete", "{kind}");
    }
    for kind in ["kubernetes_network_policy", "kubernetes_workload", "kubernetes_aws_auth_entry"] {
        assert_eq!(report.outcome(account, kind), "denied", "{kind}");
    }
    assert_eq!(report.total("removed"), 0);
    let text = report.output.stdout.clone();
    for words in [
        "grant `list networkpolicies.networking.k8s.io`",
        "grant `get configmaps/aws-auth`",
        "cannot list resource",
    ] {
        assert!(text.contains(words), "`{words}` is not in {text}");
    }
    let path = auditor.dir().join("auditor.sqlite");
    let sql = "SELECT count(*) AS n FROM resource_current WHERE kind = 'kubernetes_workload'";
    assert_eq!(Tables::Sqlite(&path).number(sql), 7);
    let check = auditor.run(&["check"]);
    assert!(check.stdout.contains("list pods") && check.code != Some(0), "{check}");
}

#[test]
#[ignore = "needs kube-apiserver: cargo xtask test --kubernetes"]
fn clusters_that_cannot_be_reached_keep_no_other_from_being_read() {
    let cluster = cluster();
    let more =
        ["lost", "distrusted"].map(|name| format!("[[sources.kubernetes.kubeconfig]]\npath = \"{name}\"\n"));
    let auditor = auditor(&cluster, 5, &format!("identify_timeout_secs = 5\n{}", more.concat()));
    let lost = cluster.kubeconfig("lost", "x").replace("https://127.0.0.1", "https://192.0.2.1");
    auditor.write("lost", lost);
    // The server's own certificate in place of its authority's: kubectl takes that, rustls does not.
    let distrusted = cluster.kubeconfig("distrusted", "x").replace("ca.crt", "server.crt");
    auditor.write("distrusted", distrusted);
    let report = Report::of(auditor.run(&["run", "--format", "json"]), 3);
    let tasks = report.json["tasks"].as_array().unwrap();
    let ids: Vec<_> = tasks.iter().map(|task| task["target"].as_str().unwrap()).collect();
    let uid = uid(&cluster);
    assert_eq!(ids, [uid.as_str(), "unidentified:distrusted#distrusted", "unidentified:lost#lost"]);
    for task in tasks {
        let expected = if task["target_name"] == "prod" { "complete" } else { "failed" };
        assert!(
            task["scopes"].as_array().unwrap().iter().all(|scope| scope["outcome"] == expected),
            "{task}"
        );
    }
    let gaps = tasks[1].to_string();
    assert!(gaps.contains("certificate-authority") && gaps.contains("which kubectl takes"), "{gaps}");
    // Refused or silent, depending on the network.
    assert!(tasks[2].to_string().contains("no answer"), "{}", tasks[2]);
}

#[test]
#[ignore = "needs kube-apiserver: cargo xtask test --kubernetes"]
fn a_listing_that_the_server_forgets_twice_is_said_to_be_of_different_times() {
    let cluster = cluster();
    // The server compacts every second; a page every two seconds is too slow for it.
    let auditor = auditor(&cluster, 20, "requests_per_second = 0.4\nkinds = [\"kubernetes_cluster_role\"]");
    let done = AtomicBool::new(false);
    let report = std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut n = 0;
            while !done.load(Ordering::Relaxed) {
                n += 1;
                let map = json!({ "metadata": { "name": format!("noise-{n}") } });
                cluster.create("/api/v1/namespaces/app/configmaps", "ConfigMap", &map);
                std::thread::sleep(std::time::Duration::from_millis(100));
            }
        });
        let report = auditor.run(&["run", "--format", "json"]);
        done.store(true, Ordering::Relaxed);
        Report::of(report, 3)
    });
    assert_eq!(report.outcome("111122223333", "kubernetes_cluster_role"), "partial");
    assert!(report.output.stdout.contains("different times"), "{}", report.output);
    let there = cluster.get(ROLES)["items"].as_array().unwrap().len();
    assert_eq!(report.total("seen"), u64::try_from(there).unwrap(), "none lost, none twice");
}
