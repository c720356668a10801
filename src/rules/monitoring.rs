//! Objects that tell a scraper what to scrape: which namespaces they look at, and what they select.

use super::absence::Absence;
use super::reliability::may_select;
use crate::k8s::selector::MONITORS;
use crate::k8s::{Object, Workload};
use crate::rule::{BuildCx, Scope, Within};
use crate::yaml::Node;

/// An object that selects what is scraped.
pub(super) struct Monitor<'a, 's> {
    /// The object.
    pub(super) object: &'a Object<'s>,
    of_pods: bool,
    reach: Reach,
    /// Without one, everything is selected.
    selector: Option<Node<'s>>,
}

impl<'a, 's> Monitor<'a, 's> {
    /// The monitor that an object is.
    fn of(object: &'a Object<'s>) -> Option<Self> {
        let spec = object.spec()?;
        let kind = MONITORS.iter().position(|kind| *kind == object.kind())?;
        let cluster = object.kind() == "ClusterPodMonitoring";
        let reach = if cluster { Reach::Any } else { Reach::of(object, &spec) };
        Some(Monitor { object, of_pods: kind > 1, reach, selector: spec.get("selector").filter(Node::is_map) })
    }

    /// The monitors of a scope, of Prometheus, VictoriaMetrics and Google's managed service.
    pub(super) fn all(scope: &'a Scope<'s>) -> impl Iterator<Item = Self> {
        MONITORS.iter().flat_map(|kind| scope.kind_in_any_group(kind)).filter_map(Monitor::of)
    }

    /// True if it selects the pods, or one of the Services that lead to them.
    fn matches(&self, workload: &Workload<'s>, services: &[&Object<'s>]) -> bool {
        let fits = |object: &Object<'s>, labels: Option<Node<'s>>| {
            self.reach.holds(object) && self.selector.as_ref().is_none_or(|s| may_select(s, labels.as_ref()))
        };
        if self.of_pods {
            fits(&workload.object, workload.labels())
        } else {
            services.iter().any(|s| fits(s, s.labels()))
        }
    }
}

/// True if a monitor of the scope, or of others, selects the pods, or one of the Services that lead to them.
pub(super) fn is_monitored<'s>(cx: &BuildCx<'_, 's>, workload: &Workload<'s>, services: &[&Object<'s>]) -> bool {
    MONITORS.iter().any(|kind| {
        let labels = services.iter().map(|s| s.labels()).chain([workload.labels()]);
        let mut candidates = labels.flat_map(|l| cx.run.selecting(Within::Around(cx.scope), kind, l.as_ref()));
        candidates.any(|object| Monitor::of(object).is_some_and(|m| m.matches(workload, services)))
    })
}

/// The namespaces that a monitor looks at.
pub(super) enum Reach {
    Any,
    Own(Option<String>),
    Named(Vec<String>),
}

impl Reach {
    /// As its `namespaceSelector` says.
    pub(super) fn of(object: &Object<'_>, spec: &Node<'_>) -> Self {
        let selector = spec.get("namespaceSelector");
        let field = |key: &str| selector.as_ref().and_then(|s| s.get(key));
        if field("any").and_then(|a| a.as_bool()) == Some(true) {
            return Reach::Any;
        }
        let names: Vec<String> = field("matchNames")
            .iter()
            .flat_map(Node::items)
            .filter_map(|n| n.as_str().map(|n| n.into_owned()))
            .collect();
        if names.is_empty() { Reach::Own(object.namespace().map(|n| n.into_owned())) } else { Reach::Named(names) }
    }

    /// True if an object is in one of them, as far as is written.
    pub(super) fn holds(&self, object: &Object<'_>) -> bool {
        let Some(namespace) = object.namespace() else { return true };
        match self {
            Reach::Any | Reach::Own(None) => true,
            Reach::Own(Some(own)) => *own == namespace,
            Reach::Named(names) => names.iter().any(|n| *n == namespace),
        }
    }

    /// False if what is looked at may be elsewhere altogether.
    pub(super) fn is_known(&self, absence: &Absence<'_, '_>) -> bool {
        match self {
            Reach::Any => false,
            Reach::Own(_) => true,
            Reach::Named(names) => names.iter().all(|n| absence.has_namespace(n)),
        }
    }
}
