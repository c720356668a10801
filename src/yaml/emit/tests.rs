mod documents;
mod strings;

use super::*;
use crate::source::Source;
use crate::yaml::{Origin, SrcNode};
use documents::DOCUMENTS;
use strings::STRINGS;

fn print(text: &str) -> Result<String, String> {
    let source = Source::new("a.yaml".into(), "a.yaml".into(), text.as_bytes().to_vec());
    let Some(root) = source.tree().documents.first().and_then(|d| d.root) else {
        return Err(format!("not read: {:?}", source.tree().errors));
    };
    document(&Node::Source(SrcNode { source: &source, id: root }, None)).map_err(|e| e.message)
}

#[test]
fn strings_are_printed_as_upstream_does() {
    for &(text, want) in STRINGS {
        let node = Node::string(text, Origin::default());
        let map = Node::map(vec![(Node::string("k", Origin::default()), node)], Origin::default());
        let printed = document(&map).unwrap();
        let printed = printed.strip_prefix("k: ").unwrap();
        assert_eq!(printed.strip_suffix('\n').unwrap_or(printed), want, "{text:?}");
    }
}

#[test]
fn documents_are_printed_as_upstream_does() {
    for &(text, want) in DOCUMENTS {
        assert_eq!(print(text).as_deref(), Ok(want), "{text}");
    }
}

/// Sees everything, so that nothing is copied.
struct Watcher;

impl Observer<'_> for Watcher {}

/// What is printed, with lines copied where they can be, and without.
fn both_ways(text: &str) -> [Result<String, String>; 2] {
    let source = Source::new("a.yaml".into(), "a.yaml".into(), text.as_bytes().to_vec());
    let Some(root) = source.tree().documents.first().and_then(|d| d.root) else {
        return [Ok(String::new()), Ok(String::new())];
    };
    let node = Node::Source(SrcNode { source: &source, id: root }, None);
    let mut watched = String::new();
    let done = document_into(&mut watched, &node, &mut Watcher).map(|()| watched);
    [document(&node), done].map(|done| done.map_err(|e| e.message))
}

#[test]
fn copied_lines_are_those_that_would_be_written() {
    for &(text, want) in DOCUMENTS {
        for text in [text, want] {
            let [copied, written] = both_ways(text);
            assert_eq!(copied, written, "{text}");
        }
    }
}

/// Lines as they are printed, and with something in or between them that is not.
const NEARLY_PRINTED: &[&str] = &[
    "kind: K\nmetadata:\n  labels:\n    a: b\n  name: n\nspec:\n  list:\n  - a: 1\n    b:\n    - c\n    - d: e\n  other: {}\n",
    "a:\n- b: 1\n\n- b: 2\n  c: 3\n# x\n- b: 4 # y\n  c: 5\n",
    "a:\n  - b: 1\n    c: 2\n  - b: 3\nd: 4\n",
    "a:\n- - b\n  - c\n- d\n-\n- e:\n    f\n",
    "a:\n-   b: 1\n    c: 2\n-   d\n",
    "a: &x\n  b: 1\nc: !!str 2\nd: !t\n- e\nf: &y g\n",
    "a:   1\nb :  2\nc:\n   d: e\n   f: g\nh: i\n",
    "b: 1\na: 2\nc:\n  e: 1\n  d:\n    f: g\n    h: |-\n      i\n      j\nk: |\n  l\nm: |\n  n\n\n\no: |+\n  p\n\nq: >\n  r\n  s\nt: u\n",
    "a:\n- |-\n  b\n  c\n- |\n  d\n- 'e'\n- \"f\"\n- '*'\n- \"true\"\n- '#'\n- 'it''s'\n- \"\\t\"\n- ~\n- 0x1\n- 1e3\n- 0644\n- 2001-01-01\n",
    "a:\r\n  b: c\r\n  d: e\r\nf: g\r\n",
    "a: b c\n  d\ne: f  \ng: ä ö\nh: 'ä'\ni: x: y\n",
    "v1: a\nv10: b\nv2:\n  c: d\n  e:\n  - f\n",
    "a: {}\nb: []\nc: { }\nd: {e: f}\ng:\n- {}\n- [ ]\n- [h]\n- i\n",
    "a:\n  b: c\n  b: d\n",
    "a:\n  <<: {b: c}\n  d: e\n",
    "a:\n  yes: b\n  on: c\n  n: d\n",
    "a:\n  No: b\n  n: c\n  off: d\n  on: e\n  y: f\n  yes: g\n",
    "a:\n  -: b\n  -a: b\n  .: c\n  .a: d\n  /a: e\n  _a: f\n  ---: g\n",
    "? a\n: b\nc: d\n",
    "a: \"1.0\"\nb: 'x: y'\nc: \"x: y\"\nd: ' '\ne: ''\nf: \"\"\ng: '1:20'\nh: \"1:20\"\ni: -\nj: --- k\n",
];

