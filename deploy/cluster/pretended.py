"""Nodes and pods that exist in the API alone (KWOK): real scheduling, no container."""

from pathlib import Path
from typing import Any

from deploy.cluster import definitions
from deploy.cluster.binaries import path_of
from deploy.cluster.control_plane import PODS_RANGE, Cluster
from deploy.local.ports import HOST
from deploy.local.preparing import no_listener
from deploy.local.processes import Process

PODS = Path(__file__).resolve().parent / "kwok" / "pods.yaml"


def kwok(cluster: Cluster) -> Process:
    """Every node is pretended. Raises LocalStackError."""
    stages = cluster.places.var / "stages.yaml"
    files = [*sorted(definitions.stages().glob("*.yaml")), PODS]
    stages.write_text("\n---\n".join(file.read_text() for file in files))
    flags = {
        "kubeconfig": str(cluster.certificates.kubeconfig("admin")),
        "config": str(stages),
        "manage-all-nodes": "true",
        "manage-nodes-with-annotation-selector": "",
        "node-lease-duration-seconds": "40",  # without leases the nodes are given up every 50 s
        "cidr": PODS_RANGE,
        "node-ip": HOST,
        "server-address": f"{HOST}:{cluster.ports.kwok}",
    }
    command = (str(path_of("kwok")), *(f"--{name}={value}" for name, value in flags.items()))
    port = cluster.ports.kwok
    return Process(name="kwok", command=command, where=f"{HOST}:{port}", port=port, ready=lambda: no_listener(port))


def node(name: str, *, pool: str | None = None, gpus: int = 0) -> dict[str, Any]:
    """A node of a GPU pool as NVIDIA's operator and docs/kubernetes.md would have it, or a plain one."""
    labels = {"kubernetes.io/hostname": name, "kubernetes.io/os": "linux", "topology.kubernetes.io/zone": "here"}
    taints = []
    if pool:
        labels |= {"backdrop/pool": pool, "nvidia.com/gpu.present": "true"}
        taints = [
            {"key": "nvidia.com/gpu", "value": "present", "effect": "NoSchedule"},
            {"key": "backdrop/pool", "value": pool, "effect": "NoSchedule"},
        ]
    amounts = {"cpu": "64", "memory": "512Gi", "pods": "110", **({"nvidia.com/gpu": str(gpus)} if gpus else {})}
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "labels": labels, "annotations": {"node.alpha.kubernetes.io/ttl": "0"}},
        "spec": {"taints": taints},
        "status": {"capacity": amounts, "allocatable": amounts},
    }
