"""The manifests agree with the code they deploy: topics, groups, settings, times, rights. Read as files; no cluster."""

import ast
import importlib
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic_settings import BaseSettings

from deploy import kafka_rights
from deploy.asyncapi import FLOW
from deploy.cluster.rendering import MANIFESTS, Document, documents, of_kind, pod_spec
from deploy.credentials import Credentials
from deploy.local.__main__ import project_version
from services.inpainter.settings import InpainterSettings
from services.trainer import handlers as trainer_handlers
from services.trainer.settings import TrainerSettings
from shared.contracts import topics
from shared.contracts.topics import TOPICS
from shared.runtime.records import RETRY_SUFFIX
from shared.runtime.settings import KafkaSettings, MinioSettings
from tests.unit.deploy.test_containers import known_variables, settings_of

ROOT = Path(__file__).resolve().parents[3]
PARTITIONS = {topic.name: topic.partitions for topic in TOPICS}
STAGES = ("segmenter", "captioner", "curator", "trainer", "inpainter")
WITH_A_MODEL = ("segmenter", "captioner", "inpainter")
LEAST_MARGIN_S = 30


@cache
def base() -> list[Document]:
    return [one for path in (MANIFESTS / "base").glob("*.yaml") for one in documents(path.read_text()) if "kind" in one]


@cache
def kustomization(folder: str) -> Document:
    loaded: Document = yaml.safe_load((MANIFESTS / folder / "kustomization.yaml").read_text())
    return loaded


def workload(service: str) -> Document:
    """The Deployment or ScaledJob of a service."""
    return of_kind(base(), "Deployment", "ScaledJob")[service]


def scaler(service: str) -> Document:
    return of_kind(base(), "ScaledObject", "ScaledJob")[service]


def container(service: str) -> Document:
    (only,) = pod_spec(workload(service))["containers"]
    loaded: Document = only
    return loaded


def literals(folder: str, name: str) -> dict[str, str]:
    """What a kustomization writes into a ConfigMap."""
    maps = {one["name"]: one["literals"] for one in kustomization(folder).get("configMapGenerator", ())}
    return dict(line.split("=", 1) for line in maps.get(name, ()))


def hears(service: str) -> set[tuple[str, str]]:
    """(topic, group) of every subscriber with a group in a service's handlers, its second chances included."""
    module = importlib.import_module(f"services.{service}.handlers")
    tree = ast.parse(Path(str(module.__file__)).read_text())
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)]
    heard = set()
    for call in (call for call in calls if call.func.attr == "subscriber"):  # type: ignore[attr-defined]
        groups = [keyword.value for keyword in call.keywords if keyword.arg == "group_id"]
        for argument in call.args if groups else ():
            topic = getattr(topics, argument.value.id)  # type: ignore[attr-defined]
            group = groups[0].value if isinstance(groups[0], ast.Constant) else module.GROUP
            heard |= {(topic.name, str(group)), (topic.retry, f"{group}{RETRY_SUFFIX}")}
    return heard


@pytest.mark.parametrize("service", STAGES)
def test_a_stage_is_scaled_by_exactly_the_topics_and_groups_that_its_code_reads(service: str) -> None:
    triggers = [trigger["metadata"] for trigger in scaler(service)["spec"]["triggers"]]
    assert {(one["topic"], one["consumerGroup"]) for one in triggers} == hears(service) != set()


@pytest.mark.parametrize("service", STAGES)
def test_every_trigger_begins_where_the_service_begins_and_speaks_a_protocol_that_kafka_4_knows(service: str) -> None:
    for trigger in scaler(service)["spec"]["triggers"]:
        given = trigger["metadata"]
        assert given["offsetResetPolicy"] == "earliest" and given["version"] == "3.6.0"
        assert given["bootstrapServersFromEnv"] == "KAFKA_BOOTSTRAP_SERVERS"
        assert trigger["authenticationRef"] == {"name": "kafka"}


