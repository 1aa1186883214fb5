//! What a pod may do to its node and with its Secrets. Of environment variables only the names of Secrets they are taken
//! from are looked at; values, commands and arguments are not.

use k8s_openapi::api::core::v1::{
    Capabilities, Container, ContainerPort, EnvFromSource, EnvVar, EphemeralContainer, PodSecurityContext,
    PodSpec, SecurityContext, Volume,
};
use serde_json::{Map, Value, json};

use super::sorted;

/// What all sorts of containers have in common here.
struct Part<'a> {
    role: &'static str,
    name: &'a str,
    image: Option<&'a str>,
    security: Option<&'a SecurityContext>,
    ports: Option<&'a [ContainerPort]>,
    env: Option<&'a [EnvVar]>,
    env_from: Option<&'a [EnvFromSource]>,
}

/// The security posture of a pod, as fields of a document.
pub(super) fn posture(spec: &PodSpec) -> Map<String, Value> {
    let parts = parts(spec);
    let pod = spec.security_context.as_ref();
    let volumes = || spec.volumes.iter().flatten();
    let fields = json!({
        "service_account": spec.service_account_name.as_deref().filter(|name| !name.is_empty()).unwrap_or("default"),
        "automount_token": spec.automount_service_account_token,
        "images": sorted(parts.iter().filter_map(|it| it.image)),
        "privileged": parts.iter().any(Part::is_privileged),
        "host_network": spec.host_network.unwrap_or(false),
        "host_pid": spec.host_pid.unwrap_or(false),
        "host_ipc": spec.host_ipc.unwrap_or(false),
        "host_paths": sorted(volumes().filter_map(|volume| Some(volume.host_path.as_ref()?.path.as_str()))),
        "host_ports": sorted(parts.iter().flat_map(Part::host_ports)),
        "capabilities_added": sorted(parts.iter().flat_map(Part::capabilities_added)),
        "run_as_non_root": !parts.is_empty() && parts.iter().all(|it| it.run_as_non_root(pod)),
        "allow_privilege_escalation": parts.iter().any(Part::may_escalate),
        "run_as_user": pod.and_then(|pod| pod.run_as_user),
        "seccomp_profile": pod.and_then(|pod| Some(pod.seccomp_profile.as_ref()?.type_.as_str())),
        "secret_names": sorted(volumes().flat_map(secrets_of_volume).chain(parts.iter().flat_map(Part::secrets))),
        "image_pull_secret_names":
            sorted(spec.image_pull_secrets.iter().flatten().map(|secret| secret.name.as_str())),
        "containers": parts.iter().map(Part::describe).collect::<Vec<_>>(),
    });
    let Value::Object(fields) = fields else { unreachable!("the macro makes an object") };
    fields
}

fn parts(spec: &PodSpec) -> Vec<Part<'_>> {
    let init = spec.init_containers.iter().flatten().map(|it| Part::of("init", it));
    let main = spec.containers.iter().map(|it| Part::of("main", it));
    init.chain(main).chain(spec.ephemeral_containers.iter().flatten().map(Part::of_ephemeral)).collect()
}

impl<'a> Part<'a> {
    fn of(role: &'static str, it: &'a Container) -> Self {
        Self {
            role,
            name: &it.name,
            image: it.image.as_deref(),
            security: it.security_context.as_ref(),
            ports: it.ports.as_deref(),
            env: it.env.as_deref(),
            env_from: it.env_from.as_deref(),
        }
    }

    fn of_ephemeral(it: &'a EphemeralContainer) -> Self {
        Self {
            role: "ephemeral",
            name: &it.name,
            image: it.image.as_deref(),
            security: it.security_context.as_ref(),
            ports: it.ports.as_deref(),
            env: it.env.as_deref(),
            env_from: it.env_from.as_deref(),
        }
    }

    fn is_privileged(&self) -> bool {
        self.security.and_then(|security| security.privileged).unwrap_or(false)
    }

