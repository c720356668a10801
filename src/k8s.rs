//! Typed views over nodes, in the words of Kubernetes. Read-only; knows no kustomize, no rule.

pub mod object;
pub mod workload;

pub use object::Object;
pub use workload::{Class, Container, ProbeKind, Traits, Workload};
