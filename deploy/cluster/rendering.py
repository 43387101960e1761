"""What an overlay comes to, as kubectl would send it."""

import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from deploy.cluster.binaries import path_of
from deploy.local.processes import LocalStackError

Document = dict[str, Any]

MANIFESTS = Path(__file__).resolve().parents[1] / "k8s"
OVERLAYS = ("dev", "cpu", "gpu", "strimzi")


def rendered(folder: Path) -> str:
    """The YAML of a kustomization. Raises LocalStackError with what is wrong in it."""
    done = subprocess.run([path_of("kubectl"), "kustomize", folder], capture_output=True, text=True, timeout=120)
    if done.returncode:
        raise LocalStackError(f"{folder} cannot be rendered: {done.stderr.strip()}")
    return done.stdout


def documents(text: str) -> list[Document]:
    """Every object of a YAML file."""
    return [one for one in yaml.safe_load_all(text) if one]


def of_kind(objects: Iterable[Document], *kinds: str) -> dict[str, Document]:
    """Those of some kinds, by name."""
    return {one["metadata"]["name"]: one for one in objects if one["kind"] in kinds}


def pod_spec(workload: Document) -> Document:
    """The pods that a Deployment, StatefulSet, Job or ScaledJob makes."""
    spec = workload["spec"].get("jobTargetRef", workload["spec"])
    pods: Document = spec["template"]["spec"]
    return pods
