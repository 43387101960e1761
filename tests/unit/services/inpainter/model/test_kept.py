"""The newest results are kept."""

from services.inpainter.model.kept import NewestKept


def test_what_is_kept_is_not_made_again_and_the_oldest_makes_room() -> None:
    made: list[str] = []

    def get(key: str) -> str:
        return kept.get(key, lambda: made.append(key) or key.upper())  # type: ignore[func-returns-value]

    kept = NewestKept[str](2)
    assert [get(key) for key in ("a", "b", "a", "c", "b")] == ["A", "B", "A", "C", "B"]
    assert made == ["a", "b", "c", "b"]
    assert kept.requests() == (1, 4)


def test_nothing_is_kept_after_a_change_of_the_model() -> None:
    kept = NewestKept[int](2)
    kept.get("a", lambda: 1)
    kept.clear()
    assert kept.get("a", lambda: 2) == 2
