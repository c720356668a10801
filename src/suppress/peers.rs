//! Suppressions written for other tools, where the configuration says that they count (`compat`).
//!
//! Their ids of checks are those that the pages name as peers. What such a suppression does not suppress here is not reported:
//! it was written for another tool.

use rustc_hash::FxHashMap;

use super::{Cover, Suppression};
use crate::k8s::Object;
use crate::lint::SourceUnit;
use crate::rule::{Scope, SourceRole};
use crate::rules::Registry;
use crate::settings::trivy_id;
use crate::source::Span;
use crate::yaml::Node;

/// A tool whose suppressions can count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool {
    /// `ignore-check.kube-linter.io/<check>: reason`, `kube-linter.io/ignore-all: reason`
    KubeLinter,
    /// `kube-score/ignore: check, check`
    KubeScore,
    /// `checkov.io/skip1: CKV_K8S_1=reason`
    Checkov,
    /// `polaris.fairwinds.com/<check>-exempt: "true"`, `polaris.fairwinds.com/exempt: "true"`
    Polaris,
    /// `# trivy:ignore:KSV-0013`
    Trivy,
}

impl Tool {
    /// All of them.
    pub const ALL: [Tool; 5] = [Tool::KubeLinter, Tool::KubeScore, Tool::Checkov, Tool::Polaris, Tool::Trivy];

    /// The name in the configuration and on rule pages.
    pub fn name(self) -> &'static str {
        match self {
            Tool::KubeLinter => "kube-linter",
            Tool::KubeScore => "kube-score",
            Tool::Checkov => "checkov",
            Tool::Polaris => "polaris",
            Tool::Trivy => "trivy",
        }
    }

    /// The tool of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|t| t.name() == name)
    }
}

/// Which checks an annotation switches off, and why.
#[derive(Debug, PartialEq, Eq)]
struct Order {
    tool: Tool,
    /// None: all of the tool's.
    checks: Option<Vec<String>>,
    reason: String,
}

/// The suppressions for these tools.
pub(super) fn collect<'s>(
    units: &[SourceUnit<'s>],
    scopes: &[Scope<'s>],
    registry: &Registry,
    tools: &[Tool],
    out: &mut Vec<Suppression<'s>>,
) {
    if tools.contains(&Tool::Trivy) {
        units.iter().filter(|u| u.role != SourceRole::GeneratorInput).for_each(|u| comments(u, registry, out));
    }
    let mut seen: FxHashMap<Span<'s>, usize> = FxHashMap::default();
    for scope in scopes {
        for object in &scope.objects {
            object.annotations().iter().for_each(|a| take(object, a, registry, tools, &mut seen, out));
        }
        for workload in &scope.workloads {
            let template = workload.metadata.as_ref().and_then(|m| m.get("annotations"));
            template.iter().for_each(|a| take(&workload.object, a, registry, tools, &mut seen, out));
        }
    }
}

fn take<'s>(
    object: &Object<'s>,
    annotations: &Node<'s>,
    registry: &Registry,
    tools: &[Tool],
    seen: &mut FxHashMap<Span<'s>, usize>,
    out: &mut Vec<Suppression<'s>>,
) {
    for (key, value) in annotations.entries() {
        let (Some(key), Some(text), Some(place)) = (key.text(), value.text(), value.span()) else { continue };
        let Some(order) = order(&key, &text).filter(|o| tools.contains(&o.tool)) else { continue };
        if let Some(&at) = seen.get(&place) {
            if let Some(Suppression { covers: Cover::Objects(objects, _), .. }) = out.get_mut(at) {
                objects.push(object.node.identity());
            }
            continue;
        }
        seen.insert(place, out.len());
        let covers = Cover::Objects(vec![object.node.identity()], None);
        out.push(suppression(place, covers, order, registry));
    }
}

