//! `configMapGenerator` and `secretGenerator` (upstream `api/internal/generators`, `api/kv`).

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::build::Role;
use super::compose::Composer;
use super::embed::Places;
use super::error::{Error, ErrorKind, Result};
use super::kustomization::{Generator, GeneratorOptions};
use super::loader::Loader;
use super::resource::{Behavior, Resource, as_key};
use crate::kustomize::Text;
use crate::source::Span;
use crate::yaml::node::STR_TAG;
use crate::yaml::{Node, Origin, Scalar, Step, StepKind, Style};

/// What is generated.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A ConfigMap.
    ConfigMap,
    /// A Secret.
    Secret,
}

/// A key and its value, each with its place.
struct Pair<'s> {
    key: String,
    key_span: Option<Span<'s>>,
    value: Vec<u8>,
    value_span: Option<Span<'s>>,
    /// Where to point if the key is wrong.
    entry: Option<Span<'s>>,
}

/// The generated object. `global` are the `generatorOptions` of the kustomization.
pub(super) fn generate<'s>(
    kind: Kind,
    generator: &Generator<'s>,
    global: Option<&GeneratorOptions<'s>>,
    loader: &mut Loader<'_, 's>,
) -> Result<'s, Resource<'s>> {
    let step_kind = match kind {
        Kind::ConfigMap => StepKind::ConfigMapGenerator,
        Kind::Secret => StepKind::SecretGenerator,
    };
    let step = Step::new(step_kind, generator.entry());
    let made = Maker { step: &step };
    let Some(name) = &generator.name else {
        return Err(Error::new(ErrorKind::Invalid, generator.span, "a generator must have a `name`"));
    };
    let options = merged(generator.options.as_ref(), global);

    let mut metadata = vec![made.entry("name", made.text(name))];
    if let Some(namespace) = &generator.namespace {
        metadata.push(made.entry("namespace", made.text(namespace)));
    }
    for (field, pairs) in [("labels", &options.labels), ("annotations", &options.annotations)] {
        if !pairs.is_empty() {
            let pairs = pairs.iter().map(|(k, v)| (as_key(&made.text(k)), made.text(v))).collect();
            metadata.push(made.entry(field, Node::map(pairs, made.origin(None))));
        }
    }
    let kind_name = if kind == Kind::ConfigMap { "ConfigMap" } else { "Secret" };
    let mut object = vec![
        made.entry("apiVersion", made.string("v1", None)),
        made.entry("kind", made.string(kind_name, None)),
        made.entry("metadata", Node::map(metadata, made.origin(None))),
    ];
    if kind == Kind::Secret {
        let type_ = generator.type_.as_ref().map_or_else(|| made.string("Opaque", None), |t| made.text(t));
        object.push(made.entry("type", type_));
    }
    object.extend(data(kind, name, pairs(generator, loader)?, &made)?);
    if options.immutable {
        object.push(made.entry("immutable", Node::plain("true", made.origin(options.immutable_span))));
    }

    let mut resource = Resource::new(Node::map(object, made.origin(None)));
    resource.generated = true;
    resource.needs_hash = !options.disable_name_suffix_hash;
    resource.behavior = match generator.behavior.as_deref() {
        Some("merge") => Behavior::Merge,
        Some("replace") => Behavior::Replace,
        _ => Behavior::Create,
    };
    Ok(resource)
}

/// The ServiceAccount of an `IAMPolicyGenerator`, tied to an account of Google Cloud.
pub(super) fn iam_service_account<'s>(
    name: Option<Text<'s>>,
    namespace: Option<Text<'s>>,
    account: Option<Text<'s>>,
    project: Option<Text<'s>>,
    entry: Option<Span<'s>>,
) -> Resource<'s> {
    let step = Step::new(StepKind::Transformer, entry);
    let made = Maker { step: &step };
    let mut text = Composer::new();
    for (part, behind) in [(&account, "@"), (&project, ".iam.gserviceaccount.com")] {
        if let Some(part) = part {
            text.node(&part.node);
        }
        text.literal(behind);
    }
    let span = account.as_ref().and_then(Text::span);
    let email = text.finish(Style::Plain, Some(STR_TAG.into()), made.origin(span));
    let annotations = vec![made.entry("iam.gke.io/gcp-service-account", email)];
    let mut metadata = vec![made.entry("annotations", Node::map(annotations, made.origin(None)))];
    for (field, value) in [("name", &name), ("namespace", &namespace)] {
        if let Some(value) = value {
            metadata.push(made.entry(field, made.text(value)));
        }
    }
    let object = vec![
        made.entry("apiVersion", made.string("v1", None)),
        made.entry("kind", made.string("ServiceAccount", None)),
        made.entry("metadata", Node::map(metadata, made.origin(None))),
    ];
    Resource::new(Node::map(object, made.origin(None)))
}

