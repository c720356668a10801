//! The integration tests: one binary.

mod architecture;
mod output;
mod rules;
mod yaml;
mod yaml_expand;
