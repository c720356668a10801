//! Builds of our own trees: equal to the `kustomize` on the path if there is one; facts, errors and origins.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use manicheck::files::{Context, DiskFiles, MemoryFiles};
use manicheck::kustomize::{Build, Error, ErrorKind, FactKind, Options, Renderer};
use manicheck::source::Sources;

use crate::shared::write;

/// A tree with most of what a kustomization can do, in a base, a component and two overlays.
const TREE: &[(&str, &str)] = &[
    (
        "base/kustomization.yaml",
        "resources: [web.yaml, account.yaml]\nlabels:\n- pairs: {app: web}\n  includeSelectors: true\n\
         configMapGenerator:\n- name: settings\n  literals: [mode=fast, 'quoted=\"a b\"']\n  envs: [extra.env]\n\
         - name: page\n  files: [index.html]\n",
    ),
    ("base/extra.env", "# comment\nLEVEL=3\nEMPTY\n"),
    ("base/index.html", "<h1>hello</h1>\n<p>a &amp; b</p>\n"),
    (
        "base/web.yaml",
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  template:\n    spec:\n      \
         serviceAccountName: runner\n      containers:\n      - name: web\n        image: shop/web:1.0\n        envFrom:\n        \
         - configMapRef:\n            name: settings\n      volumes:\n      - name: page\n        configMap:\n          name: page\n\
         ---\napiVersion: v1\nkind: Service\nmetadata:\n  name: web\nspec:\n  ports:\n  - port: 80\n",
    ),
    (
        "base/account.yaml",
        "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: runner\n---\napiVersion: rbac.authorization.k8s.io/v1\n\
         kind: RoleBinding\nmetadata:\n  name: runner\nroleRef:\n  apiGroup: rbac.authorization.k8s.io\n  kind: ClusterRole\n  \
         name: view\nsubjects:\n- kind: ServiceAccount\n  name: runner\n",
    ),
    (
        "sidecar/kustomization.yaml",
        "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\npatches:\n- target: {kind: Deployment}\n  patch: |-\n    \
         - op: add\n      path: /spec/template/spec/containers/-\n      value: {name: sidecar, image: 'proxy:2'}\n",
    ),
    (
        "dev/kustomization.yaml",
        "resources: [../base]\ncomponents: [../sidecar]\nnamespace: dev\nnamePrefix: dev-\nimages:\n- name: shop/web\n  \
         newTag: '2.0'\n- name: absent\n  newTag: x\npatches:\n- path: web.yaml\n- target: {kind: Ingress}\n  patch: |-\n    \
         - op: remove\n      path: /spec\n",
    ),
    (
        "dev/web.yaml",
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  template:\n    spec:\n      containers:\n      \
         - name: web\n        env:\n        - name: MODE\n          value: dev\n",
    ),
    (
        "prod/kustomization.yaml",
        "resources: [../base]\nnamespace: prod\nnameSuffix: -prod\nreplicas:\n- name: web\n  count: 3\ncommonAnnotations: {team: a}\n\
         configMapGenerator:\n- name: settings\n  behavior: merge\n  literals: [mode=safe]\nsecretGenerator:\n- name: token\n  \
         literals: [t=1]\n  type: example.com/token\n",
    ),
];

fn memory(files: &[(&str, &str)]) -> MemoryFiles {
    let mut out = MemoryFiles::default();
    for (path, text) in files {
        out.insert(path, *text);
    }
    out
}

fn with<T>(
    files: &[(&str, &str)],
    options: Options,
    root: &str,
    check: impl for<'s> FnOnce(Result<Build<'s>, Box<Error<'s>>>) -> T,
) -> T {
    let files = memory(files);
    let sources = Sources::new();
    let ctx = Context { files: &files, sources: &sources, cwd: Path::new("/") };
    check(Renderer::new(ctx, options).render(&Path::new("/").join(root)))
}

#[test]
fn own_trees_come_out_as_from_the_real_kustomize() {
    if Command::new("kustomize").arg("version").output().is_err() {
        println!("skipped: no kustomize on the path");
        return;
    }
    let temp = tempfile::tempdir().unwrap();
    let cwd = temp.path().canonicalize().unwrap();
    TREE.iter().for_each(|(path, text)| write(&cwd.join(path), text));
    let sources = Sources::new();
    let ctx = Context { files: &DiskFiles, sources: &sources, cwd: &cwd };
    let renderer = Renderer::new(ctx, Options::default());
    for root in ["base", "dev", "prod"] {
        let theirs = Command::new("kustomize").arg("build").arg(cwd.join(root)).output().unwrap();
        let theirs = String::from_utf8(theirs.stdout).unwrap();
        let ours = renderer.render(&cwd.join(root)).unwrap().to_yaml().unwrap();
        assert_eq!(ours, theirs, "{root}");
    }
}

