"""The services, each its own process, and what their environment must say to find the servers."""

import shlex
import sys
from collections.abc import Mapping

from deploy.local.places import GATEWAY, PROCESSES, REPOSITORY, Places
from deploy.local.ports import HOST
from deploy.local.preparing import not_ok
from deploy.local.processes import Process


def environment(places: Places, service: str) -> Mapping[str, str]:
    """Variables that point a service's settings classes at this stack, as the user it is there."""
    return {
        **_reach(places),
        "MINIO_ACCESS_KEY": service,
        "MINIO_SECRET_KEY": places.credentials.secret(service),
        **({"CURATOR_DATABASE": places.catalogue_dsn} if service == "curator" else {}),
        **({"TRAINER_WORK": str(places.var / "trainer")} if service == "trainer" else {}),
        **(_gateway(places) if service == GATEWAY else {}),
        "OMP_NUM_THREADS": "1",  # several torch processes share the cores of one machine
        "TOKENIZERS_PARALLELISM": "false",
        "PYTHONUNBUFFERED": "1",
    }


def operators_environment(places: Places) -> Mapping[str, str]:
    """Variables for provisioning, which owns the servers and makes the services' users."""
    return {
        **_reach(places),
        "MINIO_ACCESS_KEY": places.user,
        "MINIO_SECRET_KEY": places.password,
        "CURATOR_DATABASE": places.catalogue_dsn,
        "GATEWAY_DATABASE": places.projection_dsn,
        "BACKDROP_POSTGRES_OWNER": places.postgres_dsn,
        **places.credentials.as_environment(),
    }


def shell_lines(places: Places) -> list[str]:
    """What a shell must say for an operator's commands to find this stack: its addresses, and its owner's secrets."""
    known = {**operators_environment(places), **_gateway(places)}
    return [f"export {name}={shlex.quote(value)}" for name, value in sorted(known.items())]


def _gateway(places: Places) -> Mapping[str, str]:
    """It listens on this machine alone, so whoever reaches it is in."""
    secret = places.credentials.secret("signing")
    return {
        "GATEWAY_DATABASE": places.projection_dsn,
        "GATEWAY_SECRET": secret,
        "GATEWAY_SINGLE_USER": "true",
        "GATEWAY_PROBE_PORT": str(places.gateway_probe_port),
        "GATEWAY_PAGE": str(REPOSITORY / "services" / "gateway" / "page"),
        "GATEWAY_REFINER": f"http://{HOST}:{places.segmenter_port}/refine",
    }


def _reach(places: Places) -> Mapping[str, str]:
    return {
        "KAFKA_BOOTSTRAP_SERVERS": places.bootstrap_servers,
        "MINIO_ENDPOINT": f"{HOST}:{places.minio_port}",
        "MINIO_BUCKET": places.bucket,
    }


def services(places: Places) -> list[Process]:
    """Every service of the flow, in its order, and the gateway in front of them."""
    return [_service(name, places) for name in PROCESSES]


def ready_url(name: str, places: Places) -> str:
    """Where a service says whether it does its work, and if not, why."""
    return f"http://{HOST}:{places.service_port(name)}/ready"


def _service(name: str, places: Places) -> Process:
    port = places.gateway_port if name == GATEWAY else places.service_port(name)
    serve = ("uvicorn",) if name == GATEWAY else ("faststream", "run")
    run = ("-m", *serve, f"services.{name}.app:create_app", "--factory")
    return Process(
        name=name,
        command=(sys.executable, *run, "--host", HOST, "--port", str(port)),
        where=ready_url(name, places),
        port=port,
        ready=lambda: not_ok(ready_url(name, places)),
        environment=environment(places, name),
        folder=REPOSITORY,
        patience_s=300.0,
    )
