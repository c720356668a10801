//! Workloads: objects that make pods, their pod templates and containers.

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use super::image_trigger::image_trigger;
use super::object::Object;
use super::pod_references::{PodReference, pod_references};
use crate::yaml::Node;

/// How a workload's pods live.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traits {
    /// Meant to run until stopped.
    pub long_running: bool,
    /// Meant to end: Jobs and the like, and hooks of Helm and Argo CD.
    pub run_to_completion: bool,
    /// Has a replica count of its own.
    pub replicated: bool,
    /// Its controller probes the pods by itself (Knative).
    pub self_probed: bool,
}

/// The class of a container. Different classes need different things.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// `containers[]`
    App,
    /// `initContainers[]` with `restartPolicy: Always`: runs beside the app containers.
    Sidecar,
    /// Other `initContainers[]`: run before them and end.
    Init,
    /// `ephemeralContainers[]`
    Ephemeral,
}

impl Class {
    /// App and sidecar containers: those that run as long as the pod.
    pub fn runs_with_pod(self) -> bool {
        matches!(self, Class::App | Class::Sidecar)
    }
}

/// The three probes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProbeKind {
    /// `readinessProbe`
    Readiness,
    /// `livenessProbe`
    Liveness,
    /// `startupProbe`
    Startup,
}

impl ProbeKind {
    /// All of them.
    pub const ALL: [ProbeKind; 3] = [ProbeKind::Readiness, ProbeKind::Liveness, ProbeKind::Startup];

    /// The field of the container.
    pub fn field(self) -> &'static str {
        match self {
            ProbeKind::Readiness => "readinessProbe",
            ProbeKind::Liveness => "livenessProbe",
            ProbeKind::Startup => "startupProbe",
        }
    }
}

/// Where a kind keeps a pod template, and how its pods live.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PodTemplate {
    /// The API group; any version of it counts.
    pub group: String,
    /// The kind.
    pub kind: String,
    /// Keys that lead to the template. `[]` goes through a list, `*` through the values of a mapping (`*Specs`: those whose keys
    /// end so).
    pub path: Vec<String>,
    /// How its pods live.
    pub traits: Traits,
}

/// One container of a pod template.
#[derive(Clone)]
pub struct Container<'s> {
    /// The container.
    pub node: Node<'s>,
    /// Its class.
    pub class: Class,
    /// Its index among all containers of the object, init containers included and those of its other pod templates.
    pub index: usize,
    /// True if it has no image and no trigger puts one in: it runs nothing, as what is left of a patch that misspelt a name, or of
    /// an object that is only there to be scaled to nothing.
    pub is_stub: bool,
}

impl<'s> Container<'s> {
    /// Its name; empty if it has none.
    pub fn name(&self) -> Cow<'s, str> {
        self.node.get("name").and_then(|n| n.as_str()).unwrap_or_default()
    }

    /// The place to point to for something that it lacks: its name, else the container.
    pub fn anchor(&self) -> Node<'s> {
        self.node.get("name").unwrap_or_else(|| self.node.clone())
    }

    /// A field of it.
    pub fn get(&self, key: &str) -> Option<Node<'s>> {
        self.node.get(key)
    }

    /// A field of its `securityContext`.
    pub fn security(&self, key: &str) -> Option<Node<'s>> {
        self.node.get("securityContext")?.get(key)
    }

    /// A probe.
    pub fn probe(&self, kind: ProbeKind) -> Option<Node<'s>> {
        self.node.get(kind.field()).filter(|p| !p.is_null())
    }
}

