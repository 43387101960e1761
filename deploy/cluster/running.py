"""A cluster from nothing and back to nothing."""

import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.cluster import api, binaries, definitions, keda
from deploy.cluster.control_plane import Cluster, apiserver, controller_manager, etcd, prepare, scheduler
from deploy.cluster.pretended import kwok
from deploy.local.places import apart
from deploy.local.processes import LocalStackError, Process, start, started, stop, wait_until_ready

ORDER = ("keda-adapter", "keda-webhooks", "keda-operator", "kwok", "scheduler", "controllers", "apiserver", "etcd")
STOP_S = {"apiserver": 3.0}  # it would drain watches for ten seconds


@contextmanager
def bare() -> Iterator[Cluster]:
    """etcd and an API server that knows our kinds: enough to ask whether manifests would be taken."""
    need_built(binaries.FOR_MANIFESTS)
    with _folder() as cluster:
        _up(cluster, etcd, apiserver)
        _teach(cluster)
        yield cluster


@contextmanager
def whole() -> Iterator[Cluster]:
    """The control plane, KEDA, and KWOK in the place of every kubelet."""
    need_built(binaries.PACKAGES)
    with bare() as cluster:
        _up(cluster, controller_manager, scheduler, kwok)
        cluster.client.kubectl("create", "namespace", keda.NAMESPACE)
        _up(cluster, keda.operator, keda.adapter, keda.webhooks)
        cluster.client.apply(keda.registration(cluster))
        until(lambda: cluster.client.answers("/apis/external.metrics.k8s.io/v1beta1"), "KEDA's metrics", limit_s=60)
        yield cluster


def until(holds: Callable[[], bool], what: str, *, limit_s: float, every_s: float = 0.25) -> float:
    """Wait for something; returns how long it took, in seconds. Raises LocalStackError when it does not come."""
    began = time.monotonic()
    while not holds():
        if time.monotonic() - began > limit_s:
            raise LocalStackError(f"{what}: not in {limit_s:.0f} s")
        time.sleep(every_s)
    return time.monotonic() - began


def need_built(names: Iterable[str]) -> None:
    """Raises LocalStackError for programs that were not built yet."""
    if absent := binaries.missing(names):
        raise LocalStackError(f"{', '.join(absent)}: not built yet (python -m deploy.cluster build: minutes, once)")


@contextmanager
def _folder() -> Iterator[Cluster]:
    folder = Path(tempfile.mkdtemp(prefix="backdrop-cluster-"))
    cluster = prepare(apart(folder))
    try:
        yield cluster
    finally:
        for name in sorted(started(cluster.places), key=ORDER.index):
            stop(name, cluster.places, patience_s=STOP_S.get(name, 10.0))
        shutil.rmtree(folder, ignore_errors=True)


def _up(cluster: Cluster, *parts: Callable[[Cluster], Process]) -> None:
    processes = [part(cluster) for part in parts]
    for process in processes:
        start(process, cluster.places)
    for process in processes:
        wait_until_ready(process, cluster.places)


def _teach(cluster: Cluster) -> None:
    """Our manifests' kinds, known and served."""
    files = "\n---\n".join(path.read_text() for path in sorted(definitions.kinds().glob("*.yaml")))
    cluster.client.apply(files, server_side=True)
    until(lambda: not _unknown(cluster), "our kinds are established", limit_s=60)


def _unknown(cluster: Cluster) -> list[str]:
    kinds = cluster.client.items("/apis/apiextensions.k8s.io/v1/customresourcedefinitions")
    return [kind["metadata"]["name"] for kind in kinds if not _established(kind)]


def _established(kind: api.Document) -> bool:
    conditions = kind.get("status", {}).get("conditions") or ()
    return any(one["type"] == "Established" and one["status"] == "True" for one in conditions)
