//! Where rules report.

use crate::finding::{Edit, Finding, Fix, Label, Safety, Severity};
use crate::k8s::{Container, Object};
use crate::source::Span;
use crate::yaml::{Node, StepKind};

/// What a hook is about: set by the driver for narrow hooks, by the rule ([`Sink::on`]) in a build hook.
#[derive(Clone, Copy)]
pub struct Subject<'a, 's> {
    /// The object.
    pub object: &'a Object<'s>,
    /// The container of it.
    pub container: Option<&'a Container<'s>>,
}

/// A finding before the findings of a run are merged, with what post-processing needs to know.
#[derive(Clone, Debug)]
pub struct Raw<'s> {
    /// The finding.
    pub finding: Finding<'s>,
    /// Identity of the object it is about ([`Node::identity`]).
    pub object: Option<(usize, u32)>,
    /// [`Container::index`] of the container it is about; none for the whole pod or object.
    pub container: Option<usize>,
    /// Name of that container.
    pub container_name: Option<String>,
    /// True if that container runs nothing ([`Container::is_stub`]).
    pub on_stub: bool,
    /// The list entry it is about, where a rule reports entries one by one.
    pub entry: Option<Span<'s>>,
    /// What the message says behind the names of several containers ([`Draft::plural`]).
    pub plural: Option<String>,
    /// The rule set that judged it; the driver fills it in.
    pub set: usize,
}

/// Takes findings of one rule.
pub struct Sink<'a, 's> {
    rule: &'static str,
    severity: Severity,
    subject: Option<Subject<'a, 's>>,
    out: &'a mut Vec<Raw<'s>>,
}

impl<'a, 's> Sink<'a, 's> {
    /// A sink that appends to `out`.
    pub fn new(
        rule: &'static str,
        severity: Severity,
        subject: Option<Subject<'a, 's>>,
        out: &'a mut Vec<Raw<'s>>,
    ) -> Self {
        Sink { rule, severity, subject, out }
    }

    /// Says what the findings that follow are about.
    pub fn on(&mut self, object: &'a Object<'s>, container: Option<&'a Container<'s>>) {
        self.subject = Some(Subject { object, container });
    }

    /// Reports at the place that a node's effective text is written, with what it replaces and what applied it as related
    /// labels. `message` says what is wrong in one sentence, lower case, without a final dot. A node without any place (never
    /// seen in practice) is reported at the object's anchor; without that, the finding is dropped.
    pub fn at(&mut self, node: &Node<'s>, message: impl Into<String>) -> Draft<'_, 's> {
        let place = node.span().or_else(|| self.subject.and_then(|s| s.object.anchor().span()));
        let mut draft = self.push(place, message.into());
        draft.origin(node);
        draft
    }

    /// Reports at a part of a scalar ([`Node::part`]), with the labels of the whole.
    pub fn at_part(
        &mut self,
        node: &Node<'s>,
        range: std::ops::Range<usize>,
        message: impl Into<String>,
    ) -> Draft<'_, 's> {
        let place = node.part(range).or_else(|| node.span());
        let mut draft = self.push(place, message.into());
        draft.origin(node);
        draft
    }

    /// Reports at a span.
    pub fn at_span(&mut self, span: Span<'s>, message: impl Into<String>) -> Draft<'_, 's> {
        self.push(Some(span), message.into())
    }

    /// Reports that something is missing: at `removal` ([`crate::rule::removal`]), the patch that took it out, with the usual place
    /// as a related label, else at that place. Where a patch takes it out, writing it elsewhere would not help, so whatever
    /// way to mend it the rule offers is withheld.
    pub fn missing(
        &mut self,
        anchor: &Node<'s>,
        removal: Option<Span<'s>>,
        message: impl Into<String>,
    ) -> Draft<'_, 's> {
        let Some(at) = removal else { return self.at(anchor, message) };
        let mut draft = self.at_span(at, message);
        draft.label("this patch removes it").related(anchor, "lacks it");
        draft.removed = true;
        draft
    }

    fn push(&mut self, place: Option<Span<'s>>, message: String) -> Draft<'_, 's> {
        let Some(span) = place else { return Draft { raw: None, removed: false } };
        let finding = Finding {
            rule: self.rule,
            severity: self.severity,
            message,
            primary: Label { span, message: String::new() },
            related: Vec::new(),
            resource: self.subject.map(|s| s.object.reference()),
            builds: Vec::new(),
            help: None,
            fix: None,
            suppressed: None,
            fingerprint: String::new(),
        };
        self.out.push(Raw {
            finding,
            object: self.subject.map(|s| s.object.node.identity()),
            container: self.subject.and_then(|s| s.container).map(|c| c.index),
            container_name: self.subject.and_then(|s| s.container).map(|c| c.name().into_owned()),
            on_stub: self.subject.and_then(|s| s.container).is_some_and(|c| c.is_stub),
            entry: None,
            plural: None,
            set: 0,
        });
        Draft { raw: self.out.last_mut(), removed: false }
    }
}

