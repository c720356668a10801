//! `dangling-service-selector`: see `rules/dangling-service-selector.md`.

use serde::Deserialize;

use super::selection::{Pods, Wanted};
use crate::rule::{BuildCx, Rule, Sink};

/// Reports Services that select no pod.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct DanglingServiceSelector {}

impl Rule for DanglingServiceSelector {
    fn compares(&self) -> bool {
        true
    }

    fn build<'a, 's>(&self, cx: &BuildCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let Some(pods) = Pods::new(cx) else { return };
        for service in cx.scope.of_kind("", "Service") {
            let Some(spec) = service.spec() else { continue };
            if spec.get("type").is_some_and(|t| t.has_text("ExternalName")) {
                continue;
            }
            let Some((key, selector)) = spec.entry("selector").filter(|(_, s)| s.is_map()) else { continue };
            let Some(found) = pods.unselected(service, &Wanted::of_map(&selector)) else { continue };
            sink.on(service, None);
            let name = service.name().unwrap_or_default();
            let place = found.value.clone().unwrap_or(key);
            let mut draft = sink.at(&place, format!("Service `{name}` selects no pod"));
            found.show(&mut draft, "select labels that a pod template has");
            if let Some((_, label)) = &found.near {
                draft.suggest(format!("write `{}`", label.text().unwrap_or_default()));
            }
        }
    }
}
