//! Recorded cases of references that follow a name: each as a tree in which the objects got the names that they have in the case.

use manicheck::files::MemoryFiles;
use serde_json::{Value as Json, json};

use super::Printed;
use super::whole::objects;

/// An object that may be meant, which the recording has lost.
struct Candidate {
    kind: &'static str,
    namespace: &'static str,
    /// What it was called, and what it is called now.
    names: (&'static str, &'static str),
    prefix: &'static str,
    suffix: &'static str,
}

const fn candidate(kind: &'static str, from: &'static str, to: &'static str) -> Candidate {
    Candidate { kind, namespace: "", names: (from, to), prefix: "", suffix: "" }
}

/// Two Secrets that had the name, with what was put around it on its way: prefix and suffix of each.
fn secrets(affixes: [(&'static str, &'static str); 2]) -> Vec<Candidate> {
    let names = ["newName", "newName2"];
    let secret = |(to, (prefix, suffix))| Candidate { prefix, suffix, ..candidate("Secret", "oldName", to) };
    names.into_iter().zip(affixes).map(secret).collect()
}

fn candidates(number: usize) -> Vec<Candidate> {
    let one = |from| vec![candidate("Secret", from, "newName"), candidate("NotSecret", "newName2", "newName2")];
    match number {
        0 | 1 | 3 => one("oldName"),
        2 => one("oldName1"),
        4 => vec![
            Candidate { namespace: "someNs", ..candidate("Secret", "oldName", "newName") },
            candidate("NotSecret", "oldName", "newName2"),
            candidate("Secret", "oldName", "thirdName"),
        ],
        5 | 6 => secrets([("", ""), ("", "")]),
        7 => secrets([("prefix1", "suffix1"), ("prefix2", "suffix2")]),
        8 => secrets([("prefix1", "suffix"), ("prefix2", "suffix")]),
        9 => secrets([("prefix1", ""), ("prefix2", "suffix2")]),
        10 => secrets([("", "suffix1"), ("prefix2", "suffix2")]),
        11 => secrets([("prefix1", "suffix1"), ("prefix2", "suffix2")]),
        12 => secrets([("prefix", "suffix"), ("prefix", "suffix")]),
        13 => secrets([("prefix", ""), ("prefix", "")]),
        14 => secrets([("prefix", "suffix1"), ("prefix", "suffix2")]),
        _ => secrets([("", "suffix"), ("", "suffix")]),
    }
}

/// The referrer as the tree prints it.
pub(super) fn built(case: &Json, number: usize) -> Printed {
    let filter = &case["filter"];
    let mut files = MemoryFiles::new();
    let affix = |which: &str| {
        let key = format!("internal.config.kubernetes.io/{which}");
        filter["Referrer"]["metadata"]["annotations"][key].as_str().unwrap_or_default().to_string()
    };
    let input = case["input"].as_str().unwrap();
    add(&mut files, "referrer", input, &affix("prefixes"), &affix("suffixes"), "dep");
    let mut resources = vec!["referrer".to_string()];
    for (at, it) in candidates(number).iter().enumerate() {
        let metadata = json!({"name": it.names.0, "namespace": it.namespace});
        let object = json!({"apiVersion": "apps/v1", "kind": it.kind, "metadata": metadata});
        let dir = format!("candidate{at}");
        add(&mut files, &dir, &object.to_string(), it.prefix, it.suffix, it.names.1);
        resources.push(dir);
    }
    let target = &filter["ReferralTarget"];
    let path = &filter["NameFieldToUpdate"]["path"];
    let reference = json!({"group": target["group"], "version": target["version"], "kind": target["kind"],
        "fieldSpecs": [{"kind": "Deployment", "path": path}]});
    files.insert("/references.yaml", json!({"nameReference": [reference]}).to_string());
    let kustomization = json!({"resources": resources, "configurations": ["references.yaml"]});
    files.insert("/kustomization.yaml", kustomization.to_string());
    objects(&files, |object| object.get("kind").is_some_and(|kind| kind.has_text("Deployment")))
}

/// An object that gets a prefix and a suffix in a directory, and its name in the one around it.
fn add(files: &mut MemoryFiles, dir: &str, object: &str, prefix: &str, suffix: &str, name: &str) {
    files.insert(format!("/{dir}/affixed/object.yaml"), object);
    let inner = json!({"resources": ["object.yaml"], "namePrefix": prefix, "nameSuffix": suffix});
    files.insert(format!("/{dir}/affixed/kustomization.yaml"), inner.to_string());
    let rename = json!([{"op": "replace", "path": "/metadata/name", "value": name}]).to_string();
    let patch = json!({"target": {"kind": ".*"}, "patch": rename, "options": {"allowNameChange": true}});
    let outer = json!({"resources": ["affixed"], "patches": [patch]});
    files.insert(format!("/{dir}/kustomization.yaml"), outer.to_string());
}
