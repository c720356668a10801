//! What the reliability rules share: effective replicas, and limits that are numbers or percentages.

use crate::k8s::{Object, Workload, autoscale};
use crate::rule::{Scope, ScopeKind};
use crate::yaml::Node;

/// How many replicas a workload runs, and where that is written.
pub(super) struct Replicas<'s> {
    /// The number: an autoscaler's minimum, else `replicas`, unset 1.
    pub(super) count: i64,
    /// The scalar that says so; none if it is a default.
    pub(super) node: Option<Node<'s>>,
}

/// The effective replicas of a workload with a replica count. None if they are not known: the scope is incomplete, or the value is
/// no number yet.
pub(super) fn replicas<'s>(workload: &Workload<'s>, scope: &Scope<'s>) -> Option<Replicas<'s>> {
    if !workload.traits.replicated || !scope.complete {
        return None;
    }
    if let Some(scaler) = autoscale::horizontal(&scope.objects, &workload.object) {
        return Some(Replicas { count: scaler.min_replicas, node: scaler.min });
    }
    let node = workload.object.spec().and_then(|s| s.get("replicas")).filter(|n| !n.is_null());
    let count = match &node {
        Some(node) => node.as_i64()?,
        None => 1,
    };
    Some(Replicas { count, node })
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
pub(super) fn together(scope: &Scope<'_>, a: &Object<'_>, b: &Object<'_>) -> bool {
    let directory = |o: &Object<'_>| o.anchor().span().and_then(|s| s.source.path().parent().map(|p| p.to_path_buf()));
    scope.kind != ScopeKind::Plain || directory(a) == directory(b)
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
