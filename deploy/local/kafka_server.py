"""Apache Kafka from its published jars, as one process."""

import base64
import shutil
import uuid
from collections.abc import Callable
from pathlib import Path

from deploy.local.places import Places
from deploy.local.ports import HOST
from deploy.local.preparing import appearing, need, no_listener, run
from deploy.local.processes import Process

HERE = Path(__file__).resolve().parent / "kafka"
KAFKA_VERSION = "4.2.0"
RESERVED_IDS = (bytes(16), bytes(15) + b"\x01")  # Uuid.ZERO_UUID and Uuid.ONE_UUID


def kafka(places: Places) -> Process:
    """One broker that is its own controller (KRaft)."""
    jars = kafka_jars(places)
    data = places.var / "kafka"
    settings = data / "server.properties"
    data.mkdir(parents=True, exist_ok=True)
    settings.write_text(_kafka_settings(places, data / "log"))
    java = _java(jars)
    if not (data / "log" / "meta.properties").exists():
        format_folder(java, settings)
    return Process(
        name="kafka",
        command=(*java, "-Xms256m", "-Xmx512m", "kafka.Kafka", str(settings)),
        where=places.bootstrap_servers,
        port=places.kafka_port,
        ready=lambda: no_listener(places.kafka_port),
        folder=data,
    )


def format_folder(java: tuple[str, ...], settings: Path) -> None:
    """Write a new cluster's identity into the folder that the settings name. Raises LocalStackError."""
    tool = (*java, "kafka.tools.StorageTool", "format", "--standalone", "-t", cluster_id(), "-c", str(settings))
    run(tool, "formatting Kafka's folder")


def _java(jars: Path) -> tuple[str, ...]:
    return ("java", "-cp", f"{jars}/*", f"-Dlog4j2.configurationFile={HERE / 'log4j2.properties'}")


def kafka_jars(places: Places) -> Path:
    """The folder of its jars, fetched when they are not there. Raises LocalStackError."""
    jars = places.servers / f"kafka-{KAFKA_VERSION}"
    if not any(jars.glob("kafka_2.13-*.jar")):
        need("java", "a Java 17 runtime: apt-get install openjdk-17-jre-headless")
        need("mvn", "Maven: apt-get install maven")
        print(f"  fetching Apache Kafka {KAFKA_VERSION} (44 MB, once)", flush=True)
        shutil.rmtree(jars, ignore_errors=True)  # without Kafka's own jar it is what an older fetching left
        with appearing(jars) as folder:
            goal = ("dependency:copy-dependencies", f"-DoutputDirectory={folder}")
            run(("mvn", "-q", "-B", "-f", str(HERE / "pom.xml"), *goal), "fetching Kafka with Maven")
            folder.chmod(0o755)
    need("java", "a Java 17 runtime: apt-get install openjdk-17-jre-headless")
    return jars


def cluster_id(draw: Callable[[], bytes] = lambda: uuid.uuid4().bytes) -> str:
    """A new cluster's id: the 16 bytes of `draw()` in url-safe base64, 22 characters.

    As Kafka's own Uuid.randomUuid draws them: again while they are reserved, or begin with a dash, which its tools
    take for an option.
    """
    while True:
        drawn = draw()
        written = base64.urlsafe_b64encode(drawn).decode().rstrip("=")
        if drawn not in RESERVED_IDS and not written.startswith("-"):
            return written


def _kafka_settings(places: Places, logs: Path) -> str:
    broker, controller = f"{HOST}:{places.kafka_port}", f"{HOST}:{places.kafka_controller_port}"
    return f"""\
process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers={controller}
listeners=PLAINTEXT://{broker},CONTROLLER://{controller}
advertised.listeners=PLAINTEXT://{broker},CONTROLLER://{controller}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
log.dirs={logs}
offsets.topic.replication.factor=1
offsets.topic.num.partitions=5
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
num.io.threads=2
num.network.threads=2
auto.create.topics.enable=false
log.segment.bytes=16777216
# no record twice a second that only says that time passes: an idle broker takes half the processor
metadata.max.idle.interval.ms=0
"""
