//! Fingerprints: the identity of a finding that survives moved lines and overlays that come, go and change their names.

use std::borrow::Cow;

use rayon::prelude::*;
use rustc_hash::FxHashMap;
use sha2::{Digest, Sha256};

use crate::finding::Finding;
use crate::source::Span;
use crate::yaml::{Node, SrcNode};

/// On a line with more bytes (minified JSON), only the text around the finding counts: hashing the whole line for each
/// finding takes minutes, and any change of the file would make all of its findings new.
const LONG_LINE: usize = 4096;
/// How many bytes of a long line count before and behind the start of the finding.
const AROUND: usize = 200;

/// Fills in the fingerprints. Made of the rule, the path, kind and name of the object as the file has them (the rendered name
/// depends on which overlay comes first), and the text of the line; findings that agree in all of these are told apart by their
/// order.
pub(super) fn assign(findings: &mut [Finding<'_>]) {
    let prints: Vec<[u8; 8]> =
        findings.par_iter().map(|finding| print(finding, finding.primary.span.source.display())).collect();
    let mut seen: FxHashMap<[u8; 8], u32> = FxHashMap::default();
    for (finding, base) in findings.iter_mut().zip(prints) {
        let nth = seen.entry(base).or_insert(0);
        let print = if *nth == 0 { base } else { digest(&[&hex(base), &nth.to_string()]) };
        *nth += 1;
        finding.fingerprint = hex(print);
    }
}

/// The fingerprint without the directory and the order: what stays when a file moves.
pub fn place_free_fingerprint(finding: &Finding<'_>) -> String {
    let path = finding.primary.span.source.display();
    hex(print(finding, path.rsplit('/').next().unwrap_or(path)))
}

fn print(finding: &Finding<'_>, path: &str) -> [u8; 8] {
    let span = finding.primary.span;
    let (kind, name) = written_object(span);
    digest(&[finding.rule, path, &kind, &name, line_text(span)])
}

/// The text of the line that a span starts on, or of a long line the part around the start.
fn line_text(span: Span<'_>) -> &str {
    let text = span.source.text();
    let line = span.source.line_around(span.start);
    let (mut start, mut end) = (line.start as usize, line.end as usize);
    if end - start > LONG_LINE {
        let at = span.start as usize;
        start = text.floor_char_boundary(at.saturating_sub(AROUND)).max(start);
        end = text.floor_char_boundary(at + AROUND).min(end);
    }
    text.get(start..end).unwrap_or("").trim()
}

/// Kind and name of the object that a span lies in, as the file has them; empty where there are none.
fn written_object(span: Span<'_>) -> (Cow<'_, str>, Cow<'_, str>) {
    let source = span.source;
    let documents = &source.tree().documents;
    let before = documents.partition_point(|d| d.start <= span.start);
    let document = documents[..before].iter().rev().find(|d| d.root.is_some());
    let Some(id) = document.and_then(|d| d.root) else { return Default::default() };
    let root = Node::Source(SrcNode { source, id }, None);
    (text(root.get("kind")), text(root.path(&["metadata", "name"])))
}

fn text(node: Option<Node<'_>>) -> Cow<'_, str> {
    node.and_then(|node| node.text()).unwrap_or_default()
}

fn digest(parts: &[&str]) -> [u8; 8] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    let mut out = [0; 8];
    out.copy_from_slice(&hash.finalize()[..8]);
    out
}

fn hex(bytes: [u8; 8]) -> String {
    format!("{:016x}", u64::from_be_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Source;

    #[test]
    fn of_a_long_line_only_what_is_near_counts() {
        let text = format!("a: 1\n{{b: [é{}here{}]}}\n", "é".repeat(3000), "ö".repeat(3000));
        let source = Source::new("a.json".into(), "a.json".into(), text.clone().into_bytes());
        let at = |needle: &str| text.find(needle).map_or(0, |n| n as u32);
        let of = |start: u32| line_text(source.span(start..start + 1));
        assert_eq!(of(0), "a: 1");
        assert_eq!(of(at("{")), &text[5..text.floor_char_boundary(5 + AROUND)]);
        assert!(of(at("here")).contains("ééhereöö"));
        assert!(of(at("here")).len() <= 2 * AROUND + 3);
        assert!(of(at("]")).ends_with("ö]}"));
    }
}
