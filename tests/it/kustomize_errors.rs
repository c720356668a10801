//! What does not apply says what it looked for, what is nearest, and which entry asked for it.

use std::path::Path;

use manicheck::files::{Context, MemoryFiles};
use manicheck::kustomize::{ErrorKind, Options, Renderer};
use manicheck::source::{Sources, Span};

const WEB: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  replicas: 1\n  template:\n    spec:\n      \
                   containers:\n      - {name: web, image: web}\n";
const CONFIG: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: cm}\ndata: {host: a.example, port: \"80\", user: me, tls: \"on\"}\n";

/// The error of a kustomization beside the objects, its kind, and its other places with their words, in lines.
fn error(kustomization: &str) -> (ErrorKind, String) {
    let mut files = MemoryFiles::new();
    files.insert("kustomization.yaml", kustomization);
    for (path, text) in [("web.yaml", WEB), ("again.yaml", WEB), ("config.yaml", CONFIG)] {
        files.insert(path, text);
    }
    files.insert("base/kustomization.yaml", "resources: [../web.yaml]\n");
    let sources = Sources::new();
    let ctx = Context { files: &files, sources: &sources, cwd: Path::new("/") };
    let options = Options { load_restrictor: manicheck::kustomize::LoadRestrictor::None, ..Options::default() };
    let error = Renderer::new(ctx, options).render(Path::new("/")).err().unwrap();
    let place = |span: Span<'_>| {
        let at = span.start_pos();
        format!("{}:{}:{}", span.source.display(), at.line, at.column)
    };
    let notes = error.related.iter().map(|note| format!("\n{}: {}", place(note.span), note.message));
    (error.kind, format!("{error}{}", notes.collect::<String>()))
}

fn replacement(source: &str, target: &str) -> String {
    format!(
        "resources: [web.yaml, config.yaml]\nreplacements:\n- source: {{kind: ConfigMap, name: cm, fieldPath: {source}}}\n  targets:\n  \
         - select: {{kind: Deployment}}\n    fieldPaths:\n    - {target}\n"
    )
}

#[test]
fn a_target_of_a_replacement_is_reported_at_its_entry() {
    let (_, text) = error(&replacement("data.host", "spec.template.spec.containers.[name=wbe].image"));
    assert_eq!(
        text,
        "kustomization.yaml:7:7: unable to find `spec.template.spec.containers.[name=wbe].image` in the target of the replacement; \
         did you mean `spec.template.spec.containers.[name=web].image`?\n\
         web.yaml:9:7: looked for in Deployment web (group apps)"
    );
    let (_, text) = error(&replacement("data.host", "spec.template.spec.containers.[name=other].image"));
    assert!(text.contains("; `spec.template.spec.containers` has `[name=web]`\n"), "{text}");
}

#[test]
fn a_source_of_a_replacement_names_what_is_there() {
    let (kind, text) = error(&replacement("data.hots", "spec.replicas"));
    assert_eq!(kind, ErrorKind::NoMatch);
    assert_eq!(
        text,
        "kustomization.yaml:3:50: the source of the replacement, ConfigMap cm, has nothing at `data.hots`; did you mean `data.host`?\n\
         config.yaml:4:7: the source"
    );
    let (_, text) = error(&replacement("data.entirely", "spec.replicas"));
    assert!(text.contains("; `data` has `host`, `port`, `user` and more\n"), "{text}");
}

#[test]
fn names_of_replicas_and_generators_have_candidates() {
    let (kind, text) = error("resources: [web.yaml, config.yaml]\nreplicas:\n- {name: wbe, count: 2}\n");
    assert_eq!(kind, ErrorKind::NoMatch);
    assert!(text.ends_with("\nweb.yaml:3:18: the nearest is Deployment web (group apps)"), "{text}");
    let (kind, text) = error(
        "resources: [web.yaml, config.yaml]\nconfigMapGenerator:\n- {name: cmm, behavior: merge, literals: [a=b]}\n",
    );
    assert_eq!(kind, ErrorKind::NoMatch);
    assert_eq!(
        text,
        "kustomization.yaml:3:10: there is no ConfigMap cmm to merge into or replace\n\
         config.yaml:3:18: the nearest is ConfigMap cm"
    );
}

#[test]
fn of_an_object_that_is_there_twice_the_entry_is_shown() {
    for entry in ["again.yaml", "base"] {
        let (kind, text) = error(&format!("resources:\n- web.yaml\n- {entry}\n"));
        assert_eq!(kind, ErrorKind::Conflict);
        assert!(text.ends_with("\nkustomization.yaml:3:3: brought in by this entry"), "{text}");
        assert!(text.contains("\nweb.yaml:3:18: the other one\n"), "{text}");
    }
}
