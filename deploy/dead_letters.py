"""Look at dead letters, and send them on their way again once what was wrong is mended.

python -m deploy.dead_letters list [topic]                          how many, by topic and reason
python -m deploy.dead_letters show <topic> [--limit 5]              which ones, with the reason in words
python -m deploy.dead_letters replay <topic> [--reason R] [--really]
"""

import argparse
import contextlib
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from kafka import KafkaProducer
from kafka.errors import KafkaError

from deploy import topic_records, topics_admin
from shared.contracts.errors import BackdropError
from shared.contracts.topics import TOPICS
from shared.runtime.records import REPLAY_OF, Headers, without_death
from shared.runtime.settings import KafkaSettings

MOST_REPLAYS = 1


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

    Raises what a reader of topics raises: half of the letters are not all of them.
    """
    with topic_records.reader(settings) as reader:
        for one in topic_records.records(reader, [f"{topic}.dead" for topic in topics]):
            place = f"{one.topic}/{one.partition}/{one.offset}"
            yield Letter(one.topic.removesuffix(".dead"), place, one.key, one.value, one.headers)


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
    """Run one verb; 1 when it could not be done."""
    options = _parser().parse_args()
    settings = KafkaSettings()
    topics = [options.topic] if options.topic else [topic.name for topic in TOPICS]
    try:
        everything = list(read(settings, topics))
        letters = [one for one in everything if options.reason in (None, one.said("x-reason"))]
        match options.verb:
            case "list":
                _list(letters)
            case "show":
                _show(letters[-options.limit :])
            case "replay":
                _replay(settings, letters, died_again(everything), really=options.really)
    except (BackdropError, KafkaError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _list(letters: list[Letter]) -> None:
    for (topic, reason), count in sorted(Counter((one.topic, one.said("x-reason")) for one in letters).items()):
        print(f"{count:>6}  {topic:<28} {reason}")


def _show(letters: list[Letter]) -> None:
    for one in letters:
        print(f"{one.place}  key {(one.key or b'').decode('utf-8', 'replace')}")
        print(f"    {one.said('x-reason')}: {one.said('x-detail')}")
        print(f"    {one.said('x-attempts')} attempts by {one.said('x-service')}; {(one.value or b'')[:200]!r}")


def died_again(letters: list[Letter]) -> set[str]:
    """Origins of what was replayed in vain: the first letter still lies beside the second, and both are to stay."""
    return {one.origin for one in letters if one.replays >= MOST_REPLAYS}


def _replay(settings: KafkaSettings, letters: list[Letter], in_vain: set[str], *, really: bool) -> None:
    fresh = [one for one in letters if one.origin not in in_vain]
    if left := in_vain.intersection(one.origin for one in letters):
        print(f"{len(left)} were replayed before and died again: left where they are", file=sys.stderr)
    if really:
        print(f"{replay(settings, fresh)} replayed")
    else:
        print(f"{len(fresh)} would be replayed; --really does it")


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
