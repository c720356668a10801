//! How fast files are read: the fast parser, the conforming one behind it, and the floor that `memchr` gives.
//!
//! `cargo bench --bench parse`. With `MANICHECK_CORPUS=dir`, also on the YAML files below that directory.

use std::path::Path;
use std::sync::OnceLock;

use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use manicheck::source::Source;
use manicheck::yaml::{Node, documents, parse, parse_conforming};

fn main() {
    divan::main();
}

/// Names of the inputs that there are.
fn inputs() -> Vec<&'static str> {
    let all = ["deployments", "crd", "corpus"];
    all.into_iter().filter(|name| !texts(name).is_empty()).collect()
}

fn texts(name: &str) -> &'static [String] {
    static DEPLOYMENTS: OnceLock<Vec<String>> = OnceLock::new();
    static CRD: OnceLock<Vec<String>> = OnceLock::new();
    static CORPUS: OnceLock<Vec<String>> = OnceLock::new();
    match name {
        "deployments" => DEPLOYMENTS.get_or_init(|| (0..300).map(deployment).collect()),
        "crd" => CRD.get_or_init(|| vec![crd()]),
        _ => CORPUS.get_or_init(|| {
            let mut texts = Vec::new();
            if let Some(dir) = std::env::var_os("MANICHECK_CORPUS") {
                read(Path::new(&dir), &mut texts);
            }
            texts
        }),
    }
}

/// The files that the fast parser reads all of: the others measure the conforming one.
fn read(dir: &Path, texts: &mut Vec<String>) {
    for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            read(&path, texts);
        } else if path.extension().is_some_and(|e| e == "yaml" || e == "yml")
            && let Ok(text) = std::fs::read_to_string(&path)
            && parse(&text).errors.is_empty()
        {
            texts.push(text);
        }
    }
}

fn deployment(i: usize) -> String {
    format!(
        r#"# Serves the shop.
apiVersion: apps/v1
kind: Deployment
metadata:
  name: shop-{i}
  namespace: shop
  labels:
    app.kubernetes.io/name: shop
    app.kubernetes.io/part-of: "store"
  annotations:
    description: |
      Takes orders.
      Ask the team before you change it.
spec:
  replicas: 3
  selector:
    matchLabels: {{app.kubernetes.io/name: shop}}
  template:
    metadata:
      labels:
        app.kubernetes.io/name: shop
    spec:
      serviceAccountName: shop
      containers:
      - name: server
        image: registry.example.com/shop/server:1.{i}.0
        args: ["--port", "8080", "--verbose"]
        env:
        - name: DATABASE_URL
          valueFrom:
            secretKeyRef:
              name: shop-database
              key: url
        - name: GREETING
          value: 'it''s {i}'
        ports:
        - name: http
          containerPort: 8080 # behind the service
        resources:
          requests:
            cpu: 100m
            memory: 128Mi
          limits:
            memory: 256Mi
        livenessProbe:
          httpGet: {{path: /healthz, port: http}}
          initialDelaySeconds: 10
      volumes:
      - name: cache
        emptyDir: {{}}
"#
    )
}

fn crd() -> String {
    let mut text = String::from("apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nproperties:\n");
    for i in 0..20_000 {
        text += &format!(
            "  field{i}:\n    description: |-\n      Field number {i} of the resource, which has a description of\n      \
             two lines.\n    type: string\n    nullable: true\n    items:\n      - a\n      - \"b\"\n"
        );
    }
    text
}

fn bytes(texts: &[String]) -> BytesCount {
    BytesCount::new(texts.iter().map(String::len).sum::<usize>())
}

#[divan::bench(args = inputs())]
fn fast(bencher: Bencher<'_, '_>, name: &str) {
    let texts = texts(name);
    bencher.counter(bytes(texts)).bench(|| texts.iter().map(|t| black_box(parse(t)).nodes.len()).sum::<usize>());
}

#[divan::bench(args = inputs())]
fn fast_and_decode(bencher: Bencher<'_, '_>, name: &str) {
    let texts = texts(name);
    bencher.counter(bytes(texts)).bench(|| {
        let lengths = texts.iter().map(|text| {
            let tree = parse(text);
            (0..tree.nodes.len() as u32).map(|id| black_box(tree.value(text, id)).len()).sum::<usize>()
        });
        lengths.sum::<usize>()
    });
}

#[divan::bench(args = inputs())]
fn conforming(bencher: Bencher<'_, '_>, name: &str) {
    let texts = texts(name);
    bencher
        .counter(bytes(texts))
        .bench(|| texts.iter().map(|t| black_box(parse_conforming(t)).nodes.len()).sum::<usize>());
}

#[divan::bench(args = inputs())]
fn floor_memchr(bencher: Bencher<'_, '_>, name: &str) {
    let texts = texts(name);
    let count = |t: &String| memchr::memchr_iter(b'\n', t.as_bytes()).count();
    bencher.counter(bytes(texts)).bench(|| texts.iter().map(|t| black_box(count(t))).sum::<usize>());
}

/// Looks up the image of each container.
#[divan::bench]
fn lookups(bencher: Bencher<'_, '_>) {
    let sources: Vec<Source> =
        texts("deployments").iter().map(|t| Source::new("a".into(), "a".into(), t.clone().into_bytes())).collect();
    let roots: Vec<Node<'_>> = sources.iter().flat_map(documents).map(|d| d.node).collect();
    bencher.counter(divan::counter::ItemsCount::new(roots.len())).bench(|| {
        let image = |n: &Node<'_>| {
            let containers = n.path(&["spec", "template", "spec", "containers"])?;
            containers.items().next()?.get("image")?.text().map(|t| t.len())
        };
        roots.iter().filter_map(|n| black_box(image(n))).sum::<usize>()
    });
}
