//! `example-host`: see `rules/example-host.md`.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::config::endpoint;
use crate::rule::{ObjectCx, Rule, Sink};

/// Reports hosts that exist in documentation or on a laptop only.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct ExampleHost {
    /// More hosts that are examples, with all below them.
    pub hosts: Vec<String>,
}

/// Hosts that nobody has, with all below them.
const HOSTS: [&str; 7] = ["example.com", "example.org", "example.net", "nip.io", "sslip.io", "xip.io", "domain.tld"];
/// Top-level domains for tests and laptops.
const TOP_LEVEL: [&str; 5] = ["example", "test", "invalid", "localhost", "local"];
/// Names that documentation uses for the reader's own.
const NAMES: [&str; 4] = ["your-domain", "yourdomain", "my-domain", "mydomain"];

impl Rule for ExampleHost {
    fn object<'a, 's>(&self, cx: &ObjectCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let mut told = BTreeSet::new();
        for named in endpoint::named(cx.object, cx.workloads) {
            if !self.is_example(&named.host) || named.source().is_some_and(|s| cx.env.layout.is_sample(s)) {
                continue;
            }
            let host = named.host.clone();
            if told.insert(host.clone()) {
                named
                    .report(sink, format!("`{host}` is an example or development host"))
                    .help("write the host that this environment has");
            }
        }
    }
}

impl ExampleHost {
    fn is_example(&self, host: &str) -> bool {
        let host = host.trim_start_matches("*.").trim_end_matches('.');
        if host.ends_with(".cluster.local") || host.ends_with(".svc.local") {
            return false;
        }
        let below = |known: &str| host.strip_suffix(known).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
        let mut labels = host.rsplit('.');
        let top = labels.next().unwrap_or_default();
        let second = labels.next();
        HOSTS.iter().any(|known| below(known))
            || self.hosts.iter().any(|known| below(&known.to_ascii_lowercase()))
            || second.is_some_and(|second| TOP_LEVEL.contains(&top) || NAMES.contains(&second))
    }
}
