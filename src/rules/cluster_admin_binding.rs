//! `cluster-admin-binding`: see `rules/cluster-admin-binding.md`.

use serde::Deserialize;

use super::access::{Binding, Subject, holds};
use crate::k8s::Object;
use crate::rule::{BuildCx, Rule, Sink};

/// Reports bindings to roles that may do everything.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub(super) struct ClusterAdminBinding {
    /// Names of ClusterRoles that may do everything.
    pub roles: Vec<String>,
    /// Subjects that may have them: a name, or `namespace/name` for a ServiceAccount.
    pub allow_subjects: Vec<String>,
}

impl Default for ClusterAdminBinding {
    fn default() -> Self {
        Self { roles: vec!["cluster-admin".to_string()], allow_subjects: Vec::new() }
    }
}

impl Rule for ClusterAdminBinding {
    fn build<'a, 's>(&self, cx: &BuildCx<'a, 's>, sink: &mut Sink<'a, 's>) {
        for object in &cx.scope.objects {
            let Some(binding) = Binding::of(object) else { continue };
            let named = binding.role_kind == "ClusterRole" && self.roles.iter().any(|r| *r == binding.role_name);
            let full = if named { None } else { full_role(&binding, cx) };
            if !named && full.is_none() {
                continue;
            }
            let subjects: Vec<&Subject<'s>> = binding.subjects.iter().filter(|s| self.counts(s)).collect();
            if subjects.is_empty() {
                continue;
            }
            let names: Vec<String> = subjects.iter().map(|s| s.title()).collect();
            let get = if names.len() == 1 { "gets" } else { "get" };
            let whole = object.kind() == "ClusterRoleBinding";
            let reach = if whole { "the whole cluster" } else { "its namespace" };
            sink.on(object, None);
            let mut message = format!("{} {get} role `{}`", names.join(", "), binding.role_name);
            if full.is_some() || !whole {
                message.push_str(", which grants everything");
            }
            if !whole {
                message.push_str(" in its namespace");
            }
            let mut draft = sink.at(&binding.role, message);
            draft
                .label(format!("everything, in {reach}"))
                .help(
                    "bind a role with the verbs and resources that are used; whoever is meant to have it goes under `allow_subjects`",
                );
            for subject in subjects {
                draft.related(&subject.node, "gets it");
            }
            if let Some(role) = full {
                draft.related(&role.anchor(), "grants `*` on `*`");
            }
        }
    }
}

impl ClusterAdminBinding {
    fn counts(&self, subject: &Subject<'_>) -> bool {
        let full = subject.namespace.as_ref().map(|ns| format!("{ns}/{}", subject.name));
        let allowed = |a: &String| *a == subject.name || full.as_ref() == Some(a);
        let masters = subject.kind == "Group" && subject.name == "system:masters";
        !masters && !self.allow_subjects.iter().any(allowed)
    }
}

/// The role of the scope that the binding names, if it grants every verb on every resource of every group.
fn full_role<'a, 's>(binding: &Binding<'s>, cx: &BuildCx<'a, 's>) -> Option<&'a Object<'s>> {
    let role = binding.role_in(cx)?;
    let all = role
        .role_items()
        .iter()
        .any(|i| holds(&i.verbs, "*") && holds(&i.resources, "*") && holds(&i.groups, "*") && !i.named);
    all.then_some(role)
}
