//! `unused-suppression`: see `rules/unused-suppression.md`.

use serde::Deserialize;

use crate::rule::Rule;

/// Reports suppressions without effect. Has no hook: it looks at what the suppressions of a run did, so the lint driver reports it
/// when all other rules are done.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct UnusedSuppression {}

impl Rule for UnusedSuppression {}
