//! `ingress-without-tls`: see `rules/ingress-without-tls.md`.

use serde::Deserialize;

use super::network::Network;
use super::network_tls as tls;
use crate::k8s::controller::class_of;
use crate::k8s::{Object, ingress};
use crate::rule::{BuildCx, Rule, Sink, removal};
use crate::source::Span;
use crate::yaml::Node;

/// Reports routes from outside that are served without TLS.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct IngressWithoutTls {
    /// Ingress classes that are left out: those behind a load balancer or tunnel that ends TLS.
    pub exempt_classes: Vec<String>,
}

impl Rule for IngressWithoutTls {
    fn build<'a, 's>(&self, cx: &BuildCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        let network = Network::new(cx);
        for object in &cx.scope.objects {
            sink.on(object, None);
            if object.is("networking.istio.io", "Gateway") {
                istio(object, sink);
            } else if let Some(hosts) = self.plain_hosts(&network, object)
                && (hosts.is_empty() || !hosts.iter().all(|h| ingress::is_internal_host(h)))
            {
                let place = tls_key(object).unwrap_or_else(|| object.anchor());
                let generated = hosts.is_empty() && object.kind() == "Route";
                let hosts = if generated { "its generated host".into() } else { ingress::in_words(&hosts) };
                let message = format!("{} `{}` serves {hosts} without TLS", object.kind(), name(object));
                sink.missing(&place, removed(object), message).label("no `tls` here").help(help(object));
            }
        }
    }
}

impl IngressWithoutTls {
    /// The hosts of an object that routes without TLS, empty for every host; none for any other object.
    fn plain_hosts<'s>(&self, network: &Network<'_, 's>, object: &Object<'s>) -> Option<Vec<String>> {
        let spec = object.spec()?;
        let without_tls = || spec.get("tls").is_none_or(|t| t.is_null() || (t.is_seq() && t.is_empty()));
        let text = |node: Option<Node<'s>>| node.and_then(|n| n.as_str()).map(|h| h.into_owned());
        match (object.group(), object.kind()) {
            ("networking.k8s.io" | "extensions", "Ingress") => {
                if !without_tls() || ingress::is_acme_solver(object) || self.is_exempt(object) {
                    return None;
                }
                if ingress::is_canary(object) || tls::is_set_elsewhere(network, object) {
                    return None;
                }
                let hosts = ingress::hosts(object);
                // A rule without host takes every host, whatever the others name.
                let all: Option<Vec<String>> = hosts.into_iter().map(|h| h.map(|h| h.into_owned())).collect();
                Some(all.unwrap_or_default())
            }
            ("gateway.networking.k8s.io", "Gateway") => {
                let listeners: Vec<Node<'s>> = spec.get("listeners")?.items().collect();
                let speaks =
                    |l: &Node<'s>, p: &[&str]| l.get("protocol").is_some_and(|n| p.iter().any(|p| n.has_text(p)));
                if !listeners.iter().any(|l| speaks(l, &["HTTP"]))
                    || listeners.iter().any(|l| speaks(l, &["HTTPS", "TLS"]))
                {
                    return None;
                }
                let hosts: Option<Vec<String>> = listeners.iter().map(|l| text(l.get("hostname"))).collect();
                Some(hosts.unwrap_or_default())
            }
            ("route.openshift.io", "Route") | ("k8s.nginx.org", "VirtualServer") => {
                without_tls().then(|| text(spec.get("host")).into_iter().collect())
            }
            ("projectcontour.io", "HTTPProxy") => {
                let host = spec.get("virtualhost").filter(Node::is_map)?;
                let plain = host.get("tls").is_none_or(|t| t.is_null());
                plain.then(|| text(host.get("fqdn")).into_iter().collect())
            }
            ("traefik.io" | "traefik.containo.us", "IngressRoute") => {
                (without_tls() && tls::traefik_serves_plain(network, object)).then(|| tls::traefik_hosts(&spec))
            }
            _ => None,
        }
    }

    fn is_exempt(&self, object: &Object<'_>) -> bool {
        class_of(object).is_some_and(|class| self.exempt_classes.contains(&class))
    }
}

