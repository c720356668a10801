//! `retired-image`: see `rules/retired-image.md`.

use serde::Deserialize;

use super::image;
use crate::finding::Safety;
use crate::k8s::ImageRef;
use crate::rule::{ContainerCx, Rule, Sink, edit};

/// Reports images from places that nobody keeps up.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct RetiredImage {
    /// More retired sources.
    pub(super) extra: Vec<Extra>,
}

/// A retired source of the configuration.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct Extra {
    /// Start of the full image name; it ends on a path limit.
    pub(super) prefix: String,
    /// Why it is retired.
    pub(super) reason: String,
    /// What to write in place of the prefix, if the rest of the name stays.
    pub(super) replacement: Option<String>,
}

struct Retired {
    prefix: &'static str,
    reason: &'static str,
    replacement: Option<&'static str>,
}

const NGINX: &str = "ingress-nginx was retired in March 2026 and gets no security fixes";
const DASHBOARD: &str = "this dashboard is archived";
const FROZEN: &str = "this registry has been frozen since April 2023; images moved to `registry.k8s.io`";
const TILLER: &str = "Helm 2 and its server have had no security fixes since 2020";

/// The first row that fits counts.
const TABLE: [Retired; 12] = [
    Retired { prefix: "registry.k8s.io/ingress-nginx/controller", reason: NGINX, replacement: None },
    Retired { prefix: "k8s.gcr.io/ingress-nginx/controller", reason: NGINX, replacement: None },
    Retired { prefix: "us.gcr.io/k8s-artifacts-prod/ingress-nginx/controller", reason: NGINX, replacement: None },
    Retired {
        prefix: "quay.io/kubernetes-ingress-controller/nginx-ingress-controller",
        reason: NGINX,
        replacement: None,
    },
    Retired { prefix: "docker.io/kubernetesui/dashboard", reason: DASHBOARD, replacement: None },
    Retired { prefix: "k8s.gcr.io/kubernetes-dashboard-amd64", reason: DASHBOARD, replacement: None },
    Retired { prefix: "gcr.io/kubernetes-helm/tiller", reason: TILLER, replacement: None },
    Retired { prefix: "ghcr.io/helm/tiller", reason: TILLER, replacement: None },
    Retired { prefix: "k8s.gcr.io", reason: FROZEN, replacement: Some("registry.k8s.io") },
    Retired { prefix: "gcr.io/google_containers", reason: FROZEN, replacement: Some("registry.k8s.io") },
    Retired { prefix: "gcr.io/google-containers", reason: FROZEN, replacement: Some("registry.k8s.io") },
    Retired {
        prefix: "docker.io/bitnami",
        reason: "Bitnami moved its versioned images to `docker.io/bitnamilegacy`, without updates",
        replacement: Some("docker.io/bitnamilegacy"),
    },
];

const HEAPSTER: &str = "Heapster was retired in 2018; metrics-server took its place";

impl Rule for RetiredImage {
    fn container<'a, 's>(&self, cx: &ContainerCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let Some(image) = image::image(cx) else { return };
        let reference = ImageRef::split(&image.text);
        let name = reference.name();
        let Some((prefix, reason, replacement)) = self.find(&reference, &name) else { return };
        let text = &image.text;
        let mut draft = sink.at_part(
            &image.node,
            0..reference.name_len(),
            format!("`{text}` comes from a retired source: {reason}"),
        );
        let Some(replacement) = replacement else {
            draft.help("move to an image that is kept up");
            return;
        };
        let moved = format!("{replacement}{}{}", &name[prefix.len()..], &text[reference.name_len()..]);
        let fix = edit::replace(&image.node, &moved);
        draft.help(format!("write `{moved}`")).offer(Safety::Unsafe, format!("write `{moved}`"), fix);
    }
}

impl RetiredImage {
    /// Prefix, reason and replacement of the source that the image comes from.
    fn find<'r>(&'r self, reference: &ImageRef<'_>, name: &str) -> Option<(&'r str, &'r str, Option<&'r str>)> {
        let extra = self.extra.iter().find(|e| is_below(name, &e.prefix));
        if let Some(extra) = extra {
            return Some((&extra.prefix, &extra.reason, extra.replacement.as_deref()));
        }
        let base = reference.base_name();
        if base == "heapster" || base.starts_with("heapster-") {
            return Some(("", HEAPSTER, None));
        }
        let row = TABLE.iter().find(|row| is_below(name, row.prefix))?;
        // What Bitnami still publishes for free is `latest`.
        let is_latest = reference.digest.is_none() && matches!(reference.tag, None | Some("latest"));
        if row.prefix == "docker.io/bitnami" && is_latest {
            return None;
        }
        Some((row.prefix, row.reason, row.replacement))
    }
}

fn is_below(name: &str, prefix: &str) -> bool {
    name.strip_prefix(prefix.trim_end_matches('/')).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
