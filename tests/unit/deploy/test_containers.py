"""The compose file and the images agree with the code they deploy."""

import ast
import importlib
import os
import re
import shutil
import subprocess
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic_settings import BaseSettings

from deploy import asyncapi, policies
from deploy.local import kafka_server, minio_server, services
from deploy.local.__main__ import containers_environment, project_version
from deploy.local.places import PROCESSES, SERVICES, Places
from services.gateway.settings import GatewaySettings
from shared.contracts import topics
from shared.runtime.settings import KafkaSettings, MinioSettings

ROOT = Path(__file__).resolve().parents[3]
DEPLOY = ROOT / "deploy"
COMPOSE = ROOT / "docker-compose.yml"
NOT_OURS = {"OMP_NUM_THREADS", "TOKENIZERS_PARALLELISM", "PYTHONUNBUFFERED"}


def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(COMPOSE.read_text())
    return loaded


def settings_of(service: str) -> list[type[BaseSettings]]:
    module = importlib.import_module(f"services.{service}.settings")
    return [KafkaSettings, MinioSettings, getattr(module, f"{service.title()}Settings")]


def known_variables(*classes: type[BaseSettings]) -> set[str]:
    return {
        f"{settings.model_config.get('env_prefix', '')}{field}".upper()
        for settings in classes
        for field in settings.model_fields
    }


@pytest.mark.parametrize("service", PROCESSES)
def test_every_variable_a_container_gets_is_one_its_service_reads(service: str) -> None:
    given = set(compose()["services"][service]["environment"])
    assert given <= known_variables(*settings_of(service))


@pytest.mark.parametrize("service", PROCESSES)
def test_every_container_is_told_where_kafka_and_the_blobs_are(service: str) -> None:
    given = set(compose()["services"][service]["environment"])
    assert {"KAFKA_BOOTSTRAP_SERVERS", "MINIO_ENDPOINT", "MINIO_ACCESS_KEY", "MINIO_SECRET_KEY"} <= given


@pytest.mark.parametrize("service", PROCESSES)
def test_a_local_process_gets_variables_that_it_reads(service: str, tmp_path: Path) -> None:
    given = set(services.environment(Places(var=tmp_path), service))
    assert given <= known_variables(*settings_of(service)) | NOT_OURS


@pytest.mark.parametrize("service", PROCESSES)
def test_each_service_is_a_user_of_its_own_and_no_owner(service: str, tmp_path: Path) -> None:
    container = compose()["services"][service]["environment"]
    assert container["MINIO_ACCESS_KEY"] == service
    assert container["MINIO_SECRET_KEY"].startswith(f"${{BACKDROP_{service.upper()}_SECRET:?")
    places = Places(var=tmp_path)
    process = services.environment(places, service)
    assert process["MINIO_ACCESS_KEY"] == service and places.password not in process["MINIO_SECRET_KEY"]
    assert ("CURATOR_DATABASE" in process) == (service == "curator")
    assert ("GATEWAY_DATABASE" in process) == (service == "gateway")


def test_the_variables_that_the_compose_file_demands_are_made_by_make_up(tmp_path: Path) -> None:
    demanded = set(re.findall(r"\$\{(\w+):\?", COMPOSE.read_text()))
    assert demanded == set(containers_environment(Places(var=tmp_path)))


def test_the_local_defaults_reach_the_local_stack() -> None:
    places = Places()
    assert KafkaSettings.model_fields["bootstrap_servers"].default == places.bootstrap_servers
    assert MinioSettings.model_fields["endpoint"].default == f"127.0.0.1:{places.minio_port}"
    assert MinioSettings.model_fields["bucket"].default == places.bucket


@pytest.mark.parametrize("name", [*PROCESSES, "kafka", "minio", "postgres", "provision", "prometheus", "grafana"])
def test_every_container_is_pinned_and_bounded(name: str) -> None:
    container = compose()["services"][name]
    _, _, tag = container["image"].partition(":")
    assert (re.search(r"\d", tag) and tag != "latest") or tag.startswith("${BACKDROP_VERSION:?")
    assert "mem_limit" in container


@pytest.mark.parametrize("service", PROCESSES)
def test_services_wait_for_provisioning_and_drop_privileges(service: str) -> None:
    container = compose()["services"][service]
    assert container["depends_on"] == {"provision": {"condition": "service_completed_successfully"}}
    assert container["cap_drop"] == ["ALL"] and container["read_only"] is True


