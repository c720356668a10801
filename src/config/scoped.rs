//! `overrides` and `ignore`: what holds for some files, overlays and objects only.

use super::Reader;
use super::rules;
use crate::settings::{NameGlobs, Override, PathGlobs, ProfileRef, resolve};
use crate::suppress::{Criteria, Date, Exemption};
use crate::yaml::Node;

/// Reads `profile`: one or several.
pub(super) fn profiles<'s>(node: &Node<'s>, reader: &mut Reader<'_, 's>) -> Vec<String> {
    let mut out = Vec::new();
    for (text, place) in reader.problems.texts(node, "`profile`") {
        match ProfileRef::parse(&text) {
            Ok(_) => out.push(text),
            Err(error) => reader.problems.at(&place, error.0),
        }
    }
    out
}

/// Reads an entry of `overrides`.
pub(super) fn override_<'s>(node: &Node<'s>, reader: &mut Reader<'_, 's>) {
    let mut out = Override::default();
    let known = ["paths", "overlays", "profile", "rules"];
    let fields = reader.problems.fields(node, "an entry of `overrides`", &known);
    for field in &fields {
        match field.name.as_str() {
            "paths" => out.paths = path_globs(&field.value, "`paths`", reader),
            "overlays" => out.overlays = path_globs(&field.value, "`overlays`", reader),
            "profile" => out.profiles = Some(profiles(&field.value, reader)).filter(|p| !p.is_empty()),
            _ => out.rules = rules::read(&field.value, reader.registry, &mut reader.problems),
        }
    }
    let has = |name: &str| fields.iter().any(|f| f.name == name);
    if node.is_map() && !has("paths") && !has("overlays") {
        reader.problems.at(node, "an override needs `paths` or `overlays`: globs that say for what it holds");
    } else if node.is_map() && !has("profile") && !has("rules") {
        reader.problems.at(node, "an override needs `profile` or `rules`: what it changes");
    }
    reader.settings.overrides.push(out);
    reader.override_places.extend(node.span());
}

fn path_globs<'s>(node: &Node<'s>, what: &str, reader: &mut Reader<'_, 's>) -> PathGlobs {
    reader.problems.globs(node, what, |globs| PathGlobs::new(globs.iter().copied()))
}

fn name_globs<'s>(node: &Node<'s>, what: &str, reader: &mut Reader<'_, 's>) -> NameGlobs {
    reader.problems.globs(node, what, |globs| NameGlobs::new(globs.iter().copied()))
}

/// Reads an entry of `ignore`.
pub(super) fn ignore<'s>(node: &Node<'s>, reader: &mut Reader<'_, 's>) {
    let known = ["rules", "paths", "overlays", "kinds", "names", "namespaces", "containers", "reason", "until"];
    let mut criteria = Criteria::default();
    let (mut rules, mut reason, mut expired) = (Vec::new(), String::new(), None);
    let fields = reader.problems.fields(node, "an entry of `ignore`", &known);
    for field in &fields {
        let what = format!("`{}`", field.name);
        match field.name.as_str() {
            "rules" => rules = named_rules(&field.value, reader),
            "paths" => criteria.paths = path_globs(&field.value, &what, reader),
            "overlays" => criteria.overlays = path_globs(&field.value, &what, reader),
            "kinds" => criteria.kinds = name_globs(&field.value, &what, reader),
            "names" => criteria.names = name_globs(&field.value, &what, reader),
            "namespaces" => criteria.namespaces = name_globs(&field.value, &what, reader),
            "containers" => criteria.containers = name_globs(&field.value, &what, reader),
            "reason" => reason = reader.problems.text(&field.value, &what).unwrap_or_default(),
            _ => expired = until(&field.value, reader),
        }
    }
    if node.is_map() && !fields.iter().any(|f| f.name == "rules") {
        reader.problems.at(node, "an entry of `ignore` needs `rules`: what it ignores");
    }
    let place = fields.first().and_then(|f| f.key.span()).or_else(|| node.span());
    if let Some(place) = place {
        reader.exemptions.push(Exemption { place, rules, reason, expired, criteria, foreign: false });
    }
}

fn named_rules<'s>(node: &Node<'s>, reader: &mut Reader<'_, 's>) -> Vec<(String, Vec<&'static str>)> {
    let mut out = Vec::new();
    for (name, place) in reader.problems.texts(node, "`rules`") {
        let ids = resolve(&name, reader.registry);
        let ids: Vec<&'static str> = ids.iter().filter_map(|id| reader.registry.get(id)).map(|r| r.page.id).collect();
        if ids.is_empty() {
            reader.problems.at(&place, rules::unknown(&name, reader.registry));
        } else if ids.iter().all(|id| id.ends_with("-suppression")) {
            reader
                .problems
                .at(&place, format!("`{name}` is about suppressions and cannot be ignored; set it under `rules`"));
        } else {
            out.push((name, ids));
        }
    }
    out
}

/// The date, if it is over.
fn until<'s>(node: &Node<'s>, reader: &mut Reader<'_, 's>) -> Option<Date> {
    let text = reader.problems.text(node, "`until`")?;
    match text.parse::<Date>() {
        Ok(date) => (date < reader.today).then_some(date),
        Err(why) => {
            reader.problems.at(node, why);
            None
        }
    }
}
