//! Where YAML's readers differ, we read as go-yaml v3 does: it is what kubectl, the API server and kustomize use. The expected
//! values were taken from go.yaml.in/yaml/v3 v3.0.3.

use manicheck::source::Source;
use manicheck::yaml::{SrcNode, documents};

fn read(text: &str) -> Result<String, String> {
    let source = Source::new("a.yaml".into(), "a.yaml".into(), text.as_bytes().to_vec());
    if let Some(error) = source.problems().first() {
        return Err(error.message.clone());
    }
    Ok(documents(&source).iter().map(|d| format!("{:?}", d.node)).collect::<Vec<_>>().join(" | "))
}

#[test]
fn block_scalars_have_no_more_line_breaks_than_the_file() {
    let cases = [
        ("a: |\n  x", "x"),
        ("a: |\n  x\n", "x\n"),
        ("a: |+\n  x", "x"),
        ("a: |+\n  x\n\n", "x\n\n"),
        ("a: |+\n  x\n  ", "x\n"),
        ("a: |-\n  x\n\n", "x"),
        ("a: >\n  x\n  y", "x y"),
        ("a: >\n\n  x\n  y\n\n   z\n  w\n", "\nx y\n\n z\nw\n"),
        ("a: |+\n\n\n", "\n\n"),
        ("a: |\n\n\n", ""),
        ("a: |1\n  x\n", " x\n"),
        ("a: |2-\n   x\n  y\n", " x\ny"),
        ("a: |\r\n  x\r\n\r\n  y\r\n", "x\n\ny\n"),
        ("a: |\n  x\n\n# c\n", "x\n"),
        ("a: | # c\n  # d\n", "# d\n"),
    ];
    for (text, value) in cases {
        assert_eq!(read(text), Ok(format!("{{\"a\": {value:?}}}")), "{text:?}");
    }
}

#[test]
fn values_between_brackets() {
    for (flow, value) in [
        ("[kubectl, apply, -f, -]", "[\"kubectl\", \"apply\", \"-f\", \"-\"]"),
        ("[-]", "[\"-\"]"),
        ("[ -, -1, --]", "[\"-\", \"-1\", \"--\"]"),
        ("{a: -, b: c}", "{\"a\": \"-\", \"b\": \"c\"}"),
        ("{a: -}", "{\"a\": \"-\"}"),
        ("{-: a}", "{\"-\": \"a\"}"),
        ("[x:, y, a:b:]", "[\"x:\", \"y\", \"a:b:\"]"),
        ("{x:, y: z:}", "{\"x:\": \"\", \"y\": \"z:\"}"),
        ("{'a\n  b', c: 'd\n  e'}", "{\"a b\": \"\", \"c\": \"d e\"}"),
        ("[!!str , ! a]", "[\"\", \"a\"]"),
        ("{? , ? b : c}", "{\"\": \"\", \"b\": \"c\"}"),
        ("[a:b, a-, a#b]", "[\"a:b\", \"a-\", \"a#b\"]"),
        ("['a?b', \"http://x/?a=b\"]", "[\"a?b\", \"http://x/?a=b\"]"),
    ] {
        assert_eq!(read(&format!("a: {flow}\n")), Ok(format!("{{\"a\": {value}}}")), "{flow}");
    }
    for flow in [
        "{: b}",
        "[:]",
        "[: ]",
        "{:}",
        "{: , a}",
        "[!a]",
        "[!a, b]",
        "{a: !a}",
        "{a: !!str, b: c}",
        "[!]",
        "{'a\n  b': c}",
        "{a\n b: c}",
        "[? ]",
        "[? , a]",
        "[?a]",
        "{?}",
        "{?a: b}",
        "[- ]",
        "[- a]",
        "[a?b]",
        "[http://x/?a=b]",
        "{name: a?b}",
        "[:x]",
        "[::1]",
        "[-?]",
        "[?]",
        "{a: ?b, c: d}",
    ] {
        assert!(read(&format!("a: {flow}\n")).is_err(), "{flow}");
    }
    assert!(read("a: http://x/?a=b\nb: ?x\n").is_ok());
}

