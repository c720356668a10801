//! What LimitRanges fill in for containers.

use std::collections::BTreeSet;

use super::object::Object;
use crate::yaml::Node;

/// Resources for which a container gets a value that it does not have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Defaults {
    /// Resources that get a request.
    pub requests: BTreeSet<String>,
    /// Resources that get a limit.
    pub limits: BTreeSet<String>,
}

/// What the LimitRanges among the objects fill in for the containers of `object`'s namespace. Of an item of type Container, a
/// missing `default` is its `max`; a missing `defaultRequest` is the default limit, else its `min`.
pub fn defaults<'a, 's: 'a>(objects: impl IntoIterator<Item = &'a Object<'s>>, object: &Object<'_>) -> Defaults {
    let mut out = Defaults::default();
    for range in objects {
        if !range.is("", "LimitRange") || !range.same_namespace(object) {
            continue;
        }
        let items = range.spec().and_then(|s| s.get("limits"));
        for item in items.iter().flat_map(Node::items) {
            if !item.get("type").is_some_and(|t| t.has_text("Container")) {
                continue;
            }
            for (field, limit) in [("default", true), ("max", true), ("defaultRequest", false), ("min", false)] {
                for (resource, _) in item.get(field).iter().flat_map(Node::entries) {
                    let Some(resource) = resource.text() else { continue };
                    out.requests.insert(resource.to_string());
                    if limit {
                        out.limits.insert(resource.into_owned());
                    }
                }
            }
        }
    }
    out
}
