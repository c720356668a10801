//! A first `manicheck.yaml` for a tree.

use std::collections::BTreeSet;
use std::fmt::Write;

/// What there is to configure in a tree. Paths are relative to the directory of the configuration.
#[derive(Clone, Debug, Default)]
pub struct Survey {
    /// Kustomizations that render and that no other uses.
    pub roots: Vec<String>,
    /// Those that do not render, with the reason.
    pub broken: Vec<(String, String)>,
    /// Classes of Ingresses.
    pub ingress_classes: BTreeSet<String>,
}

/// A commented configuration. What the survey shows is filled in; the rest is there to be uncommented.
pub fn template(survey: &Survey) -> String {
    let mut text = String::from(HEAD);
    let production: Vec<&String> = survey.roots.iter().filter(|root| is_production(root)).collect();
    text.push_str("\n# Overlays and paths that are judged differently. Later entries win.\n");
    if production.is_empty() {
        text.push_str("# overrides:\n#   - overlays: [overlays/prod]\n#     profile: production\n");
    } else {
        text.push_str("overrides:\n  - overlays:\n");
        production.iter().for_each(|root| _ = writeln!(text, "      - {}", quoted(root)));
        text.push_str("    profile: production\n");
    }
    text.push_str(IGNORE);
    text.push_str(
        "\n# The controllers that serve Ingresses, by class: rules on annotations and body sizes depend on them.\n",
    );
    if survey.ingress_classes.is_empty() {
        text.push_str("# ingress:\n#   default_controller: nginx\n");
    } else {
        text.push_str("# ingress:\n#   controllers:\n");
        survey.ingress_classes.iter().for_each(|class| _ = writeln!(text, "#     {}: nginx", quoted(class)));
    }
    text.push_str("\n# Nothing is fetched: remote bases need a local copy, and what cannot be rendered is skipped with a reason.\n");
    text.push_str("# kustomize:\n#   vendor:\n#     https://github.com/owner/repo//base?ref=v1.0.0: vendor/base\n");
    if !survey.broken.is_empty() {
        text.push_str("#   # These do not render now:\n#   skip:\n");
        for (root, why) in &survey.broken {
            let why: String = why.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
            _ = writeln!(text, "#     - path: {}\n#       reason: {}", quoted(root), quoted(&why));
        }
    }
    text.push_str(TAIL);
    text
}

const HEAD: &str = "\
# Configuration of manicheck. Paths and globs are relative to this file; a glob without `/` matches at any depth.
# `manicheck rules` lists the rules, `manicheck explain RULE` shows one, `manicheck schema` prints the schema of this file.

# The Kubernetes version of the clusters. Without it: the newest known.
# kubernetes: \"1.33\"

# recommended, production, pss-baseline, pss-restricted (these with a version: pss-restricted@1.33), all; or a list of them.
profile: recommended

# off, on, note, warning or error; or a mapping with `severity` and options of the rule.
rules:
  # missing-network-policy: off
  # mutable-image-tag: {severity: warning, allow: [registry.example.com/tools/*]}
";

const IGNORE: &str = "
# Findings that do not count: those that meet all criteria of an entry (rules, paths, overlays, kinds, names, namespaces,
# containers). An entry that suppresses nothing is reported.
# ignore:
#   - rules: [host-path-volume]
#     paths: [base/agent.yaml]
#     reason: the agent reads the logs of the node
#     until: 2030-12-31

# What the clusters hold besides these manifests: references to it are not reported. Names are globs.
# external:
#   - {kind: Secret, name: \"registry-*\", namespace: shop}

# Versions of what runs in the clusters, for what they serve no longer.
# components:
#   cert-manager: \"1.14\"

# Where custom resources keep pod templates: the rules on pods judge these too.
# pod_templates:
#   - {group: example.com, kind: Worker, path: spec.template, traits: [replicated]}
";

const TAIL: &str = "
# The least severity that makes a run fail: error, warning, note, never.
# fail_on: warning

# What is not looked at, besides what git ignores.
# exclude: [vendor]

# Tools whose suppressing annotations count here too: kube-linter, kube-score, checkov, polaris, trivy.
# compat: [kube-linter]
";

/// True if a word of the last path component says so.
fn is_production(root: &str) -> bool {
    let last = root.rsplit('/').next().unwrap_or(root);
    last.split(|c: char| !c.is_ascii_alphanumeric())
        .any(|word| matches!(word.to_ascii_lowercase().as_str(), "prod" | "production" | "prd" | "live"))
}

/// A string in a form that YAML reads as that string.
fn quoted(text: &str) -> String {
    let plain = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '/' | '-' | '_' | '.'))
        && !matches!(text, "true" | "false" | "null" | "yes" | "no" | "on" | "off" | "y" | "n");
    if plain { text.to_string() } else { format!("'{}'", text.replace('\'', "''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn production_is_a_word() {
        assert!(is_production("overlays/prod") && is_production("k8s/prod-eu") && is_production("Production"));
        assert!(!is_production("overlays/dev") && !is_production("products") && !is_production("prod/dev"));
    }

    #[test]
    fn strings_stay_strings() {
        assert_eq!(quoted("k8s/overlays/prod"), "k8s/overlays/prod");
        assert_eq!(quoted("it's"), "'it''s'");
        assert_eq!(quoted("on"), "'on'");
        assert_eq!(quoted("1.2"), "'1.2'");
    }
}
