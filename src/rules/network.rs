//! What rules of the category network share: the controller behind an Ingress, and the objects attached to a route.

use std::borrow::Cow;
use std::cell::OnceCell;

use crate::k8s::controller::{Classes, Controller, Known};
use crate::k8s::{Object, Workload, body_size, ingress, network_policy};
use crate::rule::{BuildCx, Env, Run, Scope, Within};
use crate::yaml::Node;

/// A scope with its surroundings.
pub(super) struct Network<'a, 's> {
    /// The scope to judge.
    pub(super) scope: &'a Scope<'s>,
    run: &'a Run<'s>,
    env: &'a Env,
    classes: OnceCell<Classes>,
    configs: OnceCell<Vec<&'a Object<'s>>>,
    plugins: OnceCell<Vec<&'a Object<'s>>>,
}

/// The objects that a route names for its middlewares, plugins and policies.
#[derive(Default)]
pub(super) struct Attached<'a, 's> {
    /// Those that are in the run.
    pub(super) objects: Vec<&'a Object<'s>>,
    /// Names of those that are not.
    pub(super) unresolved: Vec<String>,
}

impl Attached<'_, '_> {
    /// True if a Middleware sends every request elsewhere.
    pub(super) fn redirects(&self) -> bool {
        self.objects.iter().any(|o| o.spec().is_some_and(|s| s.get("redirectScheme").is_some()))
    }
}

/// What to write into the policy of Envoy Gateway that a route has: one more at the route itself would replace it, not add to it.
pub(super) fn extend(attached: &Attached<'_, '_>, controller: Controller, field: &str) -> Option<String> {
    let policy = attached.objects.iter().find(|o| o.kind() == "BackendTrafficPolicy");
    let name = policy.filter(|_| controller == Controller::EnvoyGateway)?.name()?;
    Some(format!("add `{field}` to BackendTrafficPolicy `{name}` (another one at the route would replace it)"))
}

impl<'a, 's> Network<'a, 's> {
    /// Costs nothing until something is asked.
    pub(super) fn new(cx: &BuildCx<'a, 's>) -> Self {
        Network {
            scope: cx.scope,
            run: cx.run,
            env: cx.env,
            classes: OnceCell::new(),
            configs: OnceCell::new(),
            plugins: OnceCell::new(),
        }
    }

    /// The objects of a kind in the own scope, then those elsewhere that may be meant.
    pub(super) fn of_kind(&self, kind: &'static str) -> impl Iterator<Item = &'a Object<'s>> {
        self.run.of_kind(Within::Around(self.scope), kind).into_iter()
    }

    /// ConfigMaps that configure a controller.
    pub(super) fn configs(&self) -> &[&'a Object<'s>] {
        self.configs.get_or_init(|| self.run.controller_configs(Within::Around(self.scope)))
    }

    /// The Ingresses of the own scope that people wrote: without those of ACME solvers.
    pub(super) fn ingresses(&self) -> impl Iterator<Item = &'a Object<'s>> + use<'a, 's> {
        self.scope.kind_in_any_group("Ingress").filter(|o| ingress::is_ingress(o) && !ingress::is_acme_solver(o))
    }

    /// What tells controllers apart.
    pub(super) fn classes(&self) -> &Classes {
        self.classes.get_or_init(|| {
            let env = self.env;
            // The own scope goes first: classes of another cluster may disagree with it.
            let kinds = ["IngressClass", "GatewayClass"];
            let own = kinds.iter().flat_map(|kind| self.scope.kind_in_any_group(kind));
            let own = Classes::new(own, &env.ingress_controllers, None);
            let all = kinds.iter().flat_map(|kind| self.of_kind(kind));
            let all = Classes::new(all, &env.ingress_controllers, env.default_ingress_controller.as_deref());
            own.over(all)
        })
    }

    /// The controller of an Ingress; none if it cannot be told.
    pub(super) fn controller(&self, ingress: &Object<'s>) -> Option<Known> {
        self.classes().of_ingress(ingress)
    }

    /// An object by kind, name and namespace (none matches any): in the own scope first.
    pub(super) fn find(
        &self,
        groups: &[&str],
        kind: &str,
        namespace: Option<&str>,
        name: &str,
    ) -> Option<&'a Object<'s>> {
        self.run.named(Within::Around(self.scope), kind, name).into_iter().find(|o| {
            o.kind() == kind
                && groups.contains(&o.group())
                && o.name().is_some_and(|n| n == name)
                && match (namespace, o.namespace()) {
                    (Some(a), Some(b)) => a == b,
                    _ => true,
                }
        })
    }

    /// The Middlewares of a Traefik route, those of chains included.
    pub(super) fn middlewares(&self, route: &Node<'s>, owner: &Object<'s>) -> Attached<'a, 's> {
        let mut out = Attached::default();
        for reference in route.get("middlewares").iter().flat_map(Node::items) {
            self.middleware(&reference, owner.namespace(), &mut out, 0);
        }
        out
    }

