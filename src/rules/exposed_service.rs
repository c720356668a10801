//! `exposed-service`: see `rules/exposed-service.md`.

use std::net::IpAddr;

use serde::Deserialize;

use crate::k8s::{ImageRef, Object, Workload, ingress};
use crate::rule::{BuildCx, Rule, Sink, Within};
use crate::yaml::Node;

/// Reports Services that are reachable from outside of the cluster without a gateway in front.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct ExposedService {
    /// The ways out that are reported: `NodePort`, `LoadBalancer`, `externalIPs`.
    pub types: Vec<String>,
}

impl Default for ExposedService {
    fn default() -> Self {
        ExposedService { types: ["NodePort", "LoadBalancer", "externalIPs"].map(String::from).to_vec() }
    }
}

/// Parts of the names of images that are meant to take requests from outside.
const GATEWAYS: [&str; 18] = [
    "ingress",
    "gateway",
    "traefik",
    "kong",
    "contour",
    "envoy",
    "proxyv2",
    "haproxy",
    "emissary",
    "ambassador",
    "apisix",
    "gloo",
    "skipper",
    "pomerium",
    "cloudflared",
    "tyk",
    "krakend",
    "caddy",
];

impl Rule for ExposedService {
    fn build<'a, 's>(&self, cx: &BuildCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        for object in cx.scope.of_kind("", "Service") {
            let Some(spec) = object.spec() else { continue };
            sink.on(object, None);
            let reported = |way: &str| self.types.iter().any(|t| t == way);
            let kind = spec.get("type").filter(|t| reported(&t.as_str().unwrap_or_default()));
            if let Some(node) = kind {
                match node.as_str().as_deref() {
                    Some("NodePort") => {
                        report(
                            object,
                            &node,
                            "it has a port on every node",
                            "use `type: ClusterIP` and an Ingress or a Gateway",
                            sink,
                        );
                    }
                    Some("LoadBalancer")
                        if !is_closed(object, &spec) && !is_gateway(&cx.run.pods_of(Within::Own(cx.scope), object)) =>
                    {
                        let help = "use `type: ClusterIP` and an Ingress or a Gateway; if it must be a load balancer, set \
                                    `loadBalancerSourceRanges`, or the annotation of your cloud for an internal one";
                        report(object, &node, "its load balancer takes connections from everywhere", help, sink);
                    }
                    _ => {}
                }
            }
            if let Some((key, value)) = spec.entry("externalIPs")
                && reported("externalIPs")
                && value.is_seq()
                && !value.is_empty()
            {
                report(
                    object,
                    &key,
                    "it takes the traffic to its externalIPs",
                    "use `type: LoadBalancer` instead",
                    sink,
                );
            }
        }
    }
}

fn report<'a, 's>(object: &Object<'s>, place: &Node<'s>, how: &str, help: &str, sink: &mut Sink<'a, 's>) {
    let name = object.name().unwrap_or_default();
    sink.at(place, format!("Service `{name}` is reachable from outside: {how}")).help(help);
}

/// True if the load balancer is internal, or takes connections from some addresses only.
fn is_closed(object: &Object<'_>, spec: &Node<'_>) -> bool {
    let says = |key: &str, value: &str| ingress::annotation(object, key).is_some_and(|v| v.eq_ignore_ascii_case(value));
    // AWS took any value but `false` in its early days (`0.0.0.0/0` was usual).
    let aws = ingress::annotation(object, "service.beta.kubernetes.io/aws-load-balancer-internal")
        .is_some_and(|v| !v.is_empty() && v != "false");
    let ranges = spec.get("loadBalancerSourceRanges").is_some_and(|r| !r.is_empty())
        || object.annotation_node("service.beta.kubernetes.io/load-balancer-source-ranges").is_some();
    let tailscale =
        spec.get("loadBalancerClass").is_some_and(|c| c.has_text("tailscale")) || says("tailscale.com/expose", "true");
    ranges
        || has_private_address(object, spec)
        || aws
        || tailscale
        || says("service.beta.kubernetes.io/aws-load-balancer-scheme", "internal")
        || says("networking.gke.io/load-balancer-type", "Internal")
        || says("cloud.google.com/load-balancer-type", "Internal")
        || says("service.beta.kubernetes.io/azure-load-balancer-internal", "true")
        || says("service.beta.kubernetes.io/openstack-internal-load-balancer", "true")
}

/// Annotations that ask for an address of the load balancer.
const ADDRESSES: [&str; 5] = [
    "lbipam.cilium.io/ips",
    "io.cilium/lb-ipam-ips",
    "metallb.io/loadBalancerIPs",
    "metallb.universe.tf/loadBalancerIPs",
    "kube-vip.io/loadbalancerIPs",
];

/// True if the load balancer asks for addresses of a private network only.
fn has_private_address(object: &Object<'_>, spec: &Node<'_>) -> bool {
    let asked = ADDRESSES.iter().find_map(|key| object.annotation(key));
    let asked = asked.or_else(|| spec.get("loadBalancerIP")?.as_str());
    asked.is_some_and(|list| {
        list.split(',').all(|address| match address.trim().parse() {
            Ok(IpAddr::V4(v4)) => v4.is_private() || v4.is_link_local(),
            Ok(IpAddr::V6(v6)) => v6.is_unique_local() || v6.is_unicast_link_local(),
            Err(_) => false,
        })
    })
}

/// True if what is behind a Service is an ingress controller or a gateway: being reachable is its task.
fn is_gateway(behind: &[&Workload<'_>]) -> bool {
    behind.iter().any(|workload| {
        // Istio puts the image in when the pod is made.
        let injected = workload.annotation("inject.istio.io/templates").is_some_and(|t| t.contains("gateway"));
        injected
            || workload.containers.iter().any(|container| {
                let image = container.get("image").and_then(|i| i.as_str()).unwrap_or_default();
                let path = ImageRef::parse(&image).map(|i| i.path.to_ascii_lowercase()).unwrap_or_default();
                GATEWAYS.iter().any(|name| path.contains(name))
            })
    })
}