# A misspelt setting is taken without a word and leaves the default of 10 in force.
@pytest.mark.parametrize("service", STAGES)
def test_a_trigger_holds_no_setting_that_keda_would_not_know(service: str) -> None:
    known = {"topic", "consumerGroup", "lagThreshold", "bootstrapServersFromEnv", "offsetResetPolicy"}
    for trigger in scaler(service)["spec"]["triggers"]:
        assert set(trigger["metadata"]) == known | {"limitToPartitionsWithLag", "version"}
        assert int(trigger["metadata"]["lagThreshold"]) >= 1


@pytest.mark.parametrize("service", STAGES)
def test_a_stage_has_no_more_replicas_than_its_topics_have_partitions(service: str) -> None:
    topics_read = {topic for topic, _ in hears(service) if topic in PARTITIONS}
    assert 0 < scaler(service)["spec"]["maxReplicaCount"] <= max(PARTITIONS[topic] for topic in topics_read)


@pytest.mark.parametrize("service", STAGES)
def test_a_pod_is_given_longer_to_end_than_its_service_takes(service: str) -> None:
    given = literals("base", service)
    longest_s = float(given.get("KAFKA_GRACEFUL_TIMEOUT_S", KafkaSettings().graceful_timeout_s))
    longest_s += trainer_handlers.GRACE_S if service == "trainer" else 0.0
    assert pod_spec(workload(service))["terminationGracePeriodSeconds"] >= longest_s + LEAST_MARGIN_S


@pytest.mark.parametrize("service", STAGES)
def test_a_stage_that_sleeps_has_first_looked_for_work_beside_its_messages(service: str) -> None:
    if service == "trainer":
        return  # a job, which ends by itself
    cooldown_s = scaler(service)["spec"]["cooldownPeriod"]
    release_check_s = settings_of("curator")[-1].model_fields["release_check_s"].default
    assert cooldown_s >= (10 * release_check_s if service == "curator" else 300)


@pytest.mark.parametrize("service", STAGES)
def test_every_variable_of_a_pod_is_a_setting_of_its_service(service: str) -> None:
    named = {one["name"] for one in container(service)["env"]}
    maps = {source["configMapRef"]["name"] for source in container(service)["envFrom"]}
    assert maps == {"reach", service}
    named |= set(literals("base", "reach")) | set(literals("base", service)) | set(literals("components/gpu", service))
    named |= set(literals("components/kafka-scram", "reach")) | {"KAFKA_USERNAME", "KAFKA_PASSWORD"}
    assert named <= known_variables(*settings_of(service))


@pytest.mark.parametrize("service", STAGES)
def test_secrets_are_named_and_never_written(service: str) -> None:
    hidden = {"MINIO_ACCESS_KEY", "MINIO_SECRET_KEY", *({"CURATOR_DATABASE"} if service == "curator" else ())}
    given = {one["name"]: one for one in container(service)["env"]}
    assert set(given) == hidden
    assert {one["valueFrom"]["secretKeyRef"]["name"] for one in given.values()} == {f"backdrop-{service}"}


def test_provisioning_gets_what_it_reads_and_as_many_secrets_as_there_are_users() -> None:
    job = of_kind(base(), "Job")[f"provision-{project_version().replace('.', '-')}"]
    (only,) = pod_spec(job)["containers"]
    fields = Credentials.model_fields
    credentials = {f"BACKDROP_{name}".upper() for name, field in fields.items() if field.is_required()}
    named = {one["name"] for one in only["env"]}
    stores = {f"MINIO_{field}".upper() for field in MinioSettings.model_fields}
    assert credentials < named <= credentials | stores | {"CURATOR_DATABASE", "BACKDROP_POSTGRES_OWNER"}
    assert all("valueFrom" in one for one in only["env"])