    /// The controller that serves a route, and what is attached to the route; none for objects that are no routes or only
    /// redirect, for canaries, whose settings are those of the Ingress beside them, and where the controller cannot be told.
    pub(super) fn route(&self, object: &Object<'s>) -> Option<(Controller, Attached<'a, 's>)> {
        if ingress::is_ingress(object) {
            if ingress::is_acme_solver(object) || ingress::is_canary(object) {
                return None;
            }
            let controller = self.controller(object)?.controller;
            return Some((controller, self.attached(object, controller)));
        }
        if let Some(controller) = body_size::route_controller(object) {
            let mut attached = Attached::default();
            if controller == Controller::Traefik {
                let mut redirects = true;
                for route in object.spec().and_then(|s| s.get("routes")).iter().flat_map(Node::items) {
                    let of_route = self.middlewares(&route, object);
                    redirects &= of_route.redirects();
                    attached.objects.extend(of_route.objects);
                    attached.unresolved.extend(of_route.unresolved);
                }
                if redirects {
                    return None;
                }
            }
            return Some((controller, attached));
        }
        if !object.is("gateway.networking.k8s.io", "HTTPRoute") || only_redirects(object) {
            return None;
        }
        let gateways = self.gateways(object);
        let controller = gateways.first()?.1;
        let (group, kind) = match controller {
            Controller::NginxGatewayFabric => ("gateway.nginx.org", "ClientSettingsPolicy"),
            Controller::EnvoyGateway => ("gateway.envoyproxy.io", "BackendTrafficPolicy"),
            _ => return None,
        };
        let mut attached = Attached { objects: self.policies(group, kind, object), ..Attached::default() };
        for (gateway, _) in gateways {
            attached.objects.extend(self.policies(group, kind, gateway));
        }
        Some((controller, attached))
    }

    /// What is attached to an Ingress: Traefik Middlewares and Kong plugins by annotation.
    fn attached(&self, ingress: &Object<'s>, controller: Controller) -> Attached<'a, 's> {
        let mut out = Attached::default();
        match controller {
            Controller::Traefik => {
                let list = ingress::annotation(ingress, "traefik.ingress.kubernetes.io/router.middlewares");
                for name in list.iter().flat_map(|l| l.split(',')).map(str::trim).filter(|n| !n.is_empty()) {
                    self.named_middleware(name, &mut out);
                }
            }
            Controller::Kong => {
                self.kong_plugins(ingress, &mut out);
                for service in self.backends(ingress) {
                    self.kong_plugins(service, &mut out);
                }
                let global = |o: &&Object<'s>| {
                    o.is("configuration.konghq.com", "KongClusterPlugin")
                        && o.label("global").is_some_and(|g| g == "true")
                };
                let plugins = || self.of_kind("KongClusterPlugin").filter(global).collect();
                out.objects.extend(self.plugins.get_or_init(plugins));
            }
            _ => {}
        }
        out
    }

    /// `namespace-name@kubernetescrd`, as Traefik's annotations name a Middleware.
    fn named_middleware(&self, text: &str, out: &mut Attached<'a, 's>) {
        let found = text.strip_suffix("@kubernetescrd").and_then(|joined| {
            let is_it = |o: &&Object<'s>| {
                let Some(name) = o.name() else { return false };
                match o.namespace() {
                    Some(namespace) => joined == format!("{namespace}-{name}"),
                    None => joined.strip_suffix(&*name).is_some_and(|rest| rest.ends_with('-')),
                }
            };
            // Where the namespace ends is not said.
            let names = joined.match_indices('-').filter_map(|(at, _)| joined.get(at + 1..));
            let within = Within::Around(self.scope);
            let named = |name| self.run.named(within, "Middleware", name);
            names.flat_map(named).filter(|o| is_middleware(o)).find(is_it)
        });
        match found {
            Some(object) => self.add_middleware(object, out, 0),
            None => out.unresolved.push(text.to_owned()),
        }
    }

    fn middleware(
        &self,
        reference: &Node<'s>,
        namespace: Option<Cow<'s, str>>,
        out: &mut Attached<'a, 's>,
        depth: usize,
    ) {
        let Some(name) = reference.get("name").and_then(|n| n.as_str()) else { return };
        let namespace = reference.get("namespace").and_then(|n| n.as_str()).or(namespace);
        match self.find(&["traefik.io", "traefik.containo.us"], "Middleware", namespace.as_deref(), &name) {
            Some(object) => self.add_middleware(object, out, depth),
            None => out.unresolved.push(name.into_owned()),
        }
    }

    /// A Middleware, and those that it chains.
    fn add_middleware(&self, object: &'a Object<'s>, out: &mut Attached<'a, 's>, depth: usize) {
        out.objects.push(object);
        let chain = object.spec().and_then(|s| s.path(&["chain", "middlewares"]));
        if depth < 8 {
            for reference in chain.iter().flat_map(Node::items) {
                self.middleware(&reference, object.namespace(), out, depth + 1);
            }
        }
    }

    fn kong_plugins(&self, holder: &Object<'s>, out: &mut Attached<'a, 's>) {
        let list = ingress::annotation(holder, "konghq.com/plugins");
        for name in list.iter().flat_map(|l| l.split(',')).map(str::trim).filter(|n| !n.is_empty()) {
            let group = ["configuration.konghq.com"];
            let found = self
                .find(&group, "KongPlugin", holder.namespace().as_deref(), name)
                .or_else(|| self.find(&group, "KongClusterPlugin", None, name));
            match found {
                Some(object) => out.objects.push(object),
                None => out.unresolved.push(name.to_owned()),
            }
        }
    }

    /// The Services that an Ingress routes to and that are in the run.
    fn backends(&self, ingress: &Object<'s>) -> Vec<&'a Object<'s>> {
        let rules = ingress::rules(ingress);
        let paths = rules.iter().flat_map(ingress::paths);
        paths
            .filter_map(|path| {
                let backend = path.get("backend")?;
                let name = backend.path(&["service", "name"]).or_else(|| backend.get("serviceName"))?.as_str()?;
                self.find(&[""], "Service", ingress.namespace().as_deref(), &name)
            })
            .collect()
    }

    /// The Gateways of an HTTPRoute and the implementation behind each, without those that are not in the run or whose class is
    /// not.
    fn gateways(&self, route: &Object<'s>) -> Vec<(&'a Object<'s>, Controller)> {
        let parents = route.spec().and_then(|s| s.get("parentRefs"));
        parents
            .iter()
            .flat_map(Node::items)
            .filter_map(|parent| {
                let name = parent.get("name")?.as_str()?;
                let namespace = parent.get("namespace").and_then(|n| n.as_str()).or_else(|| route.namespace());
                let gateway = self.find(&["gateway.networking.k8s.io"], "Gateway", namespace.as_deref(), &name)?;
                let class = gateway.spec()?.get("gatewayClassName")?.as_str()?;
                Some((gateway, self.classes().of_gateway_class(&class)?))
            })
            .collect()
    }

    /// Policies of a group and kind in the run that target the object by name, or by a selector that we do not evaluate.
    fn policies(&self, group: &str, kind: &str, target: &Object<'s>) -> Vec<&'a Object<'s>> {
        let name = target.name().unwrap_or_default();
        let mut policies = self.run.targeting(Within::Around(self.scope), &name);
        policies.retain(|o| o.is(group, kind) && o.same_namespace(target) && targets(o, target));
        policies
    }
}

