//! What the reliability rules share: effective replicas, limits that are numbers or percentages, and what ties pods to a node.

use std::path::Path;

use super::selection::Wanted;
use crate::k8s::autoscale::{self, Horizontal};
use crate::k8s::{Object, Workload, selector};
use crate::rule::{BuildCx, Run, Scope, ScopeKind, Within};
use crate::yaml::Node;

/// How many replicas a workload runs, and where that is written.
pub(super) struct Replicas<'a, 's> {
    /// The number: an autoscaler's minimum, else `replicas`, unset 1.
    pub(super) count: i64,
    /// The scalar that says so; none if it is a default.
    pub(super) node: Option<Node<'s>>,
    /// The autoscaler whose minimum it is.
    pub(super) scaler: Option<&'a Object<'s>>,
}

/// What decides how many replicas the workloads of a scope run.
pub(super) struct Scalers<'a, 's> {
    scope: &'a Scope<'s>,
    run: &'a Run<'s>,
}

impl<'a, 's> Scalers<'a, 's> {
    /// Those of the scope, and those of other scopes that may be about it.
    pub(super) fn new(cx: &BuildCx<'a, 's>) -> Self {
        Scalers { scope: cx.scope, run: cx.run }
    }

    /// The effective replicas of a workload with a replica count. None if they are not known: the scope is incomplete, the value is
    /// no number yet, an autoscaler of another scope may set it, or a Rollout runs the pods.
    pub(super) fn replicas(&self, workload: &Workload<'s>) -> Option<Replicas<'a, 's>> {
        if !workload.traits.replicated || !self.scope.complete || self.is_run_by_rollout(&workload.object) {
            return None;
        }
        let of = |within| horizontal(self.run, within, &workload.object);
        if let Some(Horizontal { object, min, min_replicas }) = of(Within::Own(self.scope)) {
            return Some(Replicas { count: min_replicas, node: min, scaler: Some(object) });
        }
        if of(Within::Elsewhere(self.scope)).is_some() {
            return None;
        }
        let node = workload.object.spec().and_then(|s| s.get("replicas")).filter(|n| !n.is_null());
        let count = match &node {
            Some(node) => node.as_i64()?,
            None => 1,
        };
        Some(Replicas { count, node, scaler: None })
    }

    /// True if a Rollout takes its pod template from the workload (`workloadRef`): the Rollout decides how many pods there are and
    /// how they are replaced.
    pub(super) fn is_run_by_rollout(&self, workload: &Object<'s>) -> bool {
        let name = workload.name().unwrap_or_default();
        self.run.targeting(Within::Around(self.scope), &name).iter().any(|rollout| {
            let spec = rollout.spec().filter(|_| rollout.is("argoproj.io", "Rollout"));
            let reference = spec.and_then(|s| s.get("workloadRef"));
            reference.is_some_and(|r| autoscale::refers_to(&r, rollout, workload, ""))
        })
    }
}

/// The autoscaler that targets a workload.
pub(super) fn horizontal<'a, 's>(
    run: &'a Run<'s>,
    within: Within<'a, 's>,
    workload: &Object<'s>,
) -> Option<Horizontal<'a, 's>> {
    let mut found = run.targeting(within, &workload.name()?);
    // One of Kubernetes counts before one of KEDA.
    found.sort_by_key(|scaler| scaler.kind() != "HorizontalPodAutoscaler");
    autoscale::horizontal(found, workload)
}

/// A number, or a percentage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Limit {
    Count(i64),
    Percent(i64),
}

impl Limit {
    /// Reads `3` and `25%`; none for anything else.
    pub(super) fn of(node: &Node<'_>) -> Option<Limit> {
        match node.as_i64() {
            Some(count) => Some(Limit::Count(count)),
            None => node.as_str()?.strip_suffix('%')?.parse().ok().map(Limit::Percent),
        }
    }

    /// How many of `total`, a percentage rounded up.
    pub(super) fn up(self, total: i64) -> i64 {
        match self {
            Limit::Count(count) => count,
            Limit::Percent(percent) => (percent.saturating_mul(total)).saturating_add(99).div_euclid(100),
        }
    }

    /// How many of `total`, a percentage rounded down.
    pub(super) fn down(self, total: i64) -> i64 {
        match self {
            Limit::Count(count) => count,
            Limit::Percent(percent) => percent.saturating_mul(total).div_euclid(100),
        }
    }
}

/// True if two objects of a scope are applied together: always in a root or a stream; of plain manifests, those of one
/// directory.
pub(super) fn together<'s>(scope: &Scope<'s>, a: &Object<'s>, b: &Object<'s>) -> bool {
    place(scope, a) == place(scope, b)
}

