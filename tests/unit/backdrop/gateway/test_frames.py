"""Events out of a stream's bytes, however they are cut."""

import json

import pytest

from backdrop.gateway.frames import MOST_BYTES, Frames, Told
from backdrop.gateway.problems import Refused
from shared.contracts.events import ProductWithdrawn

TITLE = "Tasse \u2028 für\x85 dich"  # line ends of Unicode that are none in a stream


def framed(number: int, title: str = "mug", kind: str = "backdrop.ProductWithdrawn") -> bytes:
    event = {"id": "e", "source": "s", "type": kind, "time": "2026-01-01T00:00:00Z", "subject": title,
             "data": {"product_id": title, "reason": "opt-out"}}  # fmt: skip
    return f"id: {number}\nevent: {kind}\ndata: {json.dumps(event, ensure_ascii=False)}\n\n".encode()


def heard(*chunks: bytes) -> list[Told]:
    frames = Frames()
    return [told for chunk in chunks for told in frames.take(chunk)]


def test_an_event_cut_at_every_byte_is_the_same_event() -> None:
    whole = framed(1, TITLE) + framed(2)
    expected = heard(whole)
    assert [told.last_id for told in expected] == ["1", "2"] and expected[0].subject == TITLE
    assert heard(*[whole[at : at + 1] for at in range(len(whole))]) == expected
    assert heard(whole.replace(b"\n", b"\r\n")) == expected


def test_signs_of_life_and_unknown_lines_are_no_events() -> None:
    assert heard(b"retry: 2000\n\n: ping\n\nnonsense\n\ndata: {}\n\ndata: [1]\n\n" + framed(4))[0].last_id == "4"


def test_an_event_is_read_as_the_contract_has_it() -> None:
    assert heard(framed(1, "mug"))[0].event == ProductWithdrawn(product_id="mug", reason="opt-out")
    assert heard(framed(1, kind="backdrop.OfTheFuture"))[0].event is None


def test_an_event_without_an_end_is_not_kept_for_ever() -> None:
    frames = Frames()
    with pytest.raises(Refused, match="no Backdrop gateway"):
        for _ in range(MOST_BYTES // 2**20 + 1):
            frames.take(b"x" * 2**20)
