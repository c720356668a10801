//! `missing-autoscaler`: see `rules/missing-autoscaler.md`.

use serde::Deserialize;

use super::absence::is_custom;
use super::load::{Load, works_alone};
use super::reliability::{Scalers, is_off, may_be_tied_to_node};
use crate::k8s::{Object, autoscale};
use crate::rule::{BuildCx, Rule, Sink, Within};
use crate::yaml::Node;

/// Reports workloads behind a Service that no autoscaler follows the load of.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct MissingAutoscaler {}

impl Rule for MissingAutoscaler {
    fn build<'a, 's>(&self, cx: &BuildCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        if !cx.scope.complete {
            return;
        }
        let load = Load::new(cx);
        let scalers = Scalers::new(cx);
        for workload in cx.scope.workloads.iter().filter(|w| w.traits.long_running && !is_off(&w.object)) {
            let object = &workload.object;
            if !object.is("apps", "Deployment") && !object.is("argoproj.io", "Rollout") {
                continue;
            }
            let Some(service) = object.nearest(load.services_of(workload)) else { continue };
            if is_scaled(cx, object)
                || works_alone(workload)
                || scalers.is_run_by_rollout(object)
                || may_be_tied_to_node(workload, cx)
            {
                continue;
            }
            sink.on(object, None);
            sink.at(&object.anchor(), format!("no autoscaler drives {}", workload.title()))
                .related(&service.anchor(), "leads to its pods")
                .help("add a HorizontalPodAutoscaler, or suppress this if the load never changes");
        }
    }
}

/// True if something scales the workload. Custom objects count where they are written beside it.
fn is_scaled<'s>(cx: &BuildCx<'_, 's>, workload: &Object<'s>) -> bool {
    let name = workload.name().unwrap_or_default();
    let refers = |scaler: &Object<'s>, target: &Node<'s>| autoscale::refers_to(target, scaler, workload, "Deployment");
    let custom = |o: &Object<'s>| {
        let spec = o.spec().filter(|_| is_custom(o) && cx.scope.owns(o));
        spec.and_then(|spec| spec.get("scaleTargetRef").or_else(|| spec.get("targetRef")))
    };
    let mut candidates = cx.run.targeting(Within::Around(cx.scope), &name).into_iter();
    candidates.any(|o| autoscale::target(o).or_else(|| custom(o)).is_some_and(|target| refers(o, &target)))
}
