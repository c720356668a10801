//! `sensitive-host-path`: see `rules/sensitive-host-path.md`.

use serde::Deserialize;

use super::security::{help_for, is_placeholder, volumes};
use crate::k8s::{Container, Workload};
use crate::rule::{PodCx, Rule, Sink};
use crate::yaml::Node;

/// Directories that hold the node: what lies in them, and what they lie in.
const DIRECTORIES: [&str; 17] = [
    "/boot",
    "/dev",
    "/etc",
    "/lib",
    "/lib64",
    "/proc",
    "/root",
    "/sys",
    "/usr",
    "/bin",
    "/sbin",
    "/home",
    "/var/lib/kubelet",
    "/var/lib/etcd",
    "/var/lib/docker",
    "/var/lib/containers",
    "/var/lib/containerd",
];

/// Where the sockets of container runtimes live below `/run` and `/var/run`.
const SOCKETS: [&str; 7] = [
    "docker.sock",
    "dockershim.sock",
    "cri-dockerd.sock",
    "containerd/containerd.sock",
    "k3s/containerd/containerd.sock",
    "crio/crio.sock",
    "podman/podman.sock",
];

/// Directories of credentials, wherever they are.
const CREDENTIALS: [&str; 5] = [".aws", ".azure", ".kube", ".docker", ".config/gcloud"];

/// Reports volumes that give a container the node's own files.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct SensitiveHostPath {
    /// Paths that may be mounted read-only, with all below them.
    pub read_only_ok: Vec<String>,
}

impl Default for SensitiveHostPath {
    fn default() -> Self {
        let paths = [
            "/etc/localtime",
            "/etc/ssl/certs",
            "/etc/pki",
            "/usr/share/zoneinfo",
            "/usr/share/ca-certificates",
            "/lib/modules",
            "/etc/machine-id",
            "/sys/fs/cgroup",
        ];
        Self { read_only_ok: paths.map(String::from).to_vec() }
    }
}

impl Rule for SensitiveHostPath {
    fn pod<'a, 's>(&self, cx: &PodCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        for volume in volumes(cx.workload) {
            let Some(node) = volume.path(&["hostPath", "path"]) else { continue };
            let Some(path) = node.as_str().filter(|_| !is_placeholder(&node)).map(|p| clean(&p)) else { continue };
            let mounts = mounts(cx.workload, &volume);
            let read_only = mounts.iter().all(|(_, m)| m.get("readOnly").and_then(|r| r.as_bool()) == Some(true));
            let written = if read_only { None } else { run_by_node(&path) };
            let Some(why) = sensitive(&path).or(written) else { continue };
            if mounts.is_empty() || read_only && self.read_only_ok.iter().any(|ok| lies_in(&path, &clean(ok))) {
                continue;
            }
            let mut users: Vec<&'a Container<'s>> = mounts.iter().map(|(c, _)| *c).collect();
            users.dedup_by_key(|c| c.index);
            let message = message(&users, &path);
            for user in users {
                sink.on(&cx.workload.object, Some(user));
                let mut draft = sink.at(&node, message.as_str());
                draft
                    .label(why)
                    .help(help_for(
                        cx.workload,
                        "mount the one file or directory that the program needs, or ask the API for the data",
                    ))
                    .entry(&volume.get("name").unwrap_or_else(|| volume.clone()));
                for (_, mount) in mounts.iter().filter(|(c, _)| c.index == user.index) {
                    draft.related(&mount.get("mountPath").unwrap_or_else(|| mount.clone()), "mounted here");
                }
            }
        }
    }
}

fn message(users: &[&Container<'_>], path: &str) -> String {
    match users {
        [one] => format!("{} mounts `{path}` of the node", one.title()),
        many => {
            let names: Vec<String> = many.iter().map(|c| format!("`{}`", c.name())).collect();
            format!("containers {} mount `{path}` of the node", names.join(", "))
        }
    }
}

/// The mounts of a volume, in the order of the containers.
fn mounts<'a, 's>(workload: &'a Workload<'s>, volume: &Node<'s>) -> Vec<(&'a Container<'s>, Node<'s>)> {
    let Some(name) = volume.get("name").and_then(|n| n.as_str()) else { return Vec::new() };
    let of = |c: &'a Container<'s>| {
        let mounts: Vec<Node<'s>> = c.get("volumeMounts").iter().flat_map(Node::items).collect();
        mounts.into_iter().map(move |m| (c, m))
    };
    let all = workload.containers.iter().flat_map(of);
    all.filter(|(_, m)| m.get("name").is_some_and(|n| n.has_text(&name))).collect()
}

/// Why a clean path is sensitive.
fn sensitive(path: &str) -> Option<&'static str> {
    if path == "/" {
        return Some("this is the whole node");
    }
    let socket = ["/run/", "/var/run/"].into_iter().any(|run| {
        let known = SOCKETS.iter().any(|s| lies_in(&format!("{run}{s}"), path));
        let name = path.rsplit('/').next().unwrap_or_default();
        known || path.starts_with(run) && SOCKETS.iter().any(|s| s.rsplit('/').next() == Some(name))
    });
    if socket {
        return Some("who reaches the container runtime is root on the node");
    }
    if DIRECTORIES.iter().any(|d| lies_in(path, d) || lies_in(d, path)) {
        return Some("this holds files that the node itself lives on");
    }
    let below = format!("{path}/");
    CREDENTIALS.iter().any(|c| below.contains(&format!("/{c}/"))).then_some("this holds credentials")
}

/// Why who may write to a clean path has the node: from there it runs programs as root.
fn run_by_node(path: &str) -> Option<&'static str> {
    let programs = "/opt/cni/bin";
    let has = lies_in(path, programs) || lies_in(programs, path);
    has.then_some("the node runs the network plugins in it as root")
}

/// True if the path is the directory or lies in it.
fn lies_in(path: &str, directory: &str) -> bool {
    directory == "/" || path.strip_prefix(directory).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The path without empty parts, `.` and `..`. A relative path stays relative.
fn clean(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => _ = parts.pop(),
            part => parts.push(part),
        }
    }
    let slash = if path.starts_with('/') { "/" } else { "" };
    format!("{slash}{}", parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_judged_clean_and_by_whole_parts() {
        let is = |path: &str| sensitive(&clean(path)).is_some();
        for path in [
            "/",
            "//",
            "/..",
            "/etc",
            "/etc/",
            "/etc/kubernetes/pki",
            "/var",
            "/var/lib",
            "/var/lib/kubelet/pods",
            "/opt/../etc",
            "/run",
            "/var/run/",
            "/run/docker.sock",
            "/var/run/./docker.sock",
            "/run/containerd",
            "/run/k3s/containerd/containerd.sock",
            "/run/user/1000/podman/podman.sock",
            "/srv/ci/.aws",
            "/srv/ci/.config/gcloud/x.json",
        ] {
            assert!(is(path), "{path}");
        }
        for path in [
            "/etcetera",
            "/opt",
            "/data",
            "/var/log",
            "/var/lib/app",
            "/run/udev",
            "/run/xtables.lock",
            "/srv/docker.sock",
            "/srv/.config/other",
            "/mnt",
            "/var/lib/kubelet2",
        ] {
            assert!(!is(path), "{path}");
        }
    }
}
