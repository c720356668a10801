//! A report made by hand.

use std::path::Path;

use manicheck::finding::{Edit, Failure, Finding, Fix, Label, Report, ResourceRef, Safety, Severity, Skipped, Summary};
use manicheck::output::RuleInfo;
use manicheck::source::{Source, Sources, Span};

const KUSTOMIZATION: &str = "\
resources:
  - ../../base
images:
  # pinned by hand
  - name: shop/api
    newTag: latest
";

const DEPLOYMENT: &str = "\u{feff}apiVersion: apps/v1\r
kind: Deployment\r
metadata:\r
  name: api\r
  annotations:\r
    title: \"Größe 数据库 👩‍💻\" # wide\r
spec:\r
  template:\r
    spec:\r
      containers:\r
        - name: api\r
          image: shop/api:1.4.2\r
          command: [\"sh\", \"-c\", \"echo \u{1b}[31m|<b>\u{202e}\"]\r
";

const TABBED: &str = "data:\n\tkey:\tvalue\t# tabs\n\n  block: |\n    first\n    second\n";

/// Calls `f` with the report.
pub(super) fn with_report<T>(f: impl FnOnce(&Report<'_>) -> T) -> T {
    let sources = Sources::new();
    let add = |path: &str, text: &str| {
        sources.add(&Path::new("/repo").join(path), path.to_string(), text.as_bytes().to_vec());
    };
    let minified = format!("{{\"items\":[{}]}}", "{\"kind\":\"Secret\",\"data\":{\"ключ\":\"value\"}},".repeat(400));
    add("k8s/overlays/dev/kustomization.yaml", KUSTOMIZATION);
    add("k8s/base/deployment.yaml", DEPLOYMENT);
    add("k8s/odd name,:%#.yaml", TABBED);
    add("k8s/all.json", &minified);
    add("k8s/empty.yaml", "");
    let get = |path: &str| sources.get(&Path::new("/repo").join(path)).unwrap();
    f(&report(get))
}

/// What the formats are told of a rule; nothing of `unheard-of`.
pub(super) fn rule(id: &str) -> Option<RuleInfo<'static>> {
    (id != "unheard-of").then(|| RuleInfo {
        id: id.to_string().into(),
        title: format!("Title of {id}").into(),
        summary: format!("summary of {id}").into(),
        category: if id.contains("secret") { "secret" } else { "image" }.into(),
        severity: Severity::Warning,
        help: "# Title\n\n## Why\n\nBecause `it` <breaks>.\n\n## How to fix\n\nMend it.\n".into(),
        tags: vec!["recommended".into()],
        uri: Some(format!("https://example.org/rules/{id}").into()),
    })
}

/// The `n`th place (from 0) where the text stands.
fn find<'s>(source: &'s Source, text: &str, n: usize) -> Span<'s> {
    let (start, _) = source.text().match_indices(text).nth(n).unwrap();
    source.span(start as u32..(start + text.len()) as u32)
}

fn label<'s>(span: Span<'s>, message: &str) -> Label<'s> {
    Label { span, message: message.into() }
}

fn finding<'s>(rule: &'static str, severity: Severity, message: &str, primary: Label<'s>) -> Finding<'s> {
    Finding {
        rule,
        severity,
        message: message.into(),
        primary,
        related: Vec::new(),
        resource: None,
        builds: Vec::new(),
        help: None,
        fix: None,
        suppressed: None,
        fingerprint: format!("{:016x}", message.len() * 0x1234_5678 + rule.len()),
    }
}

fn api() -> Option<ResourceRef> {
    Some(ResourceRef {
        api_version: "apps/v1".into(),
        kind: "Deployment".into(),
        namespace: Some("shop".into()),
        name: "api".into(),
    })
}

