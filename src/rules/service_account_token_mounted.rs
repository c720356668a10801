//! `service-account-token-mounted`: see `rules/service-account-token-mounted.md`.

use std::borrow::Cow;

use serde::Deserialize;

use super::access::Binding;
use super::security::is_placeholder;
use crate::finding::Safety;
use crate::k8s::{Object, Workload};
use crate::rule::{BuildCx, Rule, Run, Sink, Within, edit};

const FIELD: &str = "automountServiceAccountToken";

/// Reports pods with an API token that nothing gives a right to.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct ServiceAccountTokenMounted {}

impl Rule for ServiceAccountTokenMounted {
    fn build<'a, 's>(&self, cx: &BuildCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        for workload in cx.scope.workloads.iter().filter(|w| !w.is_hook()) {
            let Some(name) = account_name(workload) else { continue };
            let accounts = cx.run.named(Within::Own(cx.scope), "ServiceAccount", &name).into_iter();
            let accounts = accounts.filter(|a| is_account(a, &name, workload));
            let account = workload.object.nearest(accounts);
            if account.is_none() && name != "default" {
                continue;
            }
            let own = workload.get(FIELD).filter(|n| !n.is_null());
            let inherited = account.and_then(|a| a.node.get(FIELD)).filter(|n| !n.is_null());
            let mounted = match own.as_ref().or(inherited.as_ref()) {
                Some(value) => value.as_bool() == Some(true),
                None => true,
            };
            if !mounted || is_bound(cx.run, &name, &workload.object) {
                continue;
            }
            sink.on(&workload.object, None);
            let at = own.unwrap_or_else(|| workload.spec_key.clone());
            let mut draft = sink.at(&at, "pod carries an API token it shows no use for");
            draft
                .label(format!("the token of ServiceAccount `{name}` is in every container"))
                .help("set `automountServiceAccountToken: false` for the pod; if it calls the API, bind a role to an account of its own")
                .offer(
                    Safety::Unsafe,
                    "set `automountServiceAccountToken: false`",
                    edit::set(&workload.spec, &[FIELD], "false"),
                );
            if let Some(account) = account {
                draft.related(&account.anchor(), "no binding names this account");
            }
        }
    }
}

/// The account of the pod; none if it is not known yet.
fn account_name<'s>(workload: &Workload<'s>) -> Option<Cow<'s, str>> {
    let node = ["serviceAccountName", "serviceAccount"].into_iter().find_map(|f| workload.get(f));
    match node.filter(|n| !n.is_null() && !n.has_text("")) {
        Some(node) => node.as_str().filter(|_| !is_placeholder(&node)),
        None => Some(Cow::Borrowed("default")),
    }
}

fn is_account(account: &Object<'_>, name: &str, workload: &Workload<'_>) -> bool {
    account.group().is_empty() && account.name().is_some_and(|n| n == name) && account.same_namespace(&workload.object)
}

/// True if a binding of the run, of whatever scope, names the account.
fn is_bound<'s>(run: &Run<'s>, name: &str, workload: &Object<'s>) -> bool {
    let bindings = run.bindings_of(Within::Run, name);
    bindings.into_iter().filter_map(Binding::of).any(|b| binds(&b, name, workload))
}

/// True if the binding names the account: by itself, or by a group of accounts.
fn binds(binding: &Binding<'_>, name: &str, object: &Object<'_>) -> bool {
    let namespace = object.namespace();
    let same = |other: Option<&str>| match (other, namespace.as_deref()) {
        (Some(a), Some(b)) => a == b,
        _ => true,
    };
    let bound_in = binding.object.namespace();
    binding.subjects.iter().any(|s| match &*s.kind {
        "ServiceAccount" => s.name == name && same(s.namespace.as_deref().or(bound_in.as_deref())),
        "Group" if s.name == "system:serviceaccounts" => true,
        "Group" => s.name.strip_prefix("system:serviceaccounts:").is_some_and(|ns| same(Some(ns))),
        "User" => s
            .name
            .strip_prefix("system:serviceaccount:")
            .and_then(|s| s.split_once(':'))
            .is_some_and(|(in_namespace, account)| account == name && same(Some(in_namespace))),
        _ => false,
    })
}