@pytest.mark.parametrize("service", ["trainer", "inpainter"])
def test_what_a_service_brings_from_the_store_has_a_place_in_its_container(service: str) -> None:
    """The root filesystem is read-only: without one no promoted judge or base is ever adopted."""
    container = compose()["services"][service]
    (volume,) = container["volumes"]
    name, _, place = volume.partition(":")
    assert name in compose()["volumes"]
    assert Path(container["environment"][f"{service.upper()}_WORK"]).parent == Path(place)


def test_the_gateway_asks_for_keys_and_tells_of_its_inside_on_a_port_that_is_not_published() -> None:
    container = compose()["services"]["gateway"]
    assert "GATEWAY_SINGLE_USER" not in container["environment"]
    assert "command" not in container and container["ports"] == ["127.0.0.1:8080:8080"]  # the image's own
    probes = GatewaySettings(probe_host=container["environment"]["GATEWAY_PROBE_HOST"])
    assert (probes.probe_host, probes.probe_port) == ("0.0.0.0", 8000)  # as Prometheus and the image's health check ask


@pytest.mark.parametrize("name", ["kafka", "minio", "postgres", "prometheus", "grafana"])
def test_every_server_has_a_health_check(name: str) -> None:
    assert compose()["services"][name]["healthcheck"]["test"]


@pytest.mark.parametrize("service", PROCESSES)
def test_bundled_models_named_in_the_build_are_the_ones_the_settings_name(service: str) -> None:
    arguments = compose()["services"][service]["build"]["args"]
    assert arguments["SERVICE"] == service
    defaults = " ".join(str(field.default) for field in settings_of(service)[-1].model_fields.values())
    needed = set(re.findall(r"models/(mini-[a-z-]+)", defaults))
    assert needed <= set(arguments.get("MODELS", "").split())


@pytest.mark.skipif(shutil.which("docker") is None, reason="no docker client")
def test_docker_understands_the_compose_file(tmp_path: Path) -> None:
    if subprocess.run(["docker", "compose", "version"], capture_output=True).returncode != 0:
        pytest.skip("this docker client has no compose")
    command = ["docker", "compose", "config", "--quiet"]
    environment = os.environ | containers_environment(Places(var=tmp_path))
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", [*PROCESSES, "provision"])
def test_each_image_of_ours_is_tagged_and_labelled_with_the_projects_version(name: str) -> None:
    container = compose()["services"][name]
    assert container["image"].startswith(f"backdrop/{name}:${{BACKDROP_VERSION:?")
    assert container["build"]["args"]["VERSION"] == "${BACKDROP_VERSION}"
    body = (DEPLOY / "Dockerfile").read_text().split(f"AS {container['build']['target']}\n")[1].split("\nFROM")[0]
    assert 'org.opencontainers.image.version="${VERSION}"' in body


def test_package_and_images_have_one_version() -> None:
    assert project_version() == metadata.version("backdrop")


def test_containers_and_processes_run_the_same_server_versions() -> None:
    assert compose()["services"]["kafka"]["image"] == f"apache/kafka:{kafka_server.KAFKA_VERSION}"
    assert f"<kafka.version>{kafka_server.KAFKA_VERSION}<" in (kafka_server.HERE / "pom.xml").read_text()
    assert minio_server.MINIO_MODULE in (DEPLOY / "Dockerfile").read_text()


def test_no_service_may_write_where_only_another_should() -> None:
    writers = {
        prefix: {who for who, may in policies.WRITES.items() if prefix in may} for prefix in ("models/", "jobs/")
    }
    assert writers == {"models/": {"trainer"}, "jobs/": {"trainer"}}
    actions = {
        action for who in policies.READS for rule in policies.policy(who, "b")["Statement"] for action in rule["Action"]
    }
    assert not any("Delete" in action for action in actions)


@pytest.mark.parametrize("service", SERVICES)
def test_the_asyncapi_document_tells_what_each_service_really_hears(service: str) -> None:
    source = (ROOT / "services" / service / "handlers.py").read_text()
    heard = {
        getattr(topics, argument.value.id).name
        for call in ast.walk(ast.parse(source))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "subscriber"
        for argument in call.args
        if isinstance(argument, ast.Attribute) and isinstance(argument.value, ast.Name)
    }
    assert heard == {topic for topic, (_, hears) in asyncapi.FLOW.items() if service in hears}


def test_the_gateway_hears_every_topic() -> None:
    assert all("gateway" in hears for _, hears in asyncapi.FLOW.values())


def test_the_gateway_says_what_platforms_say_and_asks_for_earlier_models() -> None:
    said = {topic for topic, (says, _) in asyncapi.FLOW.items() if "gateway" in says}
    of_platforms = {topic for topic, (says, _) in asyncapi.FLOW.items() if "ad-platform" in says}
    assert said == of_platforms | {"rollback.requested.v1"}
