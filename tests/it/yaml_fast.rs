//! The fast parser against the conforming one: same nodes, positions, values, comments, documents.

#![allow(clippy::print_stdout)]

use std::path::Path;

use manicheck::source::Source;
use manicheck::yaml::tree::{RawKind, RawNode, Tree};
use manicheck::yaml::{SrcNode, parse, parse_conforming};
use proptest::prelude::*;

use crate::corpus::corpus;

/// Says where the two parsers differ. Nothing to say if they agree.
fn difference(text: &str) -> Option<String> {
    let fast = parse(text);
    let slow = parse_conforming(text);
    // go-yaml, and so the fast parser, lets a quoted scalar go on at any indentation.
    let lenient = |m: &str| {
        m.contains("not indented to continue it")
            || m.starts_with("tab used for indentation")
            // And a lone `-` between brackets.
            || m.starts_with("a value cannot start with `-` followed by")
    };
    // What it let pass may still be wrong for another reason, such as a scalar to merge.
    if slow.errors.iter().any(|e| lenient(&e.message) && !fast.errors.contains(e)) {
        return None;
    }
    // And a `:` at the end of a text between brackets.
    let colon = [":,", ":]", ":}"].iter().any(|end| text.contains(end));
    if colon && fast.errors.is_empty() && !slow.errors.is_empty() {
        return None;
    }
    let flags = RawNode::TAGGED | RawNode::ANCHORED;
    let shape = |n: &RawNode| RawNode { flags: n.flags & flags, ..*n };
    for (id, (a, b)) in fast.nodes.iter().zip(&slow.nodes).enumerate() {
        if shape(a) != shape(b) {
            return Some(format!("node {id}: {a:?} {:?}\n     and: {b:?} {:?}", slice(text, a), slice(text, b)));
        }
        let (a, b) = (value(text, &fast, id), value(text, &slow, id));
        if a != b {
            return Some(format!("value of node {id}: {a:?}\n     and: {b:?}"));
        }
    }
    if fast.nodes.len() != slow.nodes.len() {
        return Some(format!("{} and {} nodes", fast.nodes.len(), slow.nodes.len()));
    }
    let same = fast.documents == slow.documents
        && fast.comments == slow.comments
        && fast.errors == slow.errors
        && fast.tags == slow.tags
        && fast.aliases == slow.aliases;
    (!same).then(|| {
        format!(
            "{:?} {:?} {:?} {:?}\n{:?} {:?} {:?} {:?}",
            fast.documents,
            fast.comments,
            fast.errors,
            fast.tags,
            slow.documents,
            slow.comments,
            slow.errors,
            slow.tags
        )
    })
}

fn slice<'a>(text: &'a str, node: &RawNode) -> &'a str {
    &text[node.start as usize..node.end as usize]
}

fn value(text: &str, tree: &Tree, id: usize) -> String {
    let node = &tree.nodes[id];
    if node.kind != RawKind::Scalar {
        return String::new();
    }
    tree.value(text, id as u32).into_owned()
}

/// Every span lies in the text, and the tree is well-formed.
fn check_bounds(text: &str, tree: &Tree) {
    for (id, node) in tree.nodes.iter().enumerate() {
        assert!(text.get(node.start as usize..node.end as usize).is_some(), "{node:?}");
        assert!(node.next as usize > id && node.next as usize <= tree.nodes.len(), "{node:?}");
    }
    for (start, end) in
        tree.errors.iter().map(|e| (e.start, e.end)).chain(tree.comments.iter().map(|c| (c.start, c.end)))
    {
        assert!(text.get(start as usize..end as usize).is_some(), "{start}..{end}");
    }
}

#[test]
fn corpus_reads_the_same() {
    let Some(corpus) = corpus() else { return };
    let mut files = Vec::new();
    yaml_files(&corpus, &mut files);
    let mut different = Vec::new();
    let (mut bytes, mut declined, mut parts, mut valid) = (0, 0, 0, 0);
    for path in &files {
        let Ok(text) = std::fs::read_to_string(path) else { continue };
        if cfg!(debug_assertions) && text.len() > 200_000 {
            continue;
        }
        bytes += text.len();
        let slow = manicheck::yaml::declined(&text);
        (declined, parts) = (declined + slow.0, parts + slow.1);
        if slow.0 > 0 && parse(&text).errors.is_empty() {
            valid += slow.0;
        }
        if let Some(difference) = difference(&text) {
            different.push(format!("{}: {difference}", path.display()));
        }
    }
    println!("{} files, {bytes} bytes, {parts} documents, declined {declined}, {valid} of them valid", files.len());
    assert!(valid * 100 < parts, "the fast parser declines too much: {valid} of {parts}");
    assert!(different.is_empty(), "{} differ:\n{}", different.len(), different[..different.len().min(20)].join("\n"));
}

