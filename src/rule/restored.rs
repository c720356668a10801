//! A scope as it would be without what overlays did to it: what a base alone would be judged by.

use super::Scope;
use crate::k8s::{Object, PodTemplate, Workload};
use crate::source::Span;
use crate::yaml::{Loss, Node};

/// An object that a patch deleted.
#[derive(Clone)]
pub struct Deleted<'s> {
    /// The object as it was, under the name that references to it have.
    pub object: Object<'s>,
    /// The place in the patch.
    pub at: Span<'s>,
}

impl<'s> Scope<'s> {
    /// The same scope, from which patches deleted these objects.
    #[must_use]
    pub fn without(mut self, deleted: Vec<Deleted<'s>>) -> Self {
        self.deleted = deleted;
        self
    }

    /// The places that took something out of the scope, whole objects first, each once.
    pub fn losses(&self) -> Vec<Loss<'s>> {
        let mut out: Vec<Loss<'s>> = Vec::new();
        for gone in &self.deleted {
            let name = gone.object.shown_name().unwrap_or_default();
            match out.iter_mut().find(|loss| loss.at == gone.at) {
                Some(several) => several.what.clear(),
                None => out.push(Loss { at: gone.at, what: format!("{} `{name}`", gone.object.kind()) }),
            }
        }
        self.objects.iter().for_each(|object| object.node.losses(&mut out));
        out
    }

    /// The places that wrote something into the scope that was not there, or was something else.
    pub fn rewrites(&self) -> Vec<Span<'s>> {
        let mut out = Vec::new();
        self.objects.iter().for_each(|object| object.node.rewrites(&mut out));
        out
    }

    /// The scope as it would be if the places that `undone` names had taken nothing out. `more` are the kinds of workloads that only the
    /// configuration knows.
    pub fn restored(&self, undone: &dyn Fn(Span<'s>) -> bool, more: &[PodTemplate]) -> Scope<'s> {
        self.changed(&|node| node.restored(undone), undone, more)
    }

    /// The scope as it would be if the places that `undone` names had written nothing.
    pub fn reverted(&self, undone: &dyn Fn(Span<'s>) -> bool, more: &[PodTemplate]) -> Scope<'s> {
        self.changed(&|node| node.reverted(undone), &|_| false, more)
    }

    /// The scope with objects changed, and with those that were deleted at the places that `undone` names.
    fn changed(
        &self,
        change: &dyn Fn(&Node<'s>) -> Option<Node<'s>>,
        undone: &dyn Fn(Span<'s>) -> bool,
        more: &[PodTemplate],
    ) -> Scope<'s> {
        let mut objects = Vec::with_capacity(self.objects.len() + self.deleted.len());
        let mut workloads: Vec<Workload<'s>> = Vec::new();
        let mut old = self.workloads.iter().peekable();
        for object in &self.objects {
            let mut own = Vec::new();
            while let Some(workload) = old.next_if(|w| w.object.node.identity() == object.node.identity()) {
                own.push(workload);
            }
            match change(&object.node).and_then(Object::new) {
                Some(object) => {
                    workloads.extend(Workload::with(&object, more));
                    objects.push(object);
                }
                None => {
                    workloads.extend(own.into_iter().cloned());
                    objects.push(object.clone());
                }
            }
        }
        let (back, gone): (Vec<_>, Vec<_>) = self.deleted.iter().cloned().partition(|gone| undone(gone.at));
        for Deleted { object, .. } in back {
            workloads.extend(Workload::with(&object, more));
            objects.push(object);
        }
        Scope::new(self.kind, self.name.clone(), self.complete, objects, workloads).without(gone)
    }
}
