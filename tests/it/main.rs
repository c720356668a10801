//! The integration tests: one binary.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "tests fail by panicking and say what they skip"
)]

mod architecture;
mod baseline;
mod cli;
mod config;
mod corpus;
mod docs;
mod emit;
mod example;
mod fix;
mod fuzz;
mod helm;
mod kustomize_build;
mod kustomize_cases;
mod kustomize_corpus;
mod kustomize_differential;
mod kustomize_errors;
mod kustomize_filters;
mod kustomize_removed;
mod kustomize_steps;
mod lint_corpus;
mod memory;
mod output;
mod perturb;
mod pss;
mod rules;
mod shared;
mod why;
mod yaml;
mod yaml_adversarial;
mod yaml_expand;
mod yaml_fast;
mod yaml_goyaml;
