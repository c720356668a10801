//! The parser: exact positions, values, recovery from errors, adversarial input.

use manicheck::source::Source;
use manicheck::yaml::tree::RawKind;
use manicheck::yaml::{SrcNode, Style};

fn source(text: &str) -> Source {
    Source::new("a.yaml".into(), "a.yaml".into(), text.as_bytes().to_vec())
}

/// Every node as `line:column kind style "text of its span" = "value"`, indented by depth; documents are separated by `---`.
fn dump(source: &Source) -> String {
    let mut out = String::new();
    for doc in &source.tree().documents {
        let text = source.span(doc.start..doc.end);
        out += &format!("--- {}..{}\n", text.start, text.end);
        if let Some(root) = doc.root {
            dump_node(SrcNode { source, id: root }, 0, &mut out);
        }
    }
    for error in source.problems() {
        let span = source.span(error.start..error.end);
        let at = span.start_pos();
        out += &format!("error {}:{} {:?}: {}\n", at.line, at.column, span.text(), error.message);
    }
    out
}

fn dump_node(node: SrcNode<'_>, depth: usize, out: &mut String) {
    let (at, span) = (node.span().start_pos(), node.span());
    let raw = node.raw();
    let kind = match raw.kind {
        RawKind::Scalar => format!("{:?} {:?}", raw.style, node.text()),
        RawKind::Alias => format!("alias of {:?}", node.source.tree().aliases.get(&node.id)),
        RawKind::Map if raw.style == Style::Flow => "{}".into(),
        RawKind::Map => "map".into(),
        RawKind::Seq if raw.style == Style::Flow => "[]".into(),
        RawKind::Seq => "seq".into(),
    };
    let escaped = span.text().replace('\n', "\\n").replace('\r', "\\r");
    let tag = node.tag().map(|t| format!(" tag {t}")).unwrap_or_default();
    *out += &format!("{}{}:{} {kind}{tag} <{}>\n", "  ".repeat(depth), at.line, at.column, escaped);
    for child in node.children() {
        dump_node(child, depth + 1, out);
    }
}

#[track_caller]
fn check(text: &str, expected: &str) {
    let source = source(text);
    let got = dump(&source);
    let lines = |s: &str| s.trim().lines().map(|l| l.trim_end().to_string()).collect::<Vec<_>>().join("\n");
    let indent = expected.lines().find(|l| !l.trim().is_empty()).map_or(0, |l| l.len() - l.trim_start().len());
    let expected: String =
        expected.lines().map(|l| l.get(indent..).unwrap_or("").to_string() + "\n").collect::<Vec<_>>().concat();
    assert_eq!(lines(&got), lines(&expected), "\n{got}");
}

#[test]
fn empty_values_stand_right_behind_their_indicator() {
    check(
        "a:\nb: # c\n\n# d\nc: &x\nd: !!str\ne:\n- \n-\n  # k\n-\n",
        r#"
        --- 0..45
        1:1 map <a:\nb: # c\n\n# d\nc: &x\nd: !!str\ne:\n- \n-\n  # k\n->
          1:1 Plain "a" <a>
          1:3 Plain "" <>
          2:1 Plain "b" <b>
          2:3 Plain "" <>
          5:1 Plain "c" <c>
          5:6 Plain "" <>
          6:1 Plain "d" <d>
          6:9 Plain "" tag tag:yaml.org,2002:str <>
          7:1 Plain "e" <e>
          8:1 seq <- \n-\n  # k\n->
            8:2 Plain "" <>
            9:2 Plain "" <>
            11:2 Plain "" <>
        "#,
    );
}

