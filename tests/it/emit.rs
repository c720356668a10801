//! What upstream prints is printed again without a change.

use std::path::{Path, PathBuf};

use manicheck::source::Source;
use manicheck::yaml::{Node, SrcNode, emit};

/// Every object of a file, as upstream would read and print it.
fn print_again(text: &str) -> String {
    let source = Source::new("a.yaml".into(), "a.yaml".into(), text.as_bytes().to_vec());
    let roots = source.tree().documents.iter().filter_map(|d| d.root);
    let nodes: Vec<Node<'_>> = roots.map(|id| Node::Source(SrcNode { source: &source, id }, None)).collect();
    emit::stream(&nodes).unwrap()
}

#[test]
fn upstream_output_is_a_fixed_point() {
    let Some(shared) = crate::shared::shared() else { return };
    let mut count = 0;
    for file in expected_files(&shared.join("conformance/kustomize/cases")) {
        let text = std::fs::read_to_string(&file).unwrap();
        let text = text.strip_suffix("---\n").unwrap_or(&text);
        assert_eq!(print_again(text), text, "{}", file.display());
        count += 1;
    }
    assert!(count > 100, "only {count} cases found");
}

fn expected_files(cases: &Path) -> Vec<PathBuf> {
    let dirs = std::fs::read_dir(cases).unwrap().map(|e| e.unwrap().path());
    let mut files: Vec<PathBuf> = dirs.map(|d| d.join("expected.yaml")).filter(|f| f.exists()).collect();
    files.sort();
    files
}
