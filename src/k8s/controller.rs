//! Which ingress controller serves an Ingress, as far as manifests can tell.
//!
//! Controllers share the Ingress kind and little else: limits, redirects and certificates live in annotations that only one of
//! them reads. A rule about these must know the controller, or stay silent.

use std::collections::BTreeMap;

use super::object::Object;

/// An ingress controller, or a gateway implementation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Controller {
    /// kubernetes/ingress-nginx
    IngressNginx,
    /// F5 NGINX Ingress Controller, which reads `nginx.org/` annotations.
    NginxInc,
    /// NGINX Gateway Fabric
    NginxGatewayFabric,
    /// jcmoraisjr/haproxy-ingress
    HaproxyIngress,
    /// HAProxy Technologies' controller, which reads `haproxy.org/` annotations.
    HaproxyTech,
    /// Traefik
    Traefik,
    /// Kong
    Kong,
    /// AWS Load Balancer Controller
    Alb,
    /// GKE Ingress
    Gce,
    /// Contour
    Contour,
    /// Azure Application Gateway Ingress Controller
    Agic,
    /// OpenShift, which turns Ingresses into Routes.
    OpenShift,
    /// Envoy Gateway
    EnvoyGateway,
    /// Apache APISIX
    Apisix,
    /// Tailscale operator
    Tailscale,
    /// Cloudflare Tunnel controllers
    CloudflareTunnel,
    /// One that is named and that we know nothing about.
    Other,
}

impl Controller {
    /// The name in messages.
    pub fn name(self) -> &'static str {
        match self {
            Controller::IngressNginx => "ingress-nginx",
            Controller::NginxInc => "NGINX Ingress Controller",
            Controller::NginxGatewayFabric => "NGINX Gateway Fabric",
            Controller::HaproxyIngress => "haproxy-ingress",
            Controller::HaproxyTech => "HAProxy Kubernetes Ingress Controller",
            Controller::Traefik => "Traefik",
            Controller::Kong => "Kong",
            Controller::Alb => "AWS Load Balancer Controller",
            Controller::Gce => "GKE Ingress",
            Controller::Contour => "Contour",
            Controller::Agic => "Application Gateway Ingress Controller",
            Controller::OpenShift => "OpenShift",
            Controller::EnvoyGateway => "Envoy Gateway",
            Controller::Apisix => "APISIX",
            Controller::Tailscale => "Tailscale",
            Controller::CloudflareTunnel => "Cloudflare Tunnel",
            Controller::Other => "the controller",
        }
    }

    /// The controller behind `spec.controller` of an IngressClass or `spec.controllerName` of a GatewayClass.
    pub fn from_spec(text: &str) -> Controller {
        // Installations run several ingress-nginx side by side and name the others `k8s.io/internal-ingress-nginx` or so.
        if text.starts_with("k8s.io/") && text.ends_with("ingress-nginx") {
            return Controller::IngressNginx;
        }
        match text {
            "webapprouting.kubernetes.azure.com/nginx" => return Controller::IngressNginx,
            "nginx.org/ingress-controller" => return Controller::NginxInc,
            "gateway.nginx.org/nginx-gateway-controller" => return Controller::NginxGatewayFabric,
            "gateway.envoyproxy.io/gatewayclass-controller" => return Controller::EnvoyGateway,
            "traefik.io/ingress-controller" | "traefik.io/gateway-controller" => return Controller::Traefik,
            "azure/application-gateway" => return Controller::Agic,
            "openshift.io/ingress-to-route" => return Controller::OpenShift,
            _ => {}
        }
        let domain = text.split('/').next().unwrap_or_default();
        match domain {
            "haproxy-ingress.github.io" => Controller::HaproxyIngress,
            "haproxy.org" => Controller::HaproxyTech,
            "ingress-controllers.konghq.com" | "konghq.com" => Controller::Kong,
            "ingress.k8s.aws" | "eks.amazonaws.com" => Controller::Alb,
            "projectcontour.io" => Controller::Contour,
            "apisix.apache.org" => Controller::Apisix,
            "tailscale.com" => Controller::Tailscale,
            "strrl.dev" if text.contains("cloudflare-tunnel") => Controller::CloudflareTunnel,
            "k8s.io" if text.starts_with("k8s.io/gke") => Controller::Gce,
            _ => Controller::Other,
        }
    }

    /// The controller that a configuration names: by `spec.controller`, or by a short name such as `ingress-nginx`.
    pub fn from_config(text: &str) -> Controller {
        match text {
            "ingress-nginx" | "nginx" => Controller::IngressNginx,
            "nginx-inc" | "nginx-ingress" | "nginx.org" => Controller::NginxInc,
            "nginx-gateway-fabric" => Controller::NginxGatewayFabric,
            "haproxy-ingress" => Controller::HaproxyIngress,
            "haproxy" | "haproxytech" | "haproxy.org" => Controller::HaproxyTech,
            "traefik" => Controller::Traefik,
            "kong" => Controller::Kong,
            "alb" | "aws" => Controller::Alb,
            "gce" | "gke" => Controller::Gce,
            "contour" => Controller::Contour,
            "agic" | "azure-application-gateway" => Controller::Agic,
            "openshift" => Controller::OpenShift,
            "envoy-gateway" => Controller::EnvoyGateway,
            "apisix" => Controller::Apisix,
            "tailscale" => Controller::Tailscale,
            "cloudflare-tunnel" => Controller::CloudflareTunnel,
            other => Controller::from_spec(other),
        }
    }

    /// The controller that reads annotations with this prefix (the part before the `/`), if only one does.
    pub fn of_prefix(prefix: &str) -> Option<Controller> {
        Some(match prefix {
            "nginx.ingress.kubernetes.io" => Controller::IngressNginx,
            "nginx.org" | "nginx.com" => Controller::NginxInc,
            "haproxy-ingress.github.io" => Controller::HaproxyIngress,
            "haproxy.org" => Controller::HaproxyTech,
            "traefik.ingress.kubernetes.io" => Controller::Traefik,
            "konghq.com" => Controller::Kong,
            "alb.ingress.kubernetes.io" => Controller::Alb,
            "networking.gke.io" | "ingress.gcp.kubernetes.io" => Controller::Gce,
            "projectcontour.io" => Controller::Contour,
            "appgw.ingress.kubernetes.io" => Controller::Agic,
            "route.openshift.io" | "haproxy.router.openshift.io" => Controller::OpenShift,
            "k8s.apisix.apache.org" => Controller::Apisix,
            _ => return None,
        })
    }
}

