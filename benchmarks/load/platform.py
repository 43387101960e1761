"""An ad platform: hands over products along an arrival curve, and hears what became of each."""

import contextlib
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import cv2
import numpy as np
from kafka import KafkaConsumer, KafkaProducer

from deploy.capacity.arrivals import Rates
from shared.contracts.blobs import BlobStore
from shared.contracts.events import Event, ImageSource, ProductFacts, ProductSubmitted, Scene
from shared.contracts.images import Pixels, encode_image
from shared.contracts.topics import topic_of
from shared.runtime.cloud_events import Trace, cloud_event_headers
from shared.runtime.settings import KafkaSettings

SIDE = 64  # pixels: a stand-in sees nothing anyway, and the machine's time is the stages'
PHOTOS = 50
POLL_MS, SILENT_POLLS = 500, 10  # how long one poll waits; so many without a record in a row are the end


def photos(blobs: BlobStore) -> list[str]:
    """Keys of a few small photos, each of a product of another colour before tiles."""
    rng, keys = np.random.default_rng(7), []
    for number in range(PHOTOS):
        picture: Pixels = rng.integers(90, 160, (SIDE, SIDE, 3)).astype(np.uint8)
        cv2.circle(picture, (SIDE // 2, SIDE // 2), SIDE // 4, tuple(int(v) for v in rng.integers(0, 255, 3)), -1)
        key = f"uploads/load/{number}.png"
        blobs.put(key, encode_image(picture), "image/png")
        keys.append(key)
    return keys


def products(run: str, count: int, keys: Sequence[str], *, may_train: int = 0) -> Iterator[ProductSubmitted]:
    """Numbered products of one run, one scene each; the first so many may be trained on."""
    for number in range(count):
        yield ProductSubmitted(
            product_id=f"{run}-{number:06d}",
            image=ImageSource(key=keys[number % len(keys)]),
            facts=ProductFacts(may_train=number < may_train),
            scenes=(Scene(seed=3),),
            revision=1,
        )


def play(
    kafka: KafkaSettings, events: Iterator[Event], rates: Rates, *, now: Callable[[], float] = time.monotonic
) -> int:
    """Publish events along a curve of messages a second, until it or they end; how many were published."""
    due = np.concatenate([[0.0], np.cumsum(rates)])
    said, began = 0, now()
    with contextlib.closing(KafkaProducer(bootstrap_servers=kafka.bootstrap_servers, acks="all")) as producer:
        while (passed := now() - began) < len(rates):
            until = int(np.interp(passed, np.arange(len(due)), due))
            while said < until:
                if (event := next(events, None)) is None:
                    producer.flush()
                    return said
                say(producer, event)
                said += 1
            time.sleep(0.02)
        for event in events:  # what the curve left over by rounding
            say(producer, event)
            said += 1
        producer.flush()
    return said


def say(producer: KafkaProducer, event: Event) -> None:
    """Publish one, as a platform's own program would."""
    headers = [*cloud_event_headers(event, source="load"), ("traceparent", str(Trace.new()).encode())]
    producer.send(topic_of(event).name, event.model_dump_json().encode(), key=event.key.encode(), headers=headers)


@dataclass
class HeardOnTopic:
    """What was said on one topic: by product, the ids of the events, the moment of the first and of each record.

    Moments are seconds since 1970.
    """

    ids: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    first: dict[str, float] = field(default_factory=dict)
    moments: list[float] = field(default_factory=list)

    @property
    def repeated(self) -> int:
        """Records beyond the first of each product: redeliveries, which carry the same id."""
        return len(self.moments) - len(self.ids)

    @property
    def doubled(self) -> list[str]:
        """Products that got two different answers."""
        return sorted(product for product, ids in self.ids.items() if len(ids) > 1)


class Polled(Protocol):
    """As much of a consumer as is needed."""

    def poll(self, *, timeout_ms: int) -> Mapping[Any, Sequence[Any]]:
        """What has come, by partition."""
        ...


def hear(
    kafka: KafkaSettings,
    topics: Collection[str],
    run: str,
    *,
    until: Callable[[Mapping[str, HeardOnTopic]], bool],
    patience_s: float,
) -> dict[str, HeardOnTopic]:
    """All records of a run on these topics, from the beginning until enough is heard; at the latest after a while."""
    heard = {topic: HeardOnTopic() for topic in topics}
    with contextlib.closing(
        KafkaConsumer(
            *topics,
            bootstrap_servers=kafka.bootstrap_servers,
            auto_offset_reset="earliest",
            metadata_max_age_ms=1_000,  # topics that its first question misses are asked for again
        )
    ) as consumer:
        listen(consumer, heard, run, until=until, patience_s=patience_s)
    return heard


def listen(
    consumer: Polled,
    heard: dict[str, HeardOnTopic],
    run: str,
    *,
    until: Callable[[Mapping[str, HeardOnTopic]], bool],
    patience_s: float,
) -> None:
    """Note what comes, until enough is heard and then nothing more comes: who is answered twice, is so at the end."""
    ends, silent = time.monotonic() + patience_s, 0
    while (not until(heard) or silent < SILENT_POLLS) and time.monotonic() < ends:
        polled = consumer.poll(timeout_ms=POLL_MS)
        silent = 0 if polled else silent + 1
        for records in polled.values():
            for record in records:
                _note(heard[record.topic], record, run)


def _note(heard: HeardOnTopic, record: object, run: str) -> None:
    key, headers, at = (getattr(record, name) for name in ("key", "headers", "timestamp"))
    if (product := (key or b"").decode()).startswith(run):
        heard.ids[product].add((dict(headers).get("ce_id") or b"").decode())
        heard.first.setdefault(product, at / 1000)
        heard.moments.append(at / 1000)
