//! Settings of a run, and which rules they make run.

use std::collections::BTreeMap;

use crate::finding::Severity;
use crate::kustomize;
use crate::near;
use crate::rule::{ActiveRule, Env, Page, Profile};
use crate::rules::Registry;

/// What a run is asked to do, from the command line and the configuration.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Profiles by name; their union runs. Empty means `recommended`.
    pub profiles: Vec<String>,
    /// If not empty, only these rules run (ids, aliases of other tools, or categories), whatever the profile.
    pub select: Vec<String>,
    /// These rules do not run.
    pub ignore: Vec<String>,
    /// Options of rules by id, as JSON objects.
    pub options: BTreeMap<String, serde_json::Value>,
    /// Severities of rules by id; none switches a rule off.
    pub severities: BTreeMap<String, Option<Severity>>,
    /// What holds for every rule.
    pub env: Env,
    /// How kustomizations are rendered.
    pub kustomize: kustomize::Options,
}

/// Why settings cannot be used, with the nearest right word if there is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingsError(pub String);

impl std::fmt::Display for SettingsError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for SettingsError {}

impl Settings {
    /// The rules that run, in the order of their ids, with options and severities.
    ///
    /// # Errors
    /// An unknown profile or rule, or options that a rule does not take.
    pub fn active<'r>(&self, registry: &'r Registry) -> Result<Vec<ActiveRule<'r>>, SettingsError> {
        let profiles = self.profiles()?;
        let select = resolve_all(&self.select, registry)?;
        let ignore = resolve_all(&self.ignore, registry)?;
        let mut out = Vec::new();
        for registered in &registry.rules {
            let page = &registered.page;
            let id = page.id;
            let listed = profiles.iter().filter_map(|p| page.severity_in(*p)).max();
            let configured = self.severities.get(id);
            let severity = if select.is_empty() {
                match configured {
                    Some(Some(severity)) => Some(*severity),
                    Some(None) if !page.always => None,
                    _ => listed,
                }
            } else if select.contains(&id) || page.always {
                Some(configured.copied().flatten().or(listed).unwrap_or(page.severity))
            } else {
                None
            };
            let Some(severity) = severity.filter(|_| page.always || !ignore.contains(&id)) else { continue };
            let options = self.options.get(id).cloned().unwrap_or_default();
            let rule = registered.make(options).map_err(|e| SettingsError(format!("options of rule `{id}`: {e}")))?;
            out.push(ActiveRule { rule, page, severity });
        }
        Ok(out)
    }

    fn profiles(&self) -> Result<Vec<Profile>, SettingsError> {
        if self.profiles.is_empty() {
            return Ok(vec![Profile::Recommended]);
        }
        let parse = |name: &String| {
            Profile::from_name(name).ok_or_else(|| {
                let known = Profile::EVERY.map(Profile::name);
                SettingsError(format!("unknown profile `{name}`{}", did_you_mean(name, known)))
            })
        };
        self.profiles.iter().map(parse).collect()
    }
}

fn resolve_all<'r>(names: &[String], registry: &'r Registry) -> Result<Vec<&'r str>, SettingsError> {
    let mut out = Vec::new();
    for name in names {
        let ids = resolve(name, registry);
        if ids.is_empty() {
            let known = registry.rules.iter().map(|r| r.page.id);
            return Err(SettingsError(format!("unknown rule `{name}`{}", did_you_mean(name, known))));
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
    let named = |page: &Page| {
        page.category == name || page.peers.values().flatten().any(|peer| peer.eq_ignore_ascii_case(name))
    };
    registry.rules.iter().filter(|r| named(&r.page)).map(|r| r.page.id).collect()
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
    fn unknown_names_are_errors_with_a_suggestion() {
        let registry = Registry::builtin();
        let settings = Settings { select: vec!["mutable-image-tags".into()], ..Default::default() };
        let error = settings.active(&registry).err().unwrap();
        assert_eq!(error.0, "unknown rule `mutable-image-tags`; did you mean `mutable-image-tag`?");
        let settings = Settings { select: vec!["latest-tag".into()], ..Default::default() };
        let active = settings.active(&registry).unwrap();
        assert!(active.iter().any(|a| a.page.id == "mutable-image-tag"));
    }
}