/// A finding just reported, to add to.
pub struct Draft<'d, 's> {
    raw: Option<&'d mut Raw<'s>>,
    /// It is reported at the patch that took out what is missing ([`Sink::missing`]).
    removed: bool,
}

impl<'s> Draft<'_, 's> {
    fn with(&mut self, change: impl FnOnce(&mut Raw<'s>)) -> &mut Self {
        if let Some(raw) = &mut self.raw {
            change(raw);
        }
        self
    }

    /// The words beside the primary place; beside the usual place, where a patch is the primary one ([`Sink::missing`]).
    pub fn label(&mut self, text: impl Into<String>) -> &mut Self {
        if self.removed {
            return self.with(|raw| {
                if let Some(anchor) = raw.finding.related.first_mut() {
                    anchor.message = text.into();
                }
            });
        }
        self.with(|raw| raw.finding.primary.message = text.into())
    }

    /// What to write instead.
    pub fn help(&mut self, text: impl Into<String>) -> &mut Self {
        self.with(|raw| raw.finding.help = Some(text.into()))
    }

    /// Another place, with words beside it. Does nothing if the node stands nowhere, or is shown already.
    pub fn related(&mut self, node: &Node<'s>, text: impl Into<String>) -> &mut Self {
        match node.span() {
            Some(span) => self.related_span(span, text),
            None => self,
        }
    }

    /// Another place, with words beside it.
    pub fn related_span(&mut self, span: Span<'s>, text: impl Into<String>) -> &mut Self {
        self.with(|raw| {
            if span != raw.finding.primary.span && raw.finding.related.iter().all(|l| l.span != span) {
                raw.finding.related.push(Label { span, message: text.into() });
            }
        })
    }

    /// The list entry that the finding is about, for rules that report entries one by one.
    pub fn entry(&mut self, node: &Node<'s>) -> &mut Self {
        self.with(|raw| raw.entry = node.span())
    }

    /// The message names a container, and a place may serve several: then they are one finding, which names them all, followed by
    /// this text.
    pub fn plural(&mut self, text: impl Into<String>) -> &mut Self {
        self.with(|raw| raw.plural = Some(text.into()))
    }

    /// A way to mend it that is shown and never applied.
    pub fn suggest(&mut self, text: impl Into<String>) -> &mut Self {
        self.fix(Safety::Suggestion, text, Vec::new())
    }

    /// A way to mend it by one edit ([`crate::rule::edit`]); withheld without the edit.
    pub fn offer(&mut self, safety: Safety, text: impl Into<String>, edit: Option<Edit<'s>>) -> &mut Self {
        match edit {
            Some(edit) => self.fix(safety, text, vec![edit]),
            None => self,
        }
    }

    /// A way to mend it.
    pub fn fix(&mut self, safety: Safety, text: impl Into<String>, edits: Vec<Edit<'s>>) -> &mut Self {
        if self.removed {
            return self;
        }
        self.with(|raw| raw.finding.fix = Some(Fix { safety, message: text.into(), edits }))
    }

    /// What completed a name (`namePrefix`, `nameSuffix`), for a finding about the name itself.
    pub fn completed(&mut self, name: &Node<'s>) -> &mut Self {
        for link in name.origin().links().filter(|l| matches!(l.step.kind, StepKind::NamePrefix | StepKind::NameSuffix))
        {
            if let Some(at) = link.step.at {
                self.related_span(at, "applied here");
            }
        }
        self
    }

    /// The labels that follow from where the node comes from. What completed a name is none: most findings at a name are about something
    /// else that the object lacks.
    fn origin(&mut self, node: &Node<'s>) {
        let origin = node.origin();
        if let Some(span) = origin.replaced().and_then(|o| o.span) {
            self.related_span(span, "replaces this value");
        }
        let file = origin.span.map(|s| s.source as *const _);
        let completes = |kind| matches!(kind, StepKind::NamePrefix | StepKind::NameSuffix | StepKind::Namespace);
        let newest = origin.links().next().filter(|l| !completes(l.step.kind)).and_then(|l| l.step.at);
        if let (Some(file), Some(at)) = (file, newest)
            && !std::ptr::eq(file, at.source)
        {
            self.related_span(at, "applied here");
        }
    }
}
