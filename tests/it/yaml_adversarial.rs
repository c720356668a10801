//! Input made to break a parser: the answer comes in bounded time and memory, and is an error or a tree.

use std::time::{Duration, Instant};

use manicheck::yaml::{parse, parse_conforming};

/// Generous: a debug build on a busy machine. What is quadratic takes minutes at these sizes.
const LIMIT: Duration = Duration::from_secs(40);

#[track_caller]
fn bounded(name: &str, text: &str) -> Vec<String> {
    let start = Instant::now();
    let tree = parse(text);
    assert!(start.elapsed() < LIMIT, "{name}: {:?}", start.elapsed());
    for node in &tree.nodes {
        assert!(text.get(node.start as usize..node.end as usize).is_some(), "{name}: {node:?}");
    }
    tree.errors.into_iter().map(|e| e.message).collect()
}

#[test]
fn nesting_is_bounded() {
    let deep = ["collections are nested more than 500 deep".to_string()];
    assert_eq!(bounded("[", &"[".repeat(100_000)), deep);
    assert_eq!(bounded("{a: ", &"{a: ".repeat(20_000)), deep);
    assert_eq!(bounded("- ", &"- ".repeat(20_000)), deep);
    assert_eq!(bounded("? ", &"? ".repeat(20_000)), deep);
    let maps: String = (0..2_000).map(|i| format!("{}a:\n", " ".repeat(i))).collect();
    assert_eq!(bounded("maps", &maps), deep);
    let deep_but_fine = format!("{}x{}", "[".repeat(499), "]".repeat(499));
    assert_eq!(bounded("499", &deep_but_fine), [""; 0]);
    assert_eq!(parse(&deep_but_fine).nodes.len(), 500);
}

#[test]
fn size_is_no_problem() {
    assert_eq!(bounded("line", &format!("a: {}\n", "x".repeat(10_000_000))), [""; 0]);
    assert_eq!(bounded("quoted line", &format!("a: \"{}\"\n", "x\\n".repeat(2_000_000))), [""; 0]);
    assert!(!bounded("key", &format!("{}: 1\n", "x".repeat(1_000_000))).is_empty());
    let keys: String = (0..200_000).map(|i| format!("k{i}: v\n")).collect();
    assert_eq!(bounded("keys", &keys), [""; 0]);
    assert_eq!(bounded("blank lines", &format!("a: b\n{}c: d\n", "\n".repeat(1_000_000))), [""; 0]);
    assert_eq!(bounded("comments", &format!("a: b\n{}c: d\n", "# c\n".repeat(300_000))), [""; 0]);
    assert_eq!(bounded("block scalar", &format!("a: |\n{}", "  x\n\n".repeat(300_000))), [""; 0]);
    assert_eq!(bounded("documents", &"---\na: b\n".repeat(100_000)), [""; 0]);
    assert_eq!(bounded("anchors", &(0..50_000).map(|i| format!("- &a{i} x\n- *a{i}\n")).collect::<String>()), [""; 0]);
}

#[test]
fn many_errors_cost_no_more_than_many_documents() {
    assert_eq!(bounded("broken documents", &"---\na: [1\n".repeat(20_000)).len(), 20_000);
    assert_eq!(bounded("tagged and broken", &"---\n- !t x\n- [1\n".repeat(20_000)).len(), 20_000);
    assert_eq!(bounded("templates", &"---\n{{- if x }}\na: 1\n".repeat(10_000)).len(), 10_000);
    bounded("dashes", &"--- ".repeat(200_000));
    assert_eq!(bounded("quotes", &"---\n\"a\n".repeat(20_000)).len(), 20_000);
    bounded("tabs", &format!("a: 1\n{}", "\t\n".repeat(200_000)));
    bounded("tabs in brackets", &format!("a: [\n{}]", "\t1,\n".repeat(100_000)));
    bounded("percent", &"%a\n".repeat(100_000));
    bounded("colons", &":".repeat(1_000_000));
    bounded("aliases", &format!("a: &a x\nb: [{}]\n", "*a, ".repeat(100_000)));
}

#[test]
fn a_cut_anywhere_is_read_or_refused() {
    let text = "a: &x\n- \"b\\u00e9\\\n  c\" # d\n- {e: [f, 'g''h'], i: !!str j}\n- |2-\n    k\n\n- *x\nl: >+\n  m\n\u{feff}n\r\n";
    for end in (0..=text.len()).filter(|i| text.is_char_boundary(*i)) {
        for start in (0..end).filter(|i| text.is_char_boundary(*i)) {
            let part = &text[start..end];
            for tree in [parse(part), parse_conforming(part)] {
                for id in 0..tree.nodes.len() as u32 {
                    let _ = tree.value(part, id);
                }
            }
        }
    }
}
