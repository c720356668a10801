//! Aliases and merge keys, resolved as kustomize does.

use manicheck::source::Source;
use manicheck::yaml::{Dialect, Node, Value, documents};

fn source(text: &str) -> Source {
    Source::new("a.yaml".into(), "a.yaml".into(), text.as_bytes().to_vec())
}

fn expanded(text: &str) -> String {
    let source = source(text);
    let docs: Vec<String> = documents(&source).iter().map(|d| format!("{:?}", d.node)).collect();
    let errors = source.problems().iter().map(|e| format!("{}..{} {}", e.start, e.end, e.message));
    docs.into_iter().chain(errors).collect::<Vec<_>>().join("\n")
}

#[test]
fn documents_without_aliases_stay_in_place() {
    let source = source("---\n---\na: &x 1\n---\nb\n");
    let docs = documents(&source);
    assert_eq!(docs.len(), 2);
    assert!(docs.iter().all(|d| matches!(d.node, Node::Source(_, None))));
    assert_eq!(docs[0].span.text(), "---\na: &x 1");
    assert_eq!(docs[0].node.get("a").unwrap().resolve(Dialect::V1), Value::Int(1));
}

#[test]
fn written_keys_win_then_earlier_merges() {
    let text = "a: &a {x: a, y: a}\nb: &b {y: b, z: b}\nc:\n  <<: [*a, *b]\n  w: c\n  x: c\n";
    let a = r#"{"a": {"x": "a", "y": "a"}, "b": {"y": "b", "z": "b"}, "#;
    assert_eq!(expanded(text), format!("{a}\"c\": {{\"w\": \"c\", \"x\": \"c\", \"y\": \"a\", \"z\": \"b\"}}}}"));
}

#[test]
fn merges_nest() {
    let text = "a: &a {x: 1}\nb: &b\n  <<: *a\n  y: 2\nc:\n  <<: *b\n  z: *a\n*a2 : 1\n".replace("*a2 : 1\n", "");
    assert_eq!(
        expanded(&text),
        r#"{"a": {"x": "1"}, "b": {"y": "2", "x": "1"}, "c": {"z": {"x": "1"}, "y": "2", "x": "1"}}"#
    );
}

#[test]
fn an_aliased_value_tells_anchor_and_alias() {
    let source = source("a: &a\n  k: v\nb:\n  <<: *a\nc: &c [*a]\nd: *c\n");
    let doc = &documents(&source)[0].node;
    let origin = doc.path(&["b", "k"]).unwrap().origin();
    assert_eq!(origin.span.unwrap().text(), "v");
    let steps: Vec<_> = origin.links().map(|l| l.step.at.unwrap().text()).collect();
    assert_eq!(steps, ["<<"]);
    let d = doc.get("d").unwrap().items().next().unwrap().get("k").unwrap().origin();
    let steps: Vec<_> = d.links().map(|l| l.step.at.unwrap().text()).collect();
    assert_eq!(steps, ["*c", "*a"]);
}

#[test]
fn an_alias_can_be_a_key_if_it_is_a_scalar() {
    assert_eq!(expanded("a: &a k\n*a : v\n"), r#"{"a": "k", "k": "v"}"#);
    assert_eq!(expanded("a: &a [k]\n*a : v\n"), "10..12 a mapping or sequence as key; keys must be scalars here");
}

#[test]
fn what_cannot_be_expanded_is_an_error_at_the_alias() {
    assert_eq!(expanded("a: &a\n  b: *a\n"), "11..13 recursive alias: `*a` stands inside its own anchor");
    let merge = "`<<` merges a mapping, an alias of one, or a sequence of these, nothing else";
    assert_eq!(expanded("a: &a 1\nb:\n  <<: *a\n"), format!("17..19 {merge}"));
    assert_eq!(expanded("b:\n  <<: [[{a: b}]]\n"), format!("10..18 {merge}"));
    assert_eq!(
        expanded("b:\n  <<: {a: b}\n  <<: {c: d}\n"),
        "18..20 a second merge key `<<` in one mapping; merge a sequence instead"
    );
    assert_eq!(expanded("b: '<<'\n'<<': 1\n"), r#"{"b": "<<", "<<": "1"}"#);
}

#[test]
fn alias_bombs_are_bounded() {
    let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for i in 1..12 {
        let items = vec![format!("*a{}", i - 1); 9].join(", ");
        text += &format!("a{i}: &a{i} [{items}]\n");
    }
    let source = source(&text);
    assert!(documents(&source).is_empty());
    assert_eq!(source.problems().len(), 1);
    assert_eq!(
        source.problems()[0].message,
        "the aliases of this document stand for more than 400000 nodes, the limit"
    );
    let mut text = String::from("a0: &a0 [x]\n");
    for i in 1..600 {
        text += &format!("a{i}: &a{i} [*a{}]\n", i - 1);
    }
    assert_eq!(expanded(&text).split_once(' ').unwrap().1, "collections are nested more than 500 deep");
}
