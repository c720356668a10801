//! Files that a program writes: what is wrong in them is mended where they are made from.

use rustc_hash::FxHashMap;

use super::merge::Merged;
use crate::finding::Label;
use crate::source::{Source, Span};

/// Reports a finding once, at the source: one in a generated file is dropped if the same rule says the same about an object of the same
/// kind and name in a file that is not generated, or that is and a root renders, which gets the generated file as a related place. What
/// has no such source stays, and says that the file is generated. Suppressed findings of generated files stay as they are.
pub(super) fn fold(mut merged: Vec<Merged<'_>>) -> Vec<Merged<'_>> {
    let mut files: FxHashMap<*const Source, bool> = FxHashMap::default();
    let mut is_in_generated = |m: &Merged<'_>| {
        let source = m.finding.primary.span.source;
        *files.entry(std::ptr::from_ref(source)).or_insert_with(|| is_generated(source.text()))
    };
    let generated: Vec<bool> = merged.iter().map(&mut is_in_generated).collect();
    if !generated.contains(&true) {
        return merged;
    }
    let origins = origins(&merged, &generated);
    let mut copies: FxHashMap<usize, Vec<Span<'_>>> = FxHashMap::default();
    for (at, origin) in origins.iter().enumerate() {
        let Some(origin) = *origin else { continue };
        copies.entry(origin).or_default().push(merged[at].finding.primary.span);
        let subjects = std::mem::take(&mut merged[at].subjects);
        merged[origin].subjects.extend(subjects);
    }
    for (at, places) in copies {
        if let Some(origin) = merged.get_mut(at) {
            origin.follow_subjects();
            origin.finding.related.extend(label(places));
        }
    }
    for (m, _) in merged.iter_mut().zip(&generated).filter(|(_, generated)| **generated) {
        m.finding.help = Some(match m.finding.help.take() {
            Some(help) => format!("in the source that this file is generated from: {help}"),
            None => "change the source that this file is generated from".into(),
        });
    }
    let mut origins = origins.iter();
    merged.retain(|_| origins.next().is_none_or(Option::is_none));
    merged
}

/// Rule, message, kind and name.
type Key<'m> = (&'static str, &'m str, &'m str, &'m str);

fn keys<'m>(m: &'m Merged<'_>) -> impl Iterator<Item = Option<Key<'m>>> {
    let finding = &m.finding;
    m.subjects.iter().map(|subject| {
        let resource = subject.resource.as_ref().filter(|r| !r.name.is_empty())?;
        let message = subject.message.as_ref().unwrap_or(&finding.message);
        Some((finding.rule, &**message, &*resource.kind, &*resource.name))
    })
}

/// For each finding of a generated file, the one it is a copy of. Of several, that whose path has most in common with its own.
fn origins(merged: &[Merged<'_>], generated: &[bool]) -> Vec<Option<usize>> {
    let path = |at: usize| merged[at].finding.primary.span.source.display();
    let index = |is_source: &dyn Fn(usize, &Merged<'_>) -> bool| {
        let mut index: FxHashMap<Key<'_>, Vec<usize>> = FxHashMap::default();
        for (at, m) in merged.iter().enumerate().filter(|(at, m)| is_source(*at, m)) {
            for key in keys(m).flatten() {
                let list = index.entry(key).or_default();
                if list.last() != Some(&at) {
                    list.push(at);
                }
            }
        }
        index.values_mut().for_each(|list| list.sort_by_key(|at| (path(*at), *at)));
        index
    };
    let written = index(&|at, _| !generated[at]);
    // What a chart was rendered to once, and is built from.
    let rendered = index(&|at, m| generated[at] && !m.finding.builds.is_empty());
    let nearest = |at: usize, list: &[usize]| {
        // In sorted order, what has most in common with a text stands right before or behind its place.
        let place = list.partition_point(|other| path(*other) < path(at));
        let before = place.checked_sub(1).and_then(|place| list.get(place));
        let both = before.into_iter().chain(list.get(place)).copied();
        both.min_by_key(|other| std::cmp::Reverse(common_directories(path(at), path(*other))))
    };
    (0..merged.len())
        .map(|at| {
            let m = merged.get(at).filter(|m| generated[at] && m.finding.suppressed.is_none())?;
            let nearest_in = |index: &FxHashMap<Key<'_>, Vec<usize>>| {
                let lists: Option<Vec<&Vec<usize>>> = keys(m).map(|key| index.get(&key?)).collect();
                nearest(at, lists?.first()?).filter(|origin| same_namespace(m, &merged[*origin]))
            };
            let built = || nearest_in(&rendered).filter(|_| m.finding.builds.is_empty());
            nearest_in(&written).or_else(built)
        })
        .collect()
}

