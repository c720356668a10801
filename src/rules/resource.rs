//! What the rules about resources share.

use crate::k8s::{Container, Workload, limits, resources};
use crate::rule::{BuildCx, Env, Sink, Version};

/// True if the target knows resources of pods.
pub(super) fn pod_level(env: &Env) -> bool {
    env.target >= Version::v1(32)
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
            || limits::defaults(cx.scope.of_kind("", "LimitRange"), &workload.object).limits.contains(resource)
        {
            continue;
        }
        for container in missing {
            sink.on(&workload.object, Some(container));
            report(sink, workload, container);
        }
    }
}