def test_the_curator_migrates_its_tables_before_it_reads_a_message() -> None:
    (migrate,) = pod_spec(workload("curator"))["initContainers"]
    assert migrate["command"] == ["python", "-m", "services.curator.migrations"]
    assert migrate["image"] == container("curator")["image"]
    assert [one["name"] for one in migrate["env"]] == ["CURATOR_DATABASE"]


def test_each_service_has_an_image_of_its_own_with_the_projects_version() -> None:
    tags = {one["name"]: one["newTag"] for one in kustomization("base")["images"]}
    assert tags == {f"backdrop/{name}": project_version() for name in (*STAGES, "provision")}
    assert {container(service)["image"] for service in STAGES} == {f"backdrop/{service}" for service in STAGES}


def every_pod() -> dict[str, Document]:
    """Pod specs as they come out: a Deployment's own over what all stages share."""
    shared = pod_spec(yaml.safe_load((MANIFESTS / "base" / "pods.yaml").read_text()))
    own = of_kind(base(), "Deployment", "ScaledJob", "Job")
    own.pop("every-stage")
    return {name: _over(shared if one["kind"] == "Deployment" else {}, pod_spec(one)) for name, one in own.items()}


def _over(shared: Document, own: Document) -> Document:
    (first,), (common,) = own["containers"], shared.get("containers", [{}])
    return shared | own | {"containers": [common | first]}


