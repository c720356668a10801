//! JUnit XML as its strictest reader takes it: the `junit-10.xsd` of Jenkins' xUnit plugin in our words, as no package carries it.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use manicheck::finding::Report;
use manicheck::output::{Format, Options};
use regex::Regex;
use roxmltree::{Document, Node};

use super::{render_to_string, rendered, rendered_twice};

type Names = &'static [&'static str];

struct Element {
    name: &'static str,
    must: Names,
    may: Names,
    /// In any order and number, but for `rerun`s.
    children: Names,
    /// The characters that may stand around its children; `None` if any may.
    text: Option<&'static str>,
}

const fn element(name: &'static str, must: Names, may: Names, children: Names, text: Option<&'static str>) -> Element {
    Element { name, must, may, children, text }
}

const SUITE: Names = &["time", "group", "skipped", "timestamp", "hostname", "id", "package", "file", "log", "url"];
const CASE: Names = &[
    "skipped",
    "error",
    "failure",
    "rerunFailure",
    "rerunError",
    "flakyFailure",
    "flakyError",
    "system-out",
    "system-err",
];
const SPACE: &str = " \t\r\n";
const OUTPUTS: Names = &["stackTrace", "system-out", "system-err"];

/// Every element that there is.
const SCHEMA: [Element; 15] = [
    element("testsuites", &[], &["name", "time", "tests", "failures", "errors"], &["testsuite"], Some(SPACE)),
    element(
        "testsuite",
        &["name", "tests", "failures", "errors"],
        SUITE,
        &["testsuite", "properties", "testcase", "system-out", "system-err"],
        Some(SPACE),
    ),
    element("testcase", &["name"], &["time", "classname", "group"], CASE, Some(SPACE)),
    element("properties", &[], &[], &["property"], Some(SPACE)),
    element("property", &["name", "value"], &[], &[], Some("")),
    element("failure", &[], &["type", "message"], &[], None),
    element("error", &[], &["type", "message"], &[], None),
    element("skipped", &[], &["type", "message"], &[], None),
    element("rerunFailure", &["type"], &["message"], OUTPUTS, None),
    element("rerunError", &["type"], &["message"], OUTPUTS, None),
    element("flakyFailure", &["type"], &["message"], OUTPUTS, None),
    element("flakyError", &["type"], &["message"], OUTPUTS, None),
    element("stackTrace", &[], &[], &[], None),
    element("system-out", &[], &[], &[], None),
    element("system-err", &[], &[], &[], None),
];

/// What the schema refuses in a document; `None` if it is no XML.
fn violations(text: &str) -> Option<Vec<String>> {
    let document = Document::parse(text).ok()?;
    let root = document.root_element();
    let mut bad = Vec::new();
    if root.tag_name().name() == "stackTrace" {
        bad.push("`stackTrace` is no document".into());
    }
    for node in root.descendants().filter(Node::is_element) {
        violations_of(&node, &mut bad);
    }
    Some(bad)
}

fn violations_of(node: &Node<'_, '_>, bad: &mut Vec<String>) {
    let name = node.tag_name().name();
    let Some(element) = SCHEMA.iter().find(|e| e.name == name && node.tag_name().namespace().is_none()) else {
        return bad.push(format!("no element `{name}`"));
    };
    for wanted in element.must.iter().filter(|a| node.attribute(**a).is_none()) {
        bad.push(format!("`{name}` without `{wanted}`"));
    }
    for attribute in node.attributes() {
        let (key, value) = (attribute.name(), attribute.value());
        if !element.must.contains(&key) && !element.may.contains(&key) {
            bad.push(format!("`{key}` of `{name}`"));
        } else if key == "time" && name != "testcase" && !seconds().is_match(value) {
            bad.push(format!("`{value}` as time"));
        }
    }
    let children: Vec<&str> = node.children().filter(Node::is_element).map(|n| n.tag_name().name()).collect();
    bad.extend(children.iter().filter(|c| !element.children.contains(c)).map(|c| format!("`{c}` in `{name}`")));
    if element.children == OUTPUTS {
        let places: Vec<_> = children.iter().map(|c| OUTPUTS.iter().position(|o| o == c)).collect();
        if !places.is_sorted_by(|a, b| a < b) {
            bad.push(format!("{children:?} in this order"));
        }
    }
    if let Some(allowed) = element.text {
        let texts = node.children().filter(Node::is_text).filter_map(|n| n.text());
        if texts.flat_map(str::chars).any(|c| !allowed.contains(c)) {
            bad.push(format!("text in `{name}`"));
        }
    }
}

/// Digits with commas between thousands, the last of which are three or more, and a fraction.
fn seconds() -> Regex {
    Regex::new(r"\A([0-9,]*,[0-9]{3,}|[0-9]*)(\.[0-9]*)?\z").unwrap()
}

fn example(args: &[&str], dir: &Path) -> String {
    let output =
        Command::new(env!("CARGO_BIN_EXE_manicheck")).args(["--format", "junit"]).args(args).current_dir(dir).output();
    String::from_utf8(output.unwrap().stdout).unwrap()
}

