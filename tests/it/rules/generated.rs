//! Findings in generated files: reported once, where the file is made from.

use super::shown::{related, shown};

const HEADER: &str = "# This is an auto-generated file. DO NOT EDIT\n";

fn pod(name: &str, image: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {name}\nspec:\n  containers:\n  - name: {name}\n    image: {image}\n"
    )
}

/// Place, message, related places and help of what `mutable-image-tag` finds, one a line.
fn found(files: &[(&str, String)]) -> Vec<String> {
    shown(files, "mutable-image-tag", |f| {
        let help = f.help.as_deref().is_some_and(|h| h.starts_with("in the source that this file is generated from: "));
        let suppressed = if f.suppressed.is_some() { " suppressed" } else { "" };
        let place = f.primary.span.source.display();
        format!("{place}: {}{}{}{suppressed}", f.message, related(f), if help { " generated" } else { "" })
    })
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

/// A chart that was rendered once is generated too, and what is built from it repeats it.
#[test]
fn a_generated_file_that_is_built_from_stands_for_its_copies() {
    let files = [
        ("redis/upstream.yaml", format!("{HEADER}{}", pod("redis", "redis:latest"))),
        ("redis/kustomization.yaml", "resources: [upstream.yaml]\n".into()),
        ("install.yaml", format!("{HEADER}{}", pod("redis", "redis:latest"))),
    ];
    let message = "container `redis` runs `redis:latest`, whose tag can move";
    assert_eq!(
        found(&files),
        [format!("redis/upstream.yaml: {message} [install.yaml: generated into this file] generated")]
    );
}

#[test]
fn an_object_of_another_namespace_is_no_copy() {
    let of = |namespace: &str| {
        pod("api", "shop/api:latest")
            .replace("  name: api\nspec", &format!("  name: api\n  namespace: {namespace}\nspec"))
    };
    let files = [("a/api.yaml", of("a")), ("b/api.yaml", format!("{HEADER}{}", of("b")))];
    let message = "container `api` runs `shop/api:latest`, whose tag can move";
    assert_eq!(found(&files), [format!("a/api.yaml: {message}"), format!("b/api.yaml: {message} generated")]);
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
