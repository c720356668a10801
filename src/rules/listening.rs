//! Ports that a manifest tells a program to listen on: in its arguments, its environment, its configuration.

use crate::k8s::{Container, Workload};
use crate::rule::{BuildCx, Within};
use crate::yaml::Node;

/// True if the number is written as a port in what one of the containers is given, or in a ConfigMap of the build that the pod takes. Such
/// a ConfigMap may say it if it is in a file that was not named.
pub(super) fn is_told<'c, 's: 'c>(
    cx: &BuildCx<'_, 's>,
    workload: &Workload<'s>,
    mut containers: impl Iterator<Item = &'c Container<'s>>,
    port: i64,
) -> bool {
    let number = port.to_string();
    containers.any(|container| is_given(container, &number)) || is_configured(cx, workload, &number)
}

fn is_given(container: &Container<'_>, number: &str) -> bool {
    let names =
        |text: Option<Node<'_>>| text.and_then(|t| t.text()).is_some_and(|t| words(&t).any(|w| is_port(w, number)));
    let items = |field: &str| container.get(field).iter().flat_map(Node::items).collect::<Vec<_>>();
    ["command", "args"].into_iter().flat_map(items).any(|argument| names(Some(argument)))
        || items("env").into_iter().any(|env| names(env.get("value")))
}

fn is_configured<'s>(cx: &BuildCx<'_, 's>, workload: &Workload<'s>, number: &str) -> bool {
    workload.references().iter().filter(|r| r.kind == "ConfigMap").any(|reference| {
        let name = reference.name.as_str().unwrap_or_default();
        let maps = cx.run.named(Within::Own(cx.scope), "ConfigMap", &name);
        let mut taken = maps.iter().filter(|map| map.same_namespace(&workload.object)).peekable();
        if taken.peek().is_none() && !cx.scope.complete {
            return true;
        }
        let data = taken.filter_map(|map| map.node.get("data"));
        data.flat_map(|data| data.entries().collect::<Vec<_>>()).any(|(key, value)| {
            let (key, value) = (key.text().unwrap_or_default(), value.text().unwrap_or_default());
            match value.trim().lines().count() {
                0 | 1 => line_binds(&format!("{key} {value}"), number),
                _ => value.lines().any(|line| line_binds(line, number)),
            }
        })
    })
}

/// A file holds many numbers: one is a port if an address says so, or a word before it.
fn line_binds(line: &str, number: &str) -> bool {
    let mut about_ports = false;
    words(line).any(|word| {
        let before = about_ports;
        let lower = word.to_ascii_lowercase();
        about_ports |= ["port", "listen", "bind", "addr"].iter().any(|w| lower.contains(w));
        let named = if word.contains('=') { about_ports } else { before };
        is_address(word, number) || (named && is_port(word, number))
    })
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ',' | ';' | '{' | '}')).filter(|w| !w.is_empty())
}

/// `8081`, `--port=8081`, or an address.
fn is_port(word: &str, number: &str) -> bool {
    value(word) == number || is_address(word, number)
}

/// An address to listen at: `:8081`, `0.0.0.0:8081`. One with another host is that of another program.
fn is_address(word: &str, number: &str) -> bool {
    let host = value(word).strip_suffix(number).and_then(|rest| rest.strip_suffix(':'));
    host.is_some_and(|host| {
        let host = host.rsplit_once("://").map_or(host, |(_, host)| host);
        matches!(host, "" | "*" | "0.0.0.0" | "::" | "[::]") || host.contains("POD_IP")
    })
}

fn value(word: &str) -> &str {
    word.rsplit_once('=').map_or(word, |(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_in_arguments() {
        let names = |text: &str| words(text).any(|w| is_port(w, "8081"));
        for text in ["8081", "--port=8081", "--addr=:8081", "--addr 0.0.0.0:8081", "tcp://[::]:8081", "$(POD_IP):8081"]
        {
            assert!(names(text), "{text}");
        }
        assert!(names("exec serve --port 8081; sleep 1"));
        for text in ["18081", "--port=80810", "redis:8081", "http://api:8081", "127.0.0.1:8081", "v1.8081"] {
            assert!(!names(text), "{text}");
        }
    }

    #[test]
    fn ports_in_files() {
        for line in [
            "  healthProbeBindAddress: :8081",
            "port: 8081",
            "listen 8081;",
            "HTTP_PORT=8081",
            "\"addr\": \"0.0.0.0:8081\"",
        ] {
            assert!(line_binds(line, "8081"), "{line}");
        }
        for line in ["timeout: 8081", "SIZE=8081", "upstream api:8081;", "8081 port"] {
            assert!(!line_binds(line, "8081"), "{line}");
        }
    }
}