/// A pod template of an object, with its containers.
#[derive(Clone)]
pub struct Workload<'s> {
    /// The object that holds it.
    pub object: Object<'s>,
    /// The template's `metadata` (the object's own, for a Pod).
    pub metadata: Option<Node<'s>>,
    /// The pod spec.
    pub spec: Node<'s>,
    /// The key that holds the pod spec: the place for what the pod spec lacks.
    pub spec_key: Node<'s>,
    /// How its pods live.
    pub traits: Traits,
    /// Its containers: init containers first, then app, then ephemeral ones, each in order.
    pub containers: Vec<Container<'s>>,
    /// Made when they are first asked for, and shared with what is cloned from it: many rules ask.
    references: Arc<OnceLock<Vec<PodReference<'s>>>>,
}

impl<'s> Workload<'s> {
    /// The workloads that an object holds: usually one, none for other objects. The table is `§ Workloads` of the rule
    /// catalogue: built-in kinds, and well-known custom kinds of any version of their group.
    pub fn of(object: &Object<'s>) -> Vec<Workload<'s>> {
        Self::with(object, &[])
    }

    /// As [`Workload::of`], with more kinds than the table has.
    pub fn with(object: &Object<'s>, more: &[PodTemplate]) -> Vec<Workload<'s>> {
        let mut out = Vec::new();
        if let Some((paths, traits)) = shape(object) {
            paths.iter().for_each(|path| Self::add(&mut out, object, path, traits));
        }
        let known = out.len();
        for template in more.iter().filter(|t| object.is(&t.group, &t.kind)) {
            let path: Vec<&str> = template.path.iter().map(String::as_str).collect();
            Self::add(&mut out, object, &path, template.traits);
        }
        // What makes pods of a kind that only the configuration knows may put the image in.
        out.iter_mut().skip(known).flat_map(|w| &mut w.containers).for_each(|c| c.is_stub = false);
        out
    }

    /// Adds those whose templates the path leads to.
    fn add(out: &mut Vec<Workload<'s>>, object: &Object<'s>, path: &[&str], traits: Traits) {
        collect(&object.node, path, &mut |template| {
            let before = out.iter().map(|w| w.containers.len()).sum();
            out.extend(Workload::new(object, template, traits, before));
        });
    }

    /// `before`: how many containers the object's other templates have.
    fn new(object: &Object<'s>, template: &Node<'s>, mut traits: Traits, before: usize) -> Option<Self> {
        let (spec_key, spec) = template.entry("spec")?;
        if !spec.is_map() {
            return None;
        }
        if object.is("", "Pod") {
            let always = spec.get("restartPolicy").is_none_or(|p| p.is_null() || p.has_text("Always"));
            traits.long_running = always;
            traits.run_to_completion = !always;
        }
        if object.is_hook() {
            traits.long_running = false;
            traits.run_to_completion = true;
        }
        let mut containers = Vec::new();
        for (field, class) in
            [("initContainers", Class::Init), ("containers", Class::App), ("ephemeralContainers", Class::Ephemeral)]
        {
            for node in spec.get(field).iter().flat_map(Node::items) {
                if !node.is_map() {
                    continue;
                }
                let sidecar = class == Class::Init && node.get("restartPolicy").is_some_and(|p| p.has_text("Always"));
                let class = if sidecar { Class::Sidecar } else { class };
                let index = before + containers.len();
                let mut container = Container { node, class, index, is_stub: false };
                let has_image =
                    container.get("image").is_some_and(|i| !i.is_scalar() || i.as_str().is_some_and(|i| !i.is_empty()));
                container.is_stub = !has_image && image_trigger(object, &container.name()).is_none();
                containers.push(container);
            }
        }
        let metadata = template.get("metadata").filter(Node::is_map);
        Some(Workload {
            object: object.clone(),
            metadata,
            spec,
            spec_key,
            traits,
            containers,
            references: Arc::default(),
        })
    }

    /// Kind and name of the object, as in messages: `Deployment api`.
    pub fn title(&self) -> String {
        self.object.title()
    }

    /// What its pods name ([`pod_references`]).
    pub fn references(&self) -> &[PodReference<'s>] {
        self.references.get_or_init(|| pod_references(self))
    }

    /// A field of the pod spec.
    pub fn get(&self, key: &str) -> Option<Node<'s>> {
        self.spec.get(key)
    }

    /// A field of the pod's `securityContext`.
    pub fn security(&self, key: &str) -> Option<Node<'s>> {
        self.spec.get("securityContext")?.get(key)
    }

