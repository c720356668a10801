//! `invalid-yaml`: see `rules/invalid-yaml.md`.

use serde::Deserialize;

use crate::rule::{Rule, Sink, SourceCx, SourceRole};

/// Reports documents that do not parse.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct InvalidYaml {}

impl Rule for InvalidYaml {
    fn source<'a, 's>(&self, cx: &SourceCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        if cx.role == SourceRole::GeneratorInput {
            return;
        }
        for error in cx.source.problems() {
            sink.at_span(cx.source.span(error.start..error.end), format!("not valid YAML: {}", error.message));
        }
    }
}