fn yaml_files(dir: &Path, out: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
        let path = entry.path();
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            yaml_files(&path, out);
        } else if kind.is_file() && path.extension().is_some_and(|e| e == "yaml" || e == "yml" || e == "json") {
            out.push(path);
        }
    }
}

/// Small texts with every construct, for the mutations to start from.
const SEEDS: &[&str] = &[
    "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  labels: {app: x, \"b\": 'c'}\ndata:\n  k: |\n    one\n     two\n\n    three\n  f: >-\n    a\n    b\n\n     c\n    d\n",
    "a: &x\n- 1\n- b: c\n  d:\n  - e # f\n- - g\n  - h\n-\n- *x\ni: !!str 1\nj: !t {k: [l, m]}\n",
    "a: \"x \\\n  y\\n\\u00e9\n\n  z\"\nb: 'it''s\n\n  two'\nc: one\n  two\n\n  three # end\nd:\n",
    "---\n# head\na: 1\n---\n---\nb\n...\n---\n- {a: [1, 2, {b: c}], d: }\n- [\n  a, # c\n  'b'\n  ]\n",
    "\u{feff}ä: ö\r\nb:\r\n  - |+\r\n    x\r\n\r\n  - y\r\n",
    "k: |2-\n   x\n  y\nl: >+\n\n  a\n\n\nm: \"a\"\n<<: {a: b}\n? x\n: y\n",
    "{\n  \"a\": [\"b\", 1, null],\n  \"c\": {\"d\":{}}\n}\n",
];

/// Pieces that matter to a YAML reader.
const PIECES: &[&str] = &[
    "\n", " ", "  ", "\n  ", "\n- ", ":", ": ", "- ", "#", " # c", "\"", "'", "|", ">-", "|+\n", "[", "]", "{", "}",
    ",", "&a ", "*a", "!t ", "\t", "\r\n", "\\", "---\n", "...\n", "? ", "%", "a", "é", "<<: ", "''", "\\\"", "\\x41",
    "-", "\n\n", "k: v\n",
];

fn mutated() -> impl Strategy<Value = String> {
    let edit = (any::<prop::sample::Index>(), 0..PIECES.len(), 0..4usize);
    (0..SEEDS.len(), prop::collection::vec(edit, 1..5)).prop_map(|(seed, edits)| {
        let mut text: Vec<char> = SEEDS[seed].chars().collect();
        for (at, piece, delete) in edits {
            let at = at.index(text.len() + 1).min(text.len());
            let end = (at + delete).min(text.len());
            text.splice(at..end, PIECES[piece].chars());
        }
        text.into_iter().collect()
    })
}

fn composed() -> impl Strategy<Value = String> {
    prop::collection::vec(0..PIECES.len(), 1..24).prop_map(|p| p.into_iter().map(|i| PIECES[i]).collect())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn mutated_yaml_reads_the_same(text in mutated()) {
        check_bounds(&text, &parse(&text));
        prop_assert_eq!(difference(&text), None, "{:?}", text);
    }

    #[test]
    fn composed_yaml_reads_the_same(text in composed()) {
        check_bounds(&text, &parse(&text));
        prop_assert_eq!(difference(&text), None, "{:?}", text);
    }
}

/// More with `MANICHECK_CASES=100000`.
fn cases() -> u32 {
    std::env::var("MANICHECK_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(500)
}

#[test]
fn seeds_read_the_same() {
    for seed in SEEDS {
        assert_eq!(difference(seed), None, "{seed}");
        let source = Source::new("a".into(), "a".into(), seed.as_bytes().to_vec());
        for id in 0..source.tree().nodes.len() as u32 {
            let _ = SrcNode { source: &source, id }.text();
        }
    }
}
