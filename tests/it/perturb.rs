//! The claim of origins, tested by mechanism: change one byte inside a scalar of a source, render again, and exactly those
//! rendered scalars change whose origin covers that byte, or whose `via` names its place.
//!
//! What is not asked of them:
//! * the root fails to render (the scalar was a name, a path, a selector), or fields come and go: a merge key, a target, a kind;
//! * the scalar takes part in selection: an object's identity, labels and annotations, a selector of a kustomization, anything in
//!   a file of field specs, OpenAPI or custom resource definitions, the field specs of a transformer, a key in an inline patch;
//! * what claims it changes, and more: the namespace or the affix of a kustomization is part of identities too, and the namespace
//!   beside a name that refers to an object (a subject, the Service of a webhook) follows from the object that the name finds;
//! * the name of an `images` entry that writes the text that was there before: whether it matches does not show.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use manicheck::files::{Context, Files, MemoryFiles};
use manicheck::kustomize::{FILE_NAMES, Options, Renderer, Role, origins};
use manicheck::source::Sources;
use manicheck::yaml::tree::RawKind;
use serde_json::Value;

/// What came of the mutations of a tree.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// Roots that rendered.
    pub(crate) roots: usize,
    /// Mutations tried.
    pub(crate) tried: usize,
    /// The root no longer renders: the scalar was a name, a path, a selector.
    pub(crate) refused: usize,
    /// Fields came or went: the scalar decides about structure (a merge key, a target, a kind).
    pub(crate) structural: usize,
    /// The scalar takes part in selection: an identity, a label, a selector, a field spec.
    pub(crate) selecting: usize,
    /// Exactly the claimed fields changed; at least one did.
    pub(crate) exact: usize,
    /// An `images` entry matched by the scalar, and wrote what was there before: whether it matches does not show.
    pub(crate) coincident: usize,
    /// Nothing changed and nothing was claimed.
    pub(crate) silent: usize,
    /// What was wrong: claimed and unchanged, or changed and unclaimed.
    pub(crate) wrong: Vec<String>,
}

/// How much of every root is tried.
#[derive(Clone, Copy)]
pub(crate) struct Sample {
    /// As many scalars as this, or up to twice as many: they are taken at an even distance.
    pub(crate) most: usize,
    /// Of a root with so many fields only one scalar is tried, of one with a tenth of them ten, and so on.
    pub(crate) fields: usize,
    /// Decides which scalar of every root is the first one.
    pub(crate) seed: usize,
}

impl Sample {
    const ALL: Sample = Sample { most: usize::MAX, fields: usize::MAX, seed: 0 };

    /// The first place to try, and the distance to the next one.
    fn of(self, places: usize, fields: usize, root: usize) -> (usize, usize) {
        let most = self.most.min(self.fields / fields.max(1)).max(1);
        let step = (places / most).max(1);
        // Neighbouring roots share files: each starts elsewhere.
        ((self.seed + root).wrapping_mul(7919) % step, step)
    }
}

/// Mutates a sample of the scalars of every root below `dir` of the files and adds up what happens.
pub(crate) fn perturb(files: &MemoryFiles, dir: &Path, sample: Sample) -> Tally {
    let mut tally = Tally::default();
    let mut changed = files.clone();
    let all = files.walk(dir);
    let roots: BTreeSet<PathBuf> = all
        .iter()
        .filter(|f| FILE_NAMES.iter().any(|n| f.ends_with(n)))
        .filter_map(|f| f.parent().map(Path::to_path_buf))
        .collect();
    for root in roots {
        let Some((before, read)) = render(files, &root) else { continue };
        tally.roots += 1;
        let read: BTreeSet<PathBuf> = read.into_iter().collect();
        let places = places(files, &read);
        let (first, step) = sample.of(places.len(), before.fields.len(), tally.roots);
        for place in places.iter().skip(first).step_by(step) {
            let Ok(bytes) = files.read(&place.path) else { continue };
            let mut other_bytes = bytes.clone();
            other_bytes[place.at] = other(bytes[place.at]);
            changed.insert(&place.path, other_bytes);
            judge(files, &changed, &root, &before, place, &mut tally);
            changed.insert(&place.path, bytes);
        }
    }
    tally
}

