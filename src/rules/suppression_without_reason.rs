//! `suppression-without-reason`: see `rules/suppression-without-reason.md`.

use serde::Deserialize;

use crate::rule::Rule;

/// Reports suppressions without a reason. Has no hook: it looks at what the suppressions of a run did, so the lint driver reports it
/// when all other rules are done.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct SuppressionWithoutReason {}

impl Rule for SuppressionWithoutReason {}
