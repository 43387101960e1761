"""What the ad platform of the load hears."""

from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any

from benchmarks.load.platform import HeardOnTopic, listen

TOPIC = "sample.curated.v1"


class ScriptedConsumer:
    """Hands out one batch a poll, then nothing."""

    def __init__(self, *batches: Sequence[Any]) -> None:
        self.batches = list(batches)

    def poll(self, *, timeout_ms: int) -> Mapping[Any, Sequence[Any]]:
        batch = self.batches.pop(0) if self.batches else ()
        return {0: batch} if batch else {}


def record(product: str, event_id: str) -> Any:
    headers = [("ce_id", event_id.encode())]
    return SimpleNamespace(topic=TOPIC, key=product.encode(), headers=headers, timestamp=1000)


def heard_of(consumer: ScriptedConsumer, *, enough: int) -> HeardOnTopic:
    heard = {TOPIC: HeardOnTopic()}
    listen(consumer, heard, "run", until=lambda now: len(now[TOPIC].ids) >= enough, patience_s=600)
    return heard[TOPIC]


def test_an_answer_that_comes_again_after_all_are_there_is_heard() -> None:
    consumer = ScriptedConsumer([record("run-1", "a"), record("run-2", "b")], (), [record("run-1", "c")])
    found = heard_of(consumer, enough=2)
    assert (found.doubled, found.repeated) == (["run-1"], 1)


def test_silence_is_no_end_while_answers_are_missing() -> None:
    consumer = ScriptedConsumer([record("run-1", "a")], *[()] * 100, [record("run-2", "b")])
    assert sorted(heard_of(consumer, enough=2).ids) == ["run-1", "run-2"]


def test_other_runs_are_not_heard() -> None:
    assert list(heard_of(ScriptedConsumer([record("old-1", "a"), record("run-1", "b")]), enough=1).ids) == ["run-1"]