#[test]
fn quoted_and_plain_scalars_fold() {
    let cases = [
        ("a: \"x \\\n  y\\n\\u00e9\n\n  z\"", "x y\né\nz"),
        ("a: 'it''s\n\n\n  two'", "it's\n\ntwo"),
        ("a: one\n  two\n\n  three # end", "one two\nthree"),
        ("a: \"x\ny\"", "x y"),
        ("a: \"  x  \n  y  \"", "  x y  "),
        ("a: \"\\x41\\t\\/\\_\\0\\\"\"", "A\t/\u{a0}\0\""),
        ("a: b#c", "b#c"),
        ("a: b:c", "b:c"),
        ("a: http://x:80/y?z=[1]", "http://x:80/y?z=[1]"),
        ("a: :8080", ":8080"),
        ("a: ?*", "?*"),
        ("a: -x", "-x"),
        ("a:\tb\t# c", "b"),
        ("a: b\n  - c", "b - c"),
    ];
    for (text, value) in cases {
        assert_eq!(read(text), Ok(format!("{{\"a\": {value:?}}}")), "{text:?}");
    }
}

#[test]
fn what_go_yaml_refuses_is_an_error() {
    let tab = "tab used for indentation; YAML allows only spaces there";
    let cases = [
        ("a: 1\n\t\nb: 2\n", tab),
        ("a:\n\tb: 2\n", tab),
        ("-\tx\n", tab),
        ("a: |\n  x\n\ty\n", tab),
        ("a: |\n  \tx\n", tab),
        ("a: 1\n\t# c\n", tab),
        (": x\n", "a `:` that follows no key"),
        ("--- |\nx\n", "the text of a block scalar needs an indentation of at least one space"),
        (
            "a: b: c\n",
            "`: ` inside a plain value, or a key at a place where none can be; quote the value or check the indentation",
        ),
        ("a: @b\n", "a plain value cannot start with `@`; quote it"),
        ("a: `b`\n", "a plain value cannot start with a backtick; quote it"),
        ("a: %b\n", "a plain value cannot start with `%`; quote it"),
    ];
    for (text, message) in cases {
        assert_eq!(read(text), Err(message.into()), "{text:?}");
    }
    for text in ["a: |\n  x\n  \ty\n", "a: [\n\tb\n  ]\n", "a: \"x\n\ty\"\n", "a:\t\n  b: 1\t\n"] {
        assert!(read(text).is_ok(), "{text:?} {:?}", read(text));
    }
}

#[test]
fn unindented_sequences_and_compact_nesting() {
    assert_eq!(
        read("a:\n- b: 1\n  c: 2\n-\n  - d\n- - e\n  - f\ng:\n  - h\n").unwrap(),
        r#"{"a": [{"b": "1", "c": "2"}, ["d"], ["e", "f"]], "g": ["h"]}"#
    );
    assert_eq!(read("[a, {b: c}, [d]]\n---\n\"x\"\n---\n- y\n").unwrap(), r#"["a", {"b": "c"}, ["d"]] | "x" | ["y"]"#);
    assert_eq!(
        read("{\n\t\"a\": [1, 2],\n\t\"b\":{\"c\":null}\n}\n").unwrap(),
        r#"{"a": ["1", "2"], "b": {"c": "null"}}"#
    );
}

#[test]
fn tags_and_anchors_are_kept() {
    let source = Source::new("a".into(), "a".into(), "a: &x !!str 1\nb: !Ref y\nc: !!binary |\n  aGk=\n".into());
    let tags: Vec<_> =
        (0..source.tree().nodes.len() as u32).filter_map(|id| SrcNode { source: &source, id }.tag()).collect();
    assert_eq!(tags, ["tag:yaml.org,2002:str", "!Ref", "tag:yaml.org,2002:binary"]);
}
