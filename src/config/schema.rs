//! The JSON schema of `manicheck.yaml`, made from the rules and their pages.

use serde_json::{Map, Value, json};

use crate::rule::{Profile, Shape};
use crate::rules::{Registered, Registry};
use crate::suppress::Tool;

/// The schema (draft 7, which editors know best).
pub fn schema(registry: &Registry) -> Value {
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Configuration of manicheck",
        "type": ["object", "null"],
        "additionalProperties": false,
        "properties": {
            "kubernetes": described(version(), "Kubernetes version to judge for; default: the newest known"),
            "profile": described(profile(), "Profiles whose union runs; default: recommended"),
            "rules": { "$ref": "#/definitions/rules" },
            "overrides": described(list(overrides()), "What differs for overlays or paths; later entries win"),
            "ignore": described(list(ignore()), "Findings that do not count, with a reason"),
            "fail_on": described(
                json!({ "enum": ["error", "warning", "note", "never"] }),
                "The least severity that makes the run fail; default: warning"
            ),
            "exclude": described(strings(), "Globs on files that a walk leaves out"),
            "external": described(
                list(object(json!({ "kind": text(), "name": text(), "namespace": text() }), &["kind", "name"])),
                "What the cluster holds besides the manifests; name and namespace are globs"
            ),
            "components": described(
                json!({ "type": ["object", "null"], "additionalProperties": version() }),
                "Versions of what runs in the cluster, such as cert-manager"
            ),
            "pod_templates": described(list(pod_template()), "More kinds that hold pod templates"),
            "ingress": described(
                object(json!({
                    "default_controller": text(),
                    "controllers": { "type": ["object", "null"], "additionalProperties": text() },
                }), &[]),
                "Which controller serves Ingresses without a class, and which each class"
            ),
            "kustomize": described(
                object(json!({
                    "vendor": { "type": ["object", "null"], "additionalProperties": text() },
                    "skip": list(object(json!({ "path": text(), "reason": text() }), &["path", "reason"])),
                    "load_restrictor": { "enum": ["root-only", "none"] },
                }), &[]),
                "Local copies of remote bases by URL, kustomizations that are not rendered, what may be loaded"
            ),
            "compat": described(
                one_or_many(json!({ "enum": Tool::ALL.map(Tool::name) })),
                "Tools whose suppressions, and what their own configurations exclude, count too"
            ),
        },
        "definitions": {
            "level": { "enum": ["off", "on", "note", "warning", "error"] },
            "rules": rules(registry),
        },
    })
}

fn described(mut schema: Value, description: &str) -> Value {
    if let Value::Object(fields) = &mut schema {
        fields.insert("description".into(), description.into());
    }
    schema
}

fn text() -> Value {
    json!({ "type": ["string", "number"] })
}

fn version() -> Value {
    json!({ "type": ["string", "number"], "pattern": "^v?[0-9]+\\.[0-9]+" })
}

fn list(items: Value) -> Value {
    json!({ "type": ["array", "null"], "items": items })
}

fn one_or_many(item: Value) -> Value {
    json!({ "anyOf": [item.clone(), list(item)] })
}

fn strings() -> Value {
    one_or_many(text())
}

fn object(properties: Value, required: &[&str]) -> Value {
    json!({
        "type": ["object", "null"],
        "additionalProperties": false,
        "properties": properties,
        "required": required,
    })
}

fn profile() -> Value {
    let names = Profile::EVERY.map(Profile::name).join("|");
    let pattern = format!("^(({names})|pss-(baseline|restricted)@(latest|v?[0-9]+\\.[0-9]+))$");
    one_or_many(json!({ "type": "string", "pattern": pattern }))
}

fn overrides() -> Value {
    let mut schema = object(
        json!({
            "paths": strings(),
            "overlays": strings(),
            "profile": profile(),
            "rules": { "$ref": "#/definitions/rules" },
        }),
        &[],
    );
    if let Value::Object(fields) = &mut schema {
        fields.insert("anyOf".into(), json!([{ "required": ["paths"] }, { "required": ["overlays"] }]));
    }
    schema
}

fn ignore() -> Value {
    object(
        json!({
            "rules": strings(),
            "paths": strings(),
            "overlays": strings(),
            "kinds": strings(),
            "names": strings(),
            "namespaces": strings(),
            "containers": strings(),
            "reason": text(),
            "until": { "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$" },
        }),
        &["rules"],
    )
}

fn pod_template() -> Value {
    let traits = json!({ "enum": ["long-running", "run-to-completion", "replicated", "self-probed"] });
    object(json!({ "group": text(), "kind": text(), "path": text(), "traits": one_or_many(traits) }), &["kind", "path"])
}

fn rules(registry: &Registry) -> Value {
    let rules: Map<String, Value> = registry.rules.iter().map(|r| (r.page.id.to_string(), rule(r))).collect();
    json!({ "type": ["object", "null"], "additionalProperties": false, "properties": rules })
}

fn rule(rule: &Registered) -> Value {
    let level = if rule.page.always {
        json!({ "enum": ["on", "note", "warning", "error"] })
    } else {
        json!({ "$ref": "#/definitions/level" })
    };
    let mut options = Map::from_iter([("severity".to_string(), level.clone())]);
    for (name, shape) in rule.options() {
        let schema = of_shape(&shape);
        let schema = match option_text(rule.page.body, name) {
            Some(text) => described(schema, &text),
            None => schema,
        };
        options.insert(name.into(), schema);
    }
    json!({
        "description": rule.page.summary,
        "anyOf": [level, { "type": "object", "additionalProperties": false, "properties": options }, { "type": "null" }],
    })
}

fn of_shape(shape: &Shape) -> Value {
    match shape {
        Shape::Any => json!({}),
        Shape::Bool => json!({ "type": "boolean" }),
        Shape::Int => json!({ "type": "integer" }),
        Shape::Float => json!({ "type": "number" }),
        Shape::Text => text(),
        Shape::Choice(words) => json!({ "enum": words }),
        Shape::List(item) => json!({ "type": "array", "items": of_shape(item) }),
        Shape::Mapping(item) => json!({ "type": "object", "additionalProperties": of_shape(item) }),
        Shape::Fields(fields) => {
            let fields: Map<String, Value> = fields.iter().map(|(n, s)| (n.to_string(), of_shape(s))).collect();
            json!({ "type": "object", "additionalProperties": false, "properties": fields })
        }
    }
}

/// What a page says about an option: the item of a list or the row of a table that begins with its name.
fn option_text(body: &str, name: &str) -> Option<String> {
    let options = body.split("\n## Options\n").nth(1)?;
    let options = options.split("\n## ").next()?;
    let (item, row) = (format!("`{name}`"), format!("| `{name}` |"));
    let listed = |line: &str| Some(line.strip_prefix(['-', '*'])?.trim_start().strip_prefix(&item)?.to_string());
    let mut lines = options.lines();
    let (first, listed) = lines.find_map(|l| match listed(l) {
        Some(text) => Some((l, Some(text))),
        None => l.starts_with(&row).then_some((l, None)),
    })?;
    let Some(listed) = listed else {
        let (default, meaning) = first.strip_prefix(&row)?.trim_end_matches(['|', ' ']).split_once(" | ")?;
        return Some(format!("{} (default {})", meaning.trim(), default.trim()));
    };
    let mut text = listed.trim_start_matches([':', ' ']).to_string();
    for line in lines.take_while(|l| l.starts_with("  ")) {
        text.push(' ');
        text.push_str(line.trim());
    }
    Some(text)
}
