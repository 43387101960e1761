"""Watching: messages become progress, progress becomes rows and lines."""

from collections.abc import Iterable, Iterator
from datetime import datetime

import pytest
from rich.console import Console

from backdrop.client import Heard
from backdrop.submitting.progress import Silence, SubmissionProgress
from backdrop.submitting.watching import announcer, follow, table, take
from shared.contracts.topics import BACKGROUND_GENERATED, PRODUCT_SUBMITTED
from tests.fakes.answers import NOON, generated, never_submitted, product, submission


class ScriptedKafka:
    """Says what it was given, then nothing for ever."""

    def __init__(self, *heard: Heard) -> None:
        self.heard = heard

    def listen(self, topics: Iterable[str], *, since: datetime) -> Iterator[Heard | None]:
        """As the real client."""
        yield from self.heard
        while True:
            yield None


def answer(index: int) -> Heard:
    value = generated(product(), index).model_dump_json().encode()
    return Heard(topic=BACKGROUND_GENERATED.name, value=value, headers={}, at_s=NOON.timestamp() + 4 + index)


def test_following_ends_when_everything_is_answered() -> None:
    progress = SubmissionProgress(submission(product()))
    for _ in follow(progress, ScriptedKafka(answer(0), answer(1)), timeout_s=60):  # type: ignore[arg-type]
        pass
    assert progress.done
    assert [one.seconds for one in progress.answers.values()] == [4.0, 5.0]


def test_a_long_silence_ends_it_with_what_is_open() -> None:
    progress = SubmissionProgress(submission(product()))
    with pytest.raises(Silence, match=r"1 scenes are open \(cup\)"):
        for _ in follow(progress, ScriptedKafka(answer(0)), timeout_s=0.3):  # type: ignore[arg-type]
            pass


class BusyKafka:
    """Never silent: what others submitted is answered without end."""

    def listen(self, topics: Iterable[str], *, since: datetime) -> Iterator[Heard | None]:
        """As the real client."""
        value = generated(product("bag"), 0).model_dump_json().encode()
        while True:
            yield Heard(topic=BACKGROUND_GENERATED.name, value=value, headers={}, at_s=NOON.timestamp())


def test_what_others_hear_is_no_sign_of_life_for_ours() -> None:
    progress = SubmissionProgress(submission(product()))
    with pytest.raises(Silence, match=r"2 scenes are open \(cup\)"):
        for _ in follow(progress, BusyKafka(), timeout_s=0.5):  # type: ignore[arg-type]
            pass


def test_taking_what_is_there_ends_on_a_busy_stack(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backdrop.submitting.watching.CATCH_UP_S", 0.05)
    progress = SubmissionProgress(submission(product()))
    for _ in follow(progress, BusyKafka(), timeout_s=0):  # type: ignore[arg-type]
        pass
    assert progress.answers == {}


def test_without_patience_it_takes_what_is_there() -> None:
    progress = SubmissionProgress(submission(product()))
    for _ in follow(progress, ScriptedKafka(answer(0)), timeout_s=0):  # type: ignore[arg-type]
        pass
    assert len(progress.answers) == 1


def test_a_dead_letter_is_an_answer_and_gibberish_is_none() -> None:
    progress = SubmissionProgress(submission(product()))
    take(progress, Heard(topic=BACKGROUND_GENERATED.name, value=b"{}", headers={}, at_s=0))
    assert progress.answers == {}
    headers = {"x-reason": "image_broken", "x-detail": "it is damaged", "x-service": "segmenter"}
    value = product().event().model_dump_json().encode()
    take(progress, Heard(topic=PRODUCT_SUBMITTED.dead, value=value, headers=headers, at_s=NOON.timestamp() + 1))
    assert progress.done


def test_the_table_shows_the_unfinished_first_and_no_more_rows_than_fit() -> None:
    progress = SubmissionProgress(submission(never_submitted(), product(), product("bag")))
    console = Console(width=120, record=True, file=None, quiet=False)
    with console.capture() as captured:
        console.print(table(progress, rows=2))
    drawn = captured.get()
    assert "2 of 6 scenes answered" in drawn
    assert drawn.index("cup") < drawn.index("bag")
    assert "film" not in drawn and "… and 1 more" in drawn


def test_without_a_terminal_each_product_gets_one_line_when_it_is_answered() -> None:
    progress, lines = SubmissionProgress(submission(never_submitted(), product())), []
    announce = announcer(progress, lines.append)
    announce()
    announce()
    take(progress, answer(0))
    take(progress, answer(1))
    announce()
    assert lines == ["film: 0 of 2 scenes made (film.gif is a GIF)", "cup: 2 of 2 scenes made"]
