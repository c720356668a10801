//! Settings of a run, and which rules they make run.

mod globs;
mod names;
mod plan;
mod profiles;

pub use globs::{NameGlobs, PathGlobs};
pub use names::{did_you_mean, resolve, trivy_id};
pub use plan::{Judged, Plan, RuleSet};
pub use profiles::{Chosen, ProfileRef};

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::finding::Severity;
use crate::kustomize;
use crate::rule::{ActiveRule, Env, Page, Profile};
use crate::rules::{Registered, Registry};
use names::{is_name_of, resolve_all};

/// What a run is asked to do, from the command line and the configuration.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Profiles by name, with a version for the Pod Security Standards (`pss-restricted@1.29`); their union runs. Empty means
    /// `recommended`.
    pub profiles: Vec<String>,
    /// If not empty, only these rules run (ids, aliases of other tools, or categories), whatever the profile. A category does not
    /// switch on what waits for configuration or is switched off by its id.
    pub select: Vec<String>,
    /// These rules do not run.
    pub ignore: Vec<String>,
    /// What is said about rules by id, over the profiles.
    pub rules: BTreeMap<String, RuleSetting>,
    /// What differs for some roots and files; later ones win.
    pub overrides: Vec<Override>,
    /// Kustomizations that are not rendered, with the reason.
    pub skip: Vec<SkipRoot>,
    /// The directory that paths of overrides and exemptions are relative to: absolute, normal. Empty for the working directory.
    pub dir: PathBuf,
    /// What holds for every rule.
    pub env: Env,
    /// How kustomizations are rendered.
    pub kustomize: kustomize::Options,
}

/// What is said about a rule.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RuleSetting {
    /// Whether it runs, and how severe it is; none to leave that as it is.
    pub level: Option<RuleLevel>,
    /// Options, over those of the profile.
    pub options: serde_json::Map<String, serde_json::Value>,
}

/// Whether a rule runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleLevel {
    /// It does not.
    Off,
    /// It does, as severe as the profiles have it, else as its page.
    On,
    /// It does, with this severity.
    At(Severity),
}

/// What differs for the roots and files that it names.
#[derive(Clone, Debug, Default)]
pub struct Override {
    /// Files, and roots by their directory.
    pub paths: PathGlobs,
    /// Roots by their directory, with the files in it.
    pub overlays: PathGlobs,
    /// Profiles instead of those of the settings.
    pub profiles: Option<Vec<String>>,
    /// What is said about rules, over what the settings say.
    pub rules: BTreeMap<String, RuleSetting>,
}

/// A kustomization that is not rendered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SkipRoot {
    /// Its directory: absolute, normal.
    pub dir: PathBuf,
    /// Why.
    pub reason: String,
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

/// Rules that contradict each other: what one asks for, the other reports.
const CONFLICTS: [(&str, &str); 1] = [("cpu-limit-set", "missing-cpu-limit")];

impl Settings {
    /// The rules that run where no override applies, in the order of their ids, with options and severities.
    ///
    /// # Errors
    /// An unknown profile or rule, options that a rule does not take, rules that contradict each other.
    pub fn active<'r>(&self, registry: &'r Registry) -> Result<Vec<ActiveRule<'r>>, SettingsError> {
        let mut out = Vec::new();
        for (registered, chosen) in self.chosen(&[], registry)? {
            if let Some(severity) = chosen.severity {
                out.push(activate(registered, chosen.options, severity)?);
            }
        }
        Ok(out)
    }

    /// What becomes of each rule under these overrides: the profiles, then the rules of the settings, then those of the
    /// overrides, then what is selected and ignored.
    ///
    /// # Errors
    /// An unknown profile or rule, rules that contradict each other.
    pub fn chosen<'r>(
        &self,
        overrides: &[&Override],
        registry: &'r Registry,
    ) -> Result<Vec<(&'r Registered, Chosen)>, SettingsError> {
        let names = overrides.iter().rev().find_map(|o| o.profiles.as_ref()).unwrap_or(&self.profiles);
        let mut profiles = names.iter().map(|n| ProfileRef::parse(n)).collect::<Result<Vec<_>, _>>()?;
        if profiles.is_empty() {
            profiles.push(ProfileRef { profile: Profile::Recommended, version: None });
        }
        let mut listed = profiles::union(&profiles, self.env.target, registry);
        let select = resolve_all(&self.select, registry)?;
        let ignore = resolve_all(&self.ignore, registry)?;
        let mut out = Vec::new();
        for registered in &registry.rules {
            let page = &registered.page;
            let mut chosen = listed.remove(page.id).unwrap_or_default();
            let in_profile = chosen.severity;
            let said = std::iter::once(&self.rules).chain(overrides.iter().map(|o| &o.rules));
            let said = said.filter_map(|rules| rules.get(page.id));
            said.clone().for_each(|setting| apply(setting, page, in_profile, &mut chosen));
            if !select.is_empty() && !page.always {
                // A category is no wish for what waits for configuration, or was switched off by its name.
                let off = page.opt_in || said.filter_map(|s| s.level).next_back() == Some(RuleLevel::Off);
                let wanted = !off || self.select.iter().any(|name| is_name_of(name, page));
                let own = wanted.then(|| in_profile.unwrap_or(page.severity));
                chosen.severity = chosen.severity.or(own).filter(|_| select.contains(&page.id));
            }
            if ignore.contains(&page.id) && !page.always {
                chosen.severity = None;
            }
            out.push((registered, chosen));
        }
        contradictions(&out)?;
        Ok(out)
    }
}

