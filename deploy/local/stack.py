"""The whole stack up, down, and looked at, as processes of this machine."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psutil  # type: ignore[import-untyped]
from kafka.errors import KafkaError

from deploy.local import kafka_server, lag, minio_server, postgres_server, prometheus_server, services
from deploy.local.places import PROCESSES, REPOSITORY, Places
from deploy.local.preparing import not_ok, run
from deploy.local.processes import LocalStackError, Process, find, log_of, start, started, stop, wait_until_ready
from deploy.local.throw_away import places_apart

PROVISION_S = 600.0  # a table's change waits for whoever reads it


def up(places: Places, *, only_servers: bool = False) -> None:
    """Start what does not run yet, and wait until all of it serves. Raises LocalStackError."""
    began = time.monotonic()
    bring_up([kafka_server.kafka(places), minio_server.minio(places), postgres_server.postgres(places)], places)
    postgres_server.create_database(places)
    provision(places)
    everything = [] if only_servers else services.services(places)
    metrics = None if only_servers else prometheus_server.prometheus(places)
    bring_up(everything + ([metrics] if metrics else []), places)
    if not only_servers and metrics is None:
        print("  prometheus   not installed, so there are no graphs (apt-get install prometheus)")
    print(f"Up in {time.monotonic() - began:.0f} s. `make status` tells more, `make logs` follows, `make down` stops.")


def fetch(places: Places) -> None:
    """Have the servers' programs on this machine, and start none of them. Raises LocalStackError."""
    for program in (kafka_server.kafka_jars(places), minio_server.minio_binary(places)):
        print(f"  {program}")


def bring_up(processes: list[Process], places: Places) -> None:
    """Start several at once, then wait for each."""
    began = time.monotonic()
    fresh = {process.name: start(process, places) for process in processes}
    for process in processes:
        if sys.stdout.isatty():
            print(f"  {process.name:<12} …", end="\r", flush=True)
        wait_until_ready(process, places)
        took = f"{time.monotonic() - began:.1f} s" if fresh[process.name] else "was up"
        print(f"  {process.name:<12} {process.where}  ({took})", flush=True)


def provision(places: Places) -> None:
    """Topics, bucket, tables. Raises LocalStackError."""
    said = run(
        (sys.executable, "-m", "deploy.provision"),
        "provisioning",
        dict(services.operators_environment(places)),
        folder=REPOSITORY,
        limit_s=PROVISION_S,
    )
    for line in said.splitlines():
        print(f"  provision    {line}")


def down(places: Places) -> bool:
    """Stop what `up` started, services first; data stay. False when nothing was up."""
    names = started(places)
    order = [*PROCESSES, "prometheus", "minio", "postgres", "kafka"]
    for name in sorted(names, key=lambda name: order.index(name) if name in order else -1):
        print(f"  {name:<12} {'stopped' if stop(name, places) else 'was not running'}", flush=True)
    return bool(names)


@contextmanager
def throw_away(*, only_servers: bool = False) -> Iterator[Places]:
    """A second stack beside the first, up during the block and gone afterwards. Raises LocalStackError."""
    with places_apart() as places:
        try:
            up(places, only_servers=only_servers)
            yield places
        finally:
            down(places)


def status(places: Places) -> bool:
    """Print what runs and how far each stage is behind; True when all of it runs."""
    rows = [_row(name, places) for name in (*_servers(), *PROCESSES)]
    print(f"  {'process':<12} {'state':<9} {'pid':>7} {'memory':>9}  log")
    for name, _, text in rows:
        print(f"  {name:<12} {text}  {log_of(name, places)}")
    if find("kafka", places) is not None:
        _print_lags(places)
    return all(running for _, running, _ in rows)


def follow(places: Places, names: list[str]) -> int:
    """Show the end of the logs and what is added, until interrupted."""
    paths = [log_of(name, places) for name in names] or sorted(places.logs.glob("*.log"))
    absent = [path.stem for path in paths if not path.exists()]
    if absent or not paths:
        raise LocalStackError(f"no log of {', '.join(absent) or 'anything'} in {places.logs}: is the stack up?")
    try:
        return subprocess.call(["tail", "-n", "40", "-F", *map(str, paths)])
    except KeyboardInterrupt:
        return 0


def _servers() -> tuple[str, ...]:
    return ("kafka", "minio", "postgres")


def _row(name: str, places: Places) -> tuple[str, bool, str]:
    process = find(name, places)
    if process is None:
        return name, False, f"{'down':<9} {'':>7} {'':>9}"
    memory = sum(_memory(one) for one in _family(process)) / 2**20
    state = "up" if name not in PROCESSES or not_ok(services.ready_url(name, places)) is None else "not ready"
    return name, True, f"{state:<9} {process.pid:>7} {memory:>6.0f} MB"


def _family(process: psutil.Process) -> list[psutil.Process]:
    try:
        return [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:  # it ended just now
        return []


def _memory(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.NoSuchProcess:
        return 0


def _print_lags(places: Places) -> None:
    print("\n  waiting messages by stage")
    try:
        waiting, dead = lag.lags(places.bootstrap_servers), lag.dead_letters(places.bootstrap_servers)
    except KafkaError as error:
        print(f"  unknown: Kafka runs and does not answer ({error})")
        return
    for one in waiting:
        if one.messages or not one.topic.endswith(".retry"):
            print(f"  {one.group:<12} {one.topic:<28} {one.messages:>6}")
    for topic, count in dead.items():
        print(f"  dead letters {topic:<28} {count:>6}")
