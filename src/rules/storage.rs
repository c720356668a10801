//! What the storage rules share: databases by their images, and volumes that outlive a pod.

use std::borrow::Cow;

use crate::k8s::{Container, ImageRef, Workload};
use crate::yaml::Node;

/// A program whose data somebody wants to keep.
pub(super) struct Engine {
    /// The name of its image.
    image: &'static str,
    /// Its name.
    pub(super) name: &'static str,
    /// False for what is backed up by other means than a dump, or made anew.
    pub(super) is_backed_up: bool,
}

const fn engine_of(image: &'static str, name: &'static str) -> Engine {
    Engine { image, name, is_backed_up: true }
}

const fn other(image: &'static str, name: &'static str) -> Engine {
    Engine { image, name, is_backed_up: false }
}

const ENGINES: [Engine; 23] = [
    engine_of("postgres", "PostgreSQL"),
    engine_of("postgresql", "PostgreSQL"),
    engine_of("postgis", "PostgreSQL"),
    engine_of("timescaledb", "TimescaleDB"),
    engine_of("mysql", "MySQL"),
    engine_of("mariadb", "MariaDB"),
    engine_of("percona", "Percona Server"),
    engine_of("mongo", "MongoDB"),
    engine_of("mongodb", "MongoDB"),
    engine_of("mssql", "SQL Server"),
    engine_of("cockroach", "CockroachDB"),
    engine_of("cassandra", "Cassandra"),
    engine_of("scylla", "ScyllaDB"),
    engine_of("clickhouse", "ClickHouse"),
    engine_of("elasticsearch", "Elasticsearch"),
    engine_of("opensearch", "OpenSearch"),
    engine_of("influxdb", "InfluxDB"),
    engine_of("neo4j", "Neo4j"),
    engine_of("couchdb", "CouchDB"),
    other("etcd", "etcd"),
    other("minio", "MinIO"),
    other("rabbitmq", "RabbitMQ"),
    other("kafka", "Kafka"),
];

/// What the names of images of the same engine have behind it.
const VARIANTS: [&str; 6] = ["-server", "-community-server", "-enterprise-server", "-ha", "-oss", "-repmgr"];

/// Programs that run the engines: a `command` without one of them runs something else, such as a client.
const SERVERS: [&str; 28] = [
    "cassandra",
    "clickhouse",
    "clickhouse-server",
    "cockroach",
    "couchdb",
    "docker-entrypoint",
    "elasticsearch",
    "entrypoint",
    "etcd",
    "eswrapper",
    "influxd",
    "kafka",
    "kafka-server-start",
    "mariadbd",
    "minio",
    "mongod",
    "mongos",
    "mysqld",
    "mysqld_safe",
    "neo4j",
    "opensearch",
    "postgres",
    "rabbitmq-server",
    "run",
    "scylla",
    "setup",
    "sqlservr",
    "start",
];

/// The engine that a container runs as a server, by its image.
pub(super) fn engine(container: &Container<'_>) -> Option<&'static Engine> {
    let image = container.get("image")?.as_str()?;
    let reference = ImageRef::parse(&image).ok()?;
    let base = reference.base_name();
    // `mcr.microsoft.com/mssql/server`
    let base = match reference.path.rsplit('/').nth(1) {
        Some(parent) if base == "server" => parent,
        _ => base,
    };
    let of = |engine: &&Engine| {
        base.strip_prefix(engine.image).is_some_and(|rest| rest.is_empty() || VARIANTS.contains(&rest))
            || base.strip_prefix("cp-") == Some(engine.image)
    };
    ENGINES.iter().find(of).filter(|_| runs_server(container))
}

fn runs_server(container: &Container<'_>) -> bool {
    let Some(command) = container.get("command").filter(|c| !c.is_empty()) else { return true };
    let parts: Vec<Cow<'_, str>> = command.items().filter_map(|c| c.text()).collect();
    parts
        .iter()
        .flat_map(|part| part.split(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_')))
        .any(|w| SERVERS.contains(&w))
}

/// What becomes of the files of a mount when the pod goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keeps {
    /// They go too.
    No,
    /// They stay: a claim, a disk, a directory of the node.
    Yes,
    /// They are not written: configuration.
    Given,
}

/// Sources of volumes whose files are written by Kubernetes.
const GIVEN: [&str; 5] = ["configMap", "downwardAPI", "image", "projected", "secret"];

/// What becomes of the files in the volume of this name. One that the pod does not have is put in by somebody, who knows.
pub(super) fn keeps(workload: &Workload<'_>, name: &str) -> Keeps {
    if is_claim_template(workload, name) {
        return Keeps::Yes;
    }
    let volumes = workload.get("volumes");
    let mut volumes = volumes.iter().flat_map(Node::items);
    let Some(volume) = volumes.find(|v| v.get("name").is_some_and(|n| n.has_text(name))) else { return Keeps::Yes };
    let has = |field: &str| volume.get(field).is_some_and(|v| !v.is_null());
    if GIVEN.into_iter().any(has) || has("csi") && hands_out_secrets(&volume) {
        return Keeps::Given;
    }
    let source = volume
        .entries()
        .any(|(key, v)| !v.is_null() && !["name", "emptyDir", "gitRepo"].into_iter().any(|none| key.has_text(none)));
    if source { Keeps::Yes } else { Keeps::No }
}

fn is_claim_template(workload: &Workload<'_>, name: &str) -> bool {
    let templates = workload.object.spec().and_then(|s| s.get("volumeClaimTemplates"));
    templates.iter().flat_map(Node::items).any(|t| t.path(&["metadata", "name"]).is_some_and(|n| n.has_text(name)))
}

/// True for drivers that mount secrets and certificates.
fn hands_out_secrets(volume: &Node<'_>) -> bool {
    volume.path(&["csi", "driver"]).and_then(|d| d.as_str()).is_some_and(|driver| {
        driver.starts_with("secrets-store.")
            || driver.starts_with("csi.cert-manager.")
            || driver.starts_with("csi.spiffe.")
    })
}

/// The mounts of a container: names of volumes, with the path (empty for a block device).
pub(super) fn mounts<'s>(container: &Container<'s>) -> Vec<(Cow<'s, str>, Cow<'s, str>)> {
    let of = |list: &str, path: &str| -> Vec<(Cow<'s, str>, Cow<'s, str>)> {
        let list = container.get(list);
        let mounts = list.iter().flat_map(Node::items);
        mounts.filter_map(|m| Some((m.get("name")?.as_str()?, m.get(path)?.as_str()?))).collect()
    };
    let mut out = of("volumeMounts", "mountPath");
    out.extend(of("volumeDevices", "devicePath"));
    out
}

/// True if a container that runs with the pod mounts something that outlives the pod.
pub(super) fn keeps_data(workload: &Workload<'_>) -> bool {
    let running = workload.containers.iter().filter(|c| c.class.runs_with_pod());
    running.flat_map(mounts).any(|(name, _)| keeps(workload, &name) == Keeps::Yes)
}

/// True if a container that runs with the pod mounts a claim.
pub(super) fn has_claim(workload: &Workload<'_>) -> bool {
    let is_claim = |name: &str| {
        let volumes = workload.get("volumes");
        let mut volumes = volumes.iter().flat_map(Node::items);
        let volume = volumes.find(|v| v.get("name").is_some_and(|n| n.has_text(name)));
        is_claim_template(workload, name) || volume.is_some_and(|v| v.get("persistentVolumeClaim").is_some())
    };
    let running = workload.containers.iter().filter(|c| c.class.runs_with_pod());
    running.flat_map(mounts).any(|(name, _)| is_claim(&name))
}
