"""A day's quota, counted ahead in parts."""

from datetime import UTC, datetime, timedelta

from services.gateway.callers.allowances import Allowances

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Book:
    """A day's counts, and how often it was asked."""

    def __init__(self) -> None:
        self.counted, self.asked = 0, 0

    def use(self, tenant: str, what: str, count: int, most: int, now: datetime) -> bool:
        self.asked += 1
        room = self.counted + count <= most
        self.counted += count if room else 0
        return room

    def give_back(self, tenant: str, what: str, count: int, now: datetime) -> None:
        self.counted -= count


def taken(allowances: Allowances, count: int, most: int, now: datetime = NOON) -> bool:
    return allowances.at_once("acme", {"pictures": count}, now) or allowances.use("acme", "pictures", count, most, now)


def test_a_large_quota_is_asked_for_once_in_many_requests_and_ends_where_it_ends() -> None:
    book = Book()
    allowances = Allowances(book)
    assert [taken(allowances, 4, 1000) for _ in range(250)] == [True] * 250
    assert (book.counted, book.asked < 140) == (1000, True)
    assert not taken(allowances, 1, 1000)


def test_a_small_quota_is_counted_one_by_one() -> None:
    book = Book()
    allowances = Allowances(book)
    assert [taken(allowances, 1, 2) for _ in range(3)] == [True, True, False]
    assert book.counted == 2


def test_what_was_counted_ahead_is_one_tenants_one_kinds_and_one_days() -> None:
    allowances = Allowances(Book())
    assert allowances.use("acme", "pictures", 1, 1000, NOON)
    assert not allowances.at_once("other", {"pictures": 1}, NOON)
    assert not allowances.at_once("acme", {"pictures": 1, "products": 1}, NOON)
    assert not allowances.at_once("acme", {"pictures": 1}, NOON + timedelta(days=1))
    assert allowances.at_once("acme", {"pictures": 5}, NOON)
    assert not allowances.at_once("acme", {"pictures": 1}, NOON)
