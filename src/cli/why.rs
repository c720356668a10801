//! `manicheck why DIR [RESOURCE [FIELD]]`

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::args::{WhyArgs, WhyFormat};
use super::{Status, Stop, output};
use crate::files::{Context, DiskFiles};
use crate::kustomize::why::{self, Contribution, FieldPath, NotFound, Writer};
use crate::kustomize::{Build, Renderer};
use crate::source::{Source, Sources, Span};
use crate::yaml::Node;

/// Says who wrote a field of a build, or what each of its files contributed.
pub(super) fn why(args: &WhyArgs) -> Result<Status, Stop> {
    let cwd = output::cwd()?;
    let dir = output::kustomization(&cwd, &args.dir)?;
    let sources = Sources::new();
    let ctx = Context { files: &DiskFiles, sources: &sources, cwd: &cwd };
    let Some(options) = super::build::rendering(ctx, &args.dir, &args.config, &args.kustomize)? else {
        return Ok(Status::Failed);
    };
    let build = match Renderer::new(ctx, options).render(&dir) {
        Ok(build) => build,
        Err(error) => {
            super::build::explain(ctx, &error)?;
            return Ok(Status::Failed);
        }
    };
    let text = match &args.resource {
        None => files(&build, &ctx.display(&build.dir), args.format),
        Some(resource) => {
            let object = why::find_object(&build, resource).map_err(not_found)?;
            let path: FieldPath = match &args.field {
                Some(field) => field.parse().map_err(Stop::Usage)?,
                None => FieldPath::default(),
            };
            let (node, removed) = match why::find_field(object, &path) {
                Ok(node) => (node, None),
                Err(error) => match why::find_removed(object, &path) {
                    Some(gone) => (gone.node, Some(gone.at)),
                    None => return Err(not_found(error)),
                },
            };
            let shown = Shown { build: &build, object, path: &path, node: &node, removed };
            match args.format {
                WhyFormat::Text => shown.text(),
                WhyFormat::Json => format!("{:#}\n", shown.json()),
            }
        }
    };
    output::write(&text)?;
    Ok(Status::Clean)
}

fn not_found(error: NotFound) -> Stop {
    let mut message = error.message;
    if !error.candidates.is_empty() {
        message.push_str("; there is:");
        for candidate in error.candidates {
            _ = write!(message, "\n  {candidate}");
        }
    }
    Stop::Usage(message)
}

/// A field that was asked for.
struct Shown<'a, 's> {
    build: &'a Build<'s>,
    object: &'a Node<'s>,
    path: &'a FieldPath,
    node: &'a Node<'s>,
    /// What took it out, if it is not there any more.
    removed: Option<Span<'s>>,
}

impl<'s> Shown<'_, 's> {
    /// Values of a Secret are not shown.
    fn is_secret(&self, path: &FieldPath) -> bool {
        let data = matches!(path.parts.first(), Some(why::Part::Key(key)) if key == "data" || key == "stringData");
        data && self.object.get("kind").is_some_and(|k| k.has_text("Secret"))
    }

    fn value(&self, path: &FieldPath, node: &Node<'s>) -> String {
        if self.is_secret(path) {
            return "(hidden)".into();
        }
        node.text().unwrap_or_default().into_owned()
    }

    fn text(&self) -> String {
        let title = why::title(self.object);
        let mut out = String::new();
        if !self.node.is_scalar() {
            let what = if self.path.parts.is_empty() { title } else { format!("{} of {title}", self.path) };
            let was = if self.removed.is_some() { " was removed; it was" } else { "" };
            _ = writeln!(out, "{what}{was}");
            for (path, leaf) in why::leaves(self.node, self.path) {
                let value = one_line(&self.value(&path, &leaf));
                let last = why::writers(&leaf).pop().and_then(|w| w.place()).map(place).unwrap_or_default();
                _ = writeln!(out, "  {path}: {value}  # {last}");
            }
            if let Some(removed) = self.removed {
                _ = writeln!(out, "\nremoved {}", place(removed));
                self.excerpt(&mut out, Some(removed));
            }
            return out;
        }
        let is = if self.removed.is_some() { "was removed; it was" } else { "is" };
        _ = writeln!(out, "{} of {title} {is} {}", self.path, one_line(&self.value(self.path, self.node)));
        let writers = why::writers(self.node);
        for (at, writer) in writers.iter().enumerate() {
            _ = write!(out, "\n{}. ", at + 1);
            _ = writeln!(out, "{}", describe(writer));
            self.excerpt(&mut out, writer.place());
        }
        if let Some(removed) = self.removed {
            _ = writeln!(out, "\n{}. removed {}", writers.len() + 1, place(removed));
            self.excerpt(&mut out, Some(removed));
        }
        let idle = why::idle_patches(self.build, self.object);
        if !idle.is_empty() {
            _ = writeln!(out, "\nPatches that match this object and change nothing in it:");
            for span in idle {
                _ = writeln!(out, "  {}", place(*span));
            }
        }
        out
    }

    fn excerpt(&self, out: &mut String, at: Option<Span<'s>>) {
        if let Some(excerpt) = at.and_then(line).filter(|_| !self.is_secret(self.path)) {
            _ = writeln!(out, "     {excerpt}");
        }
    }

    fn json(&self) -> Value {
        let of = |path: &[&str]| self.object.path(path).and_then(|n| n.as_str()).map(|t| t.into_owned());
        let leaves: Vec<Value> = why::leaves(self.node, self.path)
            .iter()
            .map(|(path, leaf)| {
                let writers: Vec<Value> = why::writers(leaf)
                    .iter()
                    .map(|w| {
                        json!({
                            "what": w.what.map(|k| k.name()),
                            "text": w.text.map(location),
                            "entry": w.entry.map(location),
                            "excerpt": if self.is_secret(path) { None } else { w.place().and_then(line) },
                            "replaced": w.replaced,
                        })
                    })
                    .collect();
                json!({"path": path.to_string(), "value": self.value(path, leaf), "writers": writers})
            })
            .collect();
        json!({
            "resource": {
                "apiVersion": of(&["apiVersion"]),
                "kind": of(&["kind"]),
                "namespace": of(&["metadata", "namespace"]),
                "name": of(&["metadata", "name"]),
            },
            "fields": leaves,
            "removed": self.removed.map(location),
            "ineffectivePatches": why::idle_patches(self.build, self.object).iter().copied().map(location).collect::<Vec<_>>(),
        })
    }
}