    /// A field of the security context as it applies to a container: its own, else the pod's. A null is unset.
    pub fn effective_security(&self, container: &Container<'s>, key: &str) -> Option<Node<'s>> {
        container.security(key).filter(|n| !n.is_null()).or_else(|| self.security(key).filter(|n| !n.is_null()))
    }

    /// The value of a label of the template.
    pub fn label(&self, key: &str) -> Option<Cow<'s, str>> {
        self.metadata.as_ref()?.get("labels")?.get(key)?.as_str()
    }

    /// The labels of the template.
    pub fn labels(&self) -> Option<Node<'s>> {
        self.metadata.as_ref()?.get("labels")
    }

    /// The value of an annotation of the template.
    pub fn annotation(&self, key: &str) -> Option<Cow<'s, str>> {
        self.metadata.as_ref()?.get("annotations")?.get(key)?.as_str()
    }

    /// True for Helm and Argo CD hooks.
    pub fn is_hook(&self) -> bool {
        self.object.is_hook()
    }

    /// True if it is scaled to nothing by an explicit `replicas: 0`.
    pub fn is_off(&self) -> bool {
        self.traits.replicated && self.object.spec().and_then(|s| s.get("replicas")?.as_i64()) == Some(0)
    }

    /// True if the pod is declared to run on Windows.
    pub fn is_windows(&self) -> bool {
        self.spec.path(&["os", "name"]).is_some_and(|n| n.has_text("windows"))
    }

    /// True if the pod shares the node's network namespace.
    pub fn host_network(&self) -> bool {
        self.get("hostNetwork").and_then(|n| n.as_bool()) == Some(true)
    }
}

/// Paths to the pod templates of a kind, and how its pods live. In a path, `[]` goes through a list and `*` through the
/// values of a mapping whose key matches the rest of the component (`*ReplicaSpecs`).
fn shape(object: &Object<'_>) -> Option<(&'static [&'static [&'static str]], Traits)> {
    const SERVER: Traits =
        Traits { long_running: true, run_to_completion: false, replicated: true, self_probed: false };
    const DAEMON: Traits = Traits { replicated: false, ..SERVER };
    const JOB: Traits = Traits { long_running: false, run_to_completion: true, replicated: false, self_probed: false };
    const NONE: Traits = Traits { run_to_completion: false, ..JOB };
    const KNATIVE: Traits = Traits { self_probed: true, ..DAEMON };
    const TEMPLATE: &[&[&str]] = &[&["spec", "template"]];
    const ITSELF: &[&[&str]] = &[&[]];

    Some(match (object.group(), object.kind()) {
        ("apps", "Deployment" | "ReplicaSet" | "StatefulSet") | ("", "ReplicationController") => (TEMPLATE, SERVER),
        // Removed API groups: still judged, so that a finding on the version is not the only one.
        ("extensions", "Deployment" | "ReplicaSet") => (TEMPLATE, SERVER),
        ("apps" | "extensions", "DaemonSet") => (TEMPLATE, DAEMON),
        ("", "Pod") => (ITSELF, NONE),
        ("", "PodTemplate") => (&[&["template"]], NONE),
        ("batch", "Job") => (TEMPLATE, JOB),
        ("batch", "CronJob") => (&[&["spec", "jobTemplate", "spec", "template"]], JOB),
        ("argoproj.io", "Rollout") if object.spec().is_some_and(|s| s.get("workloadRef").is_none()) => {
            (TEMPLATE, SERVER)
        }
        ("apps.openshift.io", "DeploymentConfig") => (TEMPLATE, SERVER),
        ("apps.kruise.io", "CloneSet" | "StatefulSet") => (TEMPLATE, SERVER),
        ("apps.kruise.io", "DaemonSet") => (TEMPLATE, DAEMON),
        ("apps.kruise.io", "BroadcastJob") => (TEMPLATE, JOB),
        ("leaderworkerset.x-k8s.io", "LeaderWorkerSet") => (
            &[&["spec", "leaderWorkerTemplate", "leaderTemplate"], &["spec", "leaderWorkerTemplate", "workerTemplate"]],
            DAEMON,
        ),
        ("serving.knative.dev", "Service" | "Configuration") => (TEMPLATE, KNATIVE),
        ("serving.knative.dev", "Revision") => (ITSELF, KNATIVE),
        ("jobset.x-k8s.io", "JobSet") => (&[&["spec", "replicatedJobs", "[]", "template", "spec", "template"]], JOB),
        ("batch.volcano.sh", "Job") => (&[&["spec", "tasks", "[]", "template"]], JOB),
        ("keda.sh", "ScaledJob") => (&[&["spec", "jobTargetRef", "template"]], JOB),
        ("kubeflow.org", kind) if kind.ends_with("Job") => (
            &[&["spec", "*ReplicaSpecs", "*", "template"], &["spec", "runPolicy", "*ReplicaSpecs", "*", "template"]],
            JOB,
        ),
        _ => return None,
    })
}

