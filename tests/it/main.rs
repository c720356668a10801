//! The integration tests: one binary.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod architecture;
mod output;
mod rules;
mod yaml;
mod yaml_expand;
