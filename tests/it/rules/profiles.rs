//! `all` is to miss nothing that another profile finds.

use std::collections::BTreeSet;

use manicheck::rule::{ActiveRule, Profile};
use manicheck::rules::Registry;
use manicheck::settings::Settings;

use super::{page, run};

/// The rule with its options in a profile, if it is in it.
fn rule<'r>(registry: &'r Registry, profile: Profile, id: &str) -> Vec<ActiveRule<'r>> {
    let settings = Settings { profiles: vec![profile.name().into()], ..Settings::default() };
    settings.active(registry).unwrap().into_iter().filter(|r| r.page.id == id).collect()
}

/// Over the examples of each rule, with its options in each profile: an option that makes one of them stricter has an example. The
/// profiles of the Pod Security Standards are no measure: with `strict` they judge as admission does, also what does no harm.
#[test]
fn no_profile_is_stricter_than_all() {
    let registry = Registry::builtin();
    let mut missed = BTreeSet::new();
    for registered in &registry.rules {
        let id = registered.page.id;
        let all = rule(&registry, Profile::All, id);
        let others = [Profile::Recommended, Profile::Production];
        let others: Vec<_> = others.into_iter().map(|p| (p.name(), rule(&registry, p, id))).collect();
        for example in page::examples(&registered.page).unwrap() {
            for files in [&example.bad, &example.good].into_iter().filter(|f| !f.is_empty()) {
                let lines = |rules: &[ActiveRule<'_>]| -> BTreeSet<(String, u32)> {
                    run::lint(files, rules).findings.into_iter().map(|f| (f.path, f.line)).collect()
                };
                let most = lines(&all);
                for (profile, rules) in others.iter().filter(|(_, rules)| !rules.is_empty()) {
                    for (path, line) in lines(rules).difference(&most) {
                        missed.insert(format!("{id} in {profile}: {}: {path}:{line}", example.heading));
                    }
                }
            }
        }
    }
    assert_eq!(missed, BTreeSet::new(), "left: found by a profile and not by `all`");
}