/// Calls `found` with every node that the path leads to.
fn collect<'s>(node: &Node<'s>, path: &[&str], found: &mut dyn FnMut(&Node<'s>)) {
    let Some((first, rest)) = path.split_first() else {
        found(node);
        return;
    };
    if *first == "[]" {
        for item in node.items() {
            collect(&item, rest, found);
        }
    } else if let Some(suffix) = first.strip_prefix('*') {
        for (key, value) in node.entries() {
            if key.text().is_some_and(|k| k.ends_with(suffix)) {
                collect(&value, rest, found);
            }
        }
    } else if let Some(value) = node.get(first) {
        collect(&value, rest, found);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Source;
    use crate::yaml::SrcNode;

    /// Which containers of an object are stubs.
    fn stubs(text: &str, more: &[PodTemplate]) -> Vec<bool> {
        let source = Source::new("a.yaml".into(), "a.yaml".into(), text.as_bytes().to_vec());
        let id = source.tree().documents[0].root.unwrap();
        let object = Object::new(Node::Source(SrcNode { source: &source, id }, None)).unwrap();
        Workload::with(&object, more).iter().flat_map(|w| &w.containers).map(|c| c.is_stub).collect()
    }

    #[test]
    fn a_container_without_an_image_is_a_stub() {
        let template = "template: {spec: {containers: [{name: a}, {name: b, image: ''}, {name: c, image: 'a:1'}]}}";
        let of = |head: &str| format!("{head}, spec: {{{template}}}}}");
        assert_eq!(stubs(&of("{apiVersion: apps/v1, kind: Deployment"), &[]), [true, true, false]);
        let trigger =
            r#"'[{"from":{"name":"a:1"},"fieldPath":"spec.template.spec.containers[?(@.name==\"a\")].image"}]'"#;
        let annotated = format!(
            "{{apiVersion: apps/v1, kind: Deployment, metadata: {{annotations: {{image.openshift.io/triggers: {trigger}}}}}"
        );
        assert_eq!(stubs(&of(&annotated), &[]), [false, true, false]);
    }

    #[test]
    fn an_operator_may_put_the_image_in() {
        let more = PodTemplate {
            group: "shop.example.com".into(),
            kind: "Shop".into(),
            path: vec!["spec".into(), "template".into()],
            traits: Traits::default(),
        };
        let shop = "{apiVersion: shop.example.com/v1, kind: Shop, spec: {template: {spec: {containers: [{name: a}]}}}}";
        assert_eq!(stubs(shop, &[more]), [false]);
    }
}
