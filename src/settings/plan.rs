//! Which rules judge what: one rule set for a run, or several where overrides make some roots or files differ.

use std::collections::BTreeMap;

use super::{Override, Settings, SettingsError};
use crate::finding::Severity;
use crate::rule::ActiveRule;
use crate::rules::Registry;

/// The rules of a run with all their variants, and the rule sets made of them.
#[derive(Default)]
pub struct Plan<'r> {
    /// Every rule that runs somewhere, once for each variant of its options, with its highest severity.
    pub rules: Vec<ActiveRule<'r>>,
    /// The rule sets: which of the rules are in it, and how severe.
    pub sets: Vec<RuleSet>,
    variants: BTreeMap<(&'static str, String), usize>,
    by_overrides: BTreeMap<Vec<usize>, usize>,
}

/// Rules of a [`Plan`] by index, with their severities.
pub type RuleSet = Vec<(usize, Severity)>;

/// What is judged by one rule set. Paths are relative to the directory of the configuration.
#[derive(Clone, Copy, Debug)]
pub enum Judged<'p> {
    /// A rendered root, by its directory.
    Root(&'p str),
    /// A file.
    File(&'p str),
}

impl Override {
    /// True if it is about this root or file. Paths reach roots that lie there; overlays reach the files that lie in them.
    pub fn applies(&self, judged: Judged<'_>) -> bool {
        let (Judged::Root(path) | Judged::File(path)) = judged;
        self.paths.matches(path) || self.overlays.matches(path)
    }
}

impl<'r> Plan<'r> {
    /// The plan of settings, with the set of what no override is about as the first.
    ///
    /// # Errors
    /// Settings that contradict each other or that a rule does not take.
    pub fn new(settings: &Settings, registry: &'r Registry) -> Result<Self, SettingsError> {
        let mut plan = Plan::default();
        plan.set(settings, registry, Vec::new())?;
        Ok(plan)
    }

    /// The index of the rule set for a root or a file.
    ///
    /// # Errors
    /// As [`Plan::new`], for the overrides that apply together.
    pub fn set_of(
        &mut self,
        settings: &Settings,
        registry: &'r Registry,
        judged: Judged<'_>,
    ) -> Result<usize, SettingsError> {
        let applying = settings.overrides.iter().enumerate().filter(|(_, o)| o.applies(judged)).map(|(at, _)| at);
        self.set(settings, registry, applying.collect())
    }

    fn set(
        &mut self,
        settings: &Settings,
        registry: &'r Registry,
        overrides: Vec<usize>,
    ) -> Result<usize, SettingsError> {
        if let Some(&set) = self.by_overrides.get(&overrides) {
            return Ok(set);
        }
        let layers: Vec<&Override> = overrides.iter().filter_map(|&at| settings.overrides.get(at)).collect();
        let mut set = Vec::new();
        for (registered, chosen) in settings.chosen(&layers, registry)? {
            let Some(severity) = chosen.severity else { continue };
            let id = registered.page.id;
            let key = (id, serde_json::Value::from(chosen.options.clone()).to_string());
            let at = match self.variants.get(&key) {
                Some(&at) => at,
                None => {
                    self.rules.push(super::activate(registered, chosen.options, severity)?);
                    self.variants.insert(key, self.rules.len() - 1);
                    self.rules.len() - 1
                }
            };
            if let Some(rule) = self.rules.get_mut(at) {
                rule.severity = rule.severity.max(severity);
            }
            set.push((at, severity));
        }
        self.sets.push(set);
        self.by_overrides.insert(overrides, self.sets.len() - 1);
        Ok(self.sets.len() - 1)
    }
}