#[test]
fn facts_tell_what_an_entry_did() {
    with(TREE, Options::default(), "dev", |build| {
        let build = build.unwrap();
        let fact = |kind, text: &str| build.facts.iter().find(|f| f.kind == kind && f.entry.text() == text).unwrap();
        assert_eq!(fact(FactKind::Image, "shop/web").matched, 1);
        assert_eq!(fact(FactKind::Image, "absent").matched, 0);
        assert_eq!(fact(FactKind::Patch, "web.yaml").changed, 1);
        let idle = build.facts.iter().filter(|f| f.kind == FactKind::Patch && f.matched == 0).count();
        assert_eq!(idle, 1);
        assert!(build.kustomizations[0].source.display().ends_with("dev/kustomization.yaml"));
        assert_eq!(build.kustomizations.len(), 3);
    });
}

#[test]
fn roots_that_ask_for_the_label_share_their_base() {
    let root = |more: &str| format!("resources: [../base]\nbuildMetadata: [managedByLabel]\n{more}");
    let patch = "patches: [{target: {annotationSelector: x}, patch: '- {op: add, path: /data/l, value: w}'}]\n";
    let files = [
        ("base/kustomization.yaml", "configMapGenerator: [{name: a, literals: [k=v]}]\n".to_string()),
        ("one/kustomization.yaml", root("namePrefix: p-\n")),
        ("two/kustomization.yaml", root("namePrefix: q-\n")),
        ("three/kustomization.yaml", root(patch)),
    ];
    let files = memory(&files.each_ref().map(|(path, text)| (*path, text.as_str())));
    let sources = Sources::new();
    let renderer = Renderer::new(Context { files: &files, sources: &sources, cwd: Path::new("/") }, Options::default());
    let builds = ["/one", "/two", "/three"].map(|dir| renderer.render(Path::new(dir)).unwrap());
    // What is made is only the same if it was made once.
    let data = |n: usize| builds[n].objects[0].get("data").unwrap().identity();
    assert_eq!(data(0), data(1));
    assert_ne!(data(0), data(2), "a selector of annotations meets those that upstream keeps");
    assert!(builds.iter().all(|build| build.to_yaml().unwrap().contains("managed-by")));
}

#[test]
fn an_error_in_a_base_names_the_entries_that_led_there() {
    let files = [
        ("root/kustomization.yaml", "resources: [../middle]\n"),
        ("middle/kustomization.yaml", "resources:\n- ../base\n"),
        ("base/kustomization.yaml", "resources: [gone.yaml]\n"),
    ];
    with(&files, Options::default(), "root", |build| {
        let error = build.err().unwrap();
        assert_eq!(error.kind, ErrorKind::Missing);
        assert_eq!(error.span.unwrap().text(), "gone.yaml");
        let chain: Vec<&str> = error.chain.iter().map(|s| s.text()).collect();
        assert_eq!(chain, ["../base", "../middle"]);
    });
}

