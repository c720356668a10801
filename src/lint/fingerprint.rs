//! Fingerprints: the identity of a finding that survives moved lines and overlays that come, go and change their names.

use rayon::prelude::*;
use rustc_hash::FxHashMap;
use sha2::{Digest, Sha256};

use crate::finding::Finding;
use crate::source::Span;
use crate::yaml::{Node, SrcNode};

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
    let line = span.source.span(span.source.line_range(span.start_pos().line)).text().trim();
    let (kind, name) = written_object(span);
    digest(&[finding.rule, path, &kind, &name, line])
}

/// Kind and name of the object that a span lies in, as the file has them; empty where there are none.
fn written_object(span: Span<'_>) -> (String, String) {
    let source = span.source;
    let documents = &source.tree().documents;
    let document = documents.iter().rev().find(|d| d.start <= span.start && d.root.is_some());
    let Some(id) = document.and_then(|d| d.root) else { return Default::default() };
    let root = Node::Source(SrcNode { source, id }, None);
    let text = |node: Option<Node<'_>>| node.and_then(|n| n.text()).map(|t| t.into_owned()).unwrap_or_default();
    (text(root.get("kind")), text(root.path(&["metadata", "name"])))
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