fn report<'s>(get: impl Fn(&str) -> &'s Source) -> Report<'s> {
    let kustomization = get("k8s/overlays/dev/kustomization.yaml");
    let deployment = get("k8s/base/deployment.yaml");
    let odd = get("k8s/odd name,:%#.yaml");
    let json = get("k8s/all.json");
    let empty = get("k8s/empty.yaml");
    let tag = find(kustomization, "latest", 0);

    let replaced = Finding {
        related: vec![
            label(find(kustomization, "shop/api", 0), "this entry [sets](http://evil) it"),
            label(find(deployment, "shop/api:1.4.2", 0), "replaces this value"),
        ],
        resource: api(),
        builds: vec!["k8s/overlays/dev".into(), "k8s/overlays/staging".into()],
        help: Some("pin a digest (`digest: sha256:…`)\nor a tag that never moves".into()),
        fix: Some(Fix {
            safety: Safety::Unsafe,
            message: "set `newTag: 1.4.2`".into(),
            edits: vec![Edit { span: tag, text: "1.4.2".into() }],
        }),
        ..finding(
            "mutable-image-tag",
            Severity::Error,
            "container `api` runs image `shop/api:latest`, whose tag can move",
            label(tag, "this tag is not immutable"),
        )
    };
    let everywhere = Finding {
        resource: api(),
        builds: (0..40).map(|n| format!("k8s/overlays/{n:02}/prod")).collect(),
        ..finding(
            "wide-text",
            Severity::Warning,
            "100% | <b>&amp;</b> \"quoted\" 'text'\nsecond line, `code|pipe`, *star* _under_ [x](y) @me #1\r\n]]> ::end",
            label(find(deployment, "\"Größe 数据库 👩‍💻\"", 0), "wide 数据库"),
        )
    };
    let escape = finding(
        "control-characters",
        Severity::Note,
        "the command holds \u{1b}[31m, \u{9b}1m, \u{202e}, \u{0} and a\ttab",
        label(find(deployment, "\u{1b}[31m|<b>\u{202e}", 0), "here: \u{1b}[0m"),
    );
    let zero_width = finding(
        "missing-thing",
        Severity::Warning,
        "something is missing here",
        label(deployment.span(find(deployment, "kind", 0).start..find(deployment, "kind", 0).start), "insert it here"),
    );
    let line_end = finding(
        "missing-thing",
        Severity::Warning,
        "something is missing behind the line",
        label(deployment.span(find(deployment, "spec:\r", 1).end - 1..find(deployment, "spec:\r", 1).end - 1), ""),
    );
    let tabs = Finding {
        related: vec![label(find(odd, "# tabs", 0), "and a comment")],
        ..finding("odd-space", Severity::Warning, "tabs", label(find(odd, "value", 0), "behind tabs"))
    };
    let block = Finding {
        resource: Some(ResourceRef {
            api_version: "v1".into(),
            kind: "Namespace".into(),
            namespace: None,
            name: "shop".into(),
        }),
        ..finding(
            "unheard-of",
            Severity::Error,
            "a span of many lines",
            label(find(odd, "|\n    first\n    second\n", 0), ""),
        )
    };
    let end_of_file = finding(
        "unheard-of",
        Severity::Note,
        "the end of the file",
        label(odd.span(odd.text().len() as u32..odd.text().len() as u32), "here it ends"),
    );
    let clipped = Finding {
        related: vec![
            label(find(json, "\"Secret\"", 250), "of this kind"),
            label(find(json, "\"Secret\"", 3), "as this one"),
        ],
        ..finding(
            "secret-in-manifest",
            Severity::Error,
            "a value on a very long line",
            label(find(json, "ключ", 250), "the key"),
        )
    };
    let in_empty = finding("empty-file", Severity::Note, "the file is empty", label(empty.span(0..0), ""));
    let suppressed = Finding {
        suppressed: Some("kept on purpose".into()),
        ..finding("mutable-image-tag", Severity::Error, "suppressed", label(find(deployment, "api", 0), ""))
    };
    Report {
        findings: vec![
            clipped,
            escape,
            everywhere,
            line_end,
            suppressed,
            zero_width,
            in_empty,
            block,
            end_of_file,
            tabs,
            replaced,
        ],
        failures: vec![
            Failure {
                path: "k8s/odd name,:%#.yaml".into(),
                span: Some(find(odd, "\tkey", 0)),
                message: "a tab cannot indent:\nuse spaces, 100%".into(),
                related: Vec::new(),
            },
            Failure {
                path: "k8s/overlays/broken\u{1b}[2J".into(),
                span: None,
                message: "no kustomization here".into(),
                related: vec![label(find(kustomization, "../../base", 0), "named here")],
            },
        ],
        skipped: vec![
            Skipped { path: "chart/templates/a.yaml".into(), reason: "Helm chart template".into() },
            Skipped { path: "chart/templates/b.yaml".into(), reason: "Helm chart template".into() },
            Skipped { path: "README\u{1b}.yml".into(), reason: "no Kubernetes manifest".into() },
        ],
        summary: Summary { files: 5, manifests: 3, builds: 2, errors: 3, warnings: 4, notes: 3, suppressed: 1 },
    }
}