/// A byte to change, and the scalar that it is in.
struct Place {
    path: PathBuf,
    at: usize,
    /// The scalar's node.
    id: usize,
}

impl Place {
    /// True if the scalar takes part in selection: it is the identity of an object, or a selector of a kustomization.
    fn selects(&self, files: &MemoryFiles) -> bool {
        let Some(source) = self.source(files) else { return false };
        let kustomization = FILE_NAMES.iter().any(|n| self.path.ends_with(n));
        match &keys_above(&source, self.id)[..] {
            ["kind" | "apiVersion"] | ["metadata", "name" | "namespace"] => true,
            ["metadata", "labels" | "annotations", _] => true,
            keys if keys.contains(&"fieldSpecs") => true,
            keys if kustomization && keys.iter().any(|k| k.starts_with("patch")) && self.in_key(&source) => true,
            keys => kustomization && keys.iter().any(|k| SELECTORS.contains(k)),
        }
    }

    /// True in a key of a document that is a text: `value: x` in an inline patch.
    fn in_key(&self, source: &manicheck::source::Source) -> bool {
        let behind =
            source.text()[self.at..].trim_start_matches(|c: char| c.is_ascii_alphanumeric() || "_-.".contains(c));
        behind.starts_with(": ") || behind.starts_with(":\n")
    }

    /// True for what a kustomization makes part of the identity of its objects.
    fn names(&self, files: &MemoryFiles) -> bool {
        let Some(source) = self.source(files) else { return false };
        match &keys_above(&source, self.id)[..] {
            ["namespace" | "namePrefix" | "nameSuffix"] => FILE_NAMES.iter().any(|n| self.path.ends_with(n)),
            _ => false,
        }
    }

    /// True for what an `images` entry matches by.
    fn matches_images(&self, files: &MemoryFiles) -> bool {
        let source = self.source(files);
        source.is_some_and(|source| matches!(&keys_above(&source, self.id)[..], ["images", "name"]))
    }

    fn source(&self, files: &MemoryFiles) -> Option<manicheck::source::Source> {
        let bytes = files.read(&self.path).ok()?;
        Some(manicheck::source::Source::new(self.path.clone(), String::new(), bytes))
    }
}

/// Renders the changed files and says what became of the fields that there were before.
fn judge(
    files: &MemoryFiles,
    changed_files: &MemoryFiles,
    root: &Path,
    before: &Rendered,
    place: &Place,
    tally: &mut Tally,
) {
    tally.tried += 1;
    let Some((after, _)) = render(changed_files, root) else {
        tally.refused += 1;
        return;
    };
    let keys = |r: &Rendered| r.fields.keys().cloned().collect::<BTreeSet<_>>();
    if keys(before) != keys(&after) || before.twice || after.twice {
        tally.structural += 1;
        return;
    }
    let changed: BTreeSet<&Key> =
        before.fields.iter().filter(|(k, f)| after.fields[*k].value != f.value).map(|(k, _)| k).collect();
    let claimed: BTreeSet<&Key> = before
        .fields
        .iter()
        .filter(|(_, f)| f.claims.iter().any(|(p, range)| *p == place.path && range.contains(&place.at)))
        .map(|(k, _)| k)
        .collect();
    if changed == claimed {
        if changed.is_empty() {
            tally.silent += 1
        } else {
            tally.exact += 1
        }
        return;
    }
    if before.selection.contains(&place.path) || place.selects(files) {
        tally.selecting += 1;
        return;
    }
    // The namespace beside a name that claims the byte: what the name refers to decides about it.
    let follows = |key: &Key| {
        let name = key.1.strip_suffix("/namespace").map(|parent| (key.0.clone(), format!("{parent}/name")));
        name.is_some_and(|name| claimed.contains(&name))
    };
    let referred = changed.difference(&claimed).all(|key| follows(key));
    if claimed.is_subset(&changed) && (referred || place.names(files)) {
        tally.selecting += 1;
        return;
    }
    if changed.is_subset(&claimed) && place.matches_images(files) {
        tally.coincident += 1;
        return;
    }
    let unclaimed: Vec<_> = changed.difference(&claimed).take(3).collect();
    let unchanged: Vec<_> = claimed.difference(&changed).take(3).collect();
    tally.wrong.push(format!(
        "{} byte {} in {}: changed but unclaimed {unclaimed:?}, claimed but unchanged {unchanged:?}",
        place.path.display(),
        place.at,
        root.display()
    ));
}

