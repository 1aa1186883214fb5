//! The decisions of `kubernetes-access`, compared with those of the API server on the same roles and bindings.

use auditor_analyzer_kubernetes_access::{Attributes, Cluster, MASTERS, On, Subject};
use auditor_core::{
    analyzer::{Item, Listing, View},
    outcome::Outcome,
};
use auditor_testbed::harness::{kubernetes, tables::Tables};
use serde_json::{Value, json};

use super::{BINDINGS, MANIFEST, ROLES};
use crate::common::{Report, program};

const RBAC: &str = "rbac.authorization.k8s.io";
const API: &str = "/apis/rbac.authorization.k8s.io/v1";
const REVIEWS: &str = "/apis/authorization.k8s.io/v1/subjectaccessreviews";
const DECISIONS: usize = 12_000;

const NAMESPACES: [&str; 4] = ["n0", "n1", "n2", "n3"];
const ACCOUNTS: [&str; 3] = ["a0", "a1", "a2"];
const USERS: [&str; 6] = ["u0", "u1", "u2", "U0", "u3@example.com", "system:serviceaccount:n1:a1"];
const GROUPS: [&str; 9] = [
    "g0",
    "g1",
    "g2",
    "G0",
    "system:authenticated",
    "system:unauthenticated",
    "system:serviceaccounts",
    "system:serviceaccounts:n0",
    "system:serviceaccounts:n2",
];
const VERBS: [&str; 17] = [
    "get",
    "get",
    "list",
    "list",
    "watch",
    "create",
    "create",
    "update",
    "patch",
    "delete",
    "deletecollection",
    "impersonate",
    "bind",
    "escalate",
    "use",
    "approve",
    "made-up",
];
const API_GROUPS: [&str; 6] = ["", "", "", "apps", RBAC, "batch"];
const RESOURCES: [&str; 12] = [
    "pods",
    "pods",
    "secrets",
    "secrets",
    "configmaps",
    "deployments",
    "deployments",
    "clusterroles",
    "serviceaccounts",
    "users",
    "nodes",
    "po",
];
const SUBRESOURCES: [&str; 4] = ["log", "exec", "scale", "token"];
const NAMES: [&str; 4] = ["x", "y", "z", "cluster-admin"];
const PATHS: [&str; 9] =
    ["/", "/metrics", "/logs", "/logs/", "/logs/a", "/api", "/apis/apps", "/healthz/etcd", "/twice/a"];
const PATH_PATTERNS: [&str; 9] =
    ["/metrics", "/logs/*", "/logs*", "/api*", "*", "/twice/**", "/healthz/*", "/*/a", "/"];

/// Numbers that look random and are the same each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % bound
    }

    fn one_in(&mut self, bound: usize) -> bool {
        self.below(bound) == 0
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }

    fn some<'a>(&mut self, from: &[&'a str], most: usize) -> Vec<&'a str> {
        (0..=self.below(most)).map(|_| self.pick(from)).collect()
    }
}

fn rule(dice: &mut Dice, of_cluster: bool) -> Value {
    let mut verbs = dice.some(&VERBS, 4);
    if dice.one_in(10) {
        verbs.push("*");
    }
    if of_cluster && dice.one_in(5) {
        return json!({ "verbs": verbs, "nonResourceURLs": dice.some(&PATH_PATTERNS, 2) });
    }
    let mut groups = dice.some(&API_GROUPS, 2);
    if dice.one_in(8) {
        groups.push(dice.pick(&["*", "*.k8s.io"]));
    }
    let mut resources = Vec::new();
    for _ in 0..=dice.below(3) {
        let (resource, part) = (dice.pick(&RESOURCES), dice.pick(&SUBRESOURCES));
        resources.push(match dice.below(24) {
            0..=14 => resource.to_owned(),
            15..=18 => format!("{resource}/{part}"),
            19..=20 => format!("*/{part}"),
            21 => format!("{resource}/*"),
            22 => "*".to_owned(),
            _ => "po*".to_owned(),
        });
    }
    let names = if dice.one_in(3) { dice.some(&NAMES, 2) } else { Vec::new() };
    json!({ "verbs": verbs, "apiGroups": groups, "resources": resources, "resourceNames": names })
}

