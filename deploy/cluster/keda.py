"""KEDA's operator, metrics adapter and admission webhooks, and how the API server is told of them."""

import base64

from deploy.cluster.binaries import path_of
from deploy.cluster.control_plane import Cluster
from deploy.local.ports import HOST
from deploy.local.preparing import no_listener
from deploy.local.processes import Process

NAMESPACE = "keda"
WEBHOOKS = ("scaledobject", "scaledjob", "triggerauthentication")


def operator(cluster: Cluster) -> Process:
    """Reads lag, takes stages from 0 to 1 and back, makes the autoscalers and the jobs."""
    ports = cluster.ports
    flags = {
        "metrics-bind-address": f"{HOST}:{ports.keda_metrics}",
        "health-probe-bind-address": f"{HOST}:{ports.keda_health}",
        "metrics-service-bind-address": f"{HOST}:{ports.keda_grpc}",
        "cert-dir": str(cluster.certificates.folder),
        "zap-encoder": "console",
    }
    return _process(cluster, "keda-operator", flags, ports.keda_grpc)


def adapter(cluster: Cluster) -> Process:
    """Answers the autoscaler's question how long the queue is."""
    ports, certificates = cluster.ports, cluster.certificates
    certificate, key = certificates.of("tls")
    flags = {
        "bind-address": HOST,
        "secure-port": str(ports.adapter),
        "port": str(ports.adapter_metrics),
        "metrics-service-address": f"localhost:{ports.keda_grpc}",
        "cert-dir": str(certificates.folder),
        "tls-cert-file": str(certificate),
        "tls-private-key-file": str(key),
        "client-ca-file": str(certificates.of("ca")[0]),
    }
    for use in ("lister", "authentication", "authorization"):
        flags[f"{use}-kubeconfig"] = str(certificates.kubeconfig("admin"))
    return _process(cluster, "keda-adapter", flags, ports.adapter)


def webhooks(cluster: Cluster) -> Process:
    """Refuses what cannot work, such as two scalers of one Deployment."""
    ports = cluster.ports
    flags = {
        "port": str(ports.webhooks),
        "metrics-bind-address": f"{HOST}:{ports.webhooks_metrics}",
        "health-probe-bind-address": f"{HOST}:{ports.webhooks_health}",
        "cert-dir": str(cluster.certificates.folder),
    }
    return _process(cluster, "keda-webhooks", flags, ports.webhooks)


def registration(cluster: Cluster) -> str:
    """What makes the API server ask the adapter for metrics and the webhooks for their opinion."""
    authority = base64.b64encode(cluster.certificates.of("ca")[0].read_bytes()).decode()
    hooks = "".join(_webhook(kind, cluster.ports.webhooks, authority) for kind in WEBHOOKS)
    return f"""\
apiVersion: v1
kind: Service
metadata: {{name: keda-metrics-apiserver, namespace: {NAMESPACE}}}
spec: {{type: ExternalName, externalName: localhost}}  # endpoints on loopback would be refused
---
apiVersion: apiregistration.k8s.io/v1
kind: APIService
metadata: {{name: v1beta1.external.metrics.k8s.io}}
spec:
  service: {{name: keda-metrics-apiserver, namespace: {NAMESPACE}, port: {cluster.ports.adapter}}}
  group: external.metrics.k8s.io
  version: v1beta1
  groupPriorityMinimum: 100
  versionPriority: 100
  caBundle: {authority}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {{name: keda-external-metrics-reader}}
rules: [{{apiGroups: [external.metrics.k8s.io], resources: ["*"], verbs: [get, list, watch]}}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {{name: keda-external-metrics-reader}}
roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: keda-external-metrics-reader}}
subjects: [{{kind: ServiceAccount, name: horizontal-pod-autoscaler, namespace: kube-system}}]
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {{name: keda-admission}}
webhooks:
{hooks}"""


def _webhook(kind: str, port: int, authority: str) -> str:
    return f"""\
  - name: {kind}.keda.sh
    admissionReviewVersions: [v1]
    clientConfig: {{url: "https://localhost:{port}/validate-keda-sh-v1alpha1-{kind}", caBundle: {authority}}}
    failurePolicy: Fail
    sideEffects: None
    rules: [{{apiGroups: [keda.sh], apiVersions: [v1alpha1], operations: [CREATE, UPDATE], resources: [{kind}s]}}]
"""


def _process(cluster: Cluster, name: str, flags: dict[str, str], port: int) -> Process:
    command = (str(path_of(name)), *(f"--{flag}={value}" for flag, value in flags.items()))
    environment = {
        "KUBECONFIG": str(cluster.certificates.kubeconfig("admin")),
        "POD_NAMESPACE": NAMESPACE,
        "KEDA_CLUSTER_OBJECT_NAMESPACE": NAMESPACE,
        "WATCH_NAMESPACE": "",
    }
    return Process(
        name=name,
        command=command,
        where=f"{HOST}:{port}",
        port=port,
        ready=lambda: no_listener(port),
        environment=environment,
    )
