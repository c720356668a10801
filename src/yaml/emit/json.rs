//! JSON as Go's `encoding/json` writes what it has read: keys sorted, all numbers 64-bit floats, `<`, `>` and `&` escaped.

use super::float::json_number;
use super::keys::entries;
use super::scalar::{Typed, typed};
use super::{EmitError, NodeRef};
use crate::yaml::node::{Kind, Node};
use crate::yaml::tree::Style;

/// A node as upstream has it as JSON, in one line. Fails as [`super::document`] does.
pub fn json<'s>(node: &Node<'s>) -> Result<String, EmitError<'s>> {
    let mut out = String::new();
    value(&mut out, NodeRef::new(node), true, false)?;
    Ok(out)
}

fn value<'s>(out: &mut String, node: NodeRef<'_, 's>, outermost: bool, flow: bool) -> Result<(), EmitError<'s>> {
    let flow = flow || node.style() == Style::Flow;
    match node.kind() {
        Kind::Map => {
            let mut entries = entries(node, outermost)?;
            entries.sort_by(|a, b| a.0.cmp(&b.0));
            out.push('{');
            for (index, (key, child)) in entries.into_iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                string(out, &key);
                out.push(':');
                value(out, child, false, flow)?;
            }
            out.push('}');
        }
        Kind::Seq => {
            out.push('[');
            for (index, item) in node.items().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                value(out, item, false, flow)?;
            }
            out.push(']');
        }
        Kind::Scalar => {
            let number = |float| json_number(float).map_err(|message| EmitError { message, span: node.span() });
            match typed(node, flow)? {
                Typed::Null => out.push_str("null"),
                Typed::Bool(true) => out.push_str("true"),
                Typed::Bool(false) => out.push_str("false"),
                Typed::Int(int) => out.push_str(&number(int as f64)?),
                Typed::Float(float) => out.push_str(&number(float)?),
                Typed::Str(text) => string(out, &text),
            }
        }
    }
    Ok(())
}

/// A string in quotes, escaped as Go does.
fn string(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\u{c}' => out.push_str("\\f"),
            '\r' => out.push_str("\\r"),
            '\0'..='\u{1f}' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                out.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            _ => out.push(c),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::Origin;

    #[test]
    fn strings_are_escaped_as_in_go() {
        let node = Node::string("<a> & \"b\"\\ \u{1}\u{8}\u{c}\n\t\r \u{2028} é \u{7f}", Origin::default());
        let want = r#""\u003ca\u003e \u0026 \"b\"\\ \u0001\b\f\n\t\r \u2028 é "#.to_owned() + "\u{7f}\"";
        assert_eq!(json(&node), Ok(want));
    }

    #[test]
    fn keys_are_sorted_by_bytes_and_integers_lose_precision() {
        let plain = |text: &str| Node::plain(text, Origin::default());
        let entries =
            vec![(plain("b"), plain("9007199254740993")), (plain("B"), plain("1e21")), (plain("a"), plain(""))];
        let map = Node::map(entries, Origin::default());
        assert_eq!(json(&map).as_deref(), Ok(r#"{"B":1e+21,"a":null,"b":9007199254740992}"#));
    }
}
