//! What each file of a build contributed.

use std::collections::{BTreeMap, BTreeSet};

use super::{leaves, title};
use crate::kustomize::build::{Build, Role};
use crate::kustomize::facts::{Fact, FactKind};
use crate::kustomize::{Kustomization, Text, configurations};
use crate::source::{Source, Span};
use crate::yaml::Node;

/// What a file contributed to a build.
#[derive(Clone, Debug)]
pub struct Contribution<'s> {
    /// The file.
    pub source: &'s Source,
    /// What it was used as, sorted.
    pub roles: Vec<Role>,
    /// How many scalars of the output have text of it.
    pub fields: usize,
    /// The objects that these are in, in the order of the output.
    pub objects: Vec<String>,
    /// What it does besides, in words, if none of its text is in the output: `includes 3 bases`.
    pub effect: Option<String>,
}

impl Contribution<'_> {
    /// True for a file of which nothing is in the output, and that does nothing else.
    pub fn is_nothing(&self) -> bool {
        self.fields == 0 && self.effect.is_none()
    }
}

/// What every file of a build contributed, in the order of use.
pub fn contributions<'s>(build: &Build<'s>) -> Vec<Contribution<'s>> {
    let mut out: Vec<Contribution<'s>> = Vec::new();
    let mut index: BTreeMap<&'s str, usize> = BTreeMap::new();
    for file in &build.files {
        let at = *index.entry(file.source.display()).or_insert(out.len());
        if at == out.len() {
            out.push(Contribution {
                source: file.source,
                roles: Vec::new(),
                fields: 0,
                objects: Vec::new(),
                effect: None,
            });
        }
        if let Some(contribution) = out.get_mut(at).filter(|c| !c.roles.contains(&file.role)) {
            contribution.roles.push(file.role);
            contribution.roles.sort();
        }
    }
    for object in &build.objects {
        let title = title(object);
        for (_, leaf) in leaves(object, &Default::default()) {
            for file in files_of(&leaf) {
                let Some(contribution) = index.get(file).and_then(|at| out.get_mut(*at)) else { continue };
                contribution.fields += 1;
                if contribution.objects.last() != Some(&title) {
                    contribution.objects.push(title.clone());
                }
            }
        }
    }
    for contribution in out.iter_mut().filter(|c| c.fields == 0) {
        let effects: Vec<String> =
            contribution.roles.iter().filter_map(|r| effect(build, contribution.source, *r)).collect();
        contribution.effect = (!effects.is_empty()).then(|| effects.join("; "));
    }
    out
}

/// What a file does in a role, in words, without giving text.
fn effect(build: &Build<'_>, source: &Source, role: Role) -> Option<String> {
    match role {
        Role::Kustomization => {
            let own = build.kustomizations.iter().find(|k| std::ptr::eq(k.source, source))?;
            let lists = [("includes", includes(build, own)), ("asks for", asks(own))];
            let said = lists.into_iter().filter_map(|(verb, list)| Some(format!("{verb} {}", counted(&list)?)));
            Some(said.collect::<Vec<_>>().join("; ")).filter(|said| !said.is_empty())
        }
        Role::Configuration => counted(&[(configurations::count(source), "field spec", "field specs")]),
        Role::Crd => Some("field specs of custom resources".to_string()),
        Role::OpenApi => Some("the schema that patches are merged by".to_string()),
        Role::Plugin => Some("settings of a generator, transformer or validator".to_string()),
        Role::Patch => {
            let entries = build.files.iter().filter(|f| std::ptr::eq(f.source, source)).filter_map(|f| f.entry);
            let entries: BTreeSet<(&str, u32)> = entries.map(|e| (e.source.display(), e.start)).collect();
            let here = |f: &&Fact<'_>| {
                f.kind == FactKind::Patch && entries.contains(&(f.entry.source.display(), f.entry.start))
            };
            let changed = build.facts.iter().filter(here).map(|f| f.changed).max()?;
            let changed = counted(&[(changed, "object", "objects")])?;
            Some(format!("changes {changed}; none of its values is in the output"))
        }
        Role::Resource | Role::GeneratorInput | Role::Replacement => None,
    }
}

type Count = (usize, &'static str, &'static str);

/// What a kustomization takes in, by kind.
fn includes(build: &Build<'_>, k: &Kustomization<'_>) -> Vec<Count> {
    let files: BTreeSet<u32> = build
        .files
        .iter()
        .filter(|f| f.role == Role::Resource)
        .filter_map(|f| f.entry.filter(|e| std::ptr::eq(e.source, k.source)).map(|e| e.start))
        .collect();
    let is_file = |path: &&Text<'_>| path.span().is_some_and(|s| files.contains(&s.start));
    let of_objects = k.resources.iter().filter(is_file).count();
    vec![
        (k.resources.len() - of_objects, "base", "bases"),
        (of_objects, "file of objects", "files of objects"),
        (k.components.len(), "component", "components"),
    ]
}

/// What a kustomization has done, by kind.
fn asks(k: &Kustomization<'_>) -> Vec<Count> {
    let patches = k.patches.len() + k.patches_json6902.len() + k.patches_strategic_merge.len();
    let generators = k.config_map_generator.len() + k.secret_generator.len() + k.generators.len() + k.helm_charts.len();
    vec![
        (patches, "patch", "patches"),
        (generators, "generator", "generators"),
        (k.transformers.len() + k.validators.len(), "transformer or validator", "transformers and validators"),
        (k.replacements.len(), "replacement", "replacements"),
        (k.vars.len(), "variable", "variables"),
        (k.configurations.len() + k.crds.len(), "file of field specs", "files of field specs"),
        (k.openapi.len().min(1), "schema", "schemas"),
    ]
}

/// `1 base, 2 components`; none if there is nothing of any kind.
fn counted(list: &[Count]) -> Option<String> {
    let there = list.iter().filter(|(count, ..)| *count > 0);
    let words = there.map(|(count, one, many)| format!("{count} {}", if *count == 1 { one } else { many }));
    Some(words.collect::<Vec<_>>().join(", ")).filter(|words| !words.is_empty())
}

/// The files that a scalar has text of.
fn files_of<'s>(leaf: &Node<'s>) -> BTreeSet<&'s str> {
    let pieces = leaf.pieces();
    let spans: Vec<Span<'s>> = if pieces.is_empty() {
        leaf.origin().span.into_iter().collect()
    } else {
        pieces.iter().filter_map(|p| p.span).collect()
    };
    spans.into_iter().map(|span| span.source.display()).collect()
}
