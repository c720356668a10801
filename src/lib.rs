//! manicheck: a static linter and policy checker for Kubernetes manifests and kustomize overlays.
//!
//! Modules import downward only: `source` → `files` → `yaml` → {`k8s`, `kustomize`} → `finding` → `rule` → `rules` → `lint` →
//! `output` → `cli`.

pub mod baseline;
pub mod cli;
pub mod config;
pub mod discover;
pub mod files;
pub mod finding;
pub mod fix;
pub mod k8s;
pub mod kustomize;
pub mod lint;
pub mod near;
pub mod output;
pub mod progress;
pub mod rule;
pub mod rules;
pub mod run;
pub mod settings;
pub mod source;
pub mod suppress;
pub mod yaml;
