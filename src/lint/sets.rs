//! Which of the rules judge which scope and file.

use rustc_hash::FxHashMap;

use crate::finding::Severity;
use crate::rule::{ActiveRule, Scope, ScopeKind};
use crate::source::Source;
use crate::yaml::Node;

/// The rules of a run, and the rule set of each scope and file. A rule with different options in two sets is there twice.
pub struct RuleSets<'a, 'r> {
    rules: Vec<&'a ActiveRule<'r>>,
    /// By set, then by rule: the severity, if the rule is in the set.
    sets: Vec<Vec<Option<Severity>>>,
    of_scope: Vec<usize>,
    of_file: FxHashMap<usize, usize>,
}

impl<'a, 'r> RuleSets<'a, 'r> {
    /// One set for everything.
    pub fn one(rules: &'a [ActiveRule<'r>]) -> Self {
        let sets = vec![rules.iter().map(|r| Some(r.severity)).collect()];
        RuleSets { rules: rules.iter().collect(), sets, of_scope: Vec::new(), of_file: FxHashMap::default() }
    }

    /// Several sets, each a list of rules by index with severities. A scope that is not assigned has the first.
    pub fn several(rules: &'a [ActiveRule<'r>], sets: &[Vec<(usize, Severity)>], of_scope: Vec<usize>) -> Self {
        let expand = |set: &Vec<(usize, Severity)>| {
            let mut out = vec![None; rules.len()];
            for (at, severity) in set {
                if let Some(slot) = out.get_mut(*at) {
                    *slot = Some(*severity);
                }
            }
            out
        };
        RuleSets {
            rules: rules.iter().collect(),
            sets: sets.iter().map(expand).collect(),
            of_scope,
            of_file: FxHashMap::default(),
        }
    }

    /// Gives a file another set than the first.
    pub fn assign(&mut self, file: &Source, set: usize) {
        if set > 0 {
            self.of_file.insert(std::ptr::from_ref(file) as usize, set);
        }
    }

    /// The rules, by index.
    pub(super) fn rules(&self) -> &[&'a ActiveRule<'r>] {
        &self.rules
    }

    /// The severity of a rule in a set, if it is in it.
    pub(super) fn severity(&self, set: usize, rule: usize) -> Option<Severity> {
        self.sets.get(set)?.get(rule).copied().flatten()
    }

    /// The set of a file.
    pub(super) fn of_file(&self, file: &Source) -> usize {
        self.of_file.get(&(std::ptr::from_ref(file) as usize)).copied().unwrap_or(0)
    }

    /// The set of an object in a scope: that of the root or stream, else that of its file.
    pub(super) fn of_object(&self, at: usize, scope: &Scope<'_>, object: &Node<'_>) -> usize {
        if self.sets.len() < 2 {
            return 0;
        }
        if scope.kind != ScopeKind::Plain {
            return self.of_scope(at);
        }
        let place = object.span().or_else(|| object.entries().find_map(|(key, _)| key.span()));
        place.map_or(0, |span| self.of_file(span.source))
    }

    /// The set of a root or stream.
    pub(super) fn of_scope(&self, at: usize) -> usize {
        self.of_scope.get(at).copied().unwrap_or(0)
    }

    /// The active rule of this id, if every set has it.
    pub(super) fn everywhere(&self, id: &str) -> Option<&'a ActiveRule<'r>> {
        let in_set = |set: &Vec<Option<Severity>>| {
            self.rules.iter().zip(set).any(|(rule, severity)| rule.page.id == id && severity.is_some())
        };
        if !self.sets.iter().all(in_set) {
            return None;
        }
        self.rules.iter().find(|r| r.page.id == id).copied()
    }

    /// The rule of this id and its severity for a file.
    pub(crate) fn for_file(&self, id: &str, file: &Source) -> Option<(&'a ActiveRule<'r>, Severity)> {
        let set = self.of_file(file);
        self.rules
            .iter()
            .enumerate()
            .find_map(|(at, rule)| Some((*rule, self.severity(set, at).filter(|_| rule.page.id == id)?)))
    }
}