/// What the entry says goes before what the kustomization says; a global `true` stands.
fn merged<'s>(local: Option<&GeneratorOptions<'s>>, global: Option<&GeneratorOptions<'s>>) -> GeneratorOptions<'s> {
    let mut out = local.cloned().unwrap_or_default();
    let Some(global) = global else { return out };
    for (ours, theirs) in [(&mut out.labels, &global.labels), (&mut out.annotations, &global.annotations)] {
        for pair in theirs {
            if !ours.iter().any(|(k, _)| k.text == pair.0.text) {
                ours.push(pair.clone());
            }
        }
        ours.sort_by(|a, b| a.0.text.cmp(&b.0.text));
    }
    out.disable_name_suffix_hash |= global.disable_name_suffix_hash;
    if global.immutable && !out.immutable {
        (out.immutable, out.immutable_span) = (true, global.immutable_span);
    }
    out
}

/// `data` and `binaryData`, sorted by key.
fn data<'s>(
    kind: Kind,
    name: &Text<'s>,
    pairs: Vec<Pair<'s>>,
    made: &Maker<'_, 's>,
) -> Result<'s, Vec<(Node<'s>, Node<'s>)>> {
    let mut sorted: BTreeMap<String, Pair<'s>> = BTreeMap::new();
    for pair in pairs {
        if let Some(first) = sorted.get(&pair.key) {
            let message = format!("`{}` has the key `{}` more than once", name.text, pair.key);
            let error = Error::new(ErrorKind::Conflict, pair.entry, message);
            return Err(error.note(first.entry, "first given here"));
        }
        sorted.insert(pair.key.clone(), pair);
    }
    let (mut text, mut binary) = (Vec::new(), Vec::new());
    for (key, pair) in sorted {
        let key = as_key(&made.string(key, pair.key_span));
        match String::from_utf8(pair.value) {
            Ok(value) if kind == Kind::ConfigMap => text.push((key, made.string(value, pair.value_span))),
            Ok(value) => text.push((key, made.string(encode(value.as_bytes()), pair.value_span))),
            Err(value) => {
                let value = made.string(encode(value.as_bytes()), pair.value_span);
                if kind == Kind::ConfigMap { binary.push((key, value)) } else { text.push((key, value)) }
            }
        }
    }
    let mut out = Vec::new();
    if kind == Kind::Secret || !text.is_empty() {
        out.push(made.entry("data", Node::map(text, made.origin(None))));
    }
    if !binary.is_empty() {
        out.push(made.entry("binaryData", Node::map(binary, made.origin(None))));
    }
    Ok(out)
}

/// Base64 in lines of 70 characters, each with a line break, if it is that long.
fn encode(bytes: &[u8]) -> String {
    let encoded = STANDARD.encode(bytes);
    if encoded.len() < 70 {
        return encoded;
    }
    let mut out = String::with_capacity(encoded.len() + encoded.len() / 70 + 1);
    let mut rest = encoded.as_str();
    while !rest.is_empty() {
        let (line, behind) = rest.split_at(rest.len().min(70));
        out.push_str(line);
        out.push('\n');
        rest = behind;
    }
    out
}

fn pairs<'s>(generator: &Generator<'s>, loader: &mut Loader<'_, 's>) -> Result<'s, Vec<Pair<'s>>> {
    let mut out = Vec::new();
    for path in &generator.envs {
        env_file(path, loader, &mut out)?;
    }
    for literal in &generator.literals {
        out.push(literal_pair(literal)?);
    }
    for file in &generator.files {
        out.push(file_pair(file, loader)?);
    }
    Ok(out)
}

fn literal_pair<'s>(literal: &Text<'s>) -> Result<'s, Pair<'s>> {
    let Some((key, value)) = literal.split_once('=').filter(|(key, _)| !key.is_empty()) else {
        let message = format!("the literal `{}` must have the form `key=value`", literal.text);
        return Err(Error::new(ErrorKind::Invalid, literal.span(), message));
    };
    let quoted = ['"', '\''].iter().any(|q| value.len() >= 2 && value.starts_with(*q) && value.ends_with(*q));
    let from = key.len() + 1 + usize::from(quoted);
    let to = literal.text.len() - usize::from(quoted);
    let places = Places::new(&literal.node);
    Ok(Pair {
        key: key.to_string(),
        key_span: places.span(0..key.len()),
        value: literal.text.as_bytes().get(from..to).unwrap_or_default().to_vec(),
        value_span: places.span(from..to),
        entry: literal.span(),
    })
}

