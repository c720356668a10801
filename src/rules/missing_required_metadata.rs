//! `missing-required-metadata`: see `rules/missing-required-metadata.md`.

use std::collections::BTreeMap;

use regex::Regex;
use serde::de::Error;
use serde::{Deserialize, Deserializer};

use crate::k8s::Object;
use crate::rule::{ObjectCx, Rule, Sink};
use crate::yaml::Node;

/// Reports objects without the labels and annotations that the configuration asks for.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct MissingRequiredMetadata {
    /// Labels, each with a regular expression that its whole value matches; empty for any value.
    pub(super) labels: Patterns,
    /// Annotations, likewise.
    pub(super) annotations: Patterns,
    /// Kinds that need them; `workloads` stands for everything with a pod template.
    pub(super) kinds: Vec<String>,
    /// Ask the pod templates too.
    pub(super) template: bool,
}

impl Default for MissingRequiredMetadata {
    fn default() -> Self {
        MissingRequiredMetadata {
            labels: Patterns::default(),
            annotations: Patterns::default(),
            kinds: ["workloads", "Service", "Ingress"].map(str::to_string).to_vec(),
            template: false,
        }
    }
}

/// Keys with the expression of their values.
#[derive(Debug, Default)]
pub(super) struct Patterns(Vec<(String, Option<Regex>, String)>);

impl<'de> Deserialize<'de> for Patterns {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut out = Vec::new();
        for (key, pattern) in BTreeMap::<String, Option<String>>::deserialize(deserializer)? {
            let pattern = pattern.unwrap_or_default();
            let regex = match pattern.as_str() {
                "" => None,
                text => Some(Regex::new(&format!("^(?:{text})$")).map_err(D::Error::custom)?),
            };
            out.push((key, regex, pattern));
        }
        Ok(Patterns(out))
    }
}

impl Rule for MissingRequiredMetadata {
    fn object<'a, 's>(&self, cx: &ObjectCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let object = cx.object;
        let asked =
            self.kinds.iter().any(|kind| kind == object.kind() || (kind == "workloads" && !cx.workloads.is_empty()));
        if !asked {
            return;
        }
        self.judge(object, object.metadata(), "", &object.anchor(), sink);
        if self.template && !object.is("", "Pod") {
            for workload in cx.workloads {
                self.judge(object, workload.metadata.as_ref(), "the pod template of ", &workload.spec_key, sink);
            }
        }
    }
}

impl MissingRequiredMetadata {
    fn judge<'s>(
        &self,
        object: &Object<'s>,
        metadata: Option<&Node<'s>>,
        of: &str,
        anchor: &Node<'s>,
        sink: &mut Sink<'_, 's>,
    ) {
        let owner = format!("{of}{} `{}`", object.kind(), object.shown_name().unwrap_or_default());
        for (field, what, patterns) in
            [("labels", "label", &self.labels), ("annotations", "annotation", &self.annotations)]
        {
            for (key, regex, pattern) in &patterns.0 {
                let value = metadata.and_then(|m| m.get(field)?.get(key)).filter(|n| !n.is_null());
                let Some(value) = value else {
                    sink.at(anchor, format!("{owner} lacks {what} `{key}`"));
                    continue;
                };
                let text = value.text().unwrap_or_default();
                if regex.as_ref().is_some_and(|r| !r.is_match(&text)) {
                    sink.at(&value, format!("{what} `{key}` of {owner} is `{text}`, which does not match `{pattern}`"));
                }
            }
        }
    }
}