/// A document and a pointer in it. Documents are known by kind and by where the name is written, not by their order, which may
/// depend on a name.
type Key = (String, String);

struct Field {
    value: Option<String>,
    claims: Vec<(PathBuf, std::ops::Range<usize>)>,
}

struct Rendered {
    fields: BTreeMap<Key, Field>,
    /// Two documents have the same key.
    twice: bool,
    /// Files that say which fields things apply to: all of their text selects.
    selection: BTreeSet<PathBuf>,
}

/// The fields of a rendered root with what they claim, and the files that were read.
fn render(files: &MemoryFiles, root: &Path) -> Option<(Rendered, Vec<PathBuf>)> {
    let sources = Sources::new();
    let ctx = Context { files, sources: &sources, cwd: Path::new("/") };
    let build = Renderer::new(ctx, Options::default()).render(root).ok()?;
    let lines = origins::json(&build.objects).ok()?;
    let mut documents: BTreeMap<u64, Vec<Value>> = BTreeMap::new();
    for line in lines.lines() {
        let field: Value = serde_json::from_str(line).unwrap();
        documents.entry(field["doc"].as_u64().unwrap()).or_default().push(field);
    }
    let mut fields = BTreeMap::new();
    let mut names = BTreeSet::new();
    let mut twice = false;
    for document in documents.values() {
        let find = |pointer: &str| document.iter().find(|f| f["pointer"] == pointer);
        let kind = find("/kind").map(|f| f["value"].to_string()).unwrap_or_default();
        let name = find("/metadata/name").map(|f| format!("{}:{}", f["path"], f["start"])).unwrap_or_default();
        let id = format!("{kind} {name}");
        twice |= !names.insert(id.clone());
        for field in document {
            let mut claims = Vec::new();
            claim(field, &mut claims);
            field["via"].as_array().into_iter().flatten().for_each(|via| claim(via, &mut claims));
            let value = field["value"].as_str().map(str::to_string);
            fields.insert((id.clone(), field["pointer"].as_str().unwrap().to_string()), Field { value, claims });
        }
    }
    let path = |f: &manicheck::kustomize::UsedFile<'_>| f.source.path().to_path_buf();
    let read = build.files.iter().map(path).collect();
    let says_where = |role| matches!(role, Role::Configuration | Role::Crd | Role::OpenApi);
    let selection = build.files.iter().filter(|f| says_where(f.role)).map(path).collect();
    Some((Rendered { fields, twice, selection }, read))
}

fn claim(place: &Value, claims: &mut Vec<(PathBuf, std::ops::Range<usize>)>) {
    if let (Some(path), Some(start), Some(end)) =
        (place["path"].as_str(), place["start"].as_u64(), place["end"].as_u64())
    {
        claims.push((Path::new("/").join(path), start as usize..end as usize));
    }
}

/// One letter or digit in the middle of every scalar value of the files that were read.
fn places(files: &MemoryFiles, read: &BTreeSet<PathBuf>) -> Vec<Place> {
    let mut out = Vec::new();
    for path in read {
        let Ok(bytes) = files.read(path) else { continue };
        let source = manicheck::source::Source::new(path.clone(), path.display().to_string(), bytes);
        let tree = source.tree();
        for (id, node) in tree.nodes.iter().enumerate() {
            if node.kind != RawKind::Scalar || is_key(&source, node.end) {
                continue;
            }
            let text = &source.text().as_bytes()[node.start as usize..node.end as usize];
            let plain = |i: usize| text[i].is_ascii_alphanumeric() && (i == 0 || text[i - 1] != b'\\');
            let middle = text.len() / 2;
            let Some(at) = (middle..text.len()).chain(0..middle).find(|&i| plain(i)) else { continue };
            out.push(Place { path: path.clone(), at: node.start as usize + at, id });
        }
    }
    out
}

