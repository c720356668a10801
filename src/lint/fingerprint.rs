//! Fingerprints: the identity of a finding that survives moved lines and renamed overlays.

use rustc_hash::FxHashMap;
use sha2::{Digest, Sha256};

use crate::finding::Finding;

/// Fills in the fingerprints. Made of the rule, the path, kind and name of the object, and the text of the line; findings
/// that agree in all of these are told apart by their order.
pub(super) fn assign(findings: &mut [Finding<'_>]) {
    let mut seen: FxHashMap<[u8; 8], u32> = FxHashMap::default();
    for finding in findings {
        let span = finding.primary.span;
        let line = span.source.span(span.source.line_range(span.start_pos().line)).text().trim();
        let (kind, name) = finding.resource.as_ref().map_or(("", ""), |r| (&r.kind, &r.name));
        let base = digest(&[finding.rule, span.source.display(), kind, name, line]);
        let nth = seen.entry(base).or_insert(0);
        let print = if *nth == 0 { base } else { digest(&[&hex(base), &nth.to_string()]) };
        *nth += 1;
        finding.fingerprint = hex(print);
    }
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
