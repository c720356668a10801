//! A tree with as many of everything as one likes, to see what grows faster than the tree.

use manicheck::files::MemoryFiles;

/// One application: its objects refer to each other in all the ways that rules follow, and some references lead nowhere.
const APPLICATION: &str = r#"apiVersion: apps/v1
kind: Deployment
metadata: {name: app-@, labels: {app: app-@}}
spec:
  replicas: 2
  selector: {matchLabels: {app: app-@}}
  template:
    metadata: {labels: {app: app-@, part-of: shop}}
    spec:
      serviceAccountName: app-@
      containers:
        - name: app
          image: ghcr.io/shop/app:1.2.3
          ports: [{name: http, containerPort: 8080}]
          env: [{name: MODE, valueFrom: {configMapKeyRef: {name: app-@, key: mode}}}]
          envFrom: [{configMapRef: {name: app-@}}, {secretRef: {name: app-@}}]
          volumeMounts: [{name: data, mountPath: /data}]
      volumes: [{name: data, persistentVolumeClaim: {claimName: app-@}}]
---
apiVersion: v1
kind: Service
metadata: {name: app-@, labels: {app: app-@, part-of: shop}}
spec:
  selector: {app: app-@, part-of: shop}
  ports: [{name: http, port: 80, targetPort: http}]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: app-@}
data: {mode: fast, upstream: "http://localhost:5432"}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: app-@}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: app-@}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: app-@}
subjects: [{kind: ServiceAccount, name: app-@}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: app-@}
rules: [{apiGroups: ["*"], resources: [pods], verbs: [get]}]
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: app-@}
spec: {accessModes: [ReadWriteMany], resources: {requests: {storage: 1Gi}}}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: app-@}
spec: {maxUnavailable: 1, selector: {matchLabels: {app: app-@}}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: app-@}
spec:
  podSelector: {matchLabels: {app: app-@}}
  policyTypes: [Ingress, Egress]
  egress: [{to: [{podSelector: {}}]}]
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: app-@}
spec: {maxReplicas: 4, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: app-@}}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: app-@}
spec:
  ingressClassName: traefik
  tls: [{hosts: [app-@.shop.io], secretName: tls-@}]
  rules:
    - host: app-@.shop.io
      http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: app-@, port: {name: http}}}}]}
---
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata: {name: app-@}
spec: {selector: {matchLabels: {app: app-@}}, endpoints: [{port: http}]}
---
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: {name: app-@}
spec: {target: {name: app-@}, data: [{secretKey: a}]}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db-@}
spec:
  serviceName: db-@
  selector: {matchLabels: {app: db-@}}
  template:
    metadata: {labels: {app: db-@}}
    spec: {containers: [{name: db, image: "postgres:16.3", env: [{name: A, value: $(B)}]}]}
"#;

/// How the objects lie.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Shape {
    /// One kustomization with all of them.
    Root,
    /// Plain files, one for each application.
    Plain,
    /// A root for each application.
    Roots,
}

/// A tree of `count` applications.
pub(crate) fn tree(shape: Shape, count: usize) -> MemoryFiles {
    let mut files = MemoryFiles::new();
    let mut resources = String::from("resources:\n");
    for number in 0..count {
        let text = APPLICATION.replace('@', &format!("{number:05}"));
        let path = match shape {
            Shape::Roots => format!("app-{number}/app.yaml"),
            _ => format!("app-{number}.yaml"),
        };
        files.insert(&path, text);
        resources.push_str(&format!("- {path}\n"));
        if let Shape::Roots = shape {
            files.insert(
                format!("app-{number}/kustomization.yaml"),
                format!("namespace: n{number}\nresources: [app.yaml]\n"),
            );
        }
    }
    if let Shape::Root = shape {
        files.insert("kustomization.yaml", resources);
    }
    files
}
