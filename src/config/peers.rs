//! What other tools' own configurations leave out, where `compat` lists the tool: read from the directory of the file, into
//! exemptions. What they name that no rule here stands for, and what else they say, is none of our business.

use super::Reader;
use crate::files::FileKind;
use crate::finding::Failure;
use crate::settings::NameGlobs;
use crate::source::{Source, Span};
use crate::suppress::{Criteria, Date, Exemption, Tool, rules_of};
use crate::yaml::Node;

/// Reads the files of the tools in `compat`.
pub(super) fn read(reader: &mut Reader<'_, '_>) {
    for tool in Tool::ALL.into_iter().filter(|tool| reader.compat.contains(tool)).collect::<Vec<_>>() {
        let names = files(tool);
        let path = names.iter().map(|name| reader.dir.join(name));
        let Some(path) = path.into_iter().find(|p| matches!(reader.ctx.files.kind(p), Ok(FileKind::File))) else {
            continue;
        };
        match (reader.ctx.load(&path), tool) {
            (Ok(source), Tool::Trivy) => trivy(source, reader),
            (Ok(source), _) => {
                let root = reader.document(source).filter(|root| !root.is_null());
                match (root, tool) {
                    (Some(root), Tool::KubeLinter) => kube_linter(&root, reader),
                    (Some(root), Tool::Polaris) => polaris(&root, reader),
                    (Some(root), Tool::Checkov) => checkov(&root, reader),
                    _ => {}
                }
            }
            (Err(error), _) => {
                let message = format!("cannot be read: {error}");
                let path = reader.ctx.display(&path);
                reader.problems.0.push(Failure { path, span: None, message, related: Vec::new() });
            }
        }
    }
}

/// What a tool's file is called; the first that is there counts.
fn files(tool: Tool) -> &'static [&'static str] {
    match tool {
        Tool::KubeLinter => &[".kube-linter.yaml", ".kube-linter.yml"],
        Tool::Trivy => &[".trivyignore"],
        Tool::Polaris => &["polaris.yaml", "polaris-config.yaml"],
        Tool::Checkov => &[".checkov.yaml", ".checkov.yml"],
        Tool::KubeScore => &[],
    }
}

impl<'s> Reader<'_, 's> {
    /// Exempts what the rules for these checks (none: for all of the tool's) find.
    fn exempt(&mut self, tool: Tool, checks: Option<&[String]>, criteria: Criteria, place: Option<Span<'s>>) {
        self.exempt_rules(rules_of(tool, checks, self.registry), criteria, place);
    }

    fn exempt_rules(&mut self, rules: Vec<(String, Vec<&'static str>)>, criteria: Criteria, place: Option<Span<'s>>) {
        if let Some(place) = place.filter(|_| !rules.is_empty()) {
            let file = place.source.path().file_name().unwrap_or_default().to_string_lossy();
            let reason = format!("excluded in {file}");
            self.exemptions.push(Exemption { place, rules, reason, expired: None, criteria, foreign: true });
        }
    }

    /// The value of a key that means something here.
    fn value(&mut self, node: &Node<'s>, what: &str, key: &str) -> Option<Node<'s>> {
        self.problems.entries(node, what).into_iter().find(|field| field.name == key).map(|field| field.value)
    }
}

/// `checks.exclude`: names of checks. With `doNotAutoAddDefaults`, what is not in `include` is off, too.
fn kube_linter<'s>(root: &Node<'s>, reader: &mut Reader<'_, 's>) {
    let Some(checks) = reader.value(root, "the configuration of kube-linter", "checks") else { return };
    let (mut alone, mut all, mut included) = (None, false, Vec::new());
    for field in reader.problems.entries(&checks, "`checks`") {
        match field.name.as_str() {
            "exclude" => {
                for (name, place) in reader.problems.texts(&field.value, "`exclude`") {
                    reader.exempt(Tool::KubeLinter, Some(&[name]), Criteria::default(), place.span());
                }
            }
            "include" => {
                let names = reader.problems.texts(&field.value, "`include`");
                included.extend(names.into_iter().map(|(name, _)| name));
            }
            "addAllBuiltIn" => all = field.value.as_bool() == Some(true),
            "doNotAutoAddDefaults" if field.value.as_bool() == Some(true) => alone = field.value.span(),
            _ => {}
        }
    }
    if alone.is_some() && !all {
        let kept = rules_of(Tool::KubeLinter, Some(&included), reader.registry);
        let mut rules = rules_of(Tool::KubeLinter, None, reader.registry);
        rules.retain(|rule| !kept.contains(rule));
        reader.exempt_rules(rules, Criteria::default(), alone);
    }
}