/// A controller, and how sure we are of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// The controller.
    pub controller: Controller,
    /// True if an IngressClass or the configuration says so; false if it follows from the name of the class or from
    /// annotations.
    pub certain: bool,
}

/// What tells controllers apart: the classes of a run and the configuration.
#[derive(Clone, Debug, Default)]
pub struct Classes {
    /// Class → controller, from IngressClass objects. None where they disagree.
    ingress: BTreeMap<String, Option<Controller>>,
    /// Class → controller, from GatewayClass objects.
    gateway: BTreeMap<String, Option<Controller>>,
    /// Class → controller, from the configuration.
    configured: BTreeMap<String, Controller>,
    /// The controller of Ingresses that name none, from the configuration.
    default: Option<Controller>,
}

impl Classes {
    /// Classes from the objects of a run and from the configuration (`ingress.controllers`, `ingress.default_controller`).
    pub fn new<'o, 's: 'o>(
        objects: impl Iterator<Item = &'o Object<'s>>,
        configured: &BTreeMap<String, String>,
        default: Option<&str>,
    ) -> Self {
        let mut classes = Classes {
            configured: configured.iter().map(|(k, v)| (k.clone(), Controller::from_config(v))).collect(),
            default: default.map(Controller::from_config),
            ..Classes::default()
        };
        for object in objects {
            let (map, field) = match (object.kind(), object.group()) {
                ("IngressClass", "networking.k8s.io") => (&mut classes.ingress, "controller"),
                ("GatewayClass", "gateway.networking.k8s.io") => (&mut classes.gateway, "controllerName"),
                _ => continue,
            };
            let spec = object.spec().and_then(|s| s.get(field)?.as_str());
            if let (Some(name), Some(text)) = (object.name(), spec) {
                let controller = Controller::from_spec(text.trim());
                map.entry(name.into_owned())
                    .and_modify(|known| *known = known.filter(|k| *k == controller))
                    .or_insert(Some(controller));
            }
        }
        classes
    }

    /// These classes, and those of `others` where these know none.
    pub fn over(mut self, others: Classes) -> Classes {
        for (name, controller) in others.ingress {
            self.ingress.entry(name).or_insert(controller);
        }
        for (name, controller) in others.gateway {
            self.gateway.entry(name).or_insert(controller);
        }
        self.default = self.default.or(others.default);
        self
    }

    /// The controller of an Ingress; none if it cannot be told.
    pub fn of_ingress(&self, ingress: &Object<'_>) -> Option<Known> {
        let class = class_of(ingress);
        if let Some(class) = &class {
            if let Some(Some(controller)) = self.ingress.get(class) {
                return Some(Known { controller: *controller, certain: true });
            }
            if let Some(controller) = self.configured.get(class) {
                return Some(Known { controller: *controller, certain: true });
            }
        }
        let likely = match &class {
            Some(class) => by_name(class, ingress).or_else(|| by_annotations(ingress)),
            None => by_annotations(ingress),
        };
        let controller = likely.or(if class.is_none() { self.default } else { None })?;
        Some(Known { controller, certain: false })
    }

    /// The implementation behind a Gateway's `gatewayClassName`; none if its class is neither in the run nor configured.
    pub fn of_gateway_class(&self, class: &str) -> Option<Controller> {
        self.gateway.get(class).copied().flatten().or_else(|| self.configured.get(class).copied())
    }
}

