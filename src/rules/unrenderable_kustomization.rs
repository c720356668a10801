//! `unrenderable-kustomization`: see `rules/unrenderable-kustomization.md`.

use serde::Deserialize;

use crate::rule::Rule;

/// Has no hook: a root that does not render gives no node to look at. The run reports it ([`crate::run`]).
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct UnrenderableKustomization {}

impl Rule for UnrenderableKustomization {}