fn subject(dice: &mut Dice, namespaced: bool) -> Value {
    match dice.below(3) {
        0 => json!({ "kind": "User", "apiGroup": RBAC, "name": dice.pick(&USERS) }),
        1 => json!({ "kind": "Group", "apiGroup": RBAC, "name": dice.pick(&GROUPS) }),
        // Without a namespace, it is of the binding's.
        _ if namespaced && dice.one_in(2) => {
            json!({ "kind": "ServiceAccount", "name": dice.pick(&ACCOUNTS) })
        }
        _ => json!({
            "kind": "ServiceAccount", "name": dice.pick(&ACCOUNTS), "namespace": dice.pick(&NAMESPACES)
        }),
    }
}

fn binding(dice: &mut Dice, name: &str, namespaced: bool) -> Value {
    let role_kind = if namespaced && dice.one_in(2) { "Role" } else { "ClusterRole" };
    // The last of each is not there.
    let number = dice.below(if role_kind == "Role" { 13 } else { 41 });
    let subjects: Vec<_> = (0..dice.below(5)).map(|_| subject(dice, namespaced)).collect();
    json!({
        "metadata": { "name": name },
        "roleRef": { "apiGroup": RBAC, "kind": role_kind, "name": format!("r{number}") },
        "subjects": subjects
    })
}

/// Makes roles and bindings, and waits until the server's authorizer knows them all.
fn fill(cluster: &kubernetes::Cluster, dice: &mut Dice) {
    let many = |path: &str, kind: &str, objects: Vec<Value>| {
        let answers = cluster.create_many(path, kind, &objects);
        assert_eq!(answers.len(), objects.len(), "{path}");
        let refused: Vec<_> = answers.iter().filter(|answer| answer["kind"] != kind).collect();
        assert!(refused.is_empty(), "{path}: {refused:?}");
    };
    let named = |name: &str| json!({ "metadata": { "name": name } });
    many("/api/v1/namespaces", "Namespace", NAMESPACES.map(named).to_vec());
    let role = |dice: &mut Dice, n: usize, of_cluster: bool| {
        let rules: Vec<_> = (0..dice.below(4)).map(|_| rule(dice, of_cluster)).collect();
        json!({ "metadata": { "name": format!("r{n}") }, "rules": rules })
    };
    many(ROLES, "ClusterRole", (0..40).map(|n| role(dice, n, true)).collect());
    for namespace in NAMESPACES {
        let path = format!("{API}/namespaces/{namespace}");
        many(&format!("{path}/roles"), "Role", (0..12).map(|n| role(dice, n, false)).collect());
        let bindings = (0..40).map(|n| binding(dice, &format!("b{n}"), true)).collect();
        many(&format!("{path}/rolebindings"), "RoleBinding", bindings);
        let accounts = format!("/api/v1/namespaces/{namespace}/serviceaccounts");
        many(&accounts, "ServiceAccount", ACCOUNTS.map(named).to_vec());
    }
    let bindings = (0..50).map(|n| binding(dice, &format!("b{n}"), false)).collect();
    many(BINDINGS, "ClusterRoleBinding", bindings);
    many(BINDINGS, "ClusterRoleBinding", vec![last("ClusterRole")]);
    many(&format!("{API}/namespaces/n3/rolebindings"), "RoleBinding", vec![last("Role")]);
    let rules = json!([{ "verbs": ["last"], "apiGroups": [""], "resources": ["pods"] }]);
    let last_role = json!({ "metadata": { "name": "last" }, "rules": rules });
    many(ROLES, "ClusterRole", vec![last_role.clone()]);
    many(&format!("{API}/namespaces/n3/roles"), "Role", vec![last_role]);
    let reviews = ["ClusterRole", "Role"].map(|user| {
        let request = Attributes::resource("last", "pods", if user == "Role" { "n3" } else { "" }, "");
        review(&Subject::new(user, None::<String>), &request)
    });
    let known = || {
        let answers = cluster.create_many(REVIEWS, "SubjectAccessReview", &reviews);
        answers.iter().all(|answer| answer["status"]["allowed"] == true)
    };
    let waited = (0..300).find(|_| {
        std::thread::sleep(std::time::Duration::from_millis(100));
        known()
    });
    assert!(waited.is_some(), "the authorizer does not learn of new roles");
}

/// Made last of its kind: once the authorizer knows it, it knows the others.
fn last(role_kind: &str) -> Value {
    json!({
        "metadata": { "name": "last" },
        "roleRef": { "apiGroup": RBAC, "kind": role_kind, "name": "last" },
        "subjects": [{ "kind": "User", "apiGroup": RBAC, "name": role_kind }]
    })
}

