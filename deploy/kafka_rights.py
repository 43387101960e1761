"""Who may read and write which topic, as Strimzi's KafkaUser objects: python -m deploy.kafka_rights writes them anew.

Other Kafkas take the same table as ACLs: one user per service, who says and hears what `deploy.asyncapi.FLOW` says.
"""

from pathlib import Path
from typing import Any

import yaml

from deploy.asyncapi import FLOW, GATEWAY, PLATFORM, Plain
from deploy.local.places import SERVICES
from shared.contracts.topics import TOPICS, Topic
from shared.runtime.records import RETRY_SUFFIX

USERS = Path(__file__).resolve().parent / "k8s" / "overlays" / "strimzi" / "users.yaml"
PREFIX = "backdrop-kafka-"
SIGN = "# Written by `python -m deploy.kafka_rights` from who says and who hears what: each may do that and no more.\n"


def main() -> None:
    """Write the users."""
    USERS.write_text(document())


def document() -> str:
    """All users as one YAML file."""
    return SIGN + yaml.dump_all(users(), Dumper=Plain, sort_keys=False, width=120)


def users() -> list[dict[str, Any]]:
    """A user for each service and the gateway, one for ad platforms, one for KEDA and one for provisioning."""
    services = [_user(one, [*_topics_of(one), *_groups_of(one)]) for one in SERVICES if one != GATEWAY]
    client = _user("client", _says_and_hears(PLATFORM))
    keda = _user("keda", [_may("topic", "*", "Describe"), _may("group", "*", "Describe")])
    provision = _user(
        "provision", [_may("topic", "*", "Create", "Describe", "DescribeConfigs", "Alter", "AlterConfigs")]
    )
    return [*services, _user(GATEWAY, _gateways()), client, keda, provision]


def _gateways() -> list[dict[str, Any]]:
    """It hears every topic and shows dead letters, sends them once more, and says what a platform would."""
    says = [_may("topic", topic.name, "Write", "Describe") for topic in TOPICS if GATEWAY in FLOW[topic.name][0]]
    hears = [_may("topic", topic.name, "Read", "Describe") for topic in TOPICS]
    sides = [_may("topic", name, "Read", "Write", "Describe") for topic in TOPICS for name in (topic.retry, topic.dead)]
    return [*says, *hears, *sides, *_groups_of(GATEWAY)]


def _topics_of(service: str) -> list[dict[str, Any]]:
    return [
        *_says_and_hears(service),
        *(right for topic in TOPICS if _hears(service, topic) for right in _sides(topic)),
    ]


def _says_and_hears(who: str) -> list[dict[str, Any]]:
    says = [_may("topic", topic.name, "Write", "Describe") for topic in TOPICS if who in FLOW[topic.name][0]]
    return says + [_may("topic", topic.name, "Read", "Describe") for topic in TOPICS if _hears(who, topic)]


def _hears(who: str, topic: Topic) -> bool:
    return who in FLOW[topic.name][1]


def _sides(topic: Topic) -> list[dict[str, Any]]:
    """Second chances are written and read by who hears the topic; dead letters are an operator's to read."""
    return [
        _may("topic", topic.retry, "Read", "Write", "Describe"),
        _may("topic", topic.dead, "Write", "Describe"),
    ]


def _groups_of(service: str) -> list[dict[str, Any]]:
    return [_may("group", name, "Read") for name in (service, service + RETRY_SUFFIX)]


def _may(kind: str, name: str, *operations: str) -> dict[str, Any]:
    return {"resource": {"type": kind, "name": name, "patternType": "literal"}, "operations": list(operations)}


def _user(who: str, rights: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "apiVersion": "kafka.strimzi.io/v1beta2",
        "kind": "KafkaUser",
        "metadata": {"name": PREFIX + who, "namespace": "backdrop", "labels": {"strimzi.io/cluster": "backdrop"}},
        "spec": {
            "authentication": {"type": "scram-sha-512"},
            "authorization": {"type": "simple", "acls": rights},
        },
    }


if __name__ == "__main__":
    main()
