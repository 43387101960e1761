"""Kafka topics as the contract declares them: create what is missing, say what differs, change only what is asked."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient, NewTopic

from shared.contracts.topics import DAY_MS, TOPICS, Topic
from shared.runtime.settings import KafkaSettings

SIDE_PARTITIONS = 3
DEAD_RETENTION_MS = 30 * DAY_MS


@dataclass(frozen=True)
class Wanted:
    """One topic as it should be."""

    name: str
    partitions: int
    settings: dict[str, str]


@dataclass(frozen=True)
class Drift:
    """One way in which a topic is not as it should be."""

    topic: str
    what: str
    is_: str
    should_be: str

    def __str__(self) -> str:
        return f"{self.topic}: {self.what} is {self.is_}, should be {self.should_be}"


def access(settings: KafkaSettings) -> dict[str, Any]:
    """Where Kafka is and how one signs in, as every client of kafka-python takes it."""
    found: dict[str, Any] = {"bootstrap_servers": settings.bootstrap_servers}
    if settings.security == "scram":
        found |= {
            "security_protocol": "SASL_SSL",
            "sasl_mechanism": "SCRAM-SHA-512",
            "sasl_plain_username": settings.username,
            "sasl_plain_password": settings.password.get_secret_value(),
            "ssl_cafile": settings.ca_file,
        }
    return found


def client(settings: KafkaSettings, *, patience_ms: int = 30_000) -> KafkaAdminClient:
    """An administration client. Raises KafkaError when Kafka does not answer within the patience."""
    return KafkaAdminClient(
        client_id="backdrop-operator",
        bootstrap_timeout_ms=patience_ms,
        request_timeout_ms=patience_ms,
        **access(settings),
    )


def wanted(topics: Iterable[Topic] = TOPICS) -> list[Wanted]:
    """Each topic of the contract with its T.retry and T.dead."""
    return [one for topic in topics for one in (_main(topic), _retry(topic), _dead(topic))]


def missing(admin: KafkaAdminClient, all_wanted: Iterable[Wanted]) -> list[Wanted]:
    """Those that do not exist yet."""
    there = set(admin.list_topics())
    return [one for one in all_wanted if one.name not in there]


def create(admin: KafkaAdminClient, topics: list[Wanted], *, replication: int) -> None:
    """Create topics, all at once."""
    if topics:
        admin.create_topics(
            [
                NewTopic(
                    name=one.name,
                    num_partitions=one.partitions,
                    replication_factor=replication,
                    topic_configs=_with_durability(one.settings, replication),
                )
                for one in topics
            ]
        )
        admin.wait_for_topics([one.name for one in topics])


def drift(admin: KafkaAdminClient, all_wanted: Iterable[Wanted]) -> list[Drift]:
    """Every difference between the topics that exist and how they should be."""
    expected = {one.name: one for one in all_wanted}
    partitions = {one["name"]: len(one["partitions"]) for one in admin.describe_topics(list(expected))}
    resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in expected]
    settings = admin.describe_configs(resources, config_filter="all")["topic"]
    found = [
        Drift(name, "partitions", str(partitions[name]), str(one.partitions))
        for name, one in expected.items()
        if partitions.get(name, one.partitions) != one.partitions
    ]
    for name, one in expected.items():
        for key, value in one.settings.items():
            is_ = str(settings.get(name, {}).get(key, {}).get("value", value))
            if is_ != value:
                found.append(Drift(name, key, is_, value))
    return found


def raise_partitions(admin: KafkaAdminClient, differences: Iterable[Drift]) -> list[str]:
    """Give topics the partitions they lack; the number never goes down, and keys change their partition."""
    more = {one.topic: int(one.should_be) for one in differences if _lacks_partitions(one)}
    if more:
        admin.create_partitions(more)
    return sorted(more)


def _lacks_partitions(one: Drift) -> bool:
    return one.what == "partitions" and int(one.is_) < int(one.should_be)


def set_settings(admin: KafkaAdminClient, differences: Iterable[Drift]) -> list[str]:
    """Give topics the settings the contract declares."""
    changes: dict[str, dict[str, str]] = {}
    for one in differences:
        if one.what != "partitions":
            changes.setdefault(one.topic, {})[one.what] = one.should_be
    if changes:
        topic = ConfigResourceType.TOPIC
        admin.alter_configs([ConfigResource(topic, name, configs=configs) for name, configs in changes.items()])
    return sorted(changes)


def _main(topic: Topic) -> Wanted:
    settings = {"cleanup.policy": "delete", "retention.ms": str(topic.retention_ms)}
    if topic.compacted:  # a reader that starts sees the newest revision of each model soon, not after a week
        settings |= {"cleanup.policy": "compact", "segment.ms": "3600000", "min.cleanable.dirty.ratio": "0.1"}
    return Wanted(topic.name, topic.partitions, settings)


def _retry(topic: Topic) -> Wanted:
    settings = {"cleanup.policy": "delete", "retention.ms": str(14 * DAY_MS)}
    return Wanted(topic.retry, min(topic.partitions, SIDE_PARTITIONS), settings)


def _dead(topic: Topic) -> Wanted:
    settings = {"cleanup.policy": "delete", "retention.ms": str(DEAD_RETENTION_MS)}
    return Wanted(topic.dead, min(topic.partitions, SIDE_PARTITIONS), settings)


def _with_durability(settings: dict[str, str], replication: int) -> dict[str, str]:
    return settings | {"min.insync.replicas": str(max(replication - 1, 1))}
