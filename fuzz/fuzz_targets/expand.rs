//! Expanding aliases never panics and leaves none, whatever the bytes of the file.
#![no_main]

use libfuzzer_sys::fuzz_target;
use manicheck::source::Source;
use manicheck::yaml::tree::RawKind;
use manicheck::yaml::{Node, documents};

fuzz_target!(|bytes: &[u8]| {
    let source = Source::new("a.yaml".into(), "a.yaml".into(), bytes.to_vec());
    for doc in documents(&source) {
        visit(&doc.node, 0);
    }
    for problem in source.problems() {
        let span = source.span(problem.start..problem.end);
        let _ = (span.start_pos(), span.end_pos(), span.first_line());
    }
});

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