/// `skip-check`: ids of checks, with `*` and `?`, in a list or separated by commas. What else may stand there (severities, ids of their
/// platform) names no check that a page knows.
fn checkov<'s>(root: &Node<'s>, reader: &mut Reader<'_, 's>) {
    let Some(skipped) = reader.value(root, "the configuration of checkov", "skip-check") else { return };
    for (text, place) in reader.problems.texts(&skipped, "`skip-check`") {
        for pattern in text.split(',').map(str::trim).filter(|pattern| !pattern.is_empty()) {
            let Ok(pattern) = globset::Glob::new(pattern) else { continue };
            let pattern = pattern.compile_matcher();
            let pages = reader.registry.rules.iter().filter_map(|rule| rule.page.peers.get(Tool::Checkov.name()));
            let ids: Vec<String> = pages.flatten().filter(|id| pattern.is_match(id.as_str())).cloned().collect();
            reader.exempt(Tool::Checkov, Some(&ids), Criteria::default(), place.span());
        }
    }
}

/// An id a line; behind it may stand `exp:2027-01-31`, and on that day it is over.
fn trivy<'s>(source: &'s Source, reader: &mut Reader<'_, 's>) {
    let mut next = 0;
    for line in source.text().split_inclusive('\n') {
        let start = next + (line.len() - line.trim_start().len());
        next += line.len();
        let mut words = line.split_whitespace();
        let Some(id) = words.next().filter(|word| !word.starts_with('#')) else { continue };
        let place = source.span(start as u32..(start + line.trim().len()) as u32);
        match words.find_map(|word| word.strip_prefix("exp:")).map(str::parse::<Date>) {
            Some(Err(why)) => reader.problems.at_span(place, why),
            Some(Ok(date)) if date <= reader.today => {}
            _ => reader.exempt(Tool::Trivy, Some(&[id.to_string()]), Criteria::default(), Some(place)),
        }
    }
}

/// `exemptions`: rules by `namespace` and by what names of controllers and containers begin with.
fn polaris<'s>(root: &Node<'s>, reader: &mut Reader<'_, 's>) {
    let fields = reader.problems.entries(root, "the configuration of polaris");
    let refused = ["disallowExemptions", "disallowConfigExemptions"];
    if fields.iter().any(|f| refused.contains(&f.name.as_str()) && f.value.as_bool() == Some(true)) {
        return;
    }
    let Some(exemptions) = fields.into_iter().find(|f| f.name == "exemptions") else { return };
    for item in reader.problems.items(&exemptions.value, "`exemptions`") {
        let (mut criteria, mut rules) = (Criteria::default(), Vec::new());
        for field in reader.problems.entries(&item, "an entry of `exemptions`") {
            let what = format!("`{}`", field.name);
            let mut names = |then| reader.problems.globs(&field.value, &what, |names| NameGlobs::literal(names, then));
            match field.name.as_str() {
                "namespace" => criteria.namespaces = names(""),
                "controllerNames" => criteria.names = names("*"),
                "containerNames" => criteria.containers = names("*"),
                "rules" => rules = reader.problems.texts(&field.value, &what).into_iter().map(|(t, _)| t).collect(),
                _ => {}
            }
        }
        let rules = Some(&rules[..]).filter(|rules| !rules.is_empty());
        reader.exempt(Tool::Polaris, rules, criteria, item.span());
    }
}
