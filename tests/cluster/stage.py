"""What a test sees of the running cluster: pods by stage, where they are, and what the autoscalers were told."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from deploy.cluster import pretended
from deploy.cluster.control_plane import Cluster
from deploy.cluster.running import until
from deploy.local.processes import LocalStackError

STAGES = ("segmenter", "captioner", "curator", "inpainter", "trainer")
PODS = "/api/v1/namespaces/backdrop/pods"
AUTOSCALERS = "/apis/autoscaling/v2/namespaces/backdrop/horizontalpodautoscalers"
SCALERS = "/apis/keda.sh/v1alpha1/namespaces/backdrop/scaledobjects"
JOBS = "/apis/batch/v1/namespaces/backdrop/jobs"
PATIENCE_S = 90.0


@dataclass(frozen=True)
class Stage:
    """How many pods of one stage run, and how many wait for a node."""

    running: int = 0
    waiting: int = 0

    def __str__(self) -> str:
        return f"{self.running}" + (f"+{self.waiting} waiting" if self.waiting else "")


@dataclass(frozen=True)
class View:
    """One cluster, looked at."""

    cluster: Cluster

    def pods(self, stage: str | None = None) -> list[dict[str, Any]]:
        """Pods that have not ended, of one stage or of all."""
        selector = f"app.kubernetes.io/name={stage}" if stage else "app.kubernetes.io/part-of=backdrop"
        listed = self.cluster.client.items(f"{PODS}?labelSelector={selector}")
        return [pod for pod in listed if pod["status"].get("phase") in ("Pending", "Running")]

    def stages(self) -> dict[str, Stage]:
        """Every stage."""
        counts = {stage: [0, 0] for stage in STAGES}
        for pod in self.pods():
            stage = pod["metadata"]["labels"]["app.kubernetes.io/name"]
            if stage in counts:
                counts[stage][0 if pod["status"]["phase"] == "Running" else 1] += 1
        return {stage: Stage(*count) for stage, count in counts.items()}

    def pools(self, stage: str) -> set[str]:
        """Where the running pods of a stage are."""
        names = {pod["spec"]["nodeName"] for pod in self.pods(stage) if pod["spec"].get("nodeName")}
        nodes = {node["metadata"]["name"]: node for node in self.cluster.client.items("/api/v1/nodes")}
        return {nodes[name]["metadata"]["labels"].get("backdrop/pool", "none") for name in names}

    def reaches(self, wanted: Mapping[str, Stage], *, limit_s: float = PATIENCE_S, settling: bool = False) -> float:
        """Wait until the stages are as wanted, none where nothing is said. Returns the seconds it took.

        A stage that is as wanted already must stay so all the while, unless all of it is `settling`.
        """
        whole = {stage: Stage() for stage in STAGES} | wanted
        steady = [] if settling else [stage for stage, many in self.stages().items() if many == whole[stage]]
        seen: list[dict[str, Stage]] = []

        def there() -> bool:
            seen[:] = [self.stages()]
            moved = [stage for stage in steady if seen[0][stage] != whole[stage]]
            assert not moved, f"{', '.join(moved)} moved, but should not: {_words(seen[0])}"
            return seen[0] == whole

        try:
            return until(there, _words(whole), limit_s=limit_s)
        except LocalStackError as error:
            raise AssertionError(f"{error}; instead: {_words(seen[0])}") from error

    def thresholds(self) -> dict[str, list[str]]:
        """What each autoscaler was told to keep its stage's lag at, per replica."""
        found = {}
        for autoscaler in self.cluster.client.items(AUTOSCALERS):
            stage = autoscaler["spec"]["scaleTargetRef"]["name"]
            targets = [metric["external"]["target"] for metric in autoscaler["spec"]["metrics"]]
            found[stage] = [f"{target['type']} {target['averageValue']}" for target in targets]
        return found

    def ready(self) -> dict[str, str]:
        """Whether KEDA can read each stage's lag."""
        return {
            scaler["metadata"]["name"]: condition["status"]
            for scaler in self.cluster.client.items(SCALERS)
            for condition in scaler.get("status", {}).get("conditions", ())
            if condition["type"] == "Ready"
        }

    def jobs(self) -> list[dict[str, Any]]:
        """The trainer's jobs."""
        return self.cluster.client.items(f"{JOBS}?labelSelector=app.kubernetes.io/name=trainer")

    def add_node(self, name: str, *, pool: str | None = None, gpus: int = 0) -> None:
        """One more node; pretended ones get their status by the status subresource."""
        node = pretended.node(name, pool=pool, gpus=gpus)
        self.cluster.client.post("/api/v1/nodes", node)


def _words(stages: Mapping[str, Stage]) -> str:
    return ", ".join(f"{stage} {many}" for stage, many in stages.items())


def eventually(holds: Callable[[], bool], what: str, *, limit_s: float = PATIENCE_S) -> float:
    """Wait for something; returns the seconds it took."""
    return until(holds, what, limit_s=limit_s)
