"""One contract for the catalogue in memory, over SQLite and over PostgreSQL."""

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from services.curator.catalogue import SqlCatalogue, open_engine
from services.curator.core import Catalogue
from services.curator.engagement import Counts
from services.curator.migrations import alembic_config, upgrade
from services.curator.records import Match, Release, Review, Sample, Window
from shared.contracts.blobs import BlobRef, digest
from shared.contracts.errors import DependencyDown
from tests.fakes.catalogue import MemoryCatalogue

TABLES = "members, releases, reviews, withdrawn, engagement, samples"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture(params=["memory", "sqlite", pytest.param("postgres", marks=pytest.mark.connected)])
def catalogue(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Catalogue]:
    if request.param == "memory":
        yield MemoryCatalogue()
        return
    database = f"sqlite:///{tmp_path / 'catalogue.sqlite'}" if request.param == "sqlite" else _postgres(request)
    upgrade(database)
    engine = open_engine(database)
    if request.param == "postgres":
        with engine.begin() as connection:
            connection.execute(text(f"TRUNCATE {TABLES}"))
    yield SqlCatalogue(engine)
    engine.dispose()


def _postgres(request: pytest.FixtureRequest) -> str:
    return os.environ.get("BACKDROP_TEST_POSTGRES_DSN") or str(request.getfixturevalue("postgres_dsn"))


def ref(name: str) -> BlobRef:
    return BlobRef(bucket="backdrop", key=f"images/{name}", sha256=digest(name.encode()), size=1, width=8, height=8)


def sample(product_id: str, image: str = "", **given: Any) -> Sample:
    known: dict[str, Any] = {
        "mask": ref("mask"), "captions": ("a wall", "a white wall"), "product": "mug", "promoted": True,
        "may_train": True, "reason": "kept", "scores": {"sharpness": 120.5}, "phash": 0xFFFF_0000_FFFF_0000,
    }  # fmt: skip
    return Sample(product_id=product_id, image=ref(image or product_id), **(known | given))


def window(product_id: str, hours: int = 0, **given: Any) -> Window:
    start = NOON + timedelta(hours=hours)
    known: dict[str, Any] = {"impressions": 100, "clicks": 5, "saves": 2, "long_clicks": 1}
    return Window(product_id=product_id, start=start, end=start + timedelta(hours=1), **(known | given))


def review(product_id: str, image: str, **given: Any) -> Review:
    known: dict[str, Any] = {"raters": 5, "product_defects": 1, "background_defects": 3}
    return Review(product_id=product_id, request_id=f"request-{image}", image=ref(image), **(known | given))


def release(sequence: int = 1, members: tuple[str, ...] = ("a",), dataset: str = "product") -> Release:
    return Release(
        dataset=dataset, sequence=sequence, content=digest(b"content"), manifest=ref("manifest"), samples=len(members),
        counts={"train": len(members)}, members=frozenset(members),
    )  # fmt: skip


def test_a_kept_sample_comes_back_as_it_was(catalogue: Catalogue) -> None:
    catalogue.put_sample(sample("a"))
    catalogue.put_sample(sample("b", reason="blurred", phash=None, mask=None))
    assert catalogue.kept() == [sample("a")]
    assert catalogue.reasons() == {"blurred": 1, "kept": 1}


def test_a_sample_told_twice_is_one_and_the_last_verdict_counts(catalogue: Catalogue) -> None:
    catalogue.put_sample(sample("a"))
    catalogue.put_sample(sample("a", reason="blurred"))
    catalogue.put_sample(sample("a", image="another photo"))
    assert [kept.image.key for kept in catalogue.kept()] == ["images/another photo"]


def test_kept_samples_are_ordered_by_key(catalogue: Catalogue) -> None:
    samples = [sample(name) for name in "edcba"]
    for one in samples:
        catalogue.put_sample(one)
    assert [one.key for one in catalogue.kept()] == sorted(one.key for one in samples)


@pytest.mark.parametrize(
    ("flipped", "match"),
    [
        (0, Match(distance=0)),
        (0b1, Match(distance=1)),
        (0x0101_0101_0001_0001, Match(distance=6)),  # spread over all four quarters
        (0x0101_0101_0003_0001, Match(distance=7)),
        (0xFF, Match()),
        (0xFFFF_FFFF_FFFF_FFFF, Match()),
    ],
)
def test_the_nearest_picture_is_found_within_seven_bits(catalogue: Catalogue, flipped: int, match: Match) -> None:
    catalogue.put_sample(sample("a"))
    assert catalogue.nearest(sample("b", phash=0xFFFF_0000_FFFF_0000 ^ flipped)) == match


