"""Look at dead letters, and send them on their way again once what was wrong is mended.

python -m deploy.dead_letters list [topic]                          how many, by topic and reason
python -m deploy.dead_letters show <topic> [--limit 5]              which ones, with the reason in words
python -m deploy.dead_letters replay <topic> [--reason R] [--really]
"""

import argparse
import contextlib
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from deploy import topics_admin
from shared.contracts.topics import TOPICS
from shared.runtime.records import REPLAY_OF, Headers, without_death
from shared.runtime.settings import KafkaSettings

POLL_MS, PATIENCE_S = 500, 60.0
MOST_REPLAYS = 1


class LettersNotRead(SystemExit):
    """Ends the command with its words."""


@dataclass(frozen=True)
class Letter:
    """One message that was given up."""

    topic: str
    place: str
    key: bytes | None
    value: bytes | None
    headers: Headers

    def said(self, name: str) -> str:
        """A header as text; of several the last, empty when it is absent or null."""
        return (dict(self.headers).get(name) or b"").decode("utf-8", "replace")

    @property
    def replays(self) -> int:
        """How often it was replayed before it died again."""
        return len(self.said(REPLAY_OF).split())

    @property
    def origin(self) -> str:
        """Where it lay when it first died."""
        return next(iter(self.said(REPLAY_OF).split()), self.place)


def read(settings: KafkaSettings, topics: list[str]) -> Iterator[Letter]:
    """All letters of these topics that are there now, oldest first within a partition.

    Raises LettersNotRead when Kafka stops answering before the last of them: half of the letters are not all of them.
    """
    with contextlib.closing(KafkaConsumer(**topics_admin.access(settings))) as consumer:
        dead = [f"{topic}.dead" for topic in topics]
        partitions = [
            TopicPartition(topic, number) for topic in dead for number in consumer.partitions_for_topic(topic) or ()
        ]
        consumer.assign(partitions)
        consumer.seek_to_beginning(*partitions)
        for one in _until(consumer, consumer.end_offsets(partitions)):
            place = f"{one.topic}/{one.partition}/{one.offset}"
            yield Letter(one.topic.removesuffix(".dead"), place, one.key, one.value, one.headers)


def _until(consumer: KafkaConsumer, ends: Mapping[TopicPartition, int]) -> Iterator[Any]:
    """Every record before these offsets."""
    heard_at = time.monotonic()
    while unread := [partition for partition, end in ends.items() if consumer.position(partition) < end]:
        for records in consumer.poll(timeout_ms=POLL_MS).values():
            heard_at = time.monotonic()
            yield from records
        if time.monotonic() - heard_at > PATIENCE_S:
            raise LettersNotRead(
                f"no more of {unread[0].topic} in {PATIENCE_S:.0f} s: does Kafka answer? (make status)"
            )


def replay(settings: KafkaSettings, letters: list[Letter]) -> int:
    """Publish letters to the topics they came from, as they first came; returns how many. Raises KafkaError."""
    with contextlib.closing(KafkaProducer(acks="all", **topics_admin.access(settings))) as producer:
        sent = [
            producer.send(one.topic, value=one.value, key=one.key, headers=without_death(one.headers, one.place))
            for one in letters
        ]
        for confirmation in sent:
            confirmation.get()  # ends: the producer gives each up in time
    return len(letters)


def main() -> int:
    """Run one verb."""
    options = _parser().parse_args()
    settings = KafkaSettings()
    topics = [options.topic] if options.topic else [topic.name for topic in TOPICS]
    everything = list(read(settings, topics))
    letters = [one for one in everything if options.reason in (None, one.said("x-reason"))]
    match options.verb:
        case "list":
            for (topic, reason), count in sorted(Counter((one.topic, one.said("x-reason")) for one in letters).items()):
                print(f"{count:>6}  {topic:<28} {reason}")
        case "show":
            for one in letters[-options.limit :]:
                print(f"{one.place}  key {(one.key or b'').decode('utf-8', 'replace')}")
                print(f"    {one.said('x-reason')}: {one.said('x-detail')}")
                print(f"    {one.said('x-attempts')} attempts by {one.said('x-service')}; {(one.value or b'')[:200]!r}")
        case "replay":
            return _replay(settings, letters, died_again(everything), really=options.really)
    return 0


def died_again(letters: list[Letter]) -> set[str]:
    """Origins of what was replayed in vain: the first letter still lies beside the second, and both are to stay."""
    return {one.origin for one in letters if one.replays >= MOST_REPLAYS}


def _replay(settings: KafkaSettings, letters: list[Letter], in_vain: set[str], *, really: bool) -> int:
    fresh = [one for one in letters if one.origin not in in_vain]
    if left := in_vain.intersection(one.origin for one in letters):
        print(f"{len(left)} were replayed before and died again: left where they are", file=sys.stderr)
    if not really:
        print(f"{len(fresh)} would be replayed; --really does it")
        return 0
    print(f"{replay(settings, fresh)} replayed")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m deploy.dead_letters", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("verb", choices=["list", "show", "replay"])
    parser.add_argument("topic", nargs="?", help="as product.submitted.v1; all of them when absent")
    parser.add_argument("--reason", help="only letters with this x-reason")
    parser.add_argument("--limit", type=int, default=5, help="show: the newest so many")
    parser.add_argument("--really", action="store_true", help="replay: publish them, instead of counting")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
