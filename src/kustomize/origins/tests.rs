use std::sync::Arc;

use super::*;
use crate::source::Source;
use crate::yaml::{Origin, Piece, Scalar, SrcNode, Step, StepKind, Style};

fn source(path: &str, text: &str) -> Source {
    Source::new(path.into(), path.into(), text.as_bytes().to_vec())
}

fn root(source: &Source) -> Node<'_> {
    Node::Source(SrcNode { source, id: source.tree().documents[0].root.unwrap() }, None)
}

/// The span of the first occurrence of a text.
fn at<'s>(source: &'s Source, text: &str) -> Span<'s> {
    let start = source.text().find(text).unwrap() as u32;
    source.span(start..start + text.len() as u32)
}

const DEPLOY: &str = "\
kind: Deployment
metadata:
  labels: {}
  name: web
spec:
  paused: !!bool \"true\"
  replicas: 1
  a/b~c: [x, 0644]
  script: |
    one
    two
";

const KUSTOMIZATION: &str = "namePrefix: dev-\nreplicas:\n- name: web\n  count: 3\n";

/// An object as a build makes it: name with prefix and hash, replicas replaced, a label that no file asks for.
fn object<'s>(deploy: &'s Source, kustomization: &'s Source) -> Node<'s> {
    let mut object = root(deploy);
    let prefix = Step::new(StepKind::NamePrefix, Some(at(kustomization, "dev-")));
    let hash = Arc::new(Step { kind: StepKind::Hash, at: None, inputs: vec![at(deploy, "x"), at(deploy, "0644")] });
    let name = at(deploy, "web");
    let piece = |len, span| Piece { len, span };
    let scalar = Scalar {
        text: "dev-web-g".into(),
        style: Style::Plain,
        tag: None,
        origin: Origin::at(name).with(&prefix, None).with(&hash, None),
        pieces: vec![piece(4, Some(at(kustomization, "dev-"))), piece(3, Some(name)), piece(2, None)],
    };
    let metadata = object.get_mut("metadata").unwrap();
    metadata.set(Node::plain("name", Origin::default()), Node::Scalar(Arc::new(scalar)));
    let build = Step::new(StepKind::BuildMetadata, None);
    let label = Node::string("manicheck", Origin::default().with(&build, None));
    let labels = metadata.get_mut("labels").unwrap();
    labels.set(Node::plain("managed-by", Origin::default()), label);
    let replicas = Step::new(StepKind::Replicas, Some(at(kustomization, "web")));
    let count = Origin::at(at(kustomization, "3")).with(&replicas, None);
    object.get_mut("spec").unwrap().set(Node::plain("replicas", Origin::default()), Node::plain("3", count));
    object
}

#[test]
fn every_scalar_has_a_line() {
    let (deploy, kustomization) = (source("base/deploy.yaml", DEPLOY), source("kustomization.yaml", KUSTOMIZATION));
    insta::assert_snapshot!(json(&[object(&deploy, &kustomization), root(&kustomization)]).unwrap());
}

#[test]
fn every_value_has_a_comment() {
    let (deploy, kustomization) = (source("base/deploy.yaml", DEPLOY), source("kustomization.yaml", KUSTOMIZATION));
    let objects = [object(&deploy, &kustomization), root(&kustomization)];
    let commented = text(&objects).unwrap();
    insta::assert_snapshot!(commented);
    let again = source("again.yaml", &commented);
    assert!(again.tree().errors.is_empty());
    let nodes: Vec<Node<'_>> = again
        .tree()
        .documents
        .iter()
        .filter_map(|d| d.root)
        .map(|id| Node::Source(SrcNode { source: &again, id }, None))
        .collect();
    assert_eq!(emit::stream(&nodes).unwrap(), emit::stream(&objects).unwrap());
}

#[test]
fn comments_do_not_change_long_and_odd_values() {
    let long = "word ".repeat(40);
    let text = format!(
        "a: {long}\nb: 'a: {long}'\nc: \"\\t{long}\"\nd: |2-\n   x\ne: [[], {{}}, ~]\n? {}\n: - 1\n",
        "k".repeat(200)
    );
    let odd = source("a\nb.yaml", &text);
    let commented = super::text(&[root(&odd)]).unwrap();
    let again = source("again.yaml", &commented);
    assert_eq!(emit::document(&root(&again)).unwrap(), emit::document(&root(&odd)).unwrap(), "{commented}");
}

#[test]
fn repeated_steps_and_places_are_named_once() {
    let kustomization = source("kustomization.yaml", KUSTOMIZATION);
    let step = Step::new(StepKind::Replicas, Some(at(&kustomization, "web")));
    let twice = Origin::at(at(&kustomization, "3")).with(&step, None).with(&step, None);
    let record: serde_json::Value = serde_json::from_str(&json(&[Node::plain("3", twice)]).unwrap()).unwrap();
    assert_eq!(record["pointer"], "");
    assert_eq!(record["via"].as_array().unwrap().len(), 1);
}
