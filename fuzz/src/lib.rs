//! What must hold whatever the input is: one function for each fuzz target. `tests/it/fuzz.rs` drives the same functions with
//! mutated manifests, so that they are compiled and tried wherever the tests run.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use manicheck::discover::Input;
use manicheck::files::{Context, MemoryFiles};
use manicheck::finding::{Edit, Report};
use manicheck::k8s::{ImageRef, Quantity, Version, body_size, cron, quantity};
use manicheck::kustomize::Renderer;
use manicheck::output::{self, Format, RuleInfo};
use manicheck::rule::edit;
use manicheck::rules::Registry;
use manicheck::settings::Settings;
use manicheck::source::{Source, Sources};
use manicheck::suppress::Date;
use manicheck::yaml::tree::{RawKind, RawNode, Tree};
use manicheck::yaml::{Node, documents, emit, parse as parse_yaml, parse_conforming};

/// A line that divides an input into files.
pub const DIVIDER: &str = "\n=====\n";

/// The names of these files.
pub const NAMES: [&str; 5] = ["kustomization.yaml", "a.yaml", "b.yaml", "patch.yaml", "manicheck.yaml"];

/// The rules, whose pages are read once.
fn registry() -> &'static Registry {
    static REGISTRY: OnceLock<Registry> = OnceLock::new();
    REGISTRY.get_or_init(Registry::builtin)
}

fn file(name: &str, bytes: &[u8]) -> Source {
    Source::new(PathBuf::from("/").join(name), name.into(), bytes.to_vec())
}

/// Parsing never panics; spans lie in the text; the fast parser reads what the conforming one does.
pub fn parse(text: &str) {
    let (fast, slow) = (parse_yaml(text), parse_conforming(text));
    for tree in [&fast, &slow] {
        check_spans(text, tree);
    }
    // Where go-yaml, and so the fast parser, takes any indentation, the conforming one does not.
    let lenient = |m: &str| m.contains("not indented to continue it") || m.starts_with("tab used for indentation");
    if slow.errors.len() > fast.errors.len() && slow.errors.iter().any(|e| lenient(&e.message)) {
        return;
    }
    let kept = RawNode::TAGGED | RawNode::ANCHORED;
    let shape = |tree: &Tree| tree.nodes.iter().map(|n| RawNode { flags: n.flags & kept, ..*n }).collect::<Vec<_>>();
    let values =
        |tree: &Tree| (0..tree.nodes.len() as u32).map(|id| tree.value(text, id).into_owned()).collect::<Vec<_>>();
    assert_eq!(shape(&fast), shape(&slow));
    assert_eq!(values(&fast), values(&slow));
    assert_eq!(fast.documents, slow.documents);
    assert_eq!(fast.comments, slow.comments);
    assert_eq!(fast.errors, slow.errors);
    assert_eq!(fast.joined, slow.joined);
    assert_eq!(fast.tags, slow.tags);
    assert_eq!(fast.aliases, slow.aliases);
}

fn check_spans(text: &str, tree: &Tree) {
    for (id, node) in tree.nodes.iter().enumerate() {
        assert!(text.get(node.start as usize..node.end as usize).is_some(), "{node:?}");
        assert!(node.next as usize > id && node.next as usize <= tree.nodes.len(), "{node:?}");
    }
    for error in tree.errors.iter().chain(&tree.joined) {
        assert!(text.get(error.start as usize..error.end as usize).is_some(), "{error:?}");
    }
    for comment in &tree.comments {
        assert!(text.get(comment.start as usize..comment.end as usize).is_some(), "{comment:?}");
    }
}

/// Expanding aliases never panics and leaves none.
pub fn expand(bytes: &[u8]) {
    let source = file("a.yaml", bytes);
    for doc in documents(&source) {
        visit(&doc.node, 0);
    }
    for problem in source.problems() {
        let span = source.span(problem.start..problem.end);
        let _ = (span.start_pos(), span.end_pos(), span.first_line());
    }
}

fn visit(node: &Node<'_>, depth: usize) {
    assert!(depth <= manicheck::yaml::MAX_DEPTH);
    if let Node::Source(src, _) = node {
        assert!(src.raw().kind != RawKind::Alias);
    }
    let _ = (node.text(), node.origin().place());
    for (key, value) in node.entries() {
        assert!(key.is_scalar());
        visit(&key, depth + 1);
        visit(&value, depth + 1);
    }
    for item in node.items() {
        visit(&item, depth + 1);
    }
}

/// What is printed is YAML again, and printing that changes nothing.
pub fn emitter(bytes: &[u8]) {
    let source = file("a.yaml", bytes);
    for doc in documents(&source) {
        // Such keys are in quotes where they still are, and are dropped before anything is printed: as printed, they would merge.
        if has_key(&doc.node, "<<") {
            continue;
        }
        let Ok(text) = emit::document(&doc.node) else { continue };
        let printed = file("printed.yaml", text.as_bytes());
        assert!(printed.problems().is_empty(), "{text:?}: {:?}", printed.problems());
        let again: Vec<_> = documents(&printed).iter().map(|d| emit::document(&d.node)).collect();
        assert!(matches!(&again[..], [Ok(again)] if *again == text), "{text:?} is printed again as {again:?}");
    }
}

fn has_key(node: &Node<'_>, key: &str) -> bool {
    node.items().any(|item| has_key(&item, key))
        || node.entries().any(|(k, value)| k.has_text(key) || has_key(&value, key))
}

