//! `development-setting`: see `rules/development-setting.md`.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::config::{Wanted, settings_of_pod, variables};
use crate::k8s::ImageRef;
use crate::rule::{BuildCx, Rule, Sink};

/// Reports settings and programs of development.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct DevelopmentSetting {
    /// More variables, and the value that is for development.
    pub extra: BTreeMap<String, String>,
}

/// Variables whose value names the environment.
const ENVIRONMENTS: [&str; 7] =
    ["FLASK_ENV", "NODE_ENV", "RAILS_ENV", "RACK_ENV", "APP_ENV", "ASPNETCORE_ENVIRONMENT", "DOTNET_ENVIRONMENT"];

/// Each variable of development has one of these in its name.
const PARTS: [&str; 5] = ["_ENV", "DEBUG", "GIN_MODE", "SPRING_PROFILES_ACTIVE", "ASPNETCORE_"];

/// Programs that stand in for others on a laptop, or open a database to whoever comes.
const IMAGES: [&str; 9] = [
    "mailhog",
    "mailpit",
    "maildev",
    "localstack",
    "azurite",
    "fake-gcs-server",
    "json-server",
    "adminer",
    "phpmyadmin",
];

impl Rule for DevelopmentSetting {
    fn build<'a, 's>(&self, cx: &BuildCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let names_one = |text: &str| !self.extra.is_empty() || PARTS.iter().any(|part| text.contains(part));
        let wanted = Wanted { file: &names_one, pair: &|name, value| self.is_development(name, value) };
        for workload in &cx.scope.workloads {
            for container in workload.containers.iter().filter(|c| c.class.runs_with_pod()) {
                let Some(node) = container.get("image") else { continue };
                let image = node.as_str().unwrap_or_default();
                let name = ImageRef::split(&image).base_name().to_string();
                if IMAGES.contains(&name.as_str()) {
                    sink.on(&workload.object, Some(container));
                    sink.at(&node, format!("`{name}` is meant for development"))
                        .help("leave it to the overlays of development");
                }
            }
            let mut all = variables(workload, &wanted);
            all.extend(settings_of_pod(cx, workload, &wanted));
            for setting in &all {
                let container = setting.container.and_then(|i| workload.containers.iter().find(|c| c.index == i));
                if container.is_some_and(|c| !c.class.runs_with_pod()) {
                    continue;
                }
                sink.on(&workload.object, container);
                let shown = format!("{}={}", setting.name, setting.text);
                setting
                    .report(sink, format!("`{shown}` is meant for development"))
                    .help("it shows errors to everybody, and is slow; leave it to the overlays of development");
            }
        }
    }
}

impl DevelopmentSetting {
    fn is_development(&self, name: &str, value: &str) -> bool {
        let is = |word: &str| value.eq_ignore_ascii_case(word);
        let own = self.extra.get(name).is_some_and(|v| is(v));
        own || match name {
            "FLASK_DEBUG" | "DEBUG" | "DJANGO_DEBUG" => is("1") || is("true"),
            "GIN_MODE" => is("debug"),
            "SPRING_PROFILES_ACTIVE" => value.split(',').any(|p| matches!(p.trim(), "dev" | "local" | "development")),
            name => ENVIRONMENTS.contains(&name) && is("development"),
        }
    }
}
