//! Findings in generated files: reported once, where the file is made from.

use std::path::{Path, PathBuf};

use manicheck::discover::Input;
use manicheck::files::{Context, MemoryFiles};
use manicheck::rules::Registry;
use manicheck::settings::Settings;
use manicheck::source::Sources;

const HEADER: &str = "# This is an auto-generated file. DO NOT EDIT\n";

fn pod(name: &str, image: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {name}\nspec:\n  containers:\n  - name: {name}\n    image: {image}\n"
    )
}

/// Place, message, related places and help of what `mutable-image-tag` finds, one a line.
fn found(files: &[(&str, String)]) -> Vec<String> {
    let mut memory = MemoryFiles::new();
    files.iter().for_each(|(path, text)| memory.insert(Path::new("/tree").join(path), text.as_str()));
    let settings = Settings { select: vec!["mutable-image-tag".into()], ..Settings::default() };
    let registry = Registry::builtin();
    let rules = settings.active(&registry).unwrap();
    let sources = Sources::new();
    let ctx = Context { files: &memory, sources: &sources, cwd: Path::new("/tree") };
    let report = manicheck::run::run(ctx, &[Input::Path(PathBuf::from("."))], &settings, &registry, &rules);
    let line = |f: &manicheck::finding::Finding<'_>| {
        let related: Vec<String> =
            f.related.iter().map(|l| format!(" [{}: {}]", l.span.source.display(), l.message)).collect();
        let help = f.help.as_deref().is_some_and(|h| h.starts_with("in the source that this file is generated from: "));
        let suppressed = if f.suppressed.is_some() { " suppressed" } else { "" };
        let place = f.primary.span.source.display();
        format!("{place}: {}{}{}{suppressed}", f.message, related.concat(), if help { " generated" } else { "" })
    };
    report.findings.iter().map(line).collect()
}

#[test]
fn a_finding_of_a_generated_file_is_reported_at_its_source() {
    let generated = format!("{HEADER}{}---\n{}", pod("api", "shop/api:latest"), pod("web", "shop/web:latest"));
    let files = [
        ("base/api.yaml", pod("api", "shop/api:latest")),
        ("base/web.yaml", pod("web", "shop/web:1.4.2")),
        ("other/deep/api.yaml", pod("api", "shop/api:latest")),
        ("base/install.yaml", generated.clone()),
        ("install.yaml", generated),
    ];
    assert_eq!(
        found(&files),
        [
            "base/api.yaml: container `api` runs `shop/api:latest`, whose tag can move [base/install.yaml: generated into this file and 1 more]",
            "base/install.yaml: container `web` runs `shop/web:latest`, whose tag can move generated",
            "install.yaml: container `web` runs `shop/web:latest`, whose tag can move generated",
            "other/deep/api.yaml: container `api` runs `shop/api:latest`, whose tag can move",
        ]
    );
}

#[test]
fn what_an_overlay_writes_is_generated_too() {
    let files = [
        ("base/api.yaml", pod("api", "shop/api:1.4.2")),
        ("base/kustomization.yaml", "resources: [api.yaml]\n".into()),
        ("dev/kustomization.yaml", "resources: [../base]\nimages:\n- name: shop/api\n  newTag: latest\n".into()),
        ("install.yaml", format!("{HEADER}{}", pod("api", "shop/api:latest"))),
    ];
    assert_eq!(
        found(&files),
        [
            "dev/kustomization.yaml: container `api` runs `shop/api:latest`, whose tag can move [base/api.yaml: replaces this value] [install.yaml: generated into this file]"
        ]
    );
}

#[test]
fn what_is_suppressed_at_the_source_is_suppressed_in_what_it_makes() {
    let pinned = |text: String| text.replace(":latest", ":latest # manicheck: ignore[mutable-image-tag] a demo");
    let files = [
        ("base/api.yaml", pinned(pod("api", "shop/api:latest"))),
        ("install.yaml", format!("{HEADER}{}", pod("api", "shop/api:latest"))),
    ];
    assert_eq!(
        found(&files),
        [
            "base/api.yaml: container `api` runs `shop/api:latest`, whose tag can move [install.yaml: generated into this file] suppressed"
        ]
    );
}