#[test]
fn errors_have_a_kind_and_a_place() {
    let object = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n";
    let cases: &[(&str, ErrorKind, &str)] = &[
        (
            "resources:\n- https://github.com/o/r//base?ref=v1\n",
            ErrorKind::Remote,
            "https://github.com/o/r//base?ref=v1",
        ),
        ("resources: [https://host.example/x.yaml]\n", ErrorKind::Remote, "https://host.example/x.yaml"),
        ("helmCharts: [{name: chart}]\n", ErrorKind::Helm, "chart"),
        ("resources: [../outside.yaml]\n", ErrorKind::LoadRestriction, "../outside.yaml"),
        ("resources: [a.yaml, a.yaml]\n", ErrorKind::Conflict, "a"),
        ("resources: [../root]\n", ErrorKind::Cycle, "../root"),
        ("resources: [a.yaml]\nreplicas: [{name: b, count: 1}]\n", ErrorKind::NoMatch, "b"),
        ("resources: [a.yaml]\nimage: []\n", ErrorKind::Decode, "image"),
        ("transformers: ['{apiVersion: x/v1, kind: Program, metadata: {name: p}}']\n", ErrorKind::Plugin, "Program"),
        (
            "resources: [number.yaml]\nreplacements: [{sourceValue: x, targets: [{select: {}, fieldPaths: [spec.n]}]}]\n",
            ErrorKind::Invalid,
            "30",
        ),
        (
            "resources: [a.yaml, b.yaml]\nreplacements: [{sourceValue: same, targets: [{select: {kind: ConfigMap}}]}]\n",
            ErrorKind::Conflict,
            "same",
        ),
    ];
    let other = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\n";
    let number = "apiVersion: acme.dev/v1\nkind: Thing\nmetadata: {name: a}\nspec: {n: 30}\n";
    for (text, kind, place) in cases {
        let files = [
            ("root/kustomization.yaml", *text),
            ("root/a.yaml", object),
            ("root/b.yaml", other),
            ("root/number.yaml", number),
            ("outside.yaml", object),
        ];
        with(&files, Options::default(), "root", |build| {
            let error = build.err().unwrap();
            assert_eq!(error.kind, *kind, "{text}: {error}");
            assert_eq!(error.span.unwrap().text(), *place, "{text}: {error}");
        });
    }
}

#[test]
fn a_remote_base_can_be_mapped_to_a_local_copy() {
    let url = "https://github.com/o/r//base?ref=v1";
    let files = [
        ("root/kustomization.yaml", "resources: ['https://github.com/o/r//base?ref=v1']\nnamePrefix: p-\n"),
        ("vendor/base/kustomization.yaml", "resources: [a.yaml]\n"),
        ("vendor/base/a.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"),
    ];
    let options =
        Options { vendor: BTreeMap::from([(url.to_string(), PathBuf::from("vendor/base"))]), ..Options::default() };
    with(&files, options, "root", |build| {
        assert_eq!(build.unwrap().to_yaml().unwrap(), "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: p-a\n");
    });
}

#[test]
fn origins_lead_to_what_wrote_a_value() {
    with(TREE, Options::default(), "dev", |build| {
        let build = build.unwrap();
        let object = |kind: &str| build.objects.iter().find(|o| o.get("kind").unwrap().has_text(kind)).unwrap();
        let deployment = object("Deployment");
        let name = deployment.path(&["metadata", "name"]).unwrap();
        let pieces: Vec<&str> = name.pieces().iter().map(|p| p.span.unwrap().text()).collect();
        assert_eq!(pieces, ["dev-", "web"]);
        assert_eq!(name.origin().span.unwrap().source.display(), "base/web.yaml");
        let namespace = deployment.path(&["metadata", "namespace"]).unwrap();
        assert_eq!(namespace.span().unwrap().source.display(), "dev/kustomization.yaml");
        let pod = deployment.path(&["spec", "template", "spec"]).unwrap();
        let containers: Vec<_> = pod.get("containers").unwrap().items().collect();
        let image = containers[0].get("image").unwrap();
        assert_eq!(image.origin().span.unwrap().text(), "'2.0'");
        assert_eq!(image.origin().replaced().unwrap().span.unwrap().text(), "shop/web:1.0");
        let sidecar = containers[1].get("image").unwrap();
        assert_eq!(sidecar.span().unwrap().text(), "'proxy:2'");
        assert_eq!(sidecar.span().unwrap().source.display(), "sidecar/kustomization.yaml");

        // A reference stays where it is written; what the new name is made of, literals included, are inputs of its step.
        let reference = containers[0].get("envFrom").unwrap().items().next().unwrap();
        let reference = reference.path(&["configMapRef", "name"]).unwrap();
        assert_eq!(reference.origin().span.unwrap().source.display(), "base/web.yaml");
        let origin = reference.origin();
        let inputs: Vec<&str> = origin.links().next().unwrap().step.inputs.iter().map(|s| s.text()).collect();
        for part in ["dev-", "settings", "fast", "a b", "3"] {
            assert!(inputs.contains(&part), "{part} in {inputs:?}");
        }
        let data = object("ConfigMap").get("data").unwrap();
        assert!(data.entries().all(|(_, v)| v.span().is_some()));
    });
}