/// An edit leaves YAML in which just what was asked for is different.
pub fn edits(bytes: &[u8]) {
    let source = file("a.yaml", bytes);
    if !source.problems().is_empty() || source.tree().joined.is_some() {
        return;
    }
    for (at, doc) in documents(&source).iter().enumerate() {
        for (key, below) in doc.node.entries().take(20) {
            // Of a key that is written twice only one is edited.
            let Some(key) = key.text().filter(|_| keys_differ(&doc.node) && keys_differ(&below)) else { continue };
            let inner: Vec<String> =
                below.entries().take(5).filter_map(|(k, _)| k.text().map(|t| t.into_owned())).collect();
            for inner in inner.iter().map(String::as_str).chain(["made"]) {
                let path = [&*key, inner];
                if let Some(edit) = edit::set(&doc.node, &path, "7") {
                    with_edit(&source, at, &edit, |root| {
                        assert_eq!(
                            root.path(&path).and_then(|n| n.text().map(|t| t.into_owned())).as_deref(),
                            Some("7")
                        );
                    });
                }
                if let Some(edit) = edit::remove(&doc.node, &path) {
                    with_edit(&source, at, &edit, |root| assert!(root.path(&path).is_none()));
                }
            }
            if let Some(edit) = edit::prepend(&below, "made: 7") {
                let items = below.items().count();
                with_edit(&source, at, &edit, |root| {
                    assert_eq!(root.get(&key).map(|seq| seq.items().count()), Some(items + 1));
                });
            }
        }
    }
}

fn keys_differ(map: &Node<'_>) -> bool {
    let mut keys: Vec<_> = map.entries().filter_map(|(key, _)| key.text().map(|t| t.into_owned())).collect();
    keys.sort();
    keys.windows(2).all(|pair| pair[0] != pair[1])
}

/// The document of this number after an edit. The edited text has the documents that it had.
fn with_edit(source: &Source, at: usize, edit: &Edit<'_>, check: impl FnOnce(&Node<'_>)) {
    let mut text = source.text().to_string();
    text.replace_range(edit.span.start as usize..edit.span.end as usize, &edit.text);
    let edited = file("edited.yaml", text.as_bytes());
    assert!(edited.problems().is_empty(), "{edit:?} made {text:?}: {:?}", edited.problems());
    let (before, after) = (documents(source), documents(&edited));
    assert_eq!(before.len(), after.len(), "{edit:?} made {text:?}");
    for (i, (before, after)) in before.iter().zip(&after).enumerate() {
        if i != at {
            assert_eq!(
                before.node.span().map(|s| s.text()),
                after.node.span().map(|s| s.text()),
                "{edit:?} made {text:?}"
            );
        }
    }
    check(&after[at].node);
}

/// Values within strings: images, quantities, schedules, sizes, versions. No panic.
pub fn values(text: &str) {
    if let Ok(image) = ImageRef::parse(text) {
        assert!(text.get(image.tag_range()).is_some() && image.name_len() <= text.len());
        let _ = (image.name(), image.base_name(), image.pin_level());
    }
    let image = ImageRef::split(text);
    assert!(text.get(image.tag_range()).is_some() && image.name_len() <= text.len());
    if let Ok(quantity) = Quantity::parse(text) {
        let _ = (quantity.ceil(), quantity.plus(quantity), quantity.max(quantity), quantity.is_negative());
    }
    let _ = (quantity::meant(text), cron::check(text), cron::may_be_zone(text), text.parse::<Version>());
    let _ = body_size::nginx_size(text).map(|n| (body_size::in_words(n), body_size::for_people(n)));
}

/// The files that an input stands for.
fn tree(text: &str) -> MemoryFiles {
    let mut files = MemoryFiles::new();
    for (name, text) in NAMES.iter().zip(text.split(DIVIDER)) {
        if !text.is_empty() {
            files.insert(PathBuf::from("/").join(name), text);
        }
    }
    files
}

/// Rendering never panics, and what is rendered can be printed with its origins.
pub fn render(text: &str) {
    let (files, sources) = (tree(text), Sources::new());
    let ctx = Context { files: &files, sources: &sources, cwd: Path::new("/") };
    if let Ok(build) = Renderer::new(ctx, Default::default()).render(Path::new("/")) {
        let _ = (build.to_yaml(), build.origins_json(), build.origins_text());
    }
}

/// A whole run never panics and says the same twice, and every format can say it.
pub fn lint(text: &str) {
    let files = tree(text);
    let (first, second) = (report(&files), report(&files));
    assert_eq!(first, second);
}

fn report(files: &MemoryFiles) -> Vec<String> {
    let (sources, registry) = (Sources::new(), registry());
    let ctx = Context { files, sources: &sources, cwd: Path::new("/") };
    let settings = Settings { profiles: vec!["all".into()], ..Settings::default() };
    let inputs = [Input::Path("/".into())];
    let run = manicheck::run::run_plan(ctx, &inputs, &settings, registry, (&[], &[]), &Default::default());
    match run {
        Ok(report) => Format::ALL.into_iter().map(|f| print(f, &report, registry)).collect(),
        Err(error) => panic!("{error}"),
    }
}

fn print(format: Format, report: &Report<'_>, registry: &Registry) -> String {
    let rules = |id: &str| registry.get(id).map(|r| RuleInfo::from_page(&r.page));
    let mut out = Vec::new();
    let written = output::render(format, report, &rules, &Default::default(), &mut out);
    assert!(written.is_ok());
    String::from_utf8_lossy(&out).into_owned()
}

/// Reading a configuration never panics.
pub fn config(bytes: &[u8]) {
    let (files, sources, registry) = (MemoryFiles::new(), Sources::new(), registry());
    let ctx = Context { files: &files, sources: &sources, cwd: Path::new("/") };
    let source = sources.add(Path::new("/manicheck.yaml"), "manicheck.yaml".into(), bytes.to_vec());
    if let Ok(config) = manicheck::config::read(ctx, source, registry, Date::from_days(20_000)) {
        let _ = config.settings.active(registry);
    }
}