fn asking(dice: &mut Dice) -> Subject {
    let groups = if dice.one_in(3) { Vec::new() } else { dice.some(&GROUPS, 2) };
    match dice.below(20) {
        0..=7 => Subject::user(dice.pick(&USERS), groups),
        8..=13 => Subject::service_account(dice.pick(&NAMESPACES), dice.pick(&ACCOUNTS)),
        14..=15 => Subject::new(dice.pick(&USERS), groups),
        16 => Subject::anonymous(),
        17 => Subject::new("nobody", groups),
        18 if dice.one_in(4) => Subject::user("boss", [MASTERS]),
        _ => Subject::user("stranger", groups),
    }
}

fn asked(dice: &mut Dice) -> Attributes {
    if dice.one_in(6) {
        return Attributes::url(dice.pick(&["get", "get", "create", "list", "*"]), dice.pick(&PATHS));
    }
    let verb = if dice.one_in(40) { "*" } else { dice.pick(&VERBS) };
    let group = dice.pick(&API_GROUPS);
    let mut resource = dice.pick(&RESOURCES).to_owned();
    if !group.is_empty() {
        resource = format!("{resource}.{group}");
    }
    if dice.one_in(4) {
        resource = format!("{resource}/{}", dice.pick(&SUBRESOURCES));
    }
    let namespace = if dice.one_in(4) { "" } else { dice.pick(&[&NAMESPACES[..], &["nowhere"]].concat()) };
    let name = if dice.one_in(2) { "" } else { dice.pick(&NAMES) };
    Attributes::resource(verb, &resource, namespace, name)
}

fn review(subject: &Subject, request: &Attributes) -> Value {
    let mut spec = json!({ "user": subject.user, "groups": subject.groups });
    match &request.on {
        On::Resource(on) => {
            spec["resourceAttributes"] = json!({
                "verb": request.verb, "group": on.group, "resource": on.resource, "subresource": on.subresource,
                "namespace": on.namespace, "name": on.name
            });
        }
        On::Url(path) => spec["nonResourceAttributes"] = json!({ "verb": request.verb, "path": path }),
    }
    json!({ "spec": spec })
}

/// What the program wrote as lines, as analyzers see it.
fn listings(lines: &str) -> Vec<Listing> {
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let text = |line: &Value, field: &str| line[field].as_str().unwrap().to_owned();
    let of_type = |wanted: &'static str| lines.iter().filter(move |line| line["type"] == wanted);
    let listing = |line: &Value| {
        assert_eq!(line["outcome"], "complete", "{line}");
        let mine = |item: &&Value| item["kind"] == line["kind"] && item["target"] == line["target"];
        let item = |line: &Value| Item {
            account: text(line, "account").parse().unwrap(),
            native_id: text(line, "native_id"),
            name: line["name"].as_str().map(str::to_owned),
            document: line["document"].clone(),
            activity: None,
            provider_created_at: None,
            provider_updated_at: None,
        };
        Listing {
            kind: text(line, "kind"),
            source: text(line, "source"),
            target: text(line, "target"),
            outcome: Outcome::Complete,
            items: of_type("resource").filter(mine).map(item).collect(),
        }
    };
    of_type("outcome").map(listing).collect()
}

fn server() -> kubernetes::Cluster {
    let cluster = kubernetes::Cluster::start();
    let account = json!({ "metadata": { "name": "auditor" } });
    cluster.create("/api/v1/namespaces/kube-system/serviceaccounts", "ServiceAccount", &account);
    cluster.create_yaml(ROLES, MANIFEST);
    let subjects = json!([{ "kind": "ServiceAccount", "name": "auditor", "namespace": "kube-system" }]);
    let role = json!({ "apiGroup": RBAC, "kind": "ClusterRole", "name": "auditor" });
    let binding = json!({ "metadata": { "name": "auditor" }, "roleRef": role, "subjects": subjects });
    cluster.create(BINDINGS, "ClusterRoleBinding", &binding);
    cluster
}