def test_the_same_bytes_are_a_twin_but_never_of_oneself(catalogue: Catalogue) -> None:
    catalogue.put_sample(sample("a", image="one photo"))
    assert catalogue.nearest(sample("a", image="one photo")) == Match()
    assert catalogue.nearest(sample("b", image="one photo", phash=None)) == Match(twin=True, distance=0)


def test_only_kept_samples_count_as_near(catalogue: Catalogue) -> None:
    catalogue.put_sample(sample("a", reason="blurred"))
    assert catalogue.nearest(sample("b")) == Match()


def test_windows_add_up_and_the_same_window_counts_once(catalogue: Catalogue) -> None:
    catalogue.put_window(window("a"))
    catalogue.put_window(window("a"))
    catalogue.put_window(window("a", hours=1, impressions=50, clicks=1, saves=0, long_clicks=0))
    assert catalogue.engagement() == {"a": Counts(impressions=150, clicks=6, saves=2, long_clicks=1)}


def test_the_same_window_in_another_time_zone_is_the_same_window(catalogue: Catalogue) -> None:
    one = window("a")
    berlin = timezone(timedelta(hours=1))
    moved = {"start": one.start.astimezone(berlin), "end": one.end.astimezone(berlin)}
    catalogue.put_window(one)
    catalogue.put_window(Window(product_id="a", impressions=70, clicks=1, saves=0, long_clicks=0, **moved))
    assert catalogue.engagement()["a"].impressions == 70


def test_reviews_count_only_with_consent(catalogue: Catalogue) -> None:
    catalogue.put_sample(sample("a", reason="plain_backdrop"))
    catalogue.put_sample(sample("b", reason="no_consent", may_train=False))
    catalogue.put_review(review("a", "output"))
    catalogue.put_review(review("a", "output", background_defects=0))
    catalogue.put_review(review("b", "another output"))
    assert catalogue.reviews() == [review("a", "output", background_defects=0)]


def test_a_withdrawn_product_is_forgotten_and_stays_away(catalogue: Catalogue) -> None:
    catalogue.put_sample(sample("a"))
    catalogue.put_window(window("a"))
    catalogue.put_review(review("a", "output"))
    assert not catalogue.is_withdrawn("a")
    catalogue.withdraw("a", "by its owner")
    catalogue.withdraw("a", "by its owner")
    catalogue.put_sample(sample("a"))
    catalogue.put_window(window("a"))
    catalogue.put_review(review("a", "output"))
    assert catalogue.is_withdrawn("a")
    assert (catalogue.kept(), dict(catalogue.engagement()), catalogue.reviews()) == ([], {}, [])


def test_releases_are_remembered_once_and_the_newest_is_found(catalogue: Catalogue) -> None:
    assert catalogue.latest("product") is None
    catalogue.put_release(release(1))
    catalogue.put_release(release(2, ("a", "b")))
    catalogue.put_release(release(2, ("a", "b")))
    catalogue.put_release(release(1, (), dataset="judge"))
    assert catalogue.latest("product") == release(2, ("a", "b"))
    assert catalogue.unannounced() == [release(1), release(2, ("a", "b")), release(1, (), dataset="judge")]


def test_a_release_is_announced_once(catalogue: Catalogue) -> None:
    catalogue.put_release(release(1))
    catalogue.mark_announced(release(1))
    assert catalogue.unannounced() == []


def test_withdrawn_members_of_any_version_are_named_for_ever(catalogue: Catalogue) -> None:
    catalogue.put_release(release(1, ("a", "b", "c")))
    catalogue.put_release(release(2, ("c",)))
    for name in ("b", "a", "never in"):
        catalogue.withdraw(name, "by its owner")
    assert catalogue.gone("product") == ("a", "b")
    assert catalogue.gone("engaged") == ()


Broken = Callable[[], Catalogue]


def _switched_off() -> Catalogue:
    fake = MemoryCatalogue()
    fake.down = True
    return fake


def _without_tables() -> Catalogue:
    return SqlCatalogue(open_engine("sqlite://"))


def _without_server() -> Catalogue:
    return SqlCatalogue(open_engine("postgresql+psycopg://nobody:nothing@127.0.0.1:9/none"))


@pytest.mark.parametrize("broken", [_switched_off, _without_tables, _without_server])
def test_an_outage_is_a_dependency_down(broken: Broken) -> None:
    with pytest.raises(DependencyDown):
        broken().kept()
    with pytest.raises(DependencyDown):
        broken().put_sample(sample("a"))


def test_the_migrations_make_exactly_the_tables(tmp_path: Path) -> None:
    from alembic import command

    database = f"sqlite:///{tmp_path / 'catalogue.sqlite'}"
    upgrade(database)
    engine = open_engine(database)
    with engine.begin() as connection:
        command.check(alembic_config(connection))  # raises when a table and the migrations differ
        command.downgrade(alembic_config(connection), "base")
        command.upgrade(alembic_config(connection), "head")
    engine.dispose()
