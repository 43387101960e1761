"""Whether Kafka answers and its topics are what the contract declares, wide enough for the replicas asked."""

from collections.abc import Iterable, Iterator, Mapping

from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError

from deploy import topics_admin
from deploy.asyncapi import FLOW
from deploy.doctor.findings import Diagnosis
from shared.runtime.settings import KafkaSettings

PATIENCE_MS = 10_000
PROVISION = "python -m deploy.provision"


def check_kafka(settings: KafkaSettings, replicas: Mapping[str, int]) -> Iterator[Diagnosis]:
    """Reached or not; then the topics. `replicas`: how many of a service shall work side by side."""
    try:
        admin = topics_admin.client(settings, patience_ms=PATIENCE_MS)
    except (KafkaError, OSError, ValueError) as error:
        trouble = f"{settings.bootstrap_servers} does not answer: {type(error).__name__}: {error}"
        yield Diagnosis(
            "kafka", trouble=trouble, remedy="start Kafka, or set KAFKA_BOOTSTRAP_SERVERS (and KAFKA_SECURITY)"
        )
        return
    try:
        yield Diagnosis("kafka", said=f"{settings.bootstrap_servers} answers")
        yield from check_topics(admin, replicas)
    finally:
        admin.close()


def check_topics(admin: KafkaAdminClient, replicas: Mapping[str, int]) -> Iterator[Diagnosis]:
    """Missing topics, those that differ from the contract, and those too narrow for the replicas."""
    wanted = topics_admin.wanted()
    lost = [one.name for one in topics_admin.missing(admin, wanted)]
    for name in lost:
        yield Diagnosis("topics", trouble=f"{name} does not exist", remedy=PROVISION)
    there = [one for one in wanted if one.name not in lost]
    for drift in topics_admin.drift(admin, there) if there else ():
        flag = "--raise-partitions" if drift.what == "partitions" else "--set-settings"
        yield Diagnosis("topics", trouble=str(drift), remedy=f"{PROVISION} {flag}")
    found = {one["name"]: len(one["partitions"]) for one in admin.describe_topics([one.name for one in there])}
    yield from check_width(found, replicas)
    if not lost:
        yield Diagnosis("topics", said=f"all {len(wanted)} are there")


def check_width(partitions: Mapping[str, int], replicas: Mapping[str, int]) -> Iterator[Diagnosis]:
    """Replicas that would get no partition of what their service reads."""
    for service, count in replicas.items():
        for topic in heard_by(service):
            if partitions.get(topic, count) < count:
                trouble = f"{topic} has {partitions[topic]} partitions, so {count} of the {service} cannot all work"
                remedy = f"ask for at most {partitions[topic]}, or raise `partitions` in shared/contracts/topics.py"
                yield Diagnosis("topics", trouble=trouble, remedy=remedy)


def heard_by(service: str) -> Iterable[str]:
    """The topics a service consumes, shared among its replicas; what every replica hears is not split."""
    return [topic for topic, (_, listeners) in FLOW.items() if service in listeners and topic not in HEARD_BY_ALL]


HEARD_BY_ALL = {"model.promoted.v1", "style.mined.v1"}  # each inpainter adopts every promotion, each reader every style
