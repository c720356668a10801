//! The value of a scalar whose text is not its value: escapes, folding, block scalars.

use std::borrow::Cow;

use super::tree::RawNode;

/// Decodes a scalar marked [`RawNode::ENCODED`]. `text` is the whole source.
pub(super) fn decode<'s>(text: &'s str, node: &RawNode) -> Cow<'s, str> {
    Cow::Borrowed(&text[node.start as usize..node.end as usize])
}
