"""A real API server takes every overlay as it stands: strict dry-run, with the real kinds of all operators."""

import pytest

from deploy.cluster import api
from deploy.cluster.control_plane import Cluster
from deploy.cluster.rendering import MANIFESTS, OVERLAYS, rendered
from tests.cluster.conftest import Combine

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(180)]
OPTIONS = (
    ("mig", "warm"),
    ("time-slicing", "model-volume"),
    ("training-on-idle-gpus",),
    ("kafka-scram",),
    ("gateway",),
    ("model-volume", "kafka-scram", "warm", "mig"),
)


@pytest.fixture(autouse=True, scope="module")
def namespace(bare_cluster: Cluster) -> None:
    """With the rules for its pods, which a dry-run is then measured by."""
    bare_cluster.client.apply((MANIFESTS / "base" / "namespace.yaml").read_text())


def objections(cluster: Cluster, text: str) -> list[str]:
    """What the API server says besides that it would take each object."""
    said = cluster.client.apply(text, dry_run=True).splitlines()
    return [line for line in said if not line.endswith("(server dry run)")]


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_overlay_is_taken_without_a_warning(bare_cluster: Cluster, overlay: str) -> None:
    assert objections(bare_cluster, rendered(MANIFESTS / "overlays" / overlay)) == []


@pytest.mark.parametrize("options", OPTIONS, ids="+".join)
def test_options_on_top_of_the_gpu_overlay_are_taken_too(
    bare_cluster: Cluster, combined: Combine, options: tuple[str, ...]
) -> None:
    assert objections(bare_cluster, rendered(combined("gpu", *options))) == []


def test_the_time_slicing_of_nvidias_operator_is_taken(bare_cluster: Cluster) -> None:
    bare_cluster.client.apply("{apiVersion: v1, kind: Namespace, metadata: {name: gpu-operator}}")
    assert objections(bare_cluster, (MANIFESTS / "nvidia" / "time-slicing.yaml").read_text()) == []


@pytest.mark.parametrize(
    ("right", "wrong", "complaint"),
    [
        ("maxReplicaCount: 12", "maxReplicas: 12", "unknown field"),
        ('lagThreshold: "60"', "lagThreshold: 60", "must be of type string"),
        ("maxUnavailable: 1\n", "maxUnavailible: 1\n", "unknown field"),
        ('nvidia.com/gpu: "1"', 'nvidia.com/gpu: "0.5"', "must be an integer"),
        ("runAsNonRoot: true", "runAsNonRoot: false", "violate PodSecurity"),
        ("readOnlyRootFilesystem: true", "readOnlyRootFileSystem: true", "unknown field"),
    ],
)
def test_a_slip_in_a_manifest_is_found(bare_cluster: Cluster, right: str, wrong: str, complaint: str) -> None:
    text = rendered(MANIFESTS / "overlays" / "gpu")
    assert right in text
    try:
        said = "\n".join(objections(bare_cluster, text.replace(right, wrong)))
    except api.ApiRefused as refusal:
        said = str(refusal)
    assert complaint in said
