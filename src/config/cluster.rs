//! What the configuration says about the cluster: `external`, `components`, `pod_templates`, `ingress`.

use super::problems::{Field, Problems};
use crate::k8s::{PodTemplate, Traits};
use crate::rule::{Env, External, Version};
use crate::yaml::Node;

/// Reads one of the keys into the environment of rules.
pub(super) fn read<'s>(field: &Field<'s>, env: &mut Env, problems: &mut Problems<'s>) {
    match field.name.as_str() {
        "external" => env.external = list(&field.value, "`external`", problems, external),
        "pod_templates" => env.pod_templates = list(&field.value, "`pod_templates`", problems, pod_template),
        "components" => {
            for component in problems.entries(&field.value, "`components`") {
                if let Some(version) = version(&component.value, problems) {
                    env.components.insert(component.name, version);
                }
            }
        }
        _ => ingress(&field.value, env, problems),
    }
}

/// A version, as `1.33`, with or without a patch level.
pub(super) fn version<'s>(node: &Node<'s>, problems: &mut Problems<'s>) -> Option<Version> {
    let text = problems.text(node, "a version")?;
    match text.parse::<Version>() {
        Ok(version) => Some(version),
        Err(_) => {
            problems.at(node, format!("`{text}` is no version; write it like `\"1.33\"`"));
            None
        }
    }
}

fn list<'s, T>(
    node: &Node<'s>,
    what: &str,
    problems: &mut Problems<'s>,
    read: impl Fn(&Node<'s>, &mut Problems<'s>) -> Option<T>,
) -> Vec<T> {
    problems.items(node, what).iter().filter_map(|item| read(item, problems)).collect()
}

fn external<'s>(node: &Node<'s>, problems: &mut Problems<'s>) -> Option<External> {
    let (mut kind, mut name, mut namespace) = (None, None, None);
    for field in problems.fields(node, "an entry of `external`", &["kind", "name", "namespace"]) {
        let text = problems.text(&field.value, &format!("`{}`", field.name));
        match field.name.as_str() {
            "kind" => kind = text,
            "name" => name = text,
            _ => namespace = text,
        }
    }
    let (Some(kind), Some(name)) = (kind, name) else {
        if node.is_map() {
            problems.at(node, "an entry of `external` needs `kind` and `name`");
        }
        return None;
    };
    match External::new(&kind, &name, namespace.as_deref()) {
        Ok(external) => Some(external),
        Err(why) => {
            problems.at(node, why);
            None
        }
    }
}

const TRAITS: [&str; 4] = ["long-running", "run-to-completion", "replicated", "self-probed"];

fn pod_template<'s>(node: &Node<'s>, problems: &mut Problems<'s>) -> Option<PodTemplate> {
    let (mut group, mut kind, mut path) = (String::new(), None, None);
    let mut traits = Traits::default();
    for field in problems.fields(node, "an entry of `pod_templates`", &["group", "kind", "path", "traits"]) {
        match field.name.as_str() {
            "group" => group = field.value.text().unwrap_or_default().into_owned(),
            "kind" => kind = problems.text(&field.value, "`kind`"),
            "path" => path = problems.text(&field.value, "`path`").map(|text| (split(&text), field.value.clone())),
            _ => {
                let words =
                    if field.value.is_seq() { field.value.items().collect() } else { vec![field.value.clone()] };
                for word in words {
                    match problems.word(&word, "a trait", &TRAITS).as_deref() {
                        Some("long-running") => traits.long_running = true,
                        Some("run-to-completion") => traits.run_to_completion = true,
                        Some("replicated") => traits.replicated = true,
                        Some(_) => traits.self_probed = true,
                        None => {}
                    }
                }
            }
        }
    }
    if traits.long_running && traits.run_to_completion {
        problems.at(node, "pods cannot be `long-running` and `run-to-completion`");
    }
    let (Some(kind), Some((path, place))) = (kind, path) else {
        if node.is_map() {
            problems.at(node, "an entry of `pod_templates` needs `kind` and `path`");
        }
        return None;
    };
    if path.iter().any(String::is_empty) {
        problems.at(&place, "`path` is keys joined by dots, such as `spec.template`; `[]` goes through a list");
        return None;
    }
    Some(PodTemplate { group, kind, path, traits })
}

/// `spec.tasks[].template`
fn split(path: &str) -> Vec<String> {
    let mut out = Vec::new();
    for part in path.trim_start_matches('.').split('.') {
        let key = part.trim_end_matches("[]");
        if !key.is_empty() || part.is_empty() {
            out.push(key.to_string());
        }
        out.extend(std::iter::repeat_n("[]".to_string(), (part.len() - key.len()) / 2));
    }
    out
}

fn ingress<'s>(node: &Node<'s>, env: &mut Env, problems: &mut Problems<'s>) {
    for field in problems.fields(node, "`ingress`", &["default_controller", "controllers"]) {
        if field.name == "default_controller" {
            env.default_ingress_controller = problems.text(&field.value, "`default_controller`");
            continue;
        }
        for class in problems.entries(&field.value, "`controllers`") {
            if let Some(controller) = problems.text(&class.value, "a controller") {
                env.ingress_controllers.insert(class.name, controller);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn paths() {
        assert_eq!(split("spec.template"), ["spec", "template"]);
        assert_eq!(split("spec.tasks[].template"), ["spec", "tasks", "[]", "template"]);
        assert_eq!(split(".spec.*Specs.*.template"), ["spec", "*Specs", "*", "template"]);
        assert!(split("spec..template").contains(&String::new()));
    }
}