/// What an annotation orders, if it is one of these tools'.
fn order(key: &str, value: &str) -> Option<Order> {
    let list = |text: &str| Some(text.split(',').map(|c| c.trim().to_string()).filter(|c| !c.is_empty()).collect());
    let (tool, checks, reason) = if let Some(check) = key.strip_prefix("ignore-check.kube-linter.io/") {
        (Tool::KubeLinter, list(check), value)
    } else if key == "kube-linter.io/ignore-all" {
        (Tool::KubeLinter, None, value)
    } else if key == "kube-score/ignore" {
        (Tool::KubeScore, list(value), "")
    } else if key.strip_prefix("checkov.io/skip").is_some_and(|n| n.chars().all(|c| c.is_ascii_digit())) {
        let (check, reason) = value.split_once('=').unwrap_or((value, ""));
        (Tool::Checkov, list(check), reason)
    } else if let Some(name) = key.strip_prefix("polaris.fairwinds.com/") {
        let checks = match name.strip_suffix("-exempt") {
            Some(check) => list(check),
            None if name == "exempt" => None,
            None => return None,
        };
        if value.trim() != "true" {
            return None;
        }
        (Tool::Polaris, checks, "")
    } else {
        return None;
    };
    Some(Order { tool, checks, reason: reason.trim().to_string() })
}

fn comments<'s>(unit: &SourceUnit<'s>, registry: &Registry, out: &mut Vec<Suppression<'s>>) {
    let source = unit.source;
    if memchr::memmem::find(source.text().as_bytes(), b"trivy:ignore:").is_none() {
        return;
    }
    for comment in &source.tree().comments {
        let place = source.span(comment.start..comment.end);
        let words = place.text().trim_start_matches('#').split_ascii_whitespace();
        let ids = words.filter_map(|word| word.strip_prefix("trivy:ignore:"));
        let ids: Vec<String> = ids.map(|id| id.split(':').next().unwrap_or(id).to_string()).collect();
        if !ids.is_empty() {
            let order = Order { tool: Tool::Trivy, checks: Some(ids), reason: String::new() };
            out.push(suppression(place, Cover::Range(super::comments::covered(source, place)), order, registry));
        }
    }
}

fn suppression<'s>(place: Span<'s>, covers: Cover<'s>, order: Order, registry: &Registry) -> Suppression<'s> {
    let rules = rules_of(order.tool, order.checks.as_deref(), registry);
    let reason = if order.reason.is_empty() { format!("suppressed for {}", order.tool.name()) } else { order.reason };
    Suppression { place, covers, rules, reason, invalid: None, foreign: true }
}

/// The rules, by name and as ids, for checks of a tool; none for all that it has. Checks that no rule stands for are left out.
pub fn rules_of(tool: Tool, checks: Option<&[String]>, registry: &Registry) -> Vec<(String, Vec<&'static str>)> {
    let same = |check: &str, peer: &str| {
        check.eq_ignore_ascii_case(peer) || tool == Tool::Trivy && trivy_id(check) == trivy_id(peer)
    };
    let named = |peers: &[String]| match checks {
        None => !peers.is_empty(),
        Some(checks) => peers.iter().any(|peer| checks.iter().any(|check| same(check, peer))),
    };
    let pages = registry.rules.iter().map(|r| &r.page).filter(|page| !page.id.ends_with("-suppression"));
    let pages = pages.filter(|page| page.peers.get(tool.name()).is_some_and(|peers| named(peers)));
    pages.map(|page| (page.id.to_string(), vec![page.id])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn annotations_of_other_tools() {
        let read =
            |key: &str, value: &str| order(key, value).map(|o| (o.tool, o.checks.map(|c| c.join(" ")), o.reason));
        let some = |tool, checks: &str, reason: &str| Some((tool, Some(checks.to_string()), reason.to_string()));
        assert_eq!(
            read("ignore-check.kube-linter.io/latest-tag", "a canary"),
            some(Tool::KubeLinter, "latest-tag", "a canary")
        );
        assert_eq!(read("kube-linter.io/ignore-all", "x"), Some((Tool::KubeLinter, None, "x".into())));
        assert_eq!(read("kube-score/ignore", "a, b"), some(Tool::KubeScore, "a b", ""));
        assert_eq!(read("checkov.io/skip12", "CKV_K8S_14=why"), some(Tool::Checkov, "CKV_K8S_14", "why"));
        assert_eq!(
            read("polaris.fairwinds.com/tagNotSpecified-exempt", "true"),
            some(Tool::Polaris, "tagNotSpecified", "")
        );
        assert_eq!(read("polaris.fairwinds.com/tagNotSpecified-exempt", "false"), None);
        assert_eq!(read("polaris.fairwinds.com/exempt", "true"), Some((Tool::Polaris, None, String::new())));
        assert_eq!(read("checkov.io/skipped", "x"), None);
        assert_eq!(read("manicheck.dev/ignore", "x"), None);
    }
}
