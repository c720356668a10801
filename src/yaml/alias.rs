//! The old name of [`super::expand`].

use super::expand::expanded;
use super::node::Node;
use super::tree::SyntaxError;

/// [`expanded`]; what cannot be expanded is an error of the parsed file by now.
///
/// # Errors
/// None.
pub fn expand<'s>(node: &Node<'s>) -> Result<Node<'s>, SyntaxError> {
    Ok(expanded(node))
}
