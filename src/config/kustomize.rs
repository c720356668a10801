//! `kustomize`: vendored bases, skipped roots, what may be loaded.

use super::Reader;
use super::problems::Field;
use crate::files::{FileKind, normal};
use crate::kustomize::{FILE_NAMES, LoadRestrictor};
use crate::settings::SkipRoot;
use crate::yaml::Node;

/// Reads the section.
pub(super) fn read<'s>(field: &Field<'s>, reader: &mut Reader<'_, 's>) {
    let known = ["vendor", "skip", "load_restrictor"];
    for field in reader.problems.fields(&field.value, "`kustomize`", &known) {
        match field.name.as_str() {
            "vendor" => vendor(&field.value, reader),
            "skip" => {
                for item in reader.problems.items(&field.value, "`skip`") {
                    skip(&item, reader);
                }
            }
            _ => {
                let word = reader.problems.word(&field.value, "`load_restrictor`", &["root-only", "none"]);
                if word.as_deref() == Some("none") {
                    reader.settings.kustomize.load_restrictor = LoadRestrictor::None;
                }
            }
        }
    }
}

fn vendor<'s>(node: &Node<'s>, reader: &mut Reader<'_, 's>) {
    for entry in reader.problems.entries(node, "`vendor`") {
        let Some(text) = reader.problems.text(&entry.value, "a local copy") else { continue };
        let path = normal(&reader.dir, text.as_ref());
        if reader.ctx.files.kind(&path).is_err() {
            reader.problems.at(&entry.value, format!("`{text}` is neither a file nor a directory"));
        }
        reader.settings.kustomize.vendor.insert(entry.name, path);
    }
}

fn skip<'s>(node: &Node<'s>, reader: &mut Reader<'_, 's>) {
    let (mut dir, mut reason) = (None, None);
    for field in reader.problems.fields(node, "an entry of `skip`", &["path", "reason"]) {
        let Some(text) = reader.problems.text(&field.value, &format!("`{}`", field.name)) else { continue };
        if field.name == "reason" {
            reason = Some(text);
            continue;
        }
        let mut path = normal(&reader.dir, text.as_ref());
        if path.file_name().and_then(|n| n.to_str()).is_some_and(|n| FILE_NAMES.contains(&n)) {
            path.pop();
        }
        let is_file = |name| matches!(reader.ctx.files.kind(&path.join(name)), Ok(FileKind::File));
        if !FILE_NAMES.into_iter().any(is_file) {
            reader.problems.at(&field.value, format!("no kustomization in `{text}`"));
        }
        dir = Some(path);
    }
    match (dir, reason) {
        (Some(dir), Some(reason)) => reader.settings.skip.push(SkipRoot { dir, reason }),
        _ if node.is_map() => reader.problems.at(node, "an entry of `skip` needs `path` and `reason`"),
        _ => {}
    }
}