/// Servers of an Istio Gateway that speak HTTP and do not redirect: each is reported at its protocol.
fn istio<'a, 's>(object: &'a Object<'s>, sink: &mut Sink<'a, 's>) {
    let Some(spec) = object.spec() else { return };
    // What leaves the mesh is decided by the other side; a local gateway (Knative's) takes requests from the cluster only.
    let inside =
        |(_, value): (Node<'s>, Node<'s>)| value.as_str().is_some_and(|v| v.contains("egress") || v.contains("local"));
    if spec.get("selector").is_some_and(|s| s.entries().any(inside)) {
        return;
    }
    for server in spec.get("servers").iter().flat_map(Node::items) {
        let Some(protocol) = server.path(&["port", "protocol"]) else { continue };
        let redirects = server.path(&["tls", "httpsRedirect"]).and_then(|r| r.as_bool()) == Some(true);
        if redirects || !protocol.text().is_some_and(|p| p.eq_ignore_ascii_case("HTTP")) {
            continue;
        }
        let hosts: Vec<String> = server
            .get("hosts")
            .iter()
            .flat_map(Node::items)
            .filter_map(|h| h.as_str().map(|h| h.rsplit('/').next().unwrap_or_default().to_owned()))
            .collect();
        if !hosts.is_empty() && hosts.iter().all(|h| ingress::is_internal_host(h)) {
            continue;
        }
        let hosts =
            if hosts.iter().any(|h| h == "*") { ingress::in_words::<&str>(&[]) } else { ingress::in_words(&hosts) };
        sink.at(&protocol, format!("Gateway `{}` serves {hosts} without TLS", name(object)))
            .help("set `tls.httpsRedirect: true` for this server, beside one with protocol HTTPS");
    }
}

/// The key of an empty `tls`: it says more than the name of the object.
fn tls_key<'s>(object: &Object<'s>) -> Option<Node<'s>> {
    holder(object)?.entry("tls").map(|(key, _)| key)
}

/// The patch that took `tls` out.
fn removed<'s>(object: &Object<'s>) -> Option<Span<'s>> {
    if object.is("gateway.networking.k8s.io", "Gateway") {
        return listeners_replaced(object);
    }
    removal(&holder(object)?, &["tls"], |tls| !tls.is_empty())
}

/// The listeners of a patch that stand in the place of some with TLS.
fn listeners_replaced<'s>(object: &Object<'s>) -> Option<Span<'s>> {
    let listeners = object.spec()?.get("listeners")?;
    let old = listeners.origin().replaced().and_then(|o| o.span)?;
    let had_tls = old.text().contains("HTTPS") || old.text().contains("TLS");
    listeners.span().filter(|_| had_tls)
}

fn holder<'s>(object: &Object<'s>) -> Option<Node<'s>> {
    let spec = object.spec()?;
    Some(spec.get("virtualhost").unwrap_or(spec))
}

fn help(object: &Object<'_>) -> &'static str {
    match object.kind() {
        "Ingress" => "add a `tls` entry with the hosts and the Secret of their certificate",
        "Gateway" => "add a listener with `protocol: HTTPS` and `tls.certificateRefs`",
        "Route" => "set `tls.termination: edge` and `tls.insecureEdgeTerminationPolicy: Redirect`",
        "HTTPProxy" => "set `virtualhost.tls.secretName`",
        "IngressRoute" => {
            "set `tls.secretName` or `tls.certResolver`, or redirect every route with a redirectScheme Middleware"
        }
        _ => "set `tls.secret`, and `tls.redirect.enable: true`",
    }
}

fn name<'s>(object: &Object<'s>) -> std::borrow::Cow<'s, str> {
    object.name().unwrap_or_default()
}
