//! How long formats take: `cargo test --release --test it output::speed -- --ignored --nocapture`.

use std::path::PathBuf;
use std::time::Instant;

use manicheck::finding::{Finding, Label, Report, Severity};
use manicheck::output::{Format, Options, render};
use manicheck::source::Source;

use super::report::rule;

/// Prints the best of five: 1,000 findings with a related place each, spread over a file of 3 MB.
#[test]
#[ignore = "measures, asserts nothing"]
fn thousand_findings_in_a_large_file() {
    let block = "  - name: container\n    image: registry.example.org/team/app:latest\n    ports: [8080]\n";
    let lines =
        Source::new(PathBuf::from("/a.yaml"), "a.yaml".into(), block.repeat(3_000_000 / block.len()).into_bytes());
    let one_line = lines.text().replace('\n', ",");
    let minified = Source::new(PathBuf::from("/a.json"), "a.json".into(), one_line.into_bytes());
    for source in [&lines, &minified] {
        let report = report(source);
        for format in Format::ALL {
            let best = (0..5).map(|_| {
                let mut out = Vec::new();
                let start = Instant::now();
                render(format, &report, &|id| rule(id), &Options::default(), &mut out).unwrap();
                (start.elapsed(), out.len())
            });
            let (time, bytes) = best.min().unwrap();
            println!("{} {format}: {time:.2?}, {bytes} bytes", source.display());
        }
    }
}

fn report(source: &Source) -> Report<'_> {
    let hits: Vec<_> = source.text().match_indices("latest").map(|(at, _)| at as u32).collect();
    let label = |at: u32| Label { span: source.span(at..at + 6), message: "this tag is not immutable".into() };
    let findings = (0..1_000).map(|n| Finding {
        rule: "mutable-image-tag",
        severity: Severity::Error,
        message: "container `container` runs image `registry.example.org/team/app:latest`, whose tag can move".into(),
        primary: label(hits[n * (hits.len() / 1_000)]),
        related: vec![label(hits[(n * 7_919) % hits.len()])],
        resource: None,
        builds: vec!["k8s/overlays/dev".into(), "k8s/overlays/prod".into()],
        help: Some("pin a digest".into()),
        fix: None,
        suppressed: None,
        fingerprint: "0123456789abcdef".into(),
    });
    Report { findings: findings.collect(), ..Report::default() }
}
