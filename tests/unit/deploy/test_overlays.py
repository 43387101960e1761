"""What the overlays come to: each reference finds its target, each card its pool. Needs the kubectl of the cluster."""

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from deploy.cluster.binaries import path_of
from deploy.cluster.rendering import MANIFESTS, OVERLAYS, Document, documents, of_kind, pod_spec, rendered
from deploy.local.__main__ import project_version
from tests.unit.deploy.test_containers import known_variables, settings_of

pytestmark = pytest.mark.skipif(
    not path_of("kubectl").exists(), reason="kubectl is not built: python -m deploy.cluster build --for-manifests"
)
WORKLOADS = ("Deployment", "StatefulSet", "Job", "ScaledJob")
# What an operator brings, as docs/kubernetes.md lists it; Strimzi makes those of Kafka.
GIVEN = {f"backdrop-{who}" for who in ("owner", "client", "segmenter", "captioner", "curator", "inpainter", "trainer")}


@cache
def objects(overlay: str) -> list[Document]:
    return documents(rendered(MANIFESTS / "overlays" / overlay))


def workloads(overlay: str) -> dict[str, Document]:
    return of_kind(objects(overlay), *WORKLOADS)


def values(node: Any, key: str) -> Iterator[Any]:
    """Every value of a key, however deep."""
    if isinstance(node, list):
        for one in node:
            yield from values(one, key)
    elif isinstance(node, dict):
        for name, value in node.items():
            if name == key:
                yield value
            yield from values(value, key)


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_reference_finds_what_it_names(overlay: str) -> None:
    made = {kind: set(of_kind(objects(overlay), kind)) for kind in ("ConfigMap", "Secret", "PriorityClass")}
    pods = [pod_spec(workload) for workload in workloads(overlay).values()]
    assert {one["name"] for one in values(pods, "configMapRef")} <= made["ConfigMap"]
    assert set(values(pods, "priorityClassName")) <= made["PriorityClass"]
    users = set(of_kind(objects(overlay), "KafkaUser")) | {"backdrop-cluster-ca-cert"}
    secrets = {one["name"] for one in values(pods, "secretKeyRef")} | set(values(pods, "secretName"))
    assert secrets <= made["Secret"] | (set() if overlay == "dev" else GIVEN) | (
        users if overlay == "strimzi" else set()
    )


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_keda_scales_what_is_there_and_signs_in_with_what_is_there(overlay: str) -> None:
    scalers = of_kind(objects(overlay), "ScaledObject")
    assert (
        {one["spec"]["scaleTargetRef"]["name"] for one in scalers.values()} == set(scalers) <= set(workloads(overlay))
    )
    signs_in = of_kind(objects(overlay), "TriggerAuthentication")["kafka"]["spec"]
    maps = {one["name"] for one in signs_in.get("configMapTargetRef", ())}
    assert maps <= set(of_kind(objects(overlay), "ConfigMap"))


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_image_of_ours_has_the_projects_version_and_every_other_one_a_fixed_one(overlay: str) -> None:
    for workload in workloads(overlay).values():
        (container,) = pod_spec(workload)["containers"]
        name, _, tag = container["image"].partition(":")
        ours = name.startswith("backdrop/") and name != "backdrop/minio"
        assert tag == project_version() if ours else tag not in ("", "latest")


@pytest.mark.parametrize("overlay", ["gpu", "strimzi"])
def test_each_stage_with_a_model_has_one_card_in_a_pool_of_its_own(overlay: str) -> None:
    for stage in ("segmenter", "captioner", "inpainter", "trainer"):
        pod = pod_spec(workloads(overlay)[stage])
        assert pod["nodeSelector"] == {"backdrop/pool": stage}
        allowed = {(one["key"], one.get("value")) for one in pod["tolerations"]}
        assert allowed == {("nvidia.com/gpu", None), ("backdrop/pool", stage)}
        resources = pod["containers"][0]["resources"]
        assert resources["requests"]["nvidia.com/gpu"] == resources["limits"]["nvidia.com/gpu"] == "1"


@pytest.mark.parametrize("overlay", ["dev", "cpu"])
def test_nothing_asks_for_a_card_where_there_is_none(overlay: str) -> None:
    assert not [one for one in values(objects(overlay), "limits") if any("nvidia" in name for name in one)]
    settings = {key: value for one in values(objects(overlay), "data") for key, value in one.items()}
    assert {value for key, value in settings.items() if key.endswith("_DEVICE")} == {"cpu"}


def test_with_strimzi_every_pod_of_ours_signs_in_as_the_user_of_its_name() -> None:
    users = set(of_kind(objects("strimzi"), "KafkaUser"))
    for name, workload in workloads("strimzi").items():
        given = {one["name"]: one for one in pod_spec(workload)["containers"][0]["env"]}
        user = given["KAFKA_USERNAME"]["value"]
        assert user in users and user.removeprefix("backdrop-kafka-") == name.partition("-")[0]
        assert given["KAFKA_PASSWORD"]["valueFrom"]["secretKeyRef"] == {"name": user, "key": "password"}


def test_the_gateway_is_an_option_with_settings_and_secrets_of_its_own(tmp_path: Path) -> None:
    root = os.path.relpath(MANIFESTS, tmp_path)
    lines = f"resources: [{root}/overlays/gpu]\ncomponents: [{root}/components/gateway]\nnamespace: backdrop\n"
    (tmp_path / "kustomization.yaml").write_text(lines)
    found = documents(rendered(tmp_path))
    pod = pod_spec(of_kind(found, "Deployment")["gateway"])
    (service,) = pod["containers"]
    assert service["image"] == pod["initContainers"][0]["image"] == f"backdrop/gateway:{project_version()}"
    maps = {
        name: one["data"] for name, one in of_kind(found, "ConfigMap").items() if name.startswith(("gateway", "reach"))
    }
    named = {one["name"] for one in service["env"]} | {key for data in maps.values() for key in data}
    assert named <= known_variables(*settings_of("gateway"))
    assert {one["valueFrom"]["secretKeyRef"]["name"] for one in service["env"]} == {"backdrop-gateway"}
    assert of_kind(found, "Service")["gateway"]["spec"]["selector"] == {"app.kubernetes.io/name": "gateway"}
