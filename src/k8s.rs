//! Typed views over nodes, in the words of Kubernetes. Read-only; knows no kustomize, no rule.

pub mod autoscale;
pub mod backends;
pub mod body_size;
pub mod controller;
pub mod cron;
pub mod image;
pub mod image_trigger;
pub mod ingress;
pub mod issuers;
pub mod lifecycle;
pub mod limits;
pub mod namespaced;
pub mod network_policy;
pub mod object;
pub mod placeholder;
pub mod pod_references;
pub mod producers;
pub mod quantity;
pub mod resources;
pub mod role;
pub mod security;
pub mod selector;
pub mod syntax;
pub mod version;
pub mod workload;

pub use image::{ImageRef, PinLevel};
pub use object::Object;
pub use quantity::Quantity;
pub use security::Setting;
pub use version::Version;
pub use workload::{Class, Container, PodTemplate, ProbeKind, Traits, Workload};
