//! `non-production-endpoint`: see `rules/non-production-endpoint.md`.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::config::{endpoint, words};
use crate::rule::{BuildCx, Rule, ScopeKind, Sink};

/// Reports hosts of other environments.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct NonProductionEndpoint {
    /// Words of hosts that are not of production.
    pub tokens: Vec<String>,
    /// Hosts that are, in spite of their names.
    pub allow: Vec<String>,
}

impl Default for NonProductionEndpoint {
    fn default() -> Self {
        let tokens = [
            "dev",
            "develop",
            "development",
            "staging",
            "stage",
            "stg",
            "qa",
            "uat",
            "test",
            "sandbox",
            "preview",
            "demo",
        ];
        NonProductionEndpoint { tokens: tokens.map(String::from).to_vec(), allow: Vec::new() }
    }
}

impl Rule for NonProductionEndpoint {
    fn build<'a, 's>(&self, cx: &BuildCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let environment = if cx.scope.kind == ScopeKind::Root { words(&cx.scope.name) } else { Vec::new() };
        for (object, workloads) in cx.scope.with_workloads() {
            let namespace = words(&object.namespace().unwrap_or_default());
            // An object that is in one of these environments names what is beside it.
            if self.tokens.iter().any(|t| environment.contains(t) || namespace.contains(t)) {
                continue;
            }
            let mut told = BTreeSet::new();
            for named in endpoint::named(object, workloads) {
                let sample = named.source().is_some_and(|s| cx.env.layout.is_sample(s));
                if sample || self.allow.contains(&named.host) {
                    continue;
                }
                // The last label is a top-level domain: `.dev` is one.
                let labels = named.host.rsplit_once('.').map_or(named.host.as_str(), |(labels, _)| labels);
                let mut parts = labels.split(['.', '-', '_']);
                let Some(token) = parts.find(|part| self.tokens.iter().any(|t| t == part)) else { continue };
                if !told.insert(named.host.clone()) {
                    continue;
                }
                let container =
                    named.container.and_then(|i| workloads.first()?.containers.iter().find(|c| c.index == i));
                sink.on(object, container);
                let message = format!("`{}` points to {token} host `{}`", named.key, named.host);
                named.report(sink, message).help("write the host of production, or list this one under `allow`");
            }
        }
    }
}
