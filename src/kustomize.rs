//! kustomize, rendered natively: equal to upstream `kustomize build` v5.8.1, with the origin of every value. Knows no rule.

mod build;
mod compose;
mod decode;
#[allow(dead_code)]
mod error;
mod facts;
pub mod fieldspec;
pub mod filters;
pub mod jsonpatch;
#[allow(dead_code)]
mod kustomization;
pub mod merge;
mod references;
mod render;
pub mod schema;
pub mod selector;
pub mod specs;
mod transform_error;
mod update;

pub use build::{Build, Role, UsedFile};
pub use decode::{DuplicateKey, Text};
pub use error::{Error, ErrorKind, Note};
pub use facts::{Fact, FactKind};
pub use kustomization::Kustomization;
pub use references::{FILE_NAMES, Reference, ReferenceKind, references};
pub use render::{LoadRestrictor, Options, Renderer, Reorder};
pub use transform_error::TransformError;
