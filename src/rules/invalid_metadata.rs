//! `invalid-metadata`: see `rules/invalid-metadata.md`.

use std::borrow::Cow;
use std::fmt::Display;
use std::ops::Range;

use serde::Deserialize;

use crate::k8s::namespaced::is_namespaced;
use crate::k8s::placeholder::is_placeholder;
use crate::k8s::syntax::{self, Syntax, Wrong};
use crate::k8s::{Object, Workload, network_policy};
use crate::rule::{Env, ObjectCx, Rule, Sink, Version};
use crate::yaml::{Dialect, Node, StepKind, Value};

/// Reports names, labels, selectors and annotations that the API refuses.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct InvalidMetadata {}

/// The most bytes that all annotations of an object may have, keys and values together.
const ANNOTATIONS: usize = 256 * 1024;

impl Rule for InvalidMetadata {
    fn object<'a, 's>(&self, cx: &ObjectCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let object = cx.object;
        if is_local(object) {
            return;
        }
        if let (Some(node), Some((syntax, max))) = (object.name_node(), name_syntax(object, cx.env)) {
            judge(&node, "name", syntax, max, sink);
        }
        if let Some(node) = object.metadata().and_then(|m| m.get("namespace")) {
            judge(&node, "namespace", Syntax::Label, Syntax::Label.max(), sink);
        }
        metadata(object.metadata(), sink);
        selectors(object, sink);
        for workload in cx.workloads {
            pod(workload, sink);
        }
    }
}

/// Input of a program, not of a cluster: configuration, plugins of kustomize.
fn is_local(object: &Object<'_>) -> bool {
    let (group, kind) = (object.group(), object.kind());
    object.annotation_node("config.kubernetes.io/function").is_some()
        || object.annotation_node("config.kubernetes.io/local-config").is_some()
        || matches!(group, "audit.k8s.io" | "backstage.io" | "builtin" | "kind.x-k8s.io" | "kubeadm.k8s.io")
        || (group.contains("config") && !group.ends_with("openshift.io"))
        || ["Config", "Configuration", "GenTemplate", "Generator", "Plugin", "Transformer"]
            .iter()
            .any(|end| kind.ends_with(end))
            && !group.ends_with(".k8s.io")
}

/// How the name of an object is spelt, and how long it may be. None if that is not known.
fn name_syntax(object: &Object<'_>, env: &Env) -> Option<(Syntax, usize)> {
    let syntax = match (object.group(), object.kind()) {
        ("", "Namespace") => Syntax::Label,
        ("", "Service") if env.target < Version::v1(36) => Syntax::Label1035,
        ("", "Service") => Syntax::Label,
        // The pods of a Job carry its name as a label; the Jobs of a CronJob have eleven characters more than it.
        ("batch", "CronJob") => return Some((Syntax::Subdomain, 52)),
        ("batch", "Job") => return Some((Syntax::Subdomain, Syntax::Value.max())),
        ("rbac.authorization.k8s.io", "ClusterRole" | "ClusterRoleBinding" | "Role" | "RoleBinding") => {
            Syntax::PathSegment
        }
        ("", _) if is_namespaced(object).is_some() => Syntax::Subdomain,
        ("apps" | "autoscaling" | "batch" | "extensions" | "policy", _) => Syntax::Subdomain,
        (group, kind) if is_resource(group, kind) => Syntax::Subdomain,
        _ => return None,
    };
    Some((syntax, syntax.max()))
}

/// True for kinds with an ordinary name: not those of aggregated servers, which name as they like.
fn is_resource(group: &str, kind: &str) -> bool {
    let named_otherwise = matches!(
        (group, kind),
        ("apiregistration.k8s.io", _)
            | ("certificates.k8s.io", "ClusterTrustBundle")
            | ("networking.k8s.io", "IPAddress")
    );
    group.contains('.') && !named_otherwise && !group.ends_with("openshift.io")
}

fn metadata<'s>(metadata: Option<&Node<'s>>, sink: &mut Sink<'_, 's>) {
    let get = |field: &str| metadata.and_then(|m| m.get(field)).filter(Node::is_map);
    if let Some(labels) = get("labels") {
        pairs(&labels, "label", sink);
    }
    let Some(annotations) = get("annotations") else { return };
    let (mut sum, mut largest) = (0, None);
    for (key, value) in annotations.entries() {
        // Keys of annotations may be written in capitals.
        judge_text(&key, key.text().map(lower_case), "annotation key", Syntax::Key, usize::MAX, sink);
        let size = key.text().map_or(0, |k| k.len()) + value.text().map_or(0, |v| v.len());
        sum += size;
        if largest.as_ref().is_none_or(|(_, most)| size > *most) {
            largest = Some((key, size));
        }
    }
    if let Some((key, _)) = largest.filter(|_| sum > ANNOTATIONS) {
        let name = key.text().unwrap_or_default();
        let why = format!("all annotations together have {} KiB, and 256 are allowed", sum.div_ceil(1024));
        sink.at(&key, format!("annotation `{name}` is rejected: {why}")).help("keep what is large in a ConfigMap");
    }
}

