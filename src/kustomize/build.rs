//! The result of a rendering.

use std::path::PathBuf;
use std::sync::Arc;

use super::error::{Error, ErrorKind};
use super::facts::Fact;
use super::kustomization::Kustomization;
use super::origins;
use crate::source::{Source, Span};
use crate::yaml::Node;
use crate::yaml::emit::{self, EmitError};

/// What a file was used as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// The kustomization file itself.
    Kustomization,
    /// A file of objects.
    Resource,
    /// A patch.
    Patch,
    /// Data of a generated ConfigMap or Secret.
    GeneratorInput,
    /// A `configurations` file.
    Configuration,
    /// A `crds` file.
    Crd,
    /// An `openapi` schema.
    OpenApi,
    /// A replacement kept in a file of its own.
    Replacement,
    /// The configuration of a generator, transformer or validator.
    Plugin,
}

impl Role {
    /// A word for it, in reports.
    pub fn name(self) -> &'static str {
        match self {
            Role::Kustomization => "kustomization",
            Role::Resource => "resource",
            Role::Patch => "patch",
            Role::GeneratorInput => "generatorInput",
            Role::Configuration => "configuration",
            Role::Crd => "crd",
            Role::OpenApi => "openapi",
            Role::Replacement => "replacement",
            Role::Plugin => "plugin",
        }
    }
}

/// A file that took part in a rendering.
#[derive(Clone, Copy, Debug)]
pub struct UsedFile<'s> {
    /// The file.
    pub source: &'s Source,
    /// What it was used as.
    pub role: Role,
    /// The entry that asked for it; none for a kustomization file.
    pub entry: Option<Span<'s>>,
}

/// An object that a patch deleted.
#[derive(Clone, Debug)]
pub struct Deleted<'s> {
    /// The object as it was, under the name that references to it have: those follow no prefix and no hash, since nothing is left to
    /// follow. Namespaces and labels that were given to all objects later are given to it too.
    pub object: Node<'s>,
    /// The `$patch: delete`.
    pub at: Span<'s>,
}

/// A rendered kustomization.
#[derive(Clone)]
pub struct Build<'s> {
    /// Its directory: absolute.
    pub dir: PathBuf,
    /// The objects, as and in the order they are printed.
    pub objects: Vec<Node<'s>>,
    /// Every kustomization that took part, its own first, then in the order of use. One that is used twice is listed twice.
    pub kustomizations: Vec<Arc<Kustomization<'s>>>,
    /// Every file that was read, in the order of use.
    pub files: Vec<UsedFile<'s>>,
    /// What every entry of every kustomization did.
    pub facts: Vec<Fact<'s>>,
    /// The objects that patches deleted, in the order of the patches.
    pub deleted: Vec<Deleted<'s>>,
    /// For each of the objects, the patches that matched it and changed nothing in it, in the order of use: their entries.
    pub idle_patches: Vec<Vec<Span<'s>>>,
}

impl<'s> Build<'s> {
    /// The bytes that `kustomize build` prints.
    ///
    /// # Errors
    /// For what has no printed form: a duplicate key, an infinite number.
    pub fn to_yaml(&self) -> Result<String, Box<Error<'s>>> {
        self.printed(emit::stream)
    }

    /// [`Build::to_yaml`] in pieces, to be written one behind the other: large builds are printed on all threads, and joining what they
    /// print is a copy that a writer does not need.
    ///
    /// # Errors
    /// As [`Build::to_yaml`].
    pub fn to_yaml_pieces(&self) -> Result<Vec<String>, Box<Error<'s>>> {
        self.printed(emit::pieces)
    }

    /// Where each scalar of the output is written, in JSON lines: see [`origins::json`].
    ///
    /// # Errors
    /// As [`Build::to_yaml`].
    pub fn origins_json(&self) -> Result<String, Box<Error<'s>>> {
        self.printed(origins::json)
    }

    /// The output with a comment beside each value: see [`origins::text`].
    ///
    /// # Errors
    /// As [`Build::to_yaml`].
    pub fn origins_text(&self) -> Result<String, Box<Error<'s>>> {
        self.printed(origins::text)
    }

    fn printed<T>(
        &self,
        print: impl Fn(&[Node<'s>]) -> std::result::Result<T, EmitError<'s>>,
    ) -> Result<T, Box<Error<'s>>> {
        print(&self.objects).map_err(|e| {
            let mut error = Error::new(ErrorKind::Invalid, e.span, e.message);
            if error.path.as_os_str().is_empty() {
                error.path.clone_from(&self.dir);
            }
            error
        })
    }
}
