//! Never panics; spans lie in the text; the fast parser reads what the conforming one does.
#![no_main]

use libfuzzer_sys::fuzz_target;
use manicheck::yaml::tree::{RawNode, Tree};
use manicheck::yaml::{parse, parse_conforming};

fuzz_target!(|text: &str| {
    let (fast, slow) = (parse(text), parse_conforming(text));
    for tree in [&fast, &slow] {
        check(text, tree);
    }
    // Where go-yaml, and so the fast parser, takes any indentation, the conforming one does not.
    let lenient = |m: &str| m.contains("not indented to continue it") || m.starts_with("tab used for indentation");
    if slow.errors.len() > fast.errors.len() && slow.errors.iter().any(|e| lenient(&e.message)) {
        return;
    }
    let kept = RawNode::TAGGED | RawNode::ANCHORED;
    let shape = |tree: &Tree| tree.nodes.iter().map(|n| RawNode { flags: n.flags & kept, ..*n }).collect::<Vec<_>>();
    let values = |tree: &Tree| (0..tree.nodes.len() as u32).map(|id| tree.value(text, id).into_owned()).collect::<Vec<_>>();
    assert_eq!(shape(&fast), shape(&slow));
    assert_eq!(values(&fast), values(&slow));
    assert_eq!(fast.documents, slow.documents);
    assert_eq!(fast.comments, slow.comments);
    assert_eq!(fast.errors, slow.errors);
    assert_eq!(fast.joined, slow.joined);
    assert_eq!(fast.tags, slow.tags);
    assert_eq!(fast.aliases, slow.aliases);
});

fn check(text: &str, tree: &Tree) {
    for (id, node) in tree.nodes.iter().enumerate() {
        assert!(text.get(node.start as usize..node.end as usize).is_some(), "{node:?}");
        assert!(node.next as usize > id && node.next as usize <= tree.nodes.len(), "{node:?}");
    }
    for error in &tree.errors {
        assert!(text.get(error.start as usize..error.end as usize).is_some(), "{error:?}");
    }
    for comment in &tree.comments {
        assert!(text.get(comment.start as usize..comment.end as usize).is_some(), "{comment:?}");
    }
}
