"""etcd, API server, controller manager and scheduler on loopback ports of their own."""

from dataclasses import dataclass

import httpx

from deploy.cluster import api
from deploy.cluster.binaries import path_of
from deploy.cluster.certificates import Certificates, made
from deploy.local.places import Places
from deploy.local.ports import HOST, free_ports
from deploy.local.preparing import no_listener
from deploy.local.processes import Process, Ready

SERVICES_RANGE, PODS_RANGE = "10.96.0.0/16", "10.244.0.0/16"
HPA_EVERY = "3s"


@dataclass(frozen=True)
class Ports:
    """Free ports, one for each listener."""

    etcd: int
    etcd_peer: int
    apiserver: int
    controllers: int
    scheduler: int
    kwok: int
    keda_metrics: int
    keda_health: int
    keda_grpc: int
    adapter: int
    adapter_metrics: int
    webhooks: int
    webhooks_metrics: int
    webhooks_health: int


@dataclass(frozen=True)
class Cluster:
    """One control plane: where its files, ports and certificates are."""

    places: Places
    ports: Ports
    certificates: Certificates

    @property
    def client(self) -> api.ClusterApi:
        """The administrator's."""
        return api.ClusterApi(self.certificates)


def prepare(places: Places) -> Cluster:
    """Ports and certificates of a new cluster; nothing runs yet. Raises LocalStackError."""
    ports = Ports(*free_ports(len(Ports.__dataclass_fields__)))
    certificates = made(places.var / "certificates", f"https://{HOST}:{ports.apiserver}")
    return Cluster(places, ports, certificates)


def etcd(cluster: Cluster) -> Process:
    """The store; it forgets nothing it was told, but this machine's disk may."""
    clients, peers = (f"http://{HOST}:{port}" for port in (cluster.ports.etcd, cluster.ports.etcd_peer))
    flags = {
        "data-dir": str(cluster.places.var / "etcd"),
        "listen-client-urls": clients,
        "advertise-client-urls": clients,
        "listen-peer-urls": peers,
        "initial-advertise-peer-urls": peers,
        "initial-cluster": f"default={peers}",
        "log-level": "warn",
    }
    command = (*_command("etcd", flags), "--unsafe-no-fsync")
    return _process("etcd", command, cluster.ports.etcd, lambda: no_listener(cluster.ports.etcd))


def apiserver(cluster: Cluster) -> Process:
    """The API, with RBAC, admission and aggregation as in any cluster."""
    certificates, ports = cluster.certificates, cluster.ports
    own, front = certificates.of("apiserver"), certificates.of("front-proxy")
    flags = {
        "etcd-servers": f"http://{HOST}:{ports.etcd}",
        "bind-address": HOST,
        "advertise-address": HOST,
        "secure-port": str(ports.apiserver),
        "endpoint-reconciler-type": "none",  # nobody reaches it by a Service
        "service-cluster-ip-range": SERVICES_RANGE,
        "authorization-mode": "RBAC",
        "client-ca-file": str(certificates.of("ca")[0]),
        "tls-cert-file": str(own[0]),
        "tls-private-key-file": str(own[1]),
        "service-account-issuer": "https://kubernetes.default.svc",
        "service-account-key-file": str(certificates.folder / "accounts.pub"),
        "service-account-signing-key-file": str(certificates.folder / "accounts.key"),
        "requestheader-client-ca-file": str(certificates.of("front-proxy-ca")[0]),
        "requestheader-allowed-names": "front-proxy-client",
        "requestheader-username-headers": "X-Remote-User",
        "requestheader-group-headers": "X-Remote-Group",
        "requestheader-extra-headers-prefix": "X-Remote-Extra-",
        "proxy-client-cert-file": str(front[0]),
        "proxy-client-key-file": str(front[1]),
        "shutdown-delay-duration": "0s",
    }
    return _process("apiserver", _command("kube-apiserver", flags), ports.apiserver, lambda: _not_ready(cluster))


def controller_manager(cluster: Cluster) -> Process:
    """Deployments, jobs and the autoscaler that KEDA feeds."""
    flags = _signed_in(cluster, "kube-controller-manager") | {
        "secure-port": str(cluster.ports.controllers),
        "use-service-account-credentials": "true",
        "service-account-private-key-file": str(cluster.certificates.folder / "accounts.key"),
        "root-ca-file": str(cluster.certificates.of("ca")[0]),
        "horizontal-pod-autoscaler-sync-period": HPA_EVERY,
    }
    port = cluster.ports.controllers
    return _process("controllers", _command("kube-controller-manager", flags), port, lambda: no_listener(port))


def scheduler(cluster: Cluster) -> Process:
    """Pools, taints, priorities, preemption."""
    flags = _signed_in(cluster, "kube-scheduler") | {"secure-port": str(cluster.ports.scheduler)}
    port = cluster.ports.scheduler
    return _process("scheduler", _command("kube-scheduler", flags), port, lambda: no_listener(port))


def _signed_in(cluster: Cluster, name: str) -> dict[str, str]:
    kubeconfig = str(cluster.certificates.kubeconfig(name))
    return {
        "kubeconfig": kubeconfig,
        "authentication-kubeconfig": kubeconfig,
        "authorization-kubeconfig": kubeconfig,
        "bind-address": HOST,
        "leader-elect": "false",
    }


def _command(program: str, flags: dict[str, str]) -> tuple[str, ...]:
    return (str(path_of(program)), *(f"--{name}={value}" for name, value in flags.items()))


def _process(name: str, command: tuple[str, ...], port: int, ready: Ready, **more: dict[str, str]) -> Process:
    return Process(name=name, command=command, where=f"{HOST}:{port}", port=port, ready=ready, **more)  # type: ignore[arg-type]


def _not_ready(cluster: Cluster) -> str | None:
    try:
        return None if cluster.client.answers("/readyz") else "/readyz does not say ok yet"
    except httpx.HTTPError as error:
        return f"nobody answers: {type(error).__name__}"
