"""A day's quota, counted ahead in parts."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from services.gateway.callers.allowances import PARTS, Allowances
from shared.contracts.errors import DependencyDown

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@dataclass
class Book:
    """A day's counts by kind, how often it was asked, and whether it is out."""

    counted: Counter[str] = field(default_factory=Counter)
    asked: int = 0
    out: bool = False

    def use(self, tenant: str, what: str, count: int, most: int, now: datetime) -> bool:
        if self.out:
            raise DependencyDown("own_down", "the database does not answer")
        self.asked += 1
        room = self.counted[what] + count <= most
        self.counted[what] += count if room else 0
        return room

    def give_back(self, tenant: str, what: str, count: int, now: datetime) -> None:
        self.counted[what] -= count


def taken(allowances: Allowances, count: int, most: int, now: datetime = NOON) -> bool:
    return allowances.at_once("acme", {"pictures": count}, now) or allowances.use("acme", "pictures", count, most, now)


def test_a_large_quota_is_asked_for_once_in_many_requests_and_ends_where_it_ends() -> None:
    book = Book()
    allowances = Allowances(book)
    assert [taken(allowances, 4, 1000) for _ in range(250)] == [True] * 250
    assert (book.counted["pictures"], book.asked < 140) == (1000, True)
    assert not taken(allowances, 1, 1000)


def test_a_small_quota_is_counted_one_by_one() -> None:
    book = Book()
    allowances = Allowances(book)
    assert [taken(allowances, 1, 2) for _ in range(3)] == [True, True, False]
    assert book.counted == {"pictures": 2}


def test_what_was_counted_ahead_is_one_tenants_one_kinds_and_one_days() -> None:
    allowances = Allowances(Book())
    assert allowances.use("acme", "pictures", 1, 1000, NOON)
    assert not allowances.at_once("other", {"pictures": 1}, NOON)
    assert not allowances.at_once("acme", {"pictures": 1, "products": 1}, NOON)
    assert not allowances.at_once("acme", {"pictures": 1}, NOON + timedelta(days=1))
    assert allowances.at_once("acme", {"pictures": 5}, NOON)
    assert not allowances.at_once("acme", {"pictures": 1}, NOON)


def test_a_kind_that_is_counted_ahead_is_not_counted_further_because_another_kind_is_short() -> None:
    book, most, asked = Book(), 10_000, {"products": 1, "pictures": 4}
    allowances = Allowances(book)
    for _ in range(1000):
        assert allowances.at_once("acme", asked, NOON) or all(
            allowances.use("acme", what, count, most, NOON) for what, count in asked.items()
        )
    ahead = {what: book.counted[what] - 1000 * count for what, count in asked.items()}
    assert all(0 <= count < 2 * (most // PARTS) for count in ahead.values()), ahead


def test_what_was_counted_ahead_outlasts_an_outage() -> None:
    book = Book()
    allowances = Allowances(book)
    assert allowances.use("acme", "pictures", 1, 1000, NOON)
    book.out = True
    with pytest.raises(DependencyDown):
        allowances.use("acme", "pictures", 7, 1000, NOON)
    assert allowances.at_once("acme", {"pictures": 5}, NOON)
