//! The integration tests: one binary.

#![allow(clippy::unwrap_used, clippy::panic)]

mod output;
mod rules;
mod yaml;
mod yaml_expand;