#[test]
fn lines_that_are_nearly_printed_are_not_copied() {
    for text in NEARLY_PRINTED {
        let [copied, written] = both_ways(text);
        assert_eq!(copied, written, "{text}");
        if let Ok(printed) = written {
            let [copied, written] = both_ways(&printed);
            assert_eq!(copied, written, "{printed}");
        }
    }
}

proptest::proptest! {
    #[test]
    fn lines_with_any_change_are_printed_as_if_none_were_copied(
        which in 0..NEARLY_PRINTED.len(),
        at in 0_usize..200,
        cut in 0_usize..3,
        put in r#"[ a:\n#'"0-9-]{0,4}|\n +|\n +- |[a-z]{75,90}|([a-z]{5} ){14,18}"#,
    ) {
        let mut text = NEARLY_PRINTED[which].to_string();
        let floor = |mut at: usize| { at = at.min(text.len()); while !text.is_char_boundary(at) { at -= 1; } at };
        let range = floor(at)..floor(at + cut);
        text.replace_range(range, &put);
        let [copied, written] = both_ways(&text);
        proptest::prop_assert_eq!(copied, written);
    }
}

proptest::proptest! {
    #[test]
    fn copied_literals_are_those_that_would_be_written(
        header in r"\|[-+]?",
        lines in proptest::collection::vec(" {0,7}([a-c#:\t~\u{7f}é]{1,3} {0,1})?", 1..5),
        behind in "(\n|\n  d: e\n|\nf: g\n|\n\n\nf: g\n)?",
    ) {
        let text = format!("a:\n  b: {header}\n    x{}{behind}", lines.join("\n"));
        let [copied, written] = both_ways(&text);
        proptest::prop_assert_eq!(copied, written);
        let text = format!("a:\n- {header}\n  {}{behind}", lines.join("\n  "));
        let [copied, written] = both_ways(&text);
        proptest::prop_assert_eq!(copied, written);
    }
}

#[test]
fn what_json_cannot_hold_is_an_error() {
    for (text, want) in [
        ("a: 1\nb: 2\na: 3\n", "mapping key \"a\" already defined at line 1"),
        ("a: .inf", "json: unsupported value: +Inf"),
        ("a: -.inf", "json: unsupported value: -Inf"),
        ("a: .nan", "json: unsupported value: NaN"),
        ("a: {1: x}", "a mapping key must be a string (json: unsupported type: map[interface {}]interface {})"),
        ("a: !!int x", "cannot decode !!str `x` as a !!int"),
        ("a: !!float null", "cannot decode !!null `null` as a !!float"),
        ("a: !!binary x", "!!binary value contains invalid base64 data"),
        ("a: 2001-01-01T10:00:00+24:00", "timezone hour outside of range [0,23]"),
        ("a: |2\n  \tx\n", "found a tab character where an indentation space is expected"),
        ("a: \"\\x7f\"", "control characters are not allowed"),
    ] {
        assert_eq!(print(text).unwrap_err(), want, "{text}");
    }
}

#[test]
fn an_error_has_the_span_of_its_node() {
    let source = Source::new("a.yaml".into(), "a.yaml".into(), b"a: 1\nb:\n- .nan\n".to_vec());
    let root = source.tree().documents[0].root.unwrap();
    let error = document(&Node::Source(SrcNode { source: &source, id: root }, None)).unwrap_err();
    assert_eq!(error.span.unwrap().text(), ".nan");
}

#[test]
fn an_order_without_order_does_no_harm() {
    let keys: Vec<String> = (0..40).flat_map(|i| [format!("{i}"), format!("{i}x"), format!("{i}-")]).collect();
    let text: String = keys.iter().rev().map(|k| format!("\"{k}\": 1\n")).collect();
    assert_eq!(print(&text).unwrap().lines().count(), keys.len());
}

#[test]
fn documents_are_joined_with_markers() {
    let node = |key| {
        Node::map(vec![(Node::string(key, Origin::default()), Node::plain("1", Origin::default()))], Origin::default())
    };
    assert_eq!(stream(&[node("a"), node("b")]).unwrap(), "a: 1\n---\nb: 1\n");
    assert_eq!(stream(&[]).unwrap(), "");
}
