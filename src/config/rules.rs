//! `rules`: severities and options.

use std::collections::BTreeMap;

use serde_json::{Map, Number, Value};

use super::problems::{Field, Problems};
use crate::finding::Severity;
use crate::rule::Shape;
use crate::rules::{Registered, Registry};
use crate::settings::{RuleLevel, RuleSetting, did_you_mean, resolve};
use crate::yaml::Node;
use crate::yaml::resolve::{Dialect, Value as Yaml};

/// What may stand for a rule, or as its `severity`.
const LEVELS: [&str; 5] = ["off", "on", "note", "warning", "error"];

/// Reads a `rules` mapping.
pub(super) fn read<'s>(
    node: &Node<'s>,
    registry: &Registry,
    problems: &mut Problems<'s>,
) -> BTreeMap<String, RuleSetting> {
    let mut out = BTreeMap::new();
    for field in problems.entries(node, "`rules`") {
        match registry.get(&field.name) {
            Some(rule) => {
                let setting = setting(rule, &field, problems);
                out.insert(field.name, setting);
            }
            None => problems.at(&field.key, unknown(&field.name, registry)),
        }
    }
    out
}

/// What to say of a name that is no rule.
pub(super) fn unknown(name: &str, registry: &Registry) -> String {
    let meant: Vec<String> = resolve(name, registry).iter().map(|id| format!("`{id}`")).collect();
    if meant.is_empty() {
        let hint = did_you_mean(name, registry.rules.iter().map(|r| r.page.id));
        return format!("unknown rule `{name}`{hint}");
    }
    format!("unknown rule `{name}`; it stands for {}: name those", meant.join(", "))
}

fn setting<'s>(rule: &Registered, field: &Field<'s>, problems: &mut Problems<'s>) -> RuleSetting {
    let mut setting = RuleSetting::default();
    if field.value.is_scalar() {
        setting.level = level(rule, &field.value, problems);
        return setting;
    }
    let shapes = rule.options();
    for option in problems.entries(&field.value, &format!("rule `{}`", field.name)) {
        let shape = shapes.iter().find(|(name, _)| *name == option.name).map(|(_, shape)| shape);
        match shape {
            Some(shape) => {
                if let Some(value) = value(&option.value, shape, &format!("`{}`", option.name), problems)
                    && fits(rule, &option, &value, problems)
                {
                    setting.options.insert(option.name, value);
                }
            }
            None if option.name == "severity" => setting.level = level(rule, &option.value, problems),
            None => {
                let known = shapes.iter().map(|(name, _)| *name).chain(["severity"]);
                let hint = match did_you_mean(&option.name, known.clone()) {
                    hint if hint.is_empty() => format!("; it has {}", known.collect::<Vec<_>>().join(", ")),
                    hint => hint,
                };
                problems.at(&option.key, format!("rule `{}` has no option `{}`{hint}", field.name, option.name));
            }
        }
    }
    setting
}

fn level<'s>(rule: &Registered, node: &Node<'s>, problems: &mut Problems<'s>) -> Option<RuleLevel> {
    let text = node.text().unwrap_or_default();
    let level = match &*text {
        "off" if rule.page.always => {
            problems.at(node, format!("rule `{}` cannot be switched off", rule.page.id));
            return None;
        }
        "off" => RuleLevel::Off,
        "on" => RuleLevel::On,
        "note" => RuleLevel::At(Severity::Note),
        "warning" => RuleLevel::At(Severity::Warning),
        "error" => RuleLevel::At(Severity::Error),
        other => {
            let hint = match other {
                "false" => "; did you mean `off`?".into(),
                "true" => "; did you mean `on`?".into(),
                "warn" => "; did you mean `warning`?".into(),
                other => did_you_mean(other, LEVELS),
            };
            let given = if node.is_scalar() { format!(", not `{other}`") } else { String::new() };
            problems.at(node, format!("a severity is one of {}{given}{hint}", LEVELS.join(", ")));
            return None;
        }
    };
    Some(level)
}

