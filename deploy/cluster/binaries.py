"""The programs of a control plane, built once from one go.mod and kept by its hash."""

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

from deploy.local.preparing import need, run

MODULE = Path(__file__).resolve().parent / "binaries"
PACKAGES = {
    "kubectl": "k8s.io/kubernetes/cmd/kubectl",
    "etcd": "go.etcd.io/etcd/server/v3",
    "kube-apiserver": "k8s.io/kubernetes/cmd/kube-apiserver",
    "kube-controller-manager": "k8s.io/kubernetes/cmd/kube-controller-manager",
    "kube-scheduler": "k8s.io/kubernetes/cmd/kube-scheduler",
    "kwok": "sigs.k8s.io/kwok/cmd/kwok",
    "keda-operator": "github.com/kedacore/keda/v2/cmd/operator",
    "keda-adapter": "github.com/kedacore/keda/v2/cmd/adapter",
    "keda-webhooks": "github.com/kedacore/keda/v2/cmd/webhooks",
}
FOR_MANIFESTS = ("kubectl", "etcd", "kube-apiserver")
BUILD_LIMIT_S = 3600.0


def cache() -> Path:
    """Where everything built or fetched from this go.mod lies."""
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return home / "backdrop" / "cluster" / fingerprint()


def fingerprint() -> str:
    """Changes with any version in go.mod or go.sum."""
    both = b"".join((MODULE / name).read_bytes() for name in ("go.mod", "go.sum"))
    return hashlib.sha256(both).hexdigest()[:16]


def path_of(name: str) -> Path:
    """Where a program is, or will be."""
    return cache() / "bin" / name


def missing(names: Iterable[str] = PACKAGES) -> list[str]:
    """Those that were not built yet."""
    return [name for name in names if not path_of(name).exists()]


def build(names: Iterable[str] = PACKAGES) -> None:
    """Build what is missing: minutes each, once. Raises LocalStackError."""
    for name in missing(names):
        need("go", "Go: see the version in deploy/cluster/binaries/go.mod")
        print(f"  building {name} (minutes, once)", flush=True)
        target = path_of(name)
        target.parent.mkdir(parents=True, exist_ok=True)
        unfinished = target.with_suffix(f".{os.getpid()}")
        command = ("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", str(unfinished), PACKAGES[name])
        run(command, f"building {name}", {"CGO_ENABLED": "0"}, folder=MODULE, limit_s=BUILD_LIMIT_S)
        unfinished.rename(target)