#[test]
fn the_strictest_schema_accepts_it() {
    let shop = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/shop");
    let broken = tempfile::tempdir().unwrap();
    std::fs::write(broken.path().join("kustomization.yaml"), "resources: [gone.yaml]\n").unwrap();
    std::fs::write(broken.path().join("torn.yaml"), "kind: [\n").unwrap();
    let texts = [
        ("by hand", rendered(Format::Junit, &Options::default())),
        ("empty", render_to_string(Format::Junit, &Report::default(), &Options::default())),
        ("example", example(&["k8s"], &shop)),
        ("with colours", example(&["--color", "always", "k8s"], &shop)),
        ("nothing found", example(&["--select", "default-namespace", "k8s"], &shop)),
        ("failures", example(&["."], broken.path())),
    ];
    for (name, text) in texts {
        assert_eq!(violations(&text), Some(Vec::new()), "{name}: {text}");
    }
}

/// What others write and this reader refuses, so that the check above is worth something.
#[test]
fn the_schema_refuses_what_it_does_not_know() {
    let case = |inside: &str| format!("<testsuite name='a' tests='1' failures='0' errors='0'>{inside}</testsuite>");
    for (text, accepted) in [
        ("<testsuites/>".to_string(), true),
        (case(""), true),
        (case("<testcase name='a' time='soon'><failure/>\n<error>no</error></testcase>"), true),
        (case("<testcase name='a'><rerunError type='a'><stackTrace/><system-out/></rerunError></testcase>"), true),
        (case("<testcase name='a' file='a.yaml'/>"), false),
        (case("<testcase name='a' line='1'/>"), false),
        (case("<testcase classname='a'/>"), false),
        (case("<testcase name='a'>text</testcase>"), false),
        (case("<testcase name='a'><failure><b/></failure></testcase>"), false),
        (case("<testcase name='a'><rerunError/></testcase>"), false),
        (case("<testcase name='a'><rerunError type='a'><system-out/><stackTrace/></rerunError></testcase>"), false),
        (case("<stackTrace/>"), false),
        ("<stackTrace/>".into(), false),
        ("<testsuite name='a' tests='1' failures='0'/>".into(), false),
        ("<testsuites time='1.5'/>".into(), true),
        ("<testsuites time='12,345,678.'/>".into(), true),
        ("<testsuites time='1,2'/>".into(), false),
        ("<testsuites time='-1'/>".into(), false),
        ("<testsuites file='a'/>".into(), false),
        ("<tests/>".into(), false),
    ] {
        assert_eq!(violations(&text).unwrap().is_empty(), accepted, "{text}");
    }
}

/// GitLab shows one case of each class and name, and reporters read the file of the suite and the line in the text.
#[test]
fn each_case_has_its_own_name_and_its_place() {
    let text = rendered_twice(Format::Junit);
    let document = Document::parse(&text).unwrap();
    let mut names = BTreeSet::new();
    for case in document.descendants().filter(|n| n.has_tag_name("testcase")) {
        let (class, name) = (case.attribute("classname").unwrap(), case.attribute("name").unwrap());
        assert!(names.insert((class, name)), "{class}: {name}");
        let file = case.parent().unwrap().attribute("file").unwrap();
        assert!(file == class && file.starts_with("sub/"), "{file}");
        let last = case.first_element_child().unwrap().text().unwrap().lines().last().unwrap();
        match name.split_once(" (") {
            Some((_, at)) => assert_eq!(last, format!("at {file}:{}", at.split(')').next().unwrap())),
            None => assert_eq!(last, format!("at {file}")),
        }
    }
    assert_eq!(names.len(), 22);
}

#[test]
fn junit_is_well_formed_and_counts_right() {
    let empty = render_to_string(Format::Junit, &Report::default(), &Options::default());
    for text in [rendered(Format::Junit, &Options::default()), empty] {
        let document = Document::parse(&text).unwrap();
        let root = document.root_element();
        assert_eq!(root.tag_name().name(), "testsuites");
        let number = |node: &Node<'_, '_>, name| node.attribute(name).unwrap().parse::<usize>().unwrap();
        let elements = |node: &Node<'_, '_>, name: &str| node.descendants().filter(|n| n.has_tag_name(name)).count();
        let suites = root.children().filter(|n| n.has_tag_name("testsuite"));
        for node in suites.chain([root]) {
            assert_eq!(number(&node, "tests"), elements(&node, "testcase"));
            assert_eq!(number(&node, "failures"), elements(&node, "failure"));
            assert_eq!(number(&node, "errors"), elements(&node, "error"));
        }
    }
}

#[test]
fn junit_gives_text_back_unchanged() {
    let text = rendered(Format::Junit, &Options::default());
    let document = Document::parse(&text).unwrap();
    let case = document.descendants().find(|n| n.attribute("name") == Some("wide-text (6:12)")).unwrap();
    let failure = case.first_element_child().unwrap();
    assert_eq!(
        failure.attribute("message").unwrap(),
        "100% | <b>&amp;</b> \"quoted\" 'text' second line, `code|pipe`, *star* _under_ [x](y) @me #1 ]]> ::end"
    );
    assert_eq!(failure.attribute("type"), Some("warning"));
}