/// The scalars of a build by place, and of each the byte ranges that it says it depends on.
type Leaves = BTreeMap<String, (String, Vec<(String, u32, u32)>)>;

fn leaves(files: &[(&str, String)], root: &str) -> Option<Leaves> {
    let files: Vec<(&str, &str)> = files.iter().map(|(p, t)| (*p, t.as_str())).collect();
    with(&files, Options::default(), root, |build| {
        let build = build.ok()?;
        let mut out = BTreeMap::new();
        for (at, object) in build.objects.iter().enumerate() {
            walk(object, at.to_string(), &mut out);
        }
        Some(out)
    })
}

fn walk(node: &manicheck::yaml::Node<'_>, path: String, out: &mut Leaves) {
    for (key, value) in node.entries() {
        walk(&value, format!("{path}/{}", key.text().unwrap()), out);
    }
    for (at, item) in node.items().enumerate() {
        walk(&item, format!("{path}/{at}"), out);
    }
    if !node.is_scalar() {
        return;
    }
    let origin = node.origin();
    let mut spans: Vec<_> = origin.span.into_iter().collect();
    spans.extend(node.pieces().iter().filter_map(|p| p.span));
    for link in origin.links() {
        spans.extend(link.step.at);
        spans.extend(&link.step.inputs);
    }
    let claims = spans.iter().map(|s| (s.source.display().to_string(), s.start, s.end)).collect();
    out.insert(path, (node.text().unwrap().into_owned(), claims));
}

#[test]
fn a_changed_byte_only_changes_what_claims_it() {
    let mut tried = 0;
    for root in ["base", "dev", "prod"] {
        let original: Vec<(&str, String)> = TREE.iter().map(|(p, t)| (*p, t.to_string())).collect();
        let before = leaves(&original, root).unwrap();
        for (file, (path, text)) in original.iter().enumerate() {
            for (at, byte) in text.bytes().enumerate() {
                let other = match byte {
                    b'a'..=b'y' | b'0'..=b'8' if at % 4 == 0 => byte + 1,
                    _ => continue,
                };
                let mut changed = original.clone();
                changed[file].1.replace_range(at..=at, &char::from(other).to_string());
                let Some(after) = leaves(&changed, root) else { continue };
                // Another structure is another build: only values are compared.
                if !before.keys().eq(after.keys()) {
                    continue;
                }
                tried += 1;
                for (place, (value, claims)) in &before {
                    let claimed = claims.iter().any(|(p, s, e)| p == path && (*s..*e).contains(&(at as u32)));
                    assert!(
                        claimed || after[place].0 == *value,
                        "{root}: {path}@{at} changes {place} from `{value}` to `{}`, which does not claim it: {claims:?}",
                        after[place].0
                    );
                }
            }
        }
    }
    assert!(tried > 80, "{tried} changes were tried");
}

/// The annotations of `buildMetadata` name the repository of a vendored base, as if it had been fetched.
#[test]
fn a_vendored_base_keeps_the_origin_of_its_repository() {
    let temp = tempfile::tempdir().unwrap();
    let root = temp.path().canonicalize().unwrap();
    let write = |path: &str, text: &str| write(&root.join(path), text);
    write(
        "repo/base/kustomization.yaml",
        "resources: [../more, a.yaml]\nconfigMapGenerator:\n- name: g\n  literals: [a=b]\nnamePrefix: p-\n",
    );
    write("repo/base/a.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n");
    write("repo/more/kustomization.yaml", "resources: [b.yaml]\n");
    write("repo/more/b.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\n");
    let url = format!("file://{}//base?ref=main", root.join("repo").display());
    let asked = "buildMetadata: [originAnnotations, transformerAnnotations]";
    write("app/kustomization.yaml", &format!("resources: [\"{url}\"]\n{asked}\nnameSuffix: -s\n"));
    let sources = Sources::new();
    let ctx = Context { files: &DiskFiles, sources: &sources, cwd: &root };
    let options = Options { vendor: [(url, "repo/base".into())].into(), ..Options::default() };
    let ours = Renderer::new(ctx, options).render(&root.join("app")).unwrap().to_yaml().unwrap();
    let repo = format!("repo: file://{}\n      ref: main\n", root.join("repo").display());
    assert!(ours.contains(&format!("path: base/a.yaml\n      {repo}")), "{ours}");
    assert!(ours.contains(&format!("path: more/b.yaml\n      {repo}")), "{ours}");
    assert!(ours.contains(&format!("{repo}      configuredIn: base/kustomization.yaml\n")), "{ours}");

    let git = |args: &[&str]| {
        let identity = ["-c", "user.name=t", "-c", "user.email=t@example.com"];
        Command::new("git")
            .args(identity)
            .args(args)
            .current_dir(root.join("repo"))
            .output()
            .is_ok_and(|o| o.status.success())
    };
    if !(git(&["init", "-q", "-b", "main"]) && git(&["add", "."]) && git(&["commit", "-q", "-m", "x"])) {
        println!("skipped: no git");
        return;
    }
    match Command::new("kustomize").arg("build").arg(root.join("app")).output() {
        Ok(output) if output.status.success() => assert_eq!(ours, String::from_utf8(output.stdout).unwrap()),
        Ok(output) => panic!("{}", String::from_utf8_lossy(&output.stderr)),
        Err(_) => println!("skipped: no kustomize on the path"),
    }
}