@pytest.mark.parametrize("name", [*STAGES, f"provision-{project_version().replace('.', '-')}"])
def test_no_pod_runs_as_root_writes_into_its_image_or_reaches_the_kubernetes_api(name: str) -> None:
    pod = every_pod()[name]
    (only,) = pod["containers"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert only["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert all(one["securityContext"] == only["securityContext"] for one in pod.get("initContainers", ()))
    assert pod["automountServiceAccountToken"] is False and pod["enableServiceLinks"] is False
    assert all("sizeLimit" in volume["emptyDir"] for volume in pod["volumes"])


@pytest.mark.parametrize("service", STAGES)
def test_what_decides_over_a_pods_life_is_what_the_process_says_of_itself(service: str) -> None:
    (only,) = every_pod()[service]["containers"]
    asked = {kind: only[f"{kind}Probe"]["httpGet"]["path"] for kind in ("startup", "liveness", "readiness")}
    assert asked == {"startup": "/live", "liveness": "/live", "readiness": "/ready"}
    startup = only["startupProbe"]
    assert startup["periodSeconds"] * startup["failureThreshold"] >= 300


@pytest.mark.parametrize("service", STAGES)
def test_memory_is_bounded_and_equal_to_what_is_asked_for(service: str) -> None:
    resources = container(service)["resources"]
    assert resources["requests"]["memory"] == resources["limits"]["memory"] and "cpu" not in resources["limits"]


def test_serving_comes_before_learning() -> None:
    classes = of_kind(base(), "PriorityClass")
    assert classes["backdrop-serving"]["value"] > classes["backdrop-learning"]["value"]
    assert classes["backdrop-learning"]["preemptionPolicy"] == "Never"
    used = {service: pod_spec(workload(service))["priorityClassName"] for service in STAGES}
    assert {name for name, used_class in used.items() if used_class == "backdrop-serving"} == set(WITH_A_MODEL)
    assert {used["curator"], used["trainer"]} == {"backdrop-learning"}


@pytest.mark.parametrize("service", [*WITH_A_MODEL, "curator"])
def test_one_replica_at_a_time_may_be_evicted(service: str) -> None:
    budget = of_kind(base(), "PodDisruptionBudget")[service]["spec"]
    assert budget["maxUnavailable"] == 1 and budget["selector"]["matchLabels"] == {"app.kubernetes.io/name": service}


def every_patch() -> list[Any]:
    """All YAML of the components, what stands in strings included."""
    found: list[Any] = []
    for path in (MANIFESTS / "components").rglob("*.yaml"):
        for loaded in yaml.safe_load_all(path.read_text()):
            found.append(loaded)
            patches = loaded.get("patches", ()) if isinstance(loaded, dict) else ()
            found += [yaml.safe_load(patch["patch"]) for patch in patches if "patch" in patch]
    return found


def resources_in(node: Any) -> list[Document]:
    if isinstance(node, list):
        return [found for one in node for found in resources_in(one)]
    if not isinstance(node, dict):
        return []
    here = [node] if {"requests", "limits"} <= set(node) else []
    return here + [found for one in node.values() for found in resources_in(one)]


def test_a_gpu_is_asked_for_whole_and_as_much_as_is_granted() -> None:
    cards = [
        (name, one["requests"].get(name), amount)
        for one in resources_in(every_patch())
        for name, amount in one["limits"].items()
        if name.startswith("nvidia.com/")
    ]
    assert {name for name, _, _ in cards} == {"nvidia.com/gpu", "nvidia.com/mig-1g.10gb", "nvidia.com/gpu.shared"}
    assert all(asked == granted == "1" for _, asked, granted in cards)


def test_the_users_of_kafka_are_who_says_and_who_hears() -> None:
    assert kafka_rights.USERS.read_text() == kafka_rights.document(), "stale: python -m deploy.kafka_rights"


def test_a_user_of_kafka_may_write_only_what_its_service_says_and_the_sides_of_what_it_hears() -> None:
    users = of_kind(documents(kafka_rights.document()), "KafkaUser")
    rights = users["backdrop-kafka-captioner"]["spec"]["authorization"]["acls"]
    written = {right["resource"]["name"] for right in rights if "Write" in right["operations"]}
    assert written == {"product.captioned.v1", "product.segmented.v1.retry", "product.segmented.v1.dead"}
    groups = {right["resource"]["name"] for right in rights if right["resource"]["type"] == "group"}
    assert groups == {"captioner", "captioner.retry"}
    assert "captioner" in FLOW["product.segmented.v1"][1]


def test_only_who_follows_urls_reaches_the_public_web_and_nobodys_inside() -> None:
    policies = of_kind(base(), "NetworkPolicy")
    assert policies["nothing"]["spec"]["policyTypes"] == ["Ingress", "Egress"] and len(policies["nothing"]["spec"]) == 2
    web = policies["public-web"]["spec"]
    (chosen,) = web["podSelector"]["matchExpressions"]
    fetching = {
        path.parent.name
        for path in (ROOT / "services").glob("*/app.py")
        if re.search(r"(make_f|GuardedF)etcher\(", path.read_text())
    }
    assert (chosen["operator"], set(chosen["values"])) == ("In", fetching)
    (out,) = web["egress"]
    assert out["ports"] == [{"port": 443}]
    assert {"10.0.0.0/8", "169.254.0.0/16", "192.168.0.0/16"} <= set(out["to"][0]["ipBlock"]["except"])


@pytest.mark.parametrize("settings", [TrainerSettings, InpainterSettings])
def test_what_is_brought_from_the_store_has_a_place_in_the_pod(settings: type[BaseSettings]) -> None:
    """The root filesystem is read-only: without one no promoted judge or base is ever adopted."""
    prefix = settings.model_config["env_prefix"]
    service = prefix.lower().removesuffix("_")
    mounts = {mount["mountPath"]: mount["name"] for mount in container(service)["volumeMounts"]}
    place = mounts[literals("base", service)[f"{prefix}WORK"]]
    (volume,) = [one for one in pod_spec(workload(service))["volumes"] if one["name"] == place]
    room = int(volume["emptyDir"]["sizeLimit"].removesuffix("Gi")) * 2**30
    assert room > 1.5e9 * settings.model_fields["kept_gb"].default


def test_images_of_the_dev_overlay_are_those_of_the_compose_file() -> None:
    compose = (ROOT / "docker-compose.yml").read_text()
    for one in kustomization("overlays/dev")["images"]:
        assert re.search(rf"image: {re.escape(one['name'])}:{re.escape(one['newTag'])}$", compose, re.MULTILINE)
