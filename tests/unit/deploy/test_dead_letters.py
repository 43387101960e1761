"""Which dead letters are sent on their way again, and which are not."""

from collections.abc import Iterator
from typing import Any

import pytest
from kafka.errors import KafkaTimeoutError

from deploy import dead_letters
from deploy.dead_letters import Letter
from shared.contracts.errors import DependencyDown
from shared.runtime.settings import KafkaSettings
from tests.fakes.refusing_producer import RefusingProducer


def letter(place: str, **headers: bytes) -> Letter:
    named = [(f"x-{name.replace('_', '-')}", value) for name, value in headers.items()]
    return Letter("product.withdrawn.v1", place, b"mug", b"{}", named)


FIRST = letter("dead/0/1", reason=b"not_an_image")
OTHER = letter("dead/0/2", reason=b"not_an_image")
AGAIN = letter("dead/0/3", reason=b"image_broken", replay_of=b"dead/0/1")


def test_a_letter_knows_how_often_it_was_replayed_and_where_it_first_lay() -> None:
    third = letter("dead/0/4", replay_of=b"dead/0/1 dead/0/3")
    assert [one.replays for one in (FIRST, AGAIN, third)] == [0, 1, 2]
    assert [one.origin for one in (FIRST, AGAIN, third)] == ["dead/0/1"] * 3


def test_what_died_again_is_left_and_so_is_its_first_letter_which_still_lies_there(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert replayed(monkeypatch, FIRST, OTHER, AGAIN) == 0
    said = capsys.readouterr()
    assert said.out == "1 would be replayed; --really does it\n"
    assert said.err == "1 were replayed before and died again: left where they are\n"


def test_a_letter_that_died_again_of_something_else_is_left_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    replayed(monkeypatch, FIRST, OTHER, AGAIN, reason="not_an_image")
    assert capsys.readouterr().out == "1 would be replayed; --really does it\n"


def test_letters_that_were_never_replayed_are_all_sent(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    replayed(monkeypatch, FIRST, OTHER)
    said = capsys.readouterr()
    assert (said.out, said.err) == ("2 would be replayed; --really does it\n", "")


def replayed(monkeypatch: pytest.MonkeyPatch, *lying: Letter, reason: str | None = None) -> int:
    """What the command says of a topic with these letters."""
    wanted = ["--reason", reason] if reason else []
    monkeypatch.setattr("sys.argv", ["letters", "replay", "product.withdrawn.v1", *wanted])
    monkeypatch.setattr(dead_letters, "read", lambda settings, topics: iter(lying))
    return dead_letters.main()


def test_a_letter_that_kafka_does_not_take_is_not_called_replayed(monkeypatch: pytest.MonkeyPatch) -> None:
    producer: Any = RefusingProducer(gives_up=2)
    monkeypatch.setattr(dead_letters, "KafkaProducer", lambda **_: producer)
    with pytest.raises(KafkaTimeoutError):
        dead_letters.replay(KafkaSettings(), [FIRST, OTHER, AGAIN])
    assert producer.sent == 3


def test_a_kafka_that_cannot_be_read_ends_the_command_with_its_words(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def silent(settings: KafkaSettings, topics: list[str]) -> Iterator[Letter]:
        yield FIRST
        raise DependencyDown("kafka_down", "no more of it")

    monkeypatch.setattr("sys.argv", ["letters", "list"])
    monkeypatch.setattr(dead_letters, "read", silent)
    assert dead_letters.main() == 1
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "no more of it\n")