/// Objects of a scope with the same place are applied together ([`together`]).
pub(super) fn place<'s>(scope: &Scope<'s>, object: &Object<'s>) -> Option<&'s Path> {
    let span = object.anchor().span().filter(|_| scope.kind == ScopeKind::Plain);
    span.and_then(|s| s.source.path().parent())
}

/// True if a pod template mounts a claim that only one node can mount, or that is not in the run, so that nobody can tell.
pub(super) fn may_be_tied_to_node<'s>(workload: &Workload<'s>, cx: &BuildCx<'_, 's>) -> bool {
    let volumes = workload.get("volumes");
    volumes.iter().flat_map(Node::items).filter_map(|v| v.get("persistentVolumeClaim")).any(|claim| {
        let name = claim.get("claimName").and_then(|n| n.as_str()).unwrap_or_default();
        claim_of(cx.run, Within::Around(cx.scope), workload, &name).is_none_or(is_single_node)
    })
}

/// The claim of this name that the pods of a workload mount.
pub(super) fn claim_of<'a, 's>(
    run: &'a Run<'s>,
    within: Within<'a, 's>,
    workload: &Workload<'s>,
    name: &str,
) -> Option<&'a Object<'s>> {
    let is_it = |o: &&Object<'s>| {
        o.group().is_empty() && o.same_namespace(&workload.object) && o.name().is_some_and(|n| n == name)
    };
    run.named(within, "PersistentVolumeClaim", name).into_iter().find(is_it)
}

/// True for a claim that only one node, or one pod, can mount.
pub(super) fn is_single_node(claim: &Object<'_>) -> bool {
    let modes = claim.spec().and_then(|s| s.get("accessModes"));
    let mut modes = modes.iter().flat_map(Node::items).peekable();
    modes.peek().is_some() && modes.all(|m| m.has_text("ReadWriteOnce") || m.has_text("ReadWriteOncePod"))
}

/// True if all pods have to be on one node: a required affinity to themselves by host name.
pub(super) fn stays_together(workload: &Workload<'_>) -> bool {
    let terms = workload.spec.path(&["affinity", "podAffinity", "requiredDuringSchedulingIgnoredDuringExecution"]);
    terms.iter().flat_map(Node::items).any(|term| {
        term.get("topologyKey").is_some_and(|k| k.has_text("kubernetes.io/hostname"))
            && term
                .get("labelSelector")
                .is_some_and(|s| selector::label_selector_matches(&s, workload.labels().as_ref()))
    })
}

/// True if the pod takes ports of its node, which only one pod a node can have.
pub(super) fn takes_node_ports(workload: &Workload<'_>) -> bool {
    let taken = |p: &Node<'_>| p.get("hostPort").and_then(|n| n.as_i64()).is_some_and(|n| n != 0);
    workload.host_network() || workload.containers.iter().flat_map(selector::ports).any(|p| taken(&p))
}

/// True if pods ask for what few nodes have few of, and another pod may have to wait for: extended resources, claimed devices.
pub(super) fn needs_devices(workload: &Workload<'_>) -> bool {
    // Names with a domain, other than that of Kubernetes itself.
    let extended = |name: &str| name.split_once('/').is_some_and(|(domain, _)| !domain.ends_with("kubernetes.io"));
    let asks = |holder: &Node<'_>| {
        ["requests", "limits"]
            .iter()
            .filter_map(|f| holder.path(&["resources", f]))
            .any(|list| list.entries().any(|(key, _)| key.text().is_some_and(|k| extended(&k))))
    };
    workload.get("resourceClaims").is_some_and(|c| !c.is_empty())
        || asks(&workload.spec)
        || workload.containers.iter().any(|c| asks(&c.node))
}

/// True if a `LabelSelector` holds for the labels, or may: it holds a text that is meant to be replaced.
pub(super) fn may_select(selector: &Node<'_>, labels: Option<&Node<'_>>) -> bool {
    let wanted = Wanted::of_selector(selector);
    wanted.is_open() || wanted.matches(labels)
}

/// True for an explicit `replicas: 0`.
pub(super) fn is_off(object: &Object<'_>) -> bool {
    object.spec().and_then(|s| s.get("replicas")?.as_i64()) == Some(0)
}

#[cfg(test)]
mod tests {
    use super::Limit::{Count, Percent};

    #[test]
    fn percentages_round_as_the_controllers_do() {
        assert_eq!((Percent(25).up(3), Percent(25).down(3)), (1, 0));
        assert_eq!((Percent(0).up(3), Percent(100).down(3), Percent(80).up(3)), (0, 3, 3));
        assert_eq!((Count(2).up(9), Count(2).down(9)), (2, 2));
    }
}
