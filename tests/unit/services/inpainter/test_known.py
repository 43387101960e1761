"""Which of a product's revisions a request is painted on."""

from typing import Any

from services.inpainter.known import KnownProducts


def test_nobody_is_known_before_it_was_captioned(studio: Any) -> None:
    studio.captioned(product_id="mug")
    KnownProducts(studio.blobs).remember(studio.captioned(product_id="mug-2"))
    assert KnownProducts(studio.blobs).newest("mug") is None


def test_the_largest_number_is_the_newest_however_many_digits_it_has(studio: Any) -> None:
    known = KnownProducts(studio.blobs)
    for number in (9, 1_772_366_400_000, 10):
        known.remember(studio.captioned().model_copy(update={"revision": number}))
    newest = known.newest("mug-1")
    assert newest is not None and newest.revision == 1_772_366_400_000


def test_of_one_number_told_twice_the_last_stays(studio: Any) -> None:
    known, event = KnownProducts(studio.blobs), studio.captioned()
    known.remember(event)
    known.remember(event.model_copy(update={"caption": None}))
    assert known.newest("mug-1") == event.model_copy(update={"caption": None})


def test_a_note_from_before_there_were_numbers_is_the_oldest(studio: Any) -> None:
    known, event = KnownProducts(studio.blobs), studio.captioned()
    studio.blobs.put("products/mug-1/known.json", event.model_dump_json().encode(), "application/json")
    assert known.newest("mug-1") == event
    known.remember(event.model_copy(update={"revision": 1}))
    newest = known.newest("mug-1")
    assert newest is not None and newest.revision == 1


def test_names_that_begin_alike_are_told_apart(studio: Any) -> None:
    known = KnownProducts(studio.blobs)
    for name in ("杯" * 60, "杯" * 59, "a/known-1", "a"):
        known.remember(studio.captioned(product_id="x").model_copy(update={"product_id": name}))
    for name in ("杯" * 60, "杯" * 59, "a/known-1", "a"):
        newest = known.newest(name)
        assert newest is not None and newest.product_id == name
