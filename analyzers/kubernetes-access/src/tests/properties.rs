//! What holds of every cluster.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::World;
use crate::{Attributes, On, Subject};

fn word(of: &'static [&'static str]) -> impl Strategy<Value = Vec<&'static str>> {
    prop::collection::vec(prop::sample::select(of), 0..3)
}

fn rules() -> impl Strategy<Value = Value> {
    let rule = (
        word(&["get", "list", "create", "bind", "*"]),
        word(&["", "apps", "*"]),
        word(&["pods", "pods/log", "*/log", "secrets", "*", "pods/*"]),
        word(&["a", "b"]),
        word(&["/a", "/a*", "*"]),
    );
    let rule = rule.prop_map(|(verbs, groups, resources, names, urls)| {
        json!({
            "verbs": verbs, "api_groups": groups, "resources": resources, "resource_names": names,
            "non_resource_urls": urls
        })
    });
    prop::collection::vec(rule, 0..3).prop_map(|rules| json!(rules))
}

fn subjects() -> impl Strategy<Value = Value> {
    let kind = prop::sample::select(&["User", "Group", "ServiceAccount"][..]);
    let one = (kind, prop::sample::select(&["u", "g", "s"][..]), prop::sample::select(&["", "n", "m"][..]));
    let one =
        one.prop_map(|(kind, name, namespace)| json!({ "kind": kind, "name": name, "namespace": namespace }));
    prop::collection::vec(one, 0..3).prop_map(|subjects| json!(subjects))
}

type Given = (bool, Value, Value);

fn given() -> impl Strategy<Value = Vec<Given>> {
    prop::collection::vec((any::<bool>(), rules(), subjects()), 1..6)
}

fn world(given: &[Given]) -> World {
    given.iter().enumerate().fold(World::new(), |world, (n, (namespaced, rules, subjects))| {
        let (namespace, name) = (if *namespaced { "n" } else { "" }, format!("r{n}"));
        let role = format!("ClusterRole:{name}");
        world.role("", &name, rules.clone()).binding(namespace, &name, &role, subjects.clone())
    })
}

fn requests() -> Vec<Attributes> {
    let mut requests =
        vec![Attributes::url("get", "/a"), Attributes::url("get", "/ab"), Attributes::everything()];
    for verb in ["get", "create", "bind"] {
        for resource in ["pods", "pods/log", "secrets", "deployments.apps", "pods.apps/log"] {
            for (namespace, name) in [("", ""), ("n", ""), ("n", "a"), ("m", "b")] {
                requests.push(Attributes::resource(verb, resource, namespace, name));
            }
        }
    }
    requests
}

fn asking() -> [Subject; 4] {
    [
        Subject::user("u", ["g"]),
        Subject::new("g", ["u"]),
        Subject::service_account("n", "s"),
        Subject::anonymous(),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn another_binding_takes_nothing_away(given in given()) {
        let (less, more) = (world(&given[..given.len() - 1]).cluster(), world(&given).cluster());
        for request in requests() {
            for subject in asking() {
                let before = less.decide(&subject, &request).allowed;
                prop_assert!(!before || more.decide(&subject, &request).allowed, "{subject:?} {request:?}");
            }
        }
    }

    #[test]
    fn answers_agree_with_each_other(given in given()) {
        let cluster = world(&given).cluster();
        for request in requests() {
            let who = cluster.who_can(&request).who;
            for principal in cluster.principals() {
                let alone = principal.alone();
                let allowed = cluster.decide(&alone, &request).allowed;
                prop_assert_eq!(allowed, who.iter().any(|one| &one.principal == principal));
                let explanation = cluster.explain(&alone, &request);
                prop_assert_eq!(allowed, !explanation.grants.is_empty());
                let everything = cluster.decide(&alone, &Attributes::everything()).allowed;
                let a_resource = matches!(request.on, On::Resource(_));
                prop_assert!(!everything || allowed || !a_resource, "who may do everything may do this");
            }
        }
    }

    #[test]
    fn a_longer_name_of_groups_takes_nothing_away(given in given()) {
        let cluster = world(&given).cluster();
        for request in requests() {
            let without = cluster.decide(&Subject::user("u", None::<String>), &request).allowed;
            prop_assert!(!without || cluster.decide(&Subject::user("u", ["g"]), &request).allowed);
        }
    }

    #[test]
    fn whatever_is_stored_is_survived(
        documents in prop::collection::vec((0..7_usize, any_json()), 0..12),
    ) {
        let kinds = [
            "kubernetes_role", "kubernetes_cluster_role", "kubernetes_role_binding", "kubernetes_cluster_role_binding",
            "kubernetes_service_account", "kubernetes_aws_auth_entry", "aws_eks_access_entry",
        ];
        let mut world = World::new();
        for (n, (kind, document)) in documents.into_iter().enumerate() {
            world = world.item(kinds[kind], &format!("n{n}"), document);
        }
        world.analyze();
        let cluster = world.cluster();
        cluster.oddities();
        cluster.who_can(&Attributes::everything());
    }
}

/// Any JSON, with the fields that are read among its keys.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        prop::sample::select(
            &["", "*", "User", "Role", "ClusterRole", "n", "system:serviceaccount::", "é/*"][..]
        )
        .prop_map(Value::from),
    ];
    let keys = [
        "rules",
        "verbs",
        "api_groups",
        "resources",
        "resource_names",
        "subjects",
        "kind",
        "name",
        "namespace",
        "role_kind",
        "role_name",
        "aggregation_rule",
        "clusterRoleSelectors",
        "matchLabels",
        "labels",
        "groups",
        "principal",
        "access_policies",
        "username",
        "scope",
    ];
    leaf.prop_recursive(4, 32, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((prop::sample::select(keys.to_vec()), inner), 0..6).prop_map(|fields| {
                Value::Object(fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
            }),
        ]
    })
}