/// True if the rule takes the option with this value.
fn fits<'s>(rule: &Registered, option: &Field<'s>, value: &Value, problems: &mut Problems<'s>) -> bool {
    let alone = Map::from_iter([(option.name.clone(), value.clone())]);
    match rule.make(Value::Object(alone)) {
        Ok(_) => true,
        Err(why) => {
            problems.at(&option.value, format!("option `{}` of rule `{}`: {why}", option.name, rule.page.id));
            false
        }
    }
}

/// A YAML value as the JSON that an option of this shape reads; none with a problem if it is of another type.
fn value<'s>(node: &Node<'s>, shape: &Shape, what: &str, problems: &mut Problems<'s>) -> Option<Value> {
    let wrong = |problems: &mut Problems<'s>| {
        problems.at(node, format!("{what} takes {}", shape.words()));
        None
    };
    match shape {
        Shape::Any => any(node),
        Shape::Bool => node.as_bool().map(Value::Bool).or_else(|| wrong(problems)),
        Shape::Int => node.as_i64().map(Value::from).or_else(|| wrong(problems)),
        Shape::Float => match any(node) {
            Some(Value::Number(number)) => Some(Value::Number(number)),
            _ => wrong(problems),
        },
        // As it is written: `1.30` is a version, not a number.
        Shape::Text => node.as_str().map(|t| Value::String(t.into_owned())).or_else(|| wrong(problems)),
        Shape::Choice(words) => match node.as_str() {
            Some(text) if words.contains(&&*text) => Some(Value::String(text.into_owned())),
            Some(text) => {
                let hint = did_you_mean(&text, words.iter().copied());
                problems.at(node, format!("{what} takes {}, not `{text}`{hint}", shape.words()));
                None
            }
            None => wrong(problems),
        },
        Shape::List(item) if node.is_seq() => {
            let items = node.items().filter_map(|n| value(&n, item, &format!("an item of {what}"), problems));
            Some(Value::Array(items.collect()))
        }
        Shape::Mapping(item) if node.is_map() => {
            let entries = problems.entries(node, what).into_iter();
            let entries: Vec<_> = entries
                .filter_map(|f| Some((f.name.clone(), value(&f.value, item, &format!("`{}`", f.name), problems)?)))
                .collect();
            Some(Value::Object(entries.into_iter().collect()))
        }
        Shape::Fields(shapes) if node.is_map() => {
            let known: Vec<&str> = shapes.iter().map(|(name, _)| *name).collect();
            let mut out = Map::new();
            for field in problems.fields(node, what, &known) {
                if let Some((_, shape)) = shapes.iter().find(|(name, _)| *name == field.name)
                    && let Some(value) = value(&field.value, shape, &format!("`{}`", field.name), problems)
                {
                    out.insert(field.name, value);
                }
            }
            Some(Value::Object(out))
        }
        Shape::List(_) | Shape::Mapping(_) | Shape::Fields(_) => wrong(problems),
    }
}

/// A value by its own type.
fn any(node: &Node<'_>) -> Option<Value> {
    if node.is_seq() {
        return Some(Value::Array(node.items().filter_map(|n| any(&n)).collect()));
    }
    if node.is_map() {
        let entries = node.entries().filter_map(|(k, v)| Some((k.text()?.into_owned(), any(&v)?)));
        return Some(Value::Object(entries.collect()));
    }
    let text = || Value::String(node.text().unwrap_or_default().into_owned());
    Some(match node.resolve(Dialect::V1) {
        Yaml::Null => return None,
        Yaml::Bool(value) => Value::Bool(value),
        Yaml::Int(value) => i64::try_from(value).map_or_else(|_| text(), Value::from),
        Yaml::Float(value) => Number::from_f64(value).map_or_else(text, Value::Number),
        _ => text(),
    })
}