/// True if both are in the same namespace, or one has none yet.
fn same_namespace(a: &Merged<'_>, b: &Merged<'_>) -> bool {
    let namespaces = [a, b].map(|m| m.finding.resource.as_ref().and_then(|r| r.namespace.as_deref()));
    let [Some(a), Some(b)] = namespaces else { return true };
    a == b
}

fn common_directories(a: &str, b: &str) -> usize {
    a.split('/').zip(b.split('/')).take_while(|(a, b)| a == b).count()
}

/// One label for all generated files.
fn label(mut places: Vec<Span<'_>>) -> Option<Label<'_>> {
    places.sort_by_key(Span::sort_key);
    places.dedup_by_key(|place| std::ptr::from_ref(place.source));
    let span = *places.first()?;
    let message = match places.len() {
        1 => "generated into this file".into(),
        more => format!("generated into this file and {} more", more - 1),
    };
    Some(Label { span, message })
}

/// True if a comment at the top of a file says that a program writes it, or asks not to edit it.
pub(crate) fn is_generated(text: &str) -> bool {
    let top = text.lines().map(str::trim_start).take_while(|l| l.is_empty() || l.starts_with(['#', '\u{feff}', '-']));
    top.filter(|l| l.contains('#')).any(says_generated)
}

fn says_generated(comment: &str) -> bool {
    let words = comment.to_ascii_lowercase().replace("don't", "do not").replace("automatically ", "auto-");
    let says = |phrase: &str| words.contains(phrase);
    let about_file = ["file", "manifest", "yaml", "code", "document"].into_iter().any(says);
    let made = says("auto-generated") || says("autogenerated") || says("is generated by") || says("was generated by");
    says("@generated") || says("do not edit") || (made && about_file) || asks_to_leave(&words)
}

/// "Do not manually edit", "do not modify this file": with another object, it is about something in the file.
fn asks_to_leave(words: &str) -> bool {
    let Some((_, rest)) = words.split_once("do not ") else { return false };
    let by_hand = ["manually ", "hand-", "hand ", "directly "].into_iter().find_map(|how| rest.strip_prefix(how));
    let Some(rest) = ["edit", "modify", "change"].into_iter().find_map(|v| by_hand.unwrap_or(rest).strip_prefix(v))
    else {
        return false;
    };
    let rest = rest.trim_start();
    let all = ["this file", "this manifest", "the file", "it", "by hand", "manually", "directly"];
    by_hand.is_some() || !rest.starts_with(|c: char| c.is_alphanumeric()) || all.iter().any(|a| rest.starts_with(a))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generated_files_say_so_at_the_top() {
        for top in [
            "---\n# This manifest was generated by flux. DO NOT EDIT.",
            "\n# @generated by x",
            "# -----\n# WARNING: This file is autogenerated. Do not manually edit.\n# -----",
            "# This is an auto-generated file. DO NOT EDIT",
            "# This file was automatically generated by make.",
            "# Code generated by make. Don't modify!",
            "# Do not hand-edit.",
            "# Do not change this file",
        ] {
            assert!(is_generated(&format!("{top}\na: 1\n")), "{top}");
        }
        for top in [
            "a: 1 # do not edit",
            "# A base\na: 1\n# do not edit",
            "# The password is auto-generated",
            "# Do not modify the selector: it cannot be changed",
            "# ConfigMaps are generated by kustomize",
        ] {
            assert!(!is_generated(&format!("{top}\na: 1\n")), "{top}");
        }
    }

    #[test]
    fn the_nearest_source_stands_for_a_copy() {
        assert_eq!(common_directories("a/b/c.yaml", "a/b/d.yaml"), 2);
        assert_eq!(common_directories("a/b.yaml", "c/b.yaml"), 0);
    }
}