fn is_key(source: &manicheck::source::Source, end: u32) -> bool {
    source.text()[end as usize..].trim_start_matches(' ').starts_with(':')
}

/// Fields of a kustomization that select objects.
const SELECTORS: [&str; 6] = ["target", "targets", "select", "reject", "labelSelector", "annotationSelector"];

/// The mapping keys that lead to a node, from the root.
fn keys_above(source: &manicheck::source::Source, id: usize) -> Vec<&str> {
    let nodes = &source.tree().nodes;
    let key = |at: usize| source.span(nodes[at].start..nodes[at].end).text();
    let holds = |at: usize| nodes.get(at + 1).is_some_and(|v| (at + 1..v.next as usize).contains(&id));
    (0..id)
        .filter(|&at| nodes[at].kind == RawKind::Scalar && is_key(source, nodes[at].end) && holds(at))
        .map(key)
        .collect()
}

/// Another character of the same class.
fn other(byte: u8) -> u8 {
    match byte {
        b'0'..=b'8' => byte + 1,
        b'9' => b'8',
        b'z' => b'y',
        b'Z' => b'Y',
        _ => byte + 1,
    }
}

/// The files of a directory on disk, below `/`.
pub(crate) fn load(dir: &Path) -> MemoryFiles {
    let mut files = MemoryFiles::new();
    for path in manicheck::files::DiskFiles.walk(dir) {
        if let Ok(bytes) = std::fs::read(&path) {
            files.insert(path.strip_prefix(dir).unwrap(), bytes);
        }
    }
    files
}

#[test]
fn the_example_tree_keeps_what_its_origins_claim() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/shop/k8s");
    let tally = perturb(&load(&dir), Path::new("/"), Sample::ALL);
    println!("{tally:?}");
    assert!(tally.roots >= 4 && tally.exact > 50, "{tally:?}");
    assert!(tally.wrong.is_empty(), "{}", tally.wrong.join("\n"));
}

/// The same over real repositories: a sample of the scalars of every root, fewer of large ones, so that each repository takes
/// minutes without optimisation. Another seed takes other scalars.
/// `MANICHECK_CORPUS=1 [MANICHECK_REPO=name] [MANICHECK_SEED=1] cargo test --test it perturb -- --nocapture`
#[test]
fn real_repositories_keep_what_their_origins_claim() {
    if std::env::var_os("MANICHECK_CORPUS").is_none() {
        println!("skipped: MANICHECK_CORPUS is not set");
        return;
    }
    let Some(root) = crate::corpus::corpus() else { return };
    let seed = std::env::var("MANICHECK_SEED").ok().and_then(|s| s.parse().ok()).unwrap_or(1);
    let (mut wrong, mut judged) = (0, 0);
    for (repo, most) in [
        ("GoogleCloudPlatform+microservices-demo", 60),
        ("argoproj+argo-cd", 10),
        ("kubeflow+manifests", 5),
        ("kubernetes-sigs+kubebuilder", 60),
        ("kubernetes-sigs+kueue", 10),
        ("onedr0p+home-ops", 60),
        ("openshift-kni+cnf-features-deploy", 60),
        ("redhat-cop+gitops-catalog", 5),
    ] {
        if std::env::var("MANICHECK_REPO").is_ok_and(|only| !repo.contains(&only)) {
            continue;
        }
        judged += 1;
        let sample = Sample { most, fields: FIELDS, seed };
        let tally = perturb(&load(&root.join(repo)), Path::new("/"), sample);
        println!(
            "{repo}, seed {seed}: {} roots, {} tried: {} exact, {} without effect, {} coincident, {} refused, {} structural, \
             {} selecting, {} wrong",
            tally.roots,
            tally.tried,
            tally.exact,
            tally.silent,
            tally.coincident,
            tally.refused,
            tally.structural,
            tally.selecting,
            tally.wrong.len()
        );
        tally.wrong.iter().take(20).for_each(|line| println!("  {line}"));
        wrong += tally.wrong.len();
    }
    assert!(judged > 0, "MANICHECK_REPO names none of the repositories");
    assert_eq!(wrong, 0, "fields that changed unclaimed, or were claimed and did not change");
}

/// Large roots take seconds each time without optimisation.
const FIELDS: usize = 60_000;