fn lower_case(text: Cow<'_, str>) -> Cow<'_, str> {
    let is_lower = text.bytes().all(|b| b.is_ascii() && !b.is_ascii_uppercase());
    if is_lower { text } else { Cow::Owned(text.to_lowercase()) }
}

fn pod<'s>(workload: &Workload<'s>, sink: &mut Sink<'_, 's>) {
    if !workload.object.is("", "Pod") {
        metadata(workload.metadata.as_ref(), sink);
    }
    let names = |list: &str| -> Vec<Node<'s>> {
        workload.get(list).iter().flat_map(Node::items).filter_map(|item| item.get("name")).collect()
    };
    for container in &workload.containers {
        if let Some(node) = container.get("name") {
            judge(&node, "container name", Syntax::Label, Syntax::Label.max(), sink);
        }
    }
    for node in names("volumes") {
        judge(&node, "volume name", Syntax::Label, Syntax::Label.max(), sink);
    }
    if let Some(selector) = workload.get("nodeSelector") {
        pairs(&selector, "node selector", sink);
    }
    for kind in ["podAffinity", "podAntiAffinity"] {
        if let Some(terms) = workload.spec.path(&["affinity", kind]) {
            label_selectors(&terms, sink);
        }
    }
    if let Some(constraints) = workload.get("topologySpreadConstraints") {
        label_selectors(&constraints, sink);
    }
}

/// The selectors of built-in kinds.
fn selectors<'s>(object: &Object<'s>, sink: &mut Sink<'_, 's>) {
    let Some(spec) = object.spec() else { return };
    match (object.group(), object.kind()) {
        ("", "Service" | "ReplicationController") => {
            if let Some(selector) = spec.get("selector") {
                pairs(&selector, "selector", sink);
            }
        }
        ("apps" | "batch" | "policy", _) | ("", "PersistentVolumeClaim") => {
            if let Some(selector) = spec.get("selector") {
                label_selector(&selector, sink);
            }
        }
        _ if network_policy::dialect(object) == Some((network_policy::Dialect::Kubernetes, false)) => {
            label_selectors(&spec, sink);
        }
        _ => {}
    }
}

/// Every label selector at or below a node.
fn label_selectors<'s>(node: &Node<'s>, sink: &mut Sink<'_, 's>) {
    label_selector(node, sink);
    node.items().for_each(|item| label_selectors(&item, sink));
    for (key, value) in node.entries() {
        if !key.has_text("matchLabels") && !key.has_text("matchExpressions") {
            label_selectors(&value, sink);
        }
    }
}

fn label_selector<'s>(selector: &Node<'s>, sink: &mut Sink<'_, 's>) {
    if let Some(labels) = selector.get("matchLabels") {
        pairs(&labels, "selector", sink);
    }
    for expression in selector.get("matchExpressions").iter().flat_map(Node::items) {
        if let Some(key) = expression.get("key") {
            judge(&key, "selector key", Syntax::Key, usize::MAX, sink);
        }
        for value in expression.get("values").iter().flat_map(Node::items) {
            judge(&value, "selector value", Syntax::Value, Syntax::Value.max(), sink);
        }
    }
}

fn pairs<'s>(map: &Node<'s>, of: &str, sink: &mut Sink<'_, 's>) {
    for (key, value) in map.entries() {
        judge(&key, format_args!("{of} key"), Syntax::Key, usize::MAX, sink);
        judge(&value, format_args!("{of} value"), Syntax::Value, Syntax::Value.max(), sink);
    }
}

fn judge<'s>(node: &Node<'s>, what: impl Display, syntax: Syntax, max: usize, sink: &mut Sink<'_, 's>) {
    judge_text(node, node.text(), what, syntax, max, sink);
}

fn judge_text<'s>(
    node: &Node<'s>,
    text: Option<Cow<'_, str>>,
    what: impl Display,
    syntax: Syntax,
    max: usize,
    sink: &mut Sink<'_, 's>,
) {
    let Some(text) = text.filter(|t| !t.is_empty()) else { return };
    let Some(Wrong { why, at }) = syntax.check(&text).or_else(|| syntax::too_long(text.len(), max)) else { return };
    // What YAML reads as a number is the matter of non-string-value; what is still to be filled in, of nobody.
    let is_text = matches!(node.resolve(Dialect::V1), Value::Str | Value::Timestamp);
    if !is_text || is_placeholder(&text) || text.contains("$(") {
        return;
    }
    let shown = match text.char_indices().nth(72) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_string(),
    };
    let message = format!("{what} `{}` is rejected: {why}", shown.replace('\n', " "));
    let range = match at {
        Some(range) => piece_at(node, range.start),
        None => tipping_piece(node, max),
    };
    let mut draft = match range {
        Some(range) => sink.at_part(node, range, message),
        None => sink.at(node, message),
    };
    draft.completed(node);
    if let Some(mended) = syntax.mended(&text).filter(|_| node.pieces().len() < 2) {
        draft.help(format!("write `{mended}`")).suggest(format!("write `{mended}`"));
    }
}

/// The piece of a composed text that a byte is in.
fn piece_at(node: &Node<'_>, byte: usize) -> Option<Range<usize>> {
    pieces(node).find(|(range, _)| range.contains(&byte)).map(|(range, _)| range)
}

/// The prefix or suffix that made a composed text longer than it may be: the first without which it was not, as they were applied.
fn tipping_piece(node: &Node<'_>, max: usize) -> Option<Range<usize>> {
    let mut length = node.text()?.len();
    for link in node.origin().links() {
        let (range, _) = match link.step.kind {
            StepKind::NamePrefix | StepKind::NameSuffix => pieces(node).find(|(_, span)| *span == link.step.at)?,
            _ => continue,
        };
        length = length.checked_sub(range.len())?;
        if length <= max {
            return Some(range);
        }
    }
    None
}

/// The pieces of a composed text: their bytes, and where they are written.
fn pieces<'n, 's>(
    node: &'n Node<'s>,
) -> impl Iterator<Item = (Range<usize>, Option<crate::source::Span<'s>>)> + use<'n, 's> {
    let mut from = 0;
    node.pieces().iter().map(move |piece| {
        let range = from..from + piece.len as usize;
        from = range.end;
        (range, piece.span)
    })
}