/// The class of an Ingress: `spec.ingressClassName`, else the annotation that came before it.
pub fn class_of(ingress: &Object<'_>) -> Option<String> {
    let field = ingress.spec().and_then(|s| s.get("ingressClassName")?.as_str());
    field
        .or_else(|| ingress.annotation("kubernetes.io/ingress.class"))
        .map(|c| c.trim().to_owned())
        .filter(|c| !c.is_empty())
}

/// The controller that a class name stands for by convention.
fn by_name(class: &str, ingress: &Object<'_>) -> Option<Controller> {
    Some(match class {
        "alb" => Controller::Alb,
        "gce" | "gce-internal" => Controller::Gce,
        "traefik" => Controller::Traefik,
        "kong" => Controller::Kong,
        "contour" => Controller::Contour,
        "haproxy" if has_prefix(ingress, &["haproxy.org"]) => Controller::HaproxyTech,
        "haproxy" => Controller::HaproxyIngress,
        "azure-application-gateway" | "azure/application-gateway" => Controller::Agic,
        "tailscale" => Controller::Tailscale,
        "cloudflare-tunnel" => Controller::CloudflareTunnel,
        "apisix" => Controller::Apisix,
        "nginx" if has_prefix(ingress, &["nginx.org", "nginx.com"]) => Controller::NginxInc,
        "nginx" => Controller::IngressNginx,
        _ => return None,
    })
}

/// The one controller whose annotations an Ingress carries.
fn by_annotations(ingress: &Object<'_>) -> Option<Controller> {
    let mut found = None;
    for (key, _) in ingress.annotations().iter().flat_map(|a| a.entries()) {
        let key = key.text().unwrap_or_default();
        let Some(owner) = key.split_once('/').and_then(|(prefix, _)| Controller::of_prefix(prefix)) else { continue };
        if found.is_some_and(|f| f != owner) {
            return None;
        }
        found = Some(owner);
    }
    found
}

fn has_prefix(ingress: &Object<'_>, prefixes: &[&str]) -> bool {
    ingress.annotations().iter().flat_map(|a| a.entries()).any(|(key, _)| {
        let key = key.text().unwrap_or_default();
        key.split_once('/').is_some_and(|(prefix, _)| prefixes.contains(&prefix))
    })
}
