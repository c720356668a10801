//! What configures containers: their variables, and the ConfigMaps that their pods use. Shared by the rules of the category
//! config.

pub(super) mod endpoint;

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::secret::lines;
use crate::k8s::{Container, Object, Workload};
use crate::rule::{BuildCx, Draft, Sink, Within};
use crate::source::Span;
use crate::yaml::Node;

/// A name and a value.
pub(super) struct Setting<'s> {
    /// The name: of the variable, the key, or the key in a file.
    pub(super) name: Cow<'s, str>,
    /// The value.
    pub(super) text: Cow<'s, str>,
    /// The scalar that holds it.
    pub(super) node: Node<'s>,
    /// Where it stands, if it is a line of the scalar.
    place: Option<Span<'s>>,
    /// Index of the container that it is a variable of.
    pub(super) container: Option<usize>,
}

impl<'s> Setting<'s> {
    /// Reports at the value.
    pub(super) fn report<'d>(&self, sink: &'d mut Sink<'_, 's>, message: String) -> Draft<'d, 's> {
        match self.place {
            Some(span) => sink.at_span(span, message),
            None => sink.at(&self.node, message),
        }
    }
}

/// Which settings are asked for. Of those in large files hardly any are: the others are never made.
pub(super) struct Wanted<'w> {
    /// False for a text of several lines of which none can be wanted, as far as the text alone shows.
    pub(super) file: &'w dyn Fn(&str) -> bool,
    /// True for a name and a value that are wanted.
    pub(super) pair: &'w dyn Fn(&str, &str) -> bool,
}

/// The variables that are written in the containers of a workload, of those that are wanted.
pub(super) fn variables<'s>(workload: &Workload<'s>, wanted: &Wanted<'_>) -> Vec<Setting<'s>> {
    let mut out = Vec::new();
    for container in &workload.containers {
        for entry in container.get("env").iter().flat_map(Node::items) {
            let Some(node) = entry.get("value") else { continue };
            let Some(text) = node.as_str() else { continue };
            let name = entry.get("name").and_then(|n| n.text()).unwrap_or_default();
            if (wanted.pair)(&name, &text) {
                out.push(Setting { name, text, node, place: None, container: Some(container.index) });
            }
        }
    }
    out
}

/// The settings of a ConfigMap that are wanted: values of one line, and lines of files of settings. `keys` limits the keys, if there
/// are any.
pub(super) fn settings<'s>(config_map: &Object<'s>, keys: &[Node<'s>], wanted: &Wanted<'_>) -> Vec<Setting<'s>> {
    let mut out = Vec::new();
    for (key, node) in config_map.node.get("data").iter().flat_map(Node::entries) {
        let Some(name) = key.text() else { continue };
        if !keys.is_empty() && !keys.iter().any(|k| k.has_text(&name)) {
            continue;
        }
        // The lines of a block stand in the file as they are.
        if lines::block(&node).is_some_and(|block| !lines::is_settings_file(&name) || !(wanted.file)(block)) {
            continue;
        }
        let Some(text) = node.as_str() else { continue };
        if !text.trim_end().contains('\n') {
            if (wanted.pair)(&name, text.trim_end()) {
                let text = text.trim_end().to_string().into();
                out.push(Setting { name, text, node, place: None, container: None });
            }
            continue;
        }
        if !lines::is_settings_file(&name) {
            continue;
        }
        let mut above: Vec<&str> = Vec::new();
        let mut cursor = 0;
        for line in lines::settings(&text) {
            if !(wanted.pair)(line.name, line.value) {
                above.push(line.line);
                continue;
            }
            // Going down the lines one after the other, none is taken for another one that is like it.
            for line in above.drain(..) {
                lines::place(&node, line, 0..0, &mut cursor);
            }
            let part = lines::range_in(line.value, line.line);
            let place = lines::place(&node, line.line, part, &mut cursor);
            let (name, text) = (line.name.to_string().into(), line.value.to_string().into());
            out.push(Setting { name, text, node: node.clone(), place, container: None });
        }
    }
    out
}

/// The settings that a workload gets from ConfigMaps of its scope, of those that are wanted.
pub(super) fn settings_of_pod<'s>(
    cx: &BuildCx<'_, 's>,
    workload: &Workload<'s>,
    wanted: &Wanted<'_>,
) -> Vec<Setting<'s>> {
    let mut out = Vec::new();
    for reference in workload.references().iter().filter(|r| r.kind == "ConfigMap") {
        let Some(name) = reference.name.as_str() else { continue };
        for config_map in cx.run.named(Within::Own(cx.scope), "ConfigMap", &name) {
            if config_map.group().is_empty()
                && config_map.same_namespace(&workload.object)
                && config_map.name().is_some_and(|n| n == name)
            {
                out.extend(settings(config_map, &reference.keys, wanted));
            }
        }
    }
    out
}

/// The names of the variables of a container.
pub(super) struct Names {
    /// Those that are known.
    pub(super) known: BTreeSet<String>,
    /// False if a source of more is not in the scope.
    pub(super) complete: bool,
}

/// The names of the variables that a container's `envFrom` brings.
pub(super) fn imported<'s>(cx: &BuildCx<'_, 's>, workload: &Workload<'s>, container: &Container<'s>) -> Names {
    let mut names = Names { known: BTreeSet::new(), complete: true };
    for from in container.get("envFrom").iter().flat_map(Node::items) {
        let prefix = from.get("prefix").and_then(|p| p.as_str()).unwrap_or_default();
        for (field, kind) in [("configMapRef", "ConfigMap"), ("secretRef", "Secret")] {
            let Some(name) = from.path(&[field, "name"]).and_then(|n| n.as_str()) else { continue };
            let source = cx.run.named(Within::Own(cx.scope), kind, &name).into_iter().find(|o| {
                o.group().is_empty() && o.same_namespace(&workload.object) && o.name().is_some_and(|n| n == name)
            });
            let before = names.known.len();
            for field in ["data", "stringData", "binaryData"] {
                let map = source.and_then(|o| o.node.get(field));
                let keys = map.iter().flat_map(Node::entries).filter_map(|(k, _)| k.text());
                names.known.extend(keys.map(|k| format!("{prefix}{k}")));
            }
            // One without keys is filled by somebody else.
            names.complete &= source.is_some() && names.known.len() > before;
        }
    }
    names
}

/// The words of a name, in lower case.
pub(super) fn words(name: &str) -> Vec<String> {
    let mut out: Vec<String> = vec![String::new()];
    let mut lower = false;
    for c in name.chars() {
        if !c.is_ascii_alphanumeric() || (lower && c.is_ascii_uppercase()) {
            out.push(String::new());
        }
        if c.is_ascii_alphanumeric()
            && let Some(word) = out.last_mut()
        {
            word.push(c.to_ascii_lowercase());
        }
        lower = c.is_ascii_lowercase() || c.is_ascii_digit();
    }
    out.retain(|w| !w.is_empty());
    out
}
