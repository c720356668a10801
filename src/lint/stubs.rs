//! Containers that run nothing: what rules say about how they run is dropped.

use rustc_hash::FxHashSet;

use crate::rule::{ActiveRule, Raw};

/// The categories whose rules judge how a container runs.
const OF_RUNNING: [&str; 3] = ["probe", "resource", "security"];

/// Rules of theirs that judge what the API refuses, wherever it is written.
const OF_TEXT: [&str; 3] = ["invalid-probe", "invalid-quantity", "request-exceeds-limit"];

/// Drops findings on containers without an image ([`crate::k8s::Container::is_stub`]) of rules that judge how containers run. That
/// the image is missing is another rule's to say.
pub(super) fn drop_on_stubs(raws: &mut Vec<Raw<'_>>, rules: &[&ActiveRule<'_>]) {
    let of_running = rules.iter().map(|r| r.page).filter(|p| OF_RUNNING.contains(&&*p.category));
    let judging: FxHashSet<&str> = of_running.map(|p| p.id).filter(|id| !OF_TEXT.contains(id)).collect();
    raws.retain(|raw| !raw.on_stub || !judging.contains(raw.finding.rule));
}