#[test]
fn block_scalars_end_with_their_last_line_of_content() {
    check(
        "&k a: &v\n  b: |\n    x\n\n    y\n\n# c\nd: >-\n   a\n   b\n\n\ne: |+\n  x\n\n",
        r#"
        --- 0..61
        1:1 map <&k a: &v\n  b: |\n    x\n\n    y\n\n# c\nd: >-\n   a\n   b\n\n\ne: |+\n  x>
          1:4 Plain "a" <a>
          2:3 map <b: |\n    x\n\n    y>
            2:3 Plain "b" <b>
            2:6 Literal "x\n\ny\n" <|\n    x\n\n    y>
          8:1 Plain "d" <d>
          8:4 Folded "a b" <>-\n   a\n   b>
          13:1 Plain "e" <e>
          13:4 Literal "x\n\n" <|+\n  x>
        "#,
    );
}

#[test]
fn explicit_keys_and_flow_collections() {
    check(
        "? a\n: b\n? c\n? \n: d\n",
        r#"
        --- 0..18
        1:1 map <? a\n: b\n? c\n? \n: d>
          1:3 Plain "a" <a>
          2:3 Plain "b" <b>
          3:3 Plain "c" <c>
          3:4 Plain "" <>
          4:2 Plain "" <>
          5:3 Plain "d" <d>
        "#,
    );
    check(
        "{a, b: , c: [1, y: z], ? q}",
        r#"
        --- 0..27
        1:1 {} <{a, b: , c: [1, y: z], ? q}>
          1:2 Plain "a" <a>
          1:3 Plain "" <>
          1:5 Plain "b" <b>
          1:7 Plain "" <>
          1:10 Plain "c" <c>
          1:13 [] <[1, y: z]>
            1:14 Plain "1" <1>
            1:17 {} <y: z>
              1:17 Plain "y" <y>
              1:20 Plain "z" <z>
          1:26 Plain "q" <q>
          1:27 Plain "" <>
        "#,
    );
}

#[test]
fn documents_tags_and_markers() {
    check(
        "---\n---\n# only\n---\na\n...\n# x\n---\n!l &a {x: !<tag:foo> y}\n",
        r#"
        --- 0..3
        --- 4..7
        --- 15..20
        5:1 Plain "a" <a>
        --- 29..56
        9:7 {} tag !l <{x: !<tag:foo> y}>
          9:8 Plain "x" <x>
          9:22 Plain "y" tag tag:foo <y>
        "#,
    );
    check("# nothing but a comment\n", "");
    check(
        "%TAG !e! tag:e.com,2000:\n---\n!e!x a\n",
        "--- 25..35\n2:8 Plain \"a\" tag tag:e.com,2000:x <a>".replace("2:8", "3:6").as_str(),
    );
}

#[test]
fn every_line_break_and_a_byte_order_mark() {
    check(
        "\u{feff}ä: \"ü\"\r\nb:\r\n- |\r\n  x\r\n  y\r\n- p\r\n  q\r\n",
        r#"
        --- 3..40
        1:1 map <ä: "ü"\r\nb:\r\n- |\r\n  x\r\n  y\r\n- p\r\n  q>
          1:1 Plain "ä" <ä>
          1:4 DoubleQuoted "ü" <"ü">
          2:1 Plain "b" <b>
          3:1 seq <- |\r\n  x\r\n  y\r\n- p\r\n  q>
            3:3 Literal "x\ny\n" <|\r\n  x\r\n  y>
            6:3 Plain "p q" <p\r\n  q>
        "#,
    );
    check(
        "a: 1\rb: 2\r",
        "--- 0..9\n1:1 map <a: 1\\rb: 2>\n  1:1 Plain \"a\" <a>\n  1:4 Plain \"1\" <1>\n  2:1 Plain \"b\" <b>\n  2:4 Plain \"2\" <2>",
    );
}

