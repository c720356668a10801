//! The fuzz targets, driven by mutated manifests. `PROPTEST_CASES=100000 cargo test --test it fuzz` runs them for long.

use std::path::Path;
use std::sync::OnceLock;

use manicheck::rules::Registry;
use proptest::prelude::*;

#[path = "../../fuzz/src/lib.rs"]
#[allow(unreachable_pub, reason = "the library of the fuzz crate")]
mod targets;

/// Texts to start from: the examples of the rules' pages and the example tree.
fn seeds() -> &'static [String] {
    static SEEDS: OnceLock<Vec<String>> = OnceLock::new();
    SEEDS.get_or_init(|| {
        let mut seeds: Vec<String> = Vec::new();
        for rule in Registry::builtin().rules {
            let blocks = rule.page.body.split("```yaml").skip(1).filter_map(|b| b.split("```").next());
            seeds.extend(blocks.filter_map(|b| b.split_once('\n')).map(|(_, text)| text.to_string()));
        }
        read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata"), &mut seeds);
        seeds.sort();
        seeds
    })
}

fn read(dir: &Path, out: &mut Vec<String>) {
    for entry in std::fs::read_dir(dir).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            read(&path, out);
        } else {
            out.extend(std::fs::read_to_string(path));
        }
    }
}

/// What readers of YAML, kustomizations and values trip over.
const TOKENS: [&str; 64] = [
    "\n",
    "\r\n",
    "\r",
    "\t",
    " ",
    "  ",
    ": ",
    ":",
    "- ",
    "-",
    "? ",
    "|",
    "|-\n",
    ">+2\n",
    "'",
    "\"",
    "\"\\x",
    "#",
    " # ",
    "{",
    "}",
    "[",
    "]",
    ",",
    "&a ",
    "*a",
    "<<: ",
    "!!str ",
    "!x ",
    "%YAML 1.2\n",
    "---\n",
    "...\n",
    "\0",
    "\u{feff}",
    "\u{85}",
    "é",
    "👩‍💻",
    "~",
    "null",
    "0x1F",
    "0o7",
    "1e999",
    "-.inf",
    ".nan",
    "2001-01-01",
    "yes",
    "99999999999999999999",
    "1.5Gi",
    "100m",
    "@sha256:",
    ":latest",
    "*/5 * * * *",
    "$(A)",
    "$patch: delete\n",
    "metadata:\n",
    "name: ",
    "namespace: x\n",
    "op: ",
    "path: /a/-/0~1\n",
    "images:\n",
    "kind: List\nitems:\n",
    "{{ .x }}",
    "replacements:\n",
    "resources: [a.yaml, b.yaml]\n",
];

/// A text with a few changes: parts removed, repeated, moved, taken from other texts, tokens put in.
fn mutated() -> impl Strategy<Value = String> {
    let change = (0..5u8, any::<u16>(), 0..40u16, any::<u16>());
    (any::<prop::sample::Index>(), prop::collection::vec(change, 0..6)).prop_map(|(seed, changes)| {
        let mut text = seeds()[seed.index(seeds().len())].clone();
        for (kind, at, len, other) in changes {
            let from = text.floor_char_boundary(at as usize % (text.len() + 1));
            let to = text.floor_char_boundary((from + len as usize).min(text.len()));
            let part = text[from..to].to_string();
            match kind {
                0 => text.replace_range(from..to, ""),
                1 => text.insert_str(from, &part),
                2 => {
                    text.replace_range(from..to, "");
                    text.insert_str(text.floor_char_boundary(other as usize % (text.len() + 1)), &part);
                }
                3 => {
                    let seed = &seeds()[other as usize % seeds().len()];
                    let lines: Vec<&str> = seed.split_inclusive('\n').collect();
                    let first = len as usize % lines.len().max(1);
                    text.insert_str(from, &lines.iter().skip(first).take(4).copied().collect::<String>());
                }
                _ => text.insert_str(from, TOKENS[other as usize % TOKENS.len()]),
            }
        }
        text
    })
}

/// Several such texts as the files of a tree.
fn trees() -> impl Strategy<Value = String> {
    let kustomization = mutated().prop_map(|text| {
        if text.contains("apiVersion: v1") {
            "resources: [a.yaml, b.yaml]\npatches: [{path: patch.yaml}]\n".into()
        } else {
            text
        }
    });
    (kustomization, prop::collection::vec(mutated(), 1..4))
        .prop_map(|(first, rest)| std::iter::once(first).chain(rest).collect::<Vec<_>>().join(targets::DIVIDER))
}

/// Scalars and parts of them.
fn scalars() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::collection::vec(prop::sample::select(&TOKENS[..]), 0..5).prop_map(|t| t.concat()),
        "[a-z0-9./:@_-]{0,40}(@sha256:[0-9a-f]{60,66})?",
        "[+-]?[0-9]{0,30}([.][0-9]{0,30})?([eE][+-]?[0-9]{1,22}|[a-zA-Zµ]{0,3})",
        "(@[a-z]{0,8}|CRON_TZ=[A-Z/a-z]{0,9} )?([0-9*/,?A-Z-]{0,9} ){0,6}",
        any::<String>(),
    ]
}

proptest! {
    #[test]
    fn parse(text in mutated()) {
        targets::parse(&text);
        targets::expand(text.as_bytes());
    }

    #[test]
    fn bytes(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
        targets::expand(&bytes);
        targets::emitter(&bytes);
        targets::config(&bytes);
    }

    #[test]
    fn emitter(text in mutated()) {
        targets::emitter(text.as_bytes());
    }

    #[test]
    fn edits(text in mutated()) {
        targets::edits(text.as_bytes());
    }

    #[test]
    fn values(text in scalars()) {
        targets::values(&text);
    }

    #[test]
    fn render(text in trees()) {
        targets::render(&text);
    }

    #[test]
    fn config(text in mutated()) {
        targets::config(text.as_bytes());
    }

    #[test]
    fn lint(text in trees()) {
        targets::lint(&text);
    }
}