    fn capabilities(&self) -> Option<&'a Capabilities> {
        self.security.and_then(|security| security.capabilities.as_ref())
    }

    fn capabilities_added(&self) -> Vec<&'a str> {
        let capabilities = self.capabilities().and_then(|capabilities| capabilities.add.as_deref());
        sorted(capabilities.unwrap_or_default().iter().map(String::as_str))
    }

    fn capabilities_dropped(&self) -> Vec<&'a str> {
        let capabilities = self.capabilities().and_then(|capabilities| capabilities.drop.as_deref());
        sorted(capabilities.unwrap_or_default().iter().map(String::as_str))
    }

    /// The container's own word counts, then the pod's.
    fn run_as_non_root(&self, pod: Option<&PodSecurityContext>) -> bool {
        let own = self.security.and_then(|security| security.run_as_non_root);
        own.or_else(|| pod.and_then(|pod| pod.run_as_non_root)).unwrap_or(false)
    }

    /// The kernel lets a process gain rights unless told otherwise; what is privileged has them anyhow.
    fn may_escalate(&self) -> bool {
        let told = self.security.and_then(|security| security.allow_privilege_escalation);
        self.is_privileged() || self.capabilities_added().contains(&"SYS_ADMIN") || told.unwrap_or(true)
    }

    fn host_ports(&self) -> Vec<i32> {
        let ports = self.ports.unwrap_or_default().iter();
        sorted(ports.filter_map(|port| port.host_port).filter(|port| *port != 0))
    }

    fn secrets(&self) -> Vec<&'a str> {
        let single = self.env.unwrap_or_default().iter();
        let single = single.filter_map(|variable| {
            Some(variable.value_from.as_ref()?.secret_key_ref.as_ref()?.name.as_str())
        });
        let whole = self.env_from.unwrap_or_default().iter();
        let whole = whole.filter_map(|source| Some(source.secret_ref.as_ref()?.name.as_str()));
        sorted(single.chain(whole))
    }

    fn describe(&self) -> Value {
        let security = self.security;
        json!({
            "name": self.name,
            "role": self.role,
            "image": self.image,
            "privileged": self.is_privileged(),
            "allow_privilege_escalation": security.and_then(|security| security.allow_privilege_escalation),
            "run_as_non_root": security.and_then(|security| security.run_as_non_root),
            "run_as_user": security.and_then(|security| security.run_as_user),
            "read_only_root_filesystem": security.and_then(|security| security.read_only_root_filesystem),
            "capabilities_added": self.capabilities_added(),
            "capabilities_dropped": self.capabilities_dropped(),
            "seccomp_profile": security.and_then(|security| Some(security.seccomp_profile.as_ref()?.type_.as_str())),
            "proc_mount": security.and_then(|security| security.proc_mount.as_deref()),
            "host_ports": self.host_ports(),
        })
    }
}

fn secrets_of_volume(volume: &Volume) -> Vec<&str> {
    let own = volume.secret.as_ref().and_then(|secret| secret.secret_name.as_deref());
    let projected = volume.projected.iter().flat_map(|projected| projected.sources.iter().flatten());
    let projected = projected.filter_map(|source| Some(source.secret.as_ref()?.name.as_str()));
    own.into_iter().chain(projected).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(spec: Value) -> Value {
        Value::Object(posture(&serde_json::from_value(spec).unwrap()))
    }

    #[test]
    fn a_pod_that_says_nothing_may_much() {
        let pod = of(json!({ "containers": [{ "name": "a", "image": "example.com/a:1" }] }));
        for (field, value) in [
            ("service_account", json!("default")),
            ("automount_token", Value::Null),
            ("images", json!(["example.com/a:1"])),
            ("privileged", json!(false)),
            ("host_network", json!(false)),
            ("run_as_non_root", json!(false)),
            ("allow_privilege_escalation", json!(true)),
        ] {
            assert_eq!(pod[field], value, "{field}");
        }
    }

    #[test]
    fn a_pod_is_what_its_worst_container_is() {
        let pod = of(json!({
            "hostPID": true,
            "securityContext": { "runAsNonRoot": true },
            "volumes": [
                { "name": "d", "hostPath": { "path": "/var/run/docker.sock" } },
                { "name": "s", "secret": { "secretName": "tls" } },
                { "name": "p", "projected": { "sources": [{ "secret": { "name": "token" } }] } }
            ],
            "initContainers": [{
                "name": "i",
                "securityContext": {
                    "runAsNonRoot": false, "privileged": true, "allowPrivilegeEscalation": false
                }
            }],
            "containers": [{
                "name": "a",
                "env": [
                    { "name": "PLAIN", "value": "hunter2" },
                    { "name": "DB", "valueFrom": { "secretKeyRef": { "name": "db", "key": "password" } } }
                ],
                "envFrom": [{ "secretRef": { "name": "all" } }],
                "command": ["sh", "-c", "hunter2"], "args": ["--password=hunter2"],
                "ports": [{ "containerPort": 80, "hostPort": 8080 }],
                "securityContext": {
                    "allowPrivilegeEscalation": false, "capabilities": { "add": ["NET_ADMIN"], "drop": ["ALL"] }
                }
            }]
        }));
        for (field, value) in [
            ("privileged", json!(true)),
            ("host_pid", json!(true)),
            ("run_as_non_root", json!(false)),
            ("allow_privilege_escalation", json!(true)),
            ("host_paths", json!(["/var/run/docker.sock"])),
            ("host_ports", json!([8080])),
            ("capabilities_added", json!(["NET_ADMIN"])),
            ("secret_names", json!(["all", "db", "tls", "token"])),
        ] {
            assert_eq!(pod[field], value, "{field}");
        }
        assert_eq!(pod["containers"][0]["role"], json!("init"));
        assert!(!pod.to_string().contains("hunter2"), "{pod}");
    }

    #[test]
    fn a_restricted_pod_is_seen_as_one() {
        let pod = of(json!({
            "securityContext": { "runAsNonRoot": true, "seccompProfile": { "type": "RuntimeDefault" } },
            "automountServiceAccountToken": false,
            "containers": [{ "name": "a", "securityContext": { "allowPrivilegeEscalation": false } }]
        }));
        assert_eq!(
            (&pod["run_as_non_root"], &pod["allow_privilege_escalation"], &pod["automount_token"]),
            (&json!(true), &json!(false), &json!(false))
        );
        assert_eq!(pod["seccomp_profile"], json!("RuntimeDefault"));
    }
}