#[test]
fn a_broken_document_does_not_hide_the_others() {
    check(
        "a: *b\n---\nb: &x 1\nc: [*x, *y]\n---\na:\n\tb: 1\n---\na: {{ .x }}\n---\n{{- if x }}\na: b\n{{ end }}\n\
         ---\na: \u{1}\n---\na: [1\n---\n? {a: b}\n: c\n---\n a: 1\nb: 2\n---\na: \"\\q\"\n---\nok: 1\n",
        r#"
        --- 153..162
        27:1 map <ok: 1>
          27:1 Plain "ok" <ok>
          27:5 Plain "1" <1>
        error 1:4 "*b": unknown anchor: `*b` names nothing defined before it in this document
        error 4:9 "*y": unknown anchor: `*y` names nothing defined before it in this document
        error 7:1 "\t": tab used for indentation; YAML allows only spaces there
        error 9:4 "{{ .x }}": `{{`: this is a template, not YAML; render it first, or quote the value
        error 11:1 "{{- if x }}": `{{`: this is a template, not YAML; render it first, or quote the value
        error 15:4 "\u{1}": control character U+0001: YAML allows it only as an escape in double quotes
        error 17:4 "[1": `[` is never closed
        error 19:3 "{a: b}": a mapping or sequence as key; keys must be scalars here
        error 23:1 "b:": text behind the end of the document's value; is it indented wrongly, or a `---` missing
        error 25:4 "\"\\q\"": unknown escape; write `\\` for a backslash, or use single quotes
        "#,
    );
}

/// kubectl reads a file that starts with `{` as a stream of JSON objects.
#[test]
fn json_objects_behind_each_other_are_documents() {
    check(
        "{\"a\":1}{\"b\":\"}{\"}\n {\n\"c\": []\n}\n---\nd: 1\n",
        r#"
        --- 0..7
        1:1 {} <{"a":1}>
          1:2 DoubleQuoted "a" <"a">
          1:6 Plain "1" <1>
        --- 7..17
        1:8 {} <{"b":"}{"}>
          1:9 DoubleQuoted "b" <"b">
          1:13 DoubleQuoted "}{" <"}{">
        --- 19..30
        2:2 {} <{\n"c": []\n}>
          3:1 DoubleQuoted "c" <"c">
          3:6 [] <[]>
        --- 31..39
        6:1 map <d: 1>
          6:1 Plain "d" <d>
          6:4 Plain "1" <1>
        "#,
    );
    let read = |text: &str| {
        let source = Source::new("a".into(), "a".into(), text.into());
        let tree = source.tree();
        let problem = tree.first_problem().map(|e| (e.start, e.message.clone()));
        (tree.documents.len(), tree.errors.len(), problem.map_or(0, |p| p.0))
    };
    // Those who read YAML only are told at the second.
    assert_eq!(read("{\"a\":1}\n{\"b\":2}\n"), (2, 0, 8));
    // What follows must be an object too.
    assert_eq!(read("{\"a\":1}\n{\"b\":2}\n[]"), (2, 1, 16));
    assert_eq!(read("{\"a\":1}\n{\"b\":2}\n{\"c\""), (2, 1, 16));
    // Neither JSON, nor at the start of the file: YAML, which has one value in a document.
    assert_eq!(read("{a: 1}\n{b: 2}\n"), (0, 1, 7));
    assert_eq!(read("---\n{\"a\":1}\n{\"b\":2}\n"), (0, 1, 12));
    assert_eq!(read("{a: '}{'}"), (1, 0, 0));
}

#[test]
fn bytes_that_are_not_yaml() {
    let read = |bytes: &[u8]| {
        let source = Source::new("a".into(), "a".into(), bytes.to_vec());
        let errors: Vec<_> = source.problems().iter().map(|e| (e.start, e.end, e.message.clone())).collect();
        (source.tree().documents.len(), errors)
    };
    assert_eq!(read(b"a: \xff\xfe\n---\nb: 1\n"), (1, vec![(3, 5, "bytes that are not UTF-8".into())]));
    assert_eq!(read(b"a: 1\n---\nb: \0\n").1[0].2, "NUL byte: YAML allows no control characters");
    let utf16 = "the file is UTF-16; save it as UTF-8";
    assert_eq!(read(b"\xff\xfea\0:\0 \x001\0").1[0].2, utf16);
    assert_eq!(read(b"a\0:\0 \x001\0").1[0].2, utf16);
    assert_eq!(read("a: \u{85}\u{feff}é\n".as_bytes()), (1, vec![]));
}
