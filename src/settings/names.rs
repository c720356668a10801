//! What rules are called.

use super::SettingsError;
use crate::near;
use crate::rule::Page;
use crate::rules::Registry;

/// Ids of the rules that these names stand for.
///
/// # Errors
/// A name that stands for none.
pub(super) fn resolve_all<'r>(names: &[String], registry: &'r Registry) -> Result<Vec<&'r str>, SettingsError> {
    let mut out = Vec::new();
    for name in names {
        let ids = resolve(name, registry);
        if ids.is_empty() {
            let known = registry.rules.iter().map(|r| r.page.id);
            let near = did_you_mean(name, known);
            let hint = if near.is_empty() { "; `manicheck rules` lists them" } else { &near };
            return Err(SettingsError(format!("unknown rule `{name}`{hint}")));
        }
        out.extend(ids);
    }
    Ok(out)
}

/// Ids of the rules that a name stands for: an id, a category, or another tool's id for the same check.
pub fn resolve<'r>(name: &str, registry: &'r Registry) -> Vec<&'r str> {
    if let Some(rule) = registry.get(name) {
        return vec![rule.page.id];
    }
    let named = |page: &Page| page.category == name || is_name_of(name, page);
    registry.rules.iter().filter(|r| named(&r.page)).map(|r| r.page.id).collect()
}

/// True if the name is the rule's id, or another tool's id for the same check.
pub(super) fn is_name_of(name: &str, page: &Page) -> bool {
    let trivy = || page.peers.get("trivy").is_some_and(|ids| ids.contains(&trivy_id(name)));
    page.id == name || page.peers.values().flatten().any(|peer| peer.eq_ignore_ascii_case(name)) || trivy()
}

/// `AVD-KSV-0013`, `KSV013` and `ksv-13` as `KSV-0013`, as pages have them.
pub fn trivy_id(id: &str) -> String {
    let upper = id.to_ascii_uppercase();
    let upper = upper.strip_prefix("AVD-").unwrap_or(&upper);
    let number = upper.strip_prefix("KSV").map(|n| n.trim_start_matches('-')).and_then(|n| n.parse::<u32>().ok());
    number.map_or_else(|| upper.to_string(), |n| format!("KSV-{n:04}"))
}

/// "; did you mean `x`?" if a known word is near, else nothing.
pub fn did_you_mean<'w>(word: &str, known: impl IntoIterator<Item = &'w str>) -> String {
    near::nearest(word, known).map_or_else(String::new, |k| format!("; did you mean `{k}`?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suggestions() {
        assert_eq!(did_you_mean("recomended", ["all", "recommended"]), "; did you mean `recommended`?");
        assert_eq!(did_you_mean("zzz", ["all", "recommended"]), "");
    }

    #[test]
    fn ids_of_trivy() {
        let registry = Registry::builtin();
        for id in ["KSV-0013", "AVD-KSV-0013", "KSV013", "avd-ksv-13"] {
            assert_eq!(trivy_id(id), "KSV-0013");
            assert_eq!(resolve(id, &registry), ["mutable-image-tag"], "{id}");
        }
        assert!(resolve("KSV-99999", &registry).is_empty() && resolve("AVD-", &registry).is_empty());
    }
}
