//! What the rules about resources share.

use crate::k8s::{Container, Workload, limits, resources};
use crate::rule::{BuildCx, Draft, Env, Sink, Version, Within, any, is_later, removal};
use crate::source::Span;
use crate::yaml::Node;

/// True if the target knows resources of pods.
pub(super) fn pod_level(env: &Env) -> bool {
    env.target >= Version::v1(32)
}

/// A finding about two values that do not fit each other: at the first, unless an overlay wrote the second later.
/// The other one is related, with its text.
pub(super) fn at_cause<'d, 's>(
    first: (&Node<'s>, &str),
    second: (&Node<'s>, &str),
    message: String,
    sink: &'d mut Sink<'_, 's>,
) -> Draft<'d, 's> {
    let (cause, other) = if is_later(second.0, first.0) { (second, first) } else { (first, second) };
    let mut draft = sink.at(cause.0, message);
    draft.related(other.0, other.1);
    draft
}

/// The patch that took a resource out of one of these `fields` (`requests`, `limits`) of the container, else of the pod.
pub(super) fn removed<'s>(
    workload: &Workload<'s>,
    container: &Container<'s>,
    fields: &[&str],
    resource: &str,
) -> Option<Span<'s>> {
    let of = |holder| fields.iter().find_map(|field| removal(holder, &["resources", field, resource], any));
    of(&container.node).or_else(|| of(&workload.spec))
}

/// Reports containers without an effective limit that no LimitRange fills in.
pub(super) fn missing_limit<'a, 's>(
    cx: &BuildCx<'a, 's>,
    sink: &mut Sink<'a, 's>,
    resource: &str,
    asked: fn(&Container<'s>) -> bool,
    report: &dyn Fn(&mut Sink<'a, 's>, &Workload<'s>, &Container<'s>),
) {
    let pod_level = pod_level(cx.env);
    for workload in &cx.scope.workloads {
        let missing = |c: &&Container<'s>| asked(c) && resources::limit(workload, c, resource, pod_level).is_none();
        let missing: Vec<&Container<'s>> = workload.containers.iter().filter(missing).collect();
        if missing.is_empty()
            || limits::defaults(cx.run.limit_ranges(Within::Own(cx.scope), &workload.object), &workload.object)
                .limits
                .contains(resource)
        {
            continue;
        }
        for container in missing {
            sink.on(&workload.object, Some(container));
            report(sink, workload, container);
        }
    }
}
