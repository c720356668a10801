//! `invalid-suppression`: see `rules/invalid-suppression.md`.

use serde::Deserialize;

use crate::rule::Rule;

/// Reports suppressions that are not understood. Has no hook: it looks at what the suppressions of a run did, so the lint driver reports it
/// when all other rules are done.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct InvalidSuppression {}

impl Rule for InvalidSuppression {}