/// The network policies that select the pods of a workload, in order.
pub(super) fn policies_of<'a, 's>(
    run: &'a Run<'s>,
    within: Within<'a, 's>,
    workload: &Workload<'s>,
) -> Vec<&'a Object<'s>> {
    let labels = workload.labels();
    let candidates = network_policy::KINDS.iter().flat_map(|kind| run.selecting(within, kind, labels.as_ref()));
    candidates.filter(|policy| network_policy::selects(policy, workload)).collect()
}

/// True for an HTTPRoute that leads to no backend.
fn only_redirects(route: &Object<'_>) -> bool {
    let rules = route.spec().and_then(|s| s.get("rules")).filter(|r| !r.is_empty());
    rules.is_some_and(|rules| {
        rules.items().all(|rule| {
            let filters = rule.get("filters");
            let redirects = |f: Node<'_>| f.get("type").is_some_and(|t| t.has_text("RequestRedirect"));
            rule.get("backendRefs").is_none_or(|b| b.is_empty()) && filters.iter().flat_map(Node::items).any(redirects)
        })
    })
}

fn is_middleware(object: &Object<'_>) -> bool {
    object.kind() == "Middleware" && matches!(object.group(), "traefik.io" | "traefik.containo.us")
}

fn targets(policy: &Object<'_>, target: &Object<'_>) -> bool {
    let Some(spec) = policy.spec() else { return false };
    if spec.get("targetSelectors").is_some_and(|t| !t.is_empty()) {
        return true;
    }
    let names = |reference: &Node<'_>| {
        let is = |key: &str, text: &str| reference.get(key).is_some_and(|n| n.has_text(text));
        is("kind", target.kind()) && target.name().is_some_and(|name| is("name", &name))
    };
    spec.get("targetRef").is_some_and(|r| names(&r))
        || spec.get("targetRefs").iter().flat_map(Node::items).any(|r| names(&r))
}

/// The directory of the file that an object is written in, for conflicts among plain manifests: files of two directories may
/// be meant for two clusters.
pub(super) fn directory(object: &Object<'_>) -> String {
    let display = object.anchor().span().map(|s| s.source.display()).unwrap_or_default();
    display.rsplit_once('/').map_or("", |(directory, _)| directory).to_owned()
}
