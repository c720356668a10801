//! Profiles: which rules they run, how severely, with which options.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{SettingsError, did_you_mean};
use crate::finding::Severity;
use crate::rule::{Profile, Version};
use crate::rules::Registry;
use crate::rules::pss::{Level, profile_rules};

/// A profile as it is named: the Pod Security Standards may carry a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProfileRef {
    /// The profile.
    pub profile: Profile,
    /// The version of the standards; none for the target.
    pub version: Option<Version>,
}

/// What a profile or the configuration makes of a rule.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Chosen {
    /// Its severity; none if it does not run.
    pub severity: Option<Severity>,
    /// Its options.
    pub options: Map<String, Value>,
}

impl ProfileRef {
    /// Reads `production`, `pss-restricted`, `pss-restricted@1.29`, `pss-baseline@latest`.
    ///
    /// # Errors
    /// An unknown profile, or a version where none can be.
    pub fn parse(text: &str) -> Result<Self, SettingsError> {
        let (name, version) = text.split_once('@').map_or((text, None), |(name, version)| (name, Some(version)));
        let Some(profile) = Profile::from_name(name) else {
            let known = Profile::EVERY.map(Profile::name);
            let hint = match did_you_mean(name, known) {
                hint if hint.is_empty() => format!("; there are {}", known.join(", ")),
                hint => hint,
            };
            return Err(SettingsError(format!("unknown profile `{name}`{hint}")));
        };
        let version = match version {
            None => None,
            Some(_) if !matches!(profile, Profile::PssBaseline | Profile::PssRestricted) => {
                return Err(SettingsError(format!("profile `{name}` has no versions; write `{name}`")));
            }
            Some("latest") => Some(Version::LATEST),
            Some(text) => Some(text.parse().map_err(SettingsError)?),
        };
        Ok(ProfileRef { profile, version })
    }
}

/// The union of profiles: every rule of one of them, with the highest of its severities. Of an option that several set, the last
/// counts.
pub(super) fn union(profiles: &[ProfileRef], target: Version, registry: &Registry) -> BTreeMap<&'static str, Chosen> {
    let mut out: BTreeMap<&'static str, Chosen> = BTreeMap::new();
    for named in profiles {
        for (id, severity, options) in rules_of(*named, target, registry) {
            let chosen = out.entry(id).or_default();
            chosen.severity = chosen.severity.max(Some(severity));
            chosen.options.extend(options);
        }
    }
    out
}

fn rules_of(
    named: ProfileRef,
    target: Version,
    registry: &Registry,
) -> Vec<(&'static str, Severity, Map<String, Value>)> {
    let level = match named.profile {
        Profile::PssBaseline => Some(Level::Baseline),
        Profile::PssRestricted => Some(Level::Restricted),
        _ => None,
    };
    let pages = registry.rules.iter().map(|r| &r.page);
    let Some(level) = level else {
        let options = |id: &str| match named.profile {
            Profile::Production => options_of(id, true),
            Profile::All => options_of(id, false),
            _ => Map::new(),
        };
        return pages.filter_map(|p| Some((p.id, p.severity_in(named.profile)?, options(p.id)))).collect();
    };
    let always = pages.filter(|p| p.always).map(|p| (p.id, p.severity, Map::new()));
    let own = profile_rules(level, named.version.unwrap_or(target)).into_iter().map(|rule| {
        let options = if let Value::Object(options) = rule.options { options } else { Map::new() };
        (rule.id, Severity::Error, options)
    });
    always.chain(own).collect()
}

/// Options as a JSON object, made when they are asked for.
type Options = fn() -> Value;

/// The options that `production` sets, by rule. They ask for more than the defaults, so `all` sets them too, which is to miss
/// nothing that another profile finds; but for [`FORGIVING`].
const PRODUCTION: [(&str, Options); 7] = [
    ("cached-mutable-image", || json!({ "immutable": "unique" })),
    ("dangling-secret", || json!({ "tls_presence": "any" })),
    ("default-namespace", || json!({ "require": true })),
    ("image-without-digest", || json!({ "accept": ["unique"] })),
    ("missing-network-policy", || json!({ "directions": ["ingress", "egress"] })),
    ("revision-history-disabled", || json!({ "min": 2 })),
    (
        "too-few-replicas",
        || json!({ "kinds": ["Deployment", "Rollout", "DeploymentConfig", "CloneSet", "StatefulSet"] }),
    ),
];

/// Rules of which `production` asks less than the defaults do.
const FORGIVING: [&str; 1] = ["image-without-digest"];

/// The options of a rule in `production`, or (not `forgiving`) in `all`.
fn options_of(id: &str, forgiving: bool) -> Map<String, Value> {
    let set = PRODUCTION.iter().filter(|(rule, _)| forgiving || !FORGIVING.contains(rule));
    match set.into_iter().find(|(rule, _)| *rule == id).map(|(_, options)| options()) {
        Some(Value::Object(options)) => options,
        _ => Map::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_versions() {
        let parse = |text| ProfileRef::parse(text).map(|p| (p.profile, p.version));
        assert_eq!(parse("production"), Ok((Profile::Production, None)));
        assert_eq!(parse("pss-restricted@1.29"), Ok((Profile::PssRestricted, Some(Version::v1(29)))));
        assert_eq!(parse("pss-baseline@latest"), Ok((Profile::PssBaseline, Some(Version::LATEST))));
        assert!(parse("production@1.29").is_err() && parse("pss-baseline@x").is_err());
        assert_eq!(parse("prodution").err().unwrap().0, "unknown profile `prodution`; did you mean `production`?");
    }

    #[test]
    fn the_options_of_production_are_options_of_the_rules() {
        let registry = Registry::builtin();
        for (id, options) in PRODUCTION {
            if let Some(rule) = registry.get(id) {
                assert_eq!(rule.make(options()).err(), None, "{id}");
                assert!(rule.page.severity_in(Profile::Production).is_some(), "{id} is not in production");
            }
        }
    }

    #[test]
    fn the_rules_of_the_pod_security_standards_exist_and_say_so() {
        let registry = Registry::builtin();
        for (level, profile) in [(Level::Baseline, Profile::PssBaseline), (Level::Restricted, Profile::PssRestricted)] {
            for rule in profile_rules(level, Version::LATEST) {
                let registered = registry.get(rule.id).unwrap();
                assert_eq!(registered.make(rule.options).err(), None, "{}", rule.id);
                assert_eq!(registered.page.severity_in(profile), Some(Severity::Error), "{}", rule.id);
            }
        }
    }

    #[test]
    fn a_union_has_the_highest_severity_and_the_last_option() {
        let registry = Registry::builtin();
        let named =
            |names: &[&str]| -> Vec<ProfileRef> { names.iter().map(|n| ProfileRef::parse(n).unwrap()).collect() };
        let recommended = union(&named(&["recommended"]), Version::LATEST, &registry);
        let both = union(&named(&["pss-restricted@1.30", "recommended"]), Version::LATEST, &registry);
        assert!(recommended.keys().all(|id| both.contains_key(id)));
        let rule = &both["missing-run-as-non-root"];
        assert_eq!(rule.severity, Some(Severity::Error));
        assert_eq!(rule.options, *json!({ "strict": true, "version": "1.30" }).as_object().unwrap());
    }
}
