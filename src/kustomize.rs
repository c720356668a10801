//! kustomize, rendered natively: equal to upstream `kustomize build` v5.8.1, with the origin of every value. Knows no rule.
//!
//! A [`Renderer`] takes files from a [`Context`](crate::files::Context), on disk or in memory, and gives a [`Build`]: the objects as
//! they are printed, the kustomizations and files that took part, and what each entry did ([`Fact`]). Every value is a
//! [`Node`](crate::yaml::Node) that knows where it is written and what brought it to its place; [`why`] reads that as a story.
//! Nothing is fetched and no program is run: remote bases and external plugins are an [`Error`] with a place, and so are Helm charts
//! unless the caller gives a [`Helm`] to render them.
//!
//! ```
//! use std::path::Path;
//!
//! use manicheck::files::{Context, MemoryFiles};
//! use manicheck::kustomize::{Options, Renderer};
//! use manicheck::source::Sources;
//!
//! let mut files = MemoryFiles::new();
//! files.insert("/app/kustomization.yaml", "namePrefix: prod-\nresources: [settings.yaml]\n");
//! files.insert("/app/settings.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\n");
//!
//! // Everything that is read lives here; the build borrows from it.
//! let sources = Sources::new();
//! let ctx = Context { files: &files, sources: &sources, cwd: Path::new("/") };
//! let build = Renderer::new(ctx, Options::default()).render(Path::new("/app")).unwrap();
//! assert_eq!(build.to_yaml().unwrap(), "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: prod-settings\n");
//!
//! let name = build.objects[0].path(&["metadata", "name"]).unwrap();
//! let place = name.span().unwrap();
//! assert_eq!((place.source.display(), place.start_pos().line), ("app/settings.yaml", 4));
//! ```

mod absorb;
mod accumulate;
mod build;
mod candidates;
mod compose;
mod configurations;
mod crds;
mod decode;
mod embed;
mod error;
mod facts;
pub mod fieldspec;
pub mod filters;
mod finish;
mod generators;
mod hash;
mod helm;
mod history;
pub mod jsonpatch;
pub mod kustomization;
mod load;
mod loader;
pub mod merge;
mod metadata;
mod names;
mod order;
pub mod origins;
mod patches;
mod plugins;
mod references;
mod remote;
mod renamed;
mod render;
mod replacements;
mod resid;
mod resource;
mod same;
pub mod schema;
pub mod selector;
mod shared;
pub mod specs;
mod transform;
mod transform_error;
mod unsupported;
mod untracked;
mod update;
mod value_add;
mod vars;
pub mod why;

pub use build::{Build, Deleted, Role, UsedFile};
pub use decode::{DuplicateKey, Text};
pub use error::{Error, ErrorKind, Note};
pub use facts::{Fact, FactKind};
pub use helm::{Helm, HelmCall};
pub use kustomization::Kustomization;
pub use references::{FILE_NAMES, Reference, ReferenceKind, references};
pub use remote::{Remote, classify as classify_remote};
pub use renamed::original_name;
pub use render::{LoadRestrictor, Options, Renderer, Reorder};
pub use transform_error::TransformError;
