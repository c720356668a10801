//! kustomize, rendered natively: equal to upstream `kustomize build` v5.8.1, with the origin of every value. Knows no rule.

mod build;
mod decode;
#[allow(dead_code)]
mod error;
mod facts;
#[allow(dead_code)]
mod kustomization;
mod references;
mod render;

pub use build::{Build, Role, UsedFile};
pub use decode::{DuplicateKey, Text};
pub use error::{Error, ErrorKind, Note};
pub use facts::{Fact, FactKind};
pub use kustomization::Kustomization;
pub use references::{FILE_NAMES, Reference, ReferenceKind, references};
pub use render::{LoadRestrictor, Options, Renderer, Reorder};