fn apply(setting: &RuleSetting, page: &Page, in_profile: Option<Severity>, chosen: &mut Chosen) {
    let own = in_profile.unwrap_or(page.severity);
    match setting.level {
        Some(RuleLevel::Off) if !page.always => chosen.severity = None,
        Some(RuleLevel::On) => chosen.severity = chosen.severity.or(Some(own)),
        Some(RuleLevel::At(severity)) => chosen.severity = Some(severity),
        // A rule that waits for configuration has got it.
        None if page.opt_in => chosen.severity = chosen.severity.or(Some(own)),
        _ => {}
    }
    chosen.options.extend(setting.options.clone());
}

fn contradictions(chosen: &[(&Registered, Chosen)]) -> Result<(), SettingsError> {
    let runs = |id: &str| chosen.iter().any(|(r, c)| r.page.id == id && c.severity.is_some());
    match CONFLICTS.iter().find(|(a, b)| runs(a) && runs(b)) {
        Some((a, b)) => {
            Err(SettingsError(format!("rules `{a}` and `{b}` contradict each other; switch one of them off")))
        }
        None => Ok(()),
    }
}

fn activate<'r>(
    registered: &'r Registered,
    options: serde_json::Map<String, serde_json::Value>,
    severity: Severity,
) -> Result<ActiveRule<'r>, SettingsError> {
    let page = &registered.page;
    let options = if options.is_empty() { serde_json::Value::Null } else { options.into() };
    let rule = registered.make(options).map_err(|e| SettingsError(format!("options of rule `{}`: {e}", page.id)))?;
    Ok(ActiveRule { rule, page, severity })
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn every_category_can_be_selected_alone() {
        let registry = Registry::builtin();
        let categories: std::collections::BTreeSet<&str> =
            registry.rules.iter().map(|r| r.page.category.as_str()).collect();
        for category in categories {
            let settings = Settings { select: vec![category.into()], ..Default::default() };
            let active = settings.active(&registry).unwrap_or_else(|e| panic!("{category}: {e}"));
            assert!(active.iter().any(|a| a.page.category == category), "{category}");
            assert!(
                active.iter().all(|a| a.page.always || a.page.category == category && !a.page.opt_in),
                "{category}"
            );
        }
        // What is named runs, and so does what the configuration has switched on.
        let selected = |name: &str, rules: &[(&str, RuleLevel)]| {
            severity(&Settings { select: vec![name.into()], ..settings(rules) }, "cpu-limit-set")
        };
        assert_eq!(selected("cpu-limit-set", &[]), Some(Severity::Note));
        assert_eq!(selected("forbid-cpu-limits", &[]), Some(Severity::Note));
        let on = [("cpu-limit-set", RuleLevel::On), ("missing-cpu-limit", RuleLevel::Off)];
        assert_eq!(selected("resource", &on), Some(Severity::Note));
        assert_eq!(selected("image", &on), None);
    }

    fn settings(rules: &[(&str, RuleLevel)]) -> Settings {
        let rules = rules
            .iter()
            .map(|(id, level)| (id.to_string(), RuleSetting { level: Some(*level), ..Default::default() }))
            .collect();
        Settings { rules, ..Default::default() }
    }

    fn severity(settings: &Settings, id: &str) -> Option<Severity> {
        let registry = Registry::builtin();
        settings.active(&registry).unwrap().iter().find(|a| a.page.id == id).map(|a| a.severity)
    }

    #[test]
    fn rules_are_switched_and_raised() {
        assert_eq!(severity(&settings(&[]), "mutable-image-tag"), Some(Severity::Error));
        assert_eq!(severity(&settings(&[("mutable-image-tag", RuleLevel::Off)]), "mutable-image-tag"), None);
        let note = settings(&[("mutable-image-tag", RuleLevel::At(Severity::Note))]);
        assert_eq!(severity(&note, "mutable-image-tag"), Some(Severity::Note));
        assert_eq!(severity(&settings(&[("invalid-yaml", RuleLevel::Off)]), "invalid-yaml"), Some(Severity::Error));
        let on = settings(&[("image-without-digest", RuleLevel::On)]);
        assert!(
            severity(&settings(&[]), "image-without-digest").is_none()
                && severity(&on, "image-without-digest").is_some()
        );
    }

    #[test]
    fn overrides_make_rule_sets_that_share_what_is_equal() {
        let registry = Registry::builtin();
        let mut settings = settings(&[]);
        settings.overrides.push(Override {
            overlays: PathGlobs::new(["prod"]).unwrap(),
            profiles: Some(vec!["production".into()]),
            ..Default::default()
        });
        let mut plan = Plan::new(&settings, &registry).unwrap();
        assert_eq!(plan.set_of(&settings, &registry, Judged::Root("overlays/dev")).unwrap(), 0);
        assert_eq!(plan.set_of(&settings, &registry, Judged::Root("overlays/prod")).unwrap(), 1);
        assert_eq!(plan.set_of(&settings, &registry, Judged::File("overlays/prod/a.yaml")).unwrap(), 1);
        assert_eq!(plan.sets.len(), 2);
        assert!(plan.sets[1].len() > plan.sets[0].len());
        let equal = plan.sets[0].iter().filter(|(at, _)| plan.sets[1].iter().any(|(b, _)| b == at)).count();
        assert!(equal * 10 > plan.sets[0].len() * 9, "most rules are the same in both");
    }
}
