//! The example tree of the README: what is found in it, and that the README shows just that.

use std::path::Path;
use std::process::Command;

fn text() -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_manicheck"))
        .arg("testdata/shop/k8s")
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1), "the example has mistakes in it");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn what_is_found_in_the_example() {
    insta::assert_snapshot!(text());
}

#[test]
fn the_readme_shows_what_is_printed() {
    let text = text();
    let readme = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let shown = readme.split("```").find(|fence| fence.trim_start().starts_with("error[")).unwrap();
    for block in shown.trim().split("\n\n") {
        assert!(text.contains(block), "README.md shows what is not printed:\n{block}\n--- printed:\n{text}");
    }
}
