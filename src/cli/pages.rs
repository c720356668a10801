//! `manicheck explain RULE` and `manicheck rules`

use std::fmt::Write;

use super::args::{ExplainArgs, RulesArgs, RulesFormat};
use super::{Status, Stop, output};
use crate::rule::{Page, Profile};
use crate::rules::Registry;
use crate::settings::{did_you_mean, resolve};

/// Prints the page of every rule that the name stands for.
pub(super) fn explain(args: &ExplainArgs) -> Result<Status, Stop> {
    let registry = Registry::builtin();
    let ids = resolve(&args.rule, &registry);
    if ids.is_empty() {
        let near = did_you_mean(&args.rule, registry.rules.iter().map(|r| r.page.id));
        let hint = if near.is_empty() { "; `manicheck rules` lists them" } else { &near };
        return Err(Stop::Usage(format!("unknown rule `{}`{hint}", args.rule)));
    }
    let mut text = String::new();
    for page in ids.iter().filter_map(|id| registry.get(id)).map(|r| &r.page) {
        head(page, &mut text);
        text.push_str(page.body);
        if !page.references.is_empty() {
            text.push_str("\n## References\n\n");
            page.references.iter().for_each(|r| _ = writeln!(text, "- {r}"));
        }
        text.push('\n');
    }
    output::write(&text)?;
    Ok(Status::Clean)
}

fn head(page: &Page, text: &mut String) {
    let profiles: Vec<&str> =
        Profile::EVERY.into_iter().filter(|p| page.severity_in(*p).is_some()).map(Profile::name).collect();
    _ = writeln!(text, "{} ({}, {})", page.id, page.category, page.severity.name());
    _ = writeln!(text, "{}", page.summary);
    let profiles = if profiles.is_empty() { "none; runs when configured".into() } else { profiles.join(", ") };
    _ = writeln!(text, "profiles: {profiles} · fix: {} · since {}", page.fix, page.since);
    for (tool, ids) in &page.peers {
        _ = writeln!(text, "{tool}: {}", ids.join(", "));
    }
    text.push('\n');
}

/// Lists the rules.
pub(super) fn rules(args: &RulesArgs) -> Result<Status, Stop> {
    let registry = Registry::builtin();
    let text = match args.format {
        RulesFormat::Text => table(&registry),
        RulesFormat::Json => json(&registry),
    };
    output::write(&text)?;
    Ok(Status::Clean)
}

fn table(registry: &Registry) -> String {
    let pages: Vec<&Page> = registry.rules.iter().map(|r| &r.page).collect();
    let width = pages.iter().map(|p| p.id.len()).max().unwrap_or(0);
    let mut text = String::new();
    for page in pages {
        let profile = match (page.always, page.opt_in) {
            (true, _) => "always",
            (_, true) => "opt-in",
            _ => Profile::EVERY.into_iter().find(|p| page.severity_in(*p).is_some()).map_or("", Profile::name),
        };
        let (severity, fix) = (page.severity.name(), &page.fix);
        _ = writeln!(text, "{:width$}  {severity:<7}  {profile:<14}  {fix:<10}  {}", page.id, page.summary);
    }
    text
}

fn json(registry: &Registry) -> String {
    let rows: Vec<serde_json::Value> = registry
        .rules
        .iter()
        .map(|r| {
            let page = &r.page;
            let profiles: serde_json::Map<String, serde_json::Value> = Profile::EVERY
                .into_iter()
                .filter_map(|p| Some((p.name().to_string(), page.severity_in(p)?.name().into())))
                .collect();
            serde_json::json!({
                "id": page.id,
                "summary": page.summary,
                "category": page.category,
                "severity": page.severity.name(),
                "profiles": profiles,
                "fix": page.fix,
                "since": page.since,
                "peers": page.peers,
                "references": page.references,
            })
        })
        .collect();
    let mut text = serde_json::to_string_pretty(&rows).unwrap_or_default();
    text.push('\n');
    text
}
