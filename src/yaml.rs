//! YAML and JSON with exact positions: parsing, typing, values with origins, and upstream's emitter. Knows no Kubernetes.

pub mod alias;
mod decode;
mod granit;
pub mod node;
pub mod origin;
pub mod resolve;
pub mod tree;

pub use node::{Kind, Map, Node, Scalar, Seq};
pub use origin::{Link, Origin, Piece, Step, StepKind, Via};
pub use resolve::{Dialect, Value};
pub use tree::{Comment, Document, NodeId, RawKind, RawNode, SrcNode, Style, SyntaxError, Tree};

/// Parses a file: all its documents, comments and syntax errors. Never fails; a document that cannot be read is an entry of
/// [`Tree::errors`], and the documents behind it are read.
pub fn parse(text: &str) -> Tree {
    let mut tree = Tree::default();
    granit::parse_into(&mut tree, text, 0);
    tree
}