#[test]
#[ignore = "needs kube-apiserver: cargo xtask test --kubernetes"]
fn decisions_are_those_of_the_api_server() {
    let server = server();
    let mut dice = Dice(0x2545_f491_4f6c_dd1d);
    fill(&server, &mut dice);
    let auditor = program().config(
        "[sources.kubernetes]\naccount = \"111122223333\"\n[[sources.kubernetes.kubeconfig]]\npath = \"kubeconfig\"\n\
         [sinks.jsonl]\npath = \"out.jsonl\"\n",
    );
    auditor.write("kubeconfig", server.kubeconfig("prod", &server.token("kube-system", "auditor")));
    auditor.run(&["run"]).expect_code(0);
    let listings = listings(&std::fs::read_to_string(auditor.dir().join("out.jsonl")).unwrap());
    let view = View { account: None, at: chrono::DateTime::UNIX_EPOCH, listings: &listings, shared: &[] };
    let clusters = Cluster::all(&view);
    let [cluster] = clusters.as_slice() else { panic!("{} clusters", clusters.len()) };
    assert_eq!(cluster.lack(), None);

    let cases: Vec<_> = (0..DECISIONS).map(|_| (asking(&mut dice), asked(&mut dice))).collect();
    let reviews: Vec<_> = cases.iter().map(|(subject, request)| review(subject, request)).collect();
    let answers = server.create_many(REVIEWS, "SubjectAccessReview", &reviews);
    assert_eq!(answers.len(), cases.len());
    let (mut allowed, mut disagreeing) = (0, Vec::new());
    for ((subject, request), answer) in cases.iter().zip(&answers) {
        let status = &answer["status"];
        let expected = status["allowed"].as_bool().unwrap_or_else(|| panic!("{answer}"));
        allowed += usize::from(expected);
        let explanation = cluster.explain(subject, request);
        assert_eq!(
            explanation.decision.allowed,
            explanation.decision.bypasses || !explanation.grants.is_empty()
        );
        if explanation.decision.allowed != expected {
            disagreeing.push(format!("{}: {status}", json!(explanation)));
        }
    }
    let count = disagreeing.len();
    assert_eq!(
        count,
        0,
        "disagreements in {DECISIONS} decisions, {allowed} allowed: {:#?}",
        disagreeing.first()
    );
    // Neither answer is given by chance.
    assert!(allowed > DECISIONS / 10 && allowed < DECISIONS * 9 / 10, "{allowed} allowed");
}

#[test]
#[ignore = "needs kube-apiserver: cargo xtask test --kubernetes"]
fn access_is_derived_in_the_run_and_unchanged_in_the_next() {
    let server = server();
    let auditor = program().config(
        "[sources.kubernetes]\naccount = \"111122223333\"\n[[sources.kubernetes.kubeconfig]]\npath = \"kubeconfig\"\n\
         [analyzers.kubernetes-access]\n[sinks.sqlite]\npath = \"auditor.sqlite\"\n",
    );
    auditor.write("kubeconfig", server.kubeconfig("prod", &server.token("kube-system", "auditor")));
    Report::of(auditor.run(&["run", "--format", "json"]), 0);
    let path = auditor.dir().join("auditor.sqlite");
    let count = |of: &str| {
        Tables::Sqlite(&path).number(&format!("SELECT count(*) AS n FROM resource_current WHERE {of}"))
    };
    assert_eq!(count("kind = 'entitlement' AND native_id LIKE '%/Group:system:masters:*:all'"), 1);
    let own = "native_id LIKE '%/ServiceAccount:kube-system:auditor:core:read'";
    assert_eq!(count(&format!("kind = 'entitlement' AND {own}")), 1);
    assert!(count("kind = 'kubernetes_escalation'") > 0, "Kubernetes binds its own controllers");
    let second = Report::of(auditor.run(&["run", "--format", "json"]), 0);
    assert_eq!((second.total("new"), second.total("changed"), second.total("removed")), (0, 0, 0));

    // A new binding is a new right.
    let subject = json!([{ "kind": "User", "apiGroup": RBAC, "name": "eve" }]);
    let role = json!({ "apiGroup": RBAC, "kind": "ClusterRole", "name": "cluster-admin" });
    let binding = json!({ "metadata": { "name": "eve" }, "roleRef": role, "subjects": subject });
    server.create(BINDINGS, "ClusterRoleBinding", &binding);
    Report::of(auditor.run(&["run", "--format", "json"]), 0);
    assert_eq!(count("kind = 'entitlement' AND native_id LIKE '%/User:eve:*:all'"), 1);
}