fn file_pair<'s>(file: &Text<'s>, loader: &mut Loader<'_, 's>) -> Result<'s, Pair<'s>> {
    let invalid =
        |message: &str| Err(Error::new(ErrorKind::Invalid, file.span(), format!("`{}`: {message}", file.text)));
    let (key, path) = match file.split_once('=') {
        None => (
            Path::new(&file.text).file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default(),
            &*file.text,
        ),
        Some(("", _)) => return invalid("the key is missing before `=`"),
        Some((_, "")) => return invalid("the path is missing behind `=`"),
        Some((_, path)) if path.contains('=') => return invalid("neither key nor path can contain `=`"),
        Some((key, path)) => (key.to_string(), path),
    };
    let source = loader.file(path, Role::GeneratorInput, file.span())?;
    let value = loader.bytes(source)?;
    let places = Places::new(&file.node);
    let at = file.text.len() - path.len();
    let key_span =
        if at > 0 { places.span(0..key.len()) } else { places.span(file.text.len() - key.len()..file.text.len()) };
    Ok(Pair { key, key_span, value, value_span: Some(source.span(0..source.text().len() as u32)), entry: file.span() })
}

/// Upstream's scanner gives up, silently, at a line that is longer.
const MAX_LINE: usize = 64 * 1024;

fn env_file<'s>(path: &Text<'s>, loader: &mut Loader<'_, 's>, out: &mut Vec<Pair<'s>>) -> Result<'s, ()> {
    let source = loader.file(path, Role::GeneratorInput, path.span())?;
    if let Some(bad) = source.bad_utf8().first() {
        let span = source.span(bad.clone());
        return Err(
            Error::new(ErrorKind::Invalid, Some(span), "an env file must be UTF-8").note(path.span(), "read from here")
        );
    }
    let mut start = 0;
    for full in source.text().split_inclusive('\n') {
        let line = full.strip_suffix('\n').unwrap_or(full);
        if line.len() >= MAX_LINE {
            break;
        }
        let line = line.strip_suffix('\r').unwrap_or(line);
        let bom = if start == 0 { line.strip_prefix('\u{feff}').unwrap_or(line) } else { line };
        let text = bom.trim_start();
        let at = start + (line.len() - text.len());
        start += full.len();
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        let (key, value) = text.split_once('=').unwrap_or((text, ""));
        if key.is_empty() {
            continue;
        }
        let behind = at + text.len();
        out.push(Pair {
            key: key.to_string(),
            key_span: Some(source.span(at as u32..(at + key.len()) as u32)),
            value: value.as_bytes().to_vec(),
            value_span: Some(source.span((behind - value.len()) as u32..behind as u32)),
            entry: Some(source.span(at as u32..behind as u32)),
        });
    }
    Ok(())
}

/// Makes nodes that come from the generator.
struct Maker<'a, 's> {
    step: &'a Arc<Step<'s>>,
}

impl<'s> Maker<'_, 's> {
    fn origin(&self, span: Option<Span<'s>>) -> Origin<'s> {
        Origin { span, via: None }.with(self.step, None)
    }

    fn string(&self, text: impl Into<Box<str>>, span: Option<Span<'s>>) -> Node<'s> {
        Node::string(text, self.origin(span))
    }

    /// A string of the kustomization.
    fn text(&self, text: &Text<'s>) -> Node<'s> {
        Node::Scalar(Arc::new(Scalar {
            text: text.text.as_str().into(),
            style: Style::Plain,
            tag: Some(STR_TAG.into()),
            origin: text.node.origin().with(self.step, None),
            pieces: text.node.pieces().to_vec(),
        }))
    }

    fn entry(&self, key: &str, value: Node<'s>) -> (Node<'s>, Node<'s>) {
        (self.string(key, None), value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_base64_is_wrapped() {
        assert_eq!(encode(b"abc"), "YWJj");
        assert_eq!(encode(&[0; 51]).len(), 68);
        assert_eq!(encode(&[0; 52]).lines().count(), 2);
        assert!(encode(&[0; 52]).ends_with("==\n"));
    }
}
