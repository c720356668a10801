//! The hashes were recorded from upstream.

use super::*;
use crate::source::Source;
use crate::yaml::SrcNode;

/// Kind, the fields beside `apiVersion`, `kind` and `metadata`, and the hash.
const HASHES: &[(&str, &str, &str)] = &[
    ("ConfigMap", "data:\n", "6ct58987ht"),
    ("ConfigMap", "data: null\n", "g886t7dd28"),
    ("ConfigMap", "", "6ct58987ht"),
    ("ConfigMap", "data: {}\n", "42745tchd9"),
    ("ConfigMap", "data: []\n", "dk855m5d49"),
    ("ConfigMap", "data: [1]\n", "dk855m5d49"),
    ("ConfigMap", "data: x\n", "6bd5c47gt8"),
    ("ConfigMap", "data: 3\n", "mh4f56kggd"),
    ("ConfigMap", "data: ''\n", "6ct58987ht"),
    ("ConfigMap", "binaryData: {}\ndata: {a: b}\n", "h477bbfc2m"),
    ("ConfigMap", "binaryData: []\n", "mfcg99g7t5"),
    ("ConfigMap", "binaryData: x\n", "6ct58987ht"),
    ("ConfigMap", "binaryData:\n", "6ct58987ht"),
    (
        "ConfigMap",
        "data: {a: 1, b: true, c: null, d: 1.50, e: 9007199254740993, f: 1e21, g: 2001-01-01, h: 2001-01-01T1:2:3Z}\n",
        "d7gfbht4kd",
    ),
    ("ConfigMap", "data:\n  a: 1\n  h: 2001-01-01T1:2:3Z\n  e:\n", "ccc7cdd878"),
    ("ConfigMap", "data:\n  a: >\n    x\n     y\n    z\n", "f68786cmk9"),
    ("ConfigMap", "data:\n  a: |\n    x\n  b: >+\n    y\n\n", "g899mf7ht6"),
    ("ConfigMap", "data: {a: '<&>'}\n", "m9gb99d79d"),
    ("ConfigMap", "data: {a: !!binary //8=}\n", "2t82m4khm8"),
    ("Secret", "data:\n", "2bg6t6bf6t"),
    ("Secret", "data: null\n", "t84mgd8k65"),
    ("Secret", "", "2bg6t6bf6t"),
    ("Secret", "data: {}\n", "875545gk2h"),
    ("Secret", "data: []\n", "f8mcc9f84m"),
    ("Secret", "data: [1]\n", "f8mcc9f84m"),
    ("Secret", "data: x\n", "mc8dh7b6gk"),
    ("Secret", "data: 3\n", "hctgkh265c"),
    ("Secret", "data: ''\n", "2bg6t6bf6t"),
    ("Secret", "binaryData: {}\ndata: {a: b}\n", "bhtkm5f2kg"),
    ("Secret", "binaryData: []\n", "2bg6t6bf6t"),
    ("Secret", "binaryData: x\n", "2bg6t6bf6t"),
    ("Secret", "binaryData:\n", "2bg6t6bf6t"),
    (
        "Secret",
        "data: {a: 1, b: true, c: null, d: 1.50, e: 9007199254740993, f: 1e21, g: 2001-01-01, h: 2001-01-01T1:2:3Z}\n",
        "ft86mmm8f2",
    ),
    ("Secret", "data:\n  a: 1\n  h: 2001-01-01T1:2:3Z\n  e:\n", "ftt6h995m4"),
    ("Secret", "data:\n  a: >\n    x\n     y\n    z\n", "2k4b4d967c"),
    ("Secret", "data:\n  a: |\n    x\n  b: >+\n    y\n\n", "6ck7fm5948"),
    ("Secret", "data: {a: '<&>'}\n", "b6dhbh4hgb"),
    ("Secret", "data: {a: !!binary //8=}\n", "t9ft9db55b"),
    ("Secret", "type: x\n", "6622f2chck"),
    ("Secret", "type:\n", "2bg6t6bf6t"),
    ("Secret", "type: 3\n", "9gdt928chd"),
    ("Secret", "type: null\n", "d9kfg77dt6"),
    ("Secret", "type: {a: b}\n", "b8m7k2d59h"),
    ("Secret", "type: [a]\n", "k9k985kcg4"),
    ("Secret", "type: 'a b'\nstringData: {a: b}\n", "m92m294dbm"),
    ("Secret", "stringData: []\n", "kf552464k4"),
    ("Secret", "stringData:\n", "2bg6t6bf6t"),
    ("Secret", "type: |\n  x\n", "g6gd2mf6kd"),
    ("Secret", "type: >\n  x\n   y\n", "924mh6kd49"),
    ("Secret", "type: ~\n", "7f7t7mht9h"),
    ("Secret", "type: !!binary aGk=\n", "dft4m64kf2"),
    ("Secret", "type: 0x10\n", "mk6gg8m6fc"),
];

fn hashed(kind: &str, fields: &str) -> Result<Option<String>, String> {
    let text = format!("apiVersion: v1\nkind: {kind}\nmetadata:\n  name: x\n{fields}");
    let source = Source::new("a.yaml".into(), "a.yaml".into(), text.into_bytes());
    let root = source.tree().documents[0].root.unwrap();
    let hash = of(&Node::Source(SrcNode { source: &source, id: root }, None));
    hash.map(|hash| hash.map(|(hash, _)| hash)).map_err(|e| e.message)
}

#[test]
fn hashes_are_those_of_upstream() {
    for &(kind, fields, want) in HASHES {
        assert_eq!(hashed(kind, fields), Ok(Some(want.to_owned())), "{kind} {fields}");
    }
}

#[test]
fn what_cannot_be_hashed_has_no_hash() {
    assert_eq!(hashed("Deployment", ""), Ok(None));
    assert_eq!(hashed("ConfigMap", "data: {a: .inf}\n").unwrap_err(), "json: unsupported value: +Inf");
    assert_eq!(hashed("Secret", "data: {a: 1, a: 2}\n").unwrap_err(), "mapping key \"a\" already defined at line 5");
}

#[test]
fn every_text_that_decides_the_hash_is_named() {
    let text = "kind: Secret\nmetadata: {name: x}\ntype: t\ndata: {a: b}\nstringData: {c: d}\n";
    let source = Source::new("a.yaml".into(), "a.yaml".into(), text.into());
    let root = source.tree().documents[0].root.unwrap();
    let (_, places) = of(&Node::Source(SrcNode { source: &source, id: root }, None)).unwrap().unwrap();
    assert_eq!(places.iter().map(|span| span.text()).collect::<Vec<_>>(), ["a", "b", "c", "d", "t"]);
}
