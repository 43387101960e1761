"""The golden events: what was once sent is understood for ever, and the committed schemas only grow."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from deploy import asyncapi, schemas
from shared.contracts.events import Event
from shared.contracts.topics import MODEL_PROMOTED, TOPICS, Topic

GOLDEN = Path(__file__).parents[1] / "golden" / "events"

every_topic = pytest.mark.parametrize("topic", TOPICS, ids=[topic.name for topic in TOPICS])


def golden(topic: Topic) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((GOLDEN / f"{topic.event.__name__}.json").read_text())
    return found


def test_each_event_has_one_golden_file_and_one_topic() -> None:
    assert sorted(path.stem for path in GOLDEN.glob("*.json")) == sorted(topic.event.__name__ for topic in TOPICS)
    assert len({topic.name for topic in TOPICS}) == len({topic.event for topic in TOPICS}) == 18


@every_topic
def test_the_golden_event_is_understood_with_nothing_lost(topic: Topic) -> None:
    event = topic.event.model_validate(golden(topic))
    assert_holds(event.model_dump(mode="json"), golden(topic), at=topic.event.__name__)


@every_topic
def test_what_we_write_reads_back_as_the_same_event(topic: Topic) -> None:
    event = topic.event.model_validate(golden(topic))
    assert topic.event.model_validate_json(event.model_dump_json()) == event


@every_topic
def test_a_field_from_the_future_is_ignored(topic: Topic) -> None:
    event = topic.event.model_validate(golden(topic))
    assert topic.event.model_validate(golden(topic) | {"a_field_of_2031": {"x": 1}}) == event


@pytest.mark.parametrize("name", ["ProductSubmitted", "ProductSegmented", "ProductCaptioned", "ProductWithdrawn"])
def test_what_was_said_of_a_product_before_there_were_numbers_is_unnumbered(name: str) -> None:
    (topic,) = [topic for topic in TOPICS if topic.event.__name__ == name]
    event = topic.event.model_validate(golden(topic))
    assert event.model_dump()["revision"] == 0
    assert topic.event.model_validate(golden(topic) | {"revision": 7}).model_dump()["revision"] == 7


@every_topic
def test_the_key_is_a_field_of_the_event_or_made_of_its_fields(topic: Topic) -> None:
    event: Event = topic.event.model_validate(golden(topic))
    given = golden(topic)
    if topic is MODEL_PROMOTED:  # the place of what replaces each other, since the topic is compacted
        assert event.key == f"{given['model']}/lora/{given['base']}"
    else:
        assert event.key in given.values()


@every_topic
def test_the_golden_event_fits_the_committed_schema(topic: Topic) -> None:
    jsonschema.validate(golden(topic), json.loads(schemas.path_of(topic).read_text()))


@every_topic
def test_the_schema_only_grew_since_it_was_committed(topic: Topic) -> None:
    committed = json.loads(schemas.path_of(topic).read_text())
    assert schemas.breaks(committed, schemas.schema_of(topic)) == []


def test_a_schema_that_lost_a_field_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    committed = '{"type": "object", "properties": {"gone": {"type": "string"}}}'
    (tmp_path / "product.withdrawn.v1.json").write_text(committed)
    monkeypatch.setattr(asyncapi, "path_of", lambda topic: tmp_path / f"{topic.name}.json")
    monkeypatch.setattr(asyncapi, "EVENTS", tmp_path)
    assert asyncapi.main() == 1
    assert "product.withdrawn.v1: gone: is gone" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["product.withdrawn.v1.json"]
    assert (tmp_path / "product.withdrawn.v1.json").read_text() == committed


def test_the_committed_documents_are_what_the_code_says() -> None:
    stale = [str(path) for path, text in asyncapi.documents().items() if not path.exists() or path.read_text() != text]
    assert stale == [], "run `make schemas` and commit"


def assert_holds(whole: Any, part: Any, *, at: str) -> None:
    """Everything in `part` is in `whole`; `whole` may know more."""
    if isinstance(part, dict):
        for name, value in part.items():
            assert name in whole, f"{at}.{name} was lost"
            assert_holds(whole[name], value, at=f"{at}.{name}")
    elif isinstance(part, list):
        assert len(whole) == len(part), at
        for index, (ours, theirs) in enumerate(zip(whole, part, strict=True)):
            assert_holds(ours, theirs, at=f"{at}[{index}]")
    else:
        assert whole == part, at