fn describe(writer: &Writer<'_>) -> String {
    let mut out = String::new();
    match (writer.what, writer.text, writer.entry) {
        (None, Some(text), _) => out.push_str(&place(text)),
        (Some(what), Some(text), Some(entry)) if text != entry => {
            _ = write!(out, "{} {}, from {}", what.name(), place(text), place(entry));
        }
        (what, text, entry) => {
            out.push_str(what.map_or("", |w| w.name()));
            if let Some(span) = text.or(entry) {
                _ = write!(out, " {}", place(span));
            }
        }
    }
    if writer.replaced {
        out.push_str(" (replaced)");
    } else if writer.partly {
        out.push_str(" (replaced in part)");
    }
    out
}

fn place(span: Span<'_>) -> String {
    let at = span.start_pos();
    format!("{}:{}:{}", span.source.display(), at.line, at.column)
}

fn location(span: Span<'_>) -> Value {
    let at = span.start_pos();
    json!({"path": span.source.display(), "line": at.line, "column": at.column})
}

/// The line that a span starts on, without its indentation.
fn line(span: Span<'_>) -> Option<String> {
    let range = span.source.line_range(span.start_pos().line);
    let text = Source::text(span.source).get(range.start as usize..range.end as usize)?.trim();
    (!text.is_empty()).then(|| one_line(text))
}

fn one_line(text: &str) -> String {
    const MAX: usize = 120;
    let first = text.lines().next().unwrap_or_default();
    let cut: String = first.chars().take(MAX).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if cut.len() < text.trim_end().len() { format!("{cut} …") } else { cut }
}

fn files(build: &Build<'_>, dir: &str, format: WhyFormat) -> String {
    let files = why::contributions(build);
    match format {
        WhyFormat::Json => {
            let list: Vec<Value> = files
                .iter()
                .map(|f| {
                    let roles: Vec<&str> = f.roles.iter().map(|r| r.name()).collect();
                    json!({"path": f.source.display(), "roles": roles, "fields": f.fields, "objects": f.objects, "effect": f.effect})
                })
                .collect();
            format!("{:#}\n", json!({"dir": dir, "files": list}))
        }
        WhyFormat::Text => files_text(build, dir, &files),
    }
}

fn files_text(build: &Build<'_>, dir: &str, files: &[Contribution<'_>]) -> String {
    let mut out = format!("{dir}: {} objects from {} files\n\n", build.objects.len(), files.len());
    for file in files {
        let roles: Vec<&str> = file.roles.iter().map(|r| r.name()).collect();
        _ = writeln!(out, "{} ({})", file.source.display(), roles.join(", "));
        match (file.fields, &file.effect) {
            (0, None) => out.push_str("    nothing: none of its values is in the output\n"),
            (0, Some(effect)) => _ = writeln!(out, "    {effect}"),
            (fields, _) => {
                let s = if fields == 1 { "" } else { "s" };
                _ = writeln!(out, "    {fields} field{s} of {}", file.objects.join(", "));
            }
        }
    }
    out
}
