//! Renders a kustomization that lives in memory, and says where a value of it comes from.
//!
//! Run it with `cargo run --example render`.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "an example shows its result")]

use std::path::Path;

use manicheck::files::{Context, MemoryFiles};
use manicheck::kustomize::why::{self, FieldPath};
use manicheck::kustomize::{Options, Renderer};
use manicheck::source::Sources;

fn main() {
    let mut files = MemoryFiles::new();
    files.insert("/base/kustomization.yaml", "resources: [web.yaml]\n");
    files.insert(
        "/base/web.yaml",
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  replicas: 1\n",
    );
    files.insert(
        "/prod/kustomization.yaml",
        "namePrefix: prod-\nresources: [../base]\nreplicas:\n- name: web\n  count: 3\n",
    );

    let sources = Sources::new();
    let ctx = Context { files: &files, sources: &sources, cwd: Path::new("/") };
    let build = match Renderer::new(ctx, Options::default()).render(Path::new("/prod")) {
        Ok(build) => build,
        Err(error) => return eprintln!("{error}"),
    };
    match build.to_yaml() {
        Ok(yaml) => print!("{yaml}"),
        Err(error) => return eprintln!("{error}"),
    }

    // Who wrote `spec.replicas`? First the base, then the entry of the overlay.
    let path: FieldPath = "spec.replicas".parse().unwrap_or_default();
    let Ok(replicas) = why::find_object(&build, "Deployment/web").and_then(|o| why::find_field(o, &path)) else {
        return;
    };
    println!();
    for writer in why::writers(&replicas) {
        if let Some(place) = writer.place() {
            let at = place.start_pos();
            println!("{}:{}: {}", place.source.display(), at.line, place.text());
        }
    }
}