#[test]
fn everything_that_is_wrong_with_a_kustomization_is_said_at_once() {
    let text = "resource: [a.yaml]\nnamePreffix: x-\nimages:\n- {name: a, newtag: b, nweName: c}\nnamespace: 1\n";
    let files = memory(&[("kustomization.yaml", text)]);
    let sources = Sources::new();
    let ctx = Context { files: &files, sources: &sources, cwd: Path::new("/") };
    let error = Renderer::new(ctx, Options::default()).render(Path::new("/")).err().unwrap();
    let all: Vec<String> = error.all().map(ToString::to_string).collect();
    assert_eq!(
        all,
        [
            "kustomization.yaml:1:1: unknown field `resource` in a kustomization; did you mean `resources`?",
            "kustomization.yaml:2:1: unknown field `namePreffix` in a kustomization; did you mean `namePrefix`?",
            "kustomization.yaml:4:24: unknown field `nweName` in an entry of `images`; did you mean `newName`?",
            "kustomization.yaml:5:12: `namespace` must be a string, and this is the number `1`; quote it: \"1\"",
        ]
    );
}

#[test]
fn a_json_patch_that_finds_nothing_names_what_is_nearest() {
    let object = "apiVersion: v1\nkind: Pod\nmetadata: {name: a, annotations: {x.io/y: z}}\nspec: {containers: [{name: c}], volumes: []}\n";
    for (operation, hint) in [
        ("{op: remove, path: /spec/container}", "; did you mean `/spec/containers`?"),
        ("{op: add, path: /spec/containers/0/env/0, value: {}}", "; `/spec/containers/0` has `name`"),
        ("{op: remove, path: /metadata/annotations/x.io~1z}", "; did you mean `/metadata/annotations/x.io~1y`?"),
        ("{op: copy, from: /specs, path: /spec/a/b}", "; did you mean `/spec`?"),
        ("{op: test, path: /kind, value: Service}", "testing value failed"),
        ("{op: remove, path: /metadata/name/first}", "; `/metadata/name` is a scalar"),
        ("{op: replace, path: /spec/containers/3/image, value: x}", "; `/spec/containers` has 1 item"),
        ("{op: add, path: /spec/containers/5, value: {}}", ": index 5 is out of range: the list has 1 item"),
        ("{op: add, path: /spec/containers/first, value: {}}", ": `first` is not an index of a list"),
        ("{op: ad, path: /spec/none/x}", "; those are `add`, `remove`, `replace`, `move`, `copy` and `test`"),
        ("{path: /spec/none/x}", " needs `op`: `add`, `remove`, `replace`, `move`, `copy` and `test`"),
        ("{op: move, path: /spec/none/x}", "the operation has no `from`"),
        ("{op: remove, path: /spec/containers/7}", "the list has 1 item"),
    ] {
        let kustomization =
            format!("resources: [a.yaml]\npatches:\n- target: {{kind: Pod}}\n  patch: |-\n    - {operation}\n");
        let files = memory(&[("kustomization.yaml", &kustomization), ("a.yaml", object)]);
        let sources = Sources::new();
        let ctx = Context { files: &files, sources: &sources, cwd: Path::new("/") };
        let error = Renderer::new(ctx, Options::default()).render(Path::new("/")).err().unwrap();
        assert!(error.message.ends_with(hint), "{operation}: {}", error.message);
    }
}
