"""One contract for the catalogue in memory, over SQLite and over PostgreSQL."""

import math
import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import text

from services.curator.books import Catalogue
from services.curator.key_ranges import key_ranges
from services.curator.migrations import alembic_config, upgrade
from services.curator.pixels.embedding import Embedding
from services.curator.records import Consent, Option, Picture, Release, Review, Sample, Window
from services.curator.store.catalogue import SqlCatalogue
from shared.contracts.blobs import BlobRef, digest
from shared.contracts.errors import DependencyDown
from shared.contracts.events import StyleEvidence, StyleMined
from shared.database.sessions import open_engine
from tests.fakes.catalogue import MemoryCatalogue

TABLES = "styles, verdicts, options, members, releases, reviews, consents, withdrawn, engagement, samples"
PAGE = 7
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture(params=["memory", "sqlite", pytest.param("postgres", marks=pytest.mark.connected)])
def catalogue(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Catalogue]:
    if request.param == "memory":
        yield MemoryCatalogue()
        return
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("migrated_file"), tmp_path / "catalogue.sqlite")
        engine = open_engine(f"sqlite:///{tmp_path / 'catalogue.sqlite'}")
    else:
        engine = open_engine(request.getfixturevalue("migrated_postgres"))
        with engine.begin() as connection:
            connection.execute(text(f"TRUNCATE {TABLES}"))
    yield SqlCatalogue(engine, page=PAGE)
    engine.dispose()


@pytest.fixture(scope="module")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty catalogue over SQLite, to be copied: the migrations take longer than a test."""
    path = tmp_path_factory.mktemp("catalogue") / "empty.sqlite"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="module")
def migrated_postgres(request: pytest.FixtureRequest) -> str:
    """The same over PostgreSQL, where each test empties the tables."""
    database = os.environ.get("BACKDROP_TEST_POSTGRES_DSN") or str(request.getfixturevalue("postgres_dsn"))
    upgrade(database)
    return database


def put_sample(catalogue: Catalogue, one: Sample) -> Sample:
    (standing,) = catalogue.put_samples([one])
    return standing


def put_window(catalogue: Catalogue, one: Window) -> None:
    catalogue.put_windows([one])


def put_option(catalogue: Catalogue, one: Option) -> None:
    catalogue.put_options([one])


def has_option(catalogue: Catalogue, *one: str) -> bool:
    return bool(catalogue.options([one]))  # type: ignore[list-item]


def consent(catalogue: Catalogue, product_id: str) -> Consent:
    return catalogue.consents([product_id])[product_id]


def ref(name: str) -> BlobRef:
    return BlobRef(bucket="backdrop", key=f"images/{name}", sha256=digest(name.encode()), size=1, width=8, height=8)


def sample(product_id: str, image: str = "", **given: Any) -> Sample:
    known: dict[str, Any] = {
        "mask": ref("mask"),
        "captions": ("a wall", "a white wall"),
        "product": "mug",
        "promoted": True,
        "may_train": True,
        "reason": "kept",
        "scores": {"sharpness": 120.5},
        "phash": int(digest((image or product_id).encode())[:16], 16),
    }
    return Sample(product_id=product_id, image=ref(image or product_id), **(known | given))


def window(product_id: str, hours: int = 0, **given: Any) -> Window:
    start = NOON + timedelta(hours=hours)
    known: dict[str, Any] = {"impressions": 100, "clicks": 5, "saves": 2, "long_clicks": 1}
    return Window(product_id=product_id, start=start, end=start + timedelta(hours=1), **(known | given))


def review(product_id: str, image: str, **given: Any) -> Review:
    known: dict[str, Any] = {"raters": 5, "product_defects": 1, "background_defects": 3}
    known["request_id"] = f"request-{image}"
    return Review(product_id=product_id, image=ref(image), **(known | given))


def release(sequence: int = 1, dataset: str = "product") -> Release:
    return Release(
        dataset=dataset,
        sequence=sequence,
        content=digest(b"content"),
        manifest=ref("manifest"),
        samples=sequence,
        counts={"train": sequence},
    )


def test_a_kept_sample_comes_back_as_it_was(catalogue: Catalogue) -> None:
    put_sample(catalogue, sample("a"))
    put_sample(catalogue, sample("b", reason="blurred", phash=None, mask=None))
    assert list(catalogue.kept()) == [sample("a")]
    assert catalogue.reasons() == {"blurred": 1, "kept": 1}


def test_a_sample_of_one_revision_told_twice_is_one_and_the_last_verdict_counts(catalogue: Catalogue) -> None:
    put_sample(catalogue, sample("a"))
    put_sample(catalogue, sample("a", reason="blurred"))
    put_sample(catalogue, sample("a", image="another photo"))
    assert [kept.image.key for kept in catalogue.kept()] == ["images/another photo"]


def test_of_two_revisions_of_a_photo_the_newer_verdict_stays_in_whatever_order_they_come(catalogue: Catalogue) -> None:
    newer, older = sample("a", revision=2, captions=("new",)), sample("a", revision=1, captions=("old",))
    for one in (newer, older, newer, older):
        put_sample(catalogue, one)
    assert list(catalogue.kept()) == [newer]


def test_a_no_takes_every_photo_along_that_is_not_newer_and_what_was_measured_on_it(catalogue: Catalogue) -> None:
    put_sample(catalogue, sample("a", image="first", revision=1))
    put_sample(catalogue, sample("a", image="third", revision=3, phash=0xFF))
    put_sample(catalogue, sample("other", revision=1, phash=0xFF00))
    put_sample(catalogue, sample("a", image="second", revision=2, may_train=False, reason="no_consent", phash=None))
    assert {kept.image.key for kept in catalogue.kept()} == {"images/third", "images/other"}
    assert catalogue.reasons() == {"kept": 2, "no_consent": 2}
    assert consent(catalogue, "a") == Consent(refused=2)


def test_a_yes_that_comes_after_a_newer_no_does_not_stand(catalogue: Catalogue) -> None:
    put_sample(catalogue, sample("a", revision=2, may_train=False, reason="no_consent"))
    put_sample(catalogue, sample("a", image="late", revision=1))
    put_sample(catalogue, sample("a", image="equal", revision=2))
    assert list(catalogue.kept()) == []
    put_sample(catalogue, sample("a", image="newer", revision=3))
    assert [kept.image.key for kept in catalogue.kept()] == ["images/newer"]


SAID = {
    "yes to the first photo": sample("a", image="first", revision=1),
    "no to the second photo": sample("a", image="second", revision=2, may_train=False, reason="no_consent"),
    "yes to the third photo": sample("a", image="third", revision=3, phash=0xFF),
    "the first again, by now too dark": sample("a", image="first", revision=4, reason="too_dark"),
}


@pytest.mark.parametrize("order", list(permutations(SAID)), ids=lambda order: "-".join(one[:9] for one in order))
def test_whatever_order_the_revisions_come_in_the_same_samples_are_kept(
    catalogue: Catalogue, order: tuple[str, ...]
) -> None:
    for said in (*order, *order[:2]):  # two of them are delivered again
        put_sample(catalogue, SAID[said])
    assert list(catalogue.kept()) == [SAID["yes to the third photo"]]
    assert catalogue.reasons() == {"kept": 1, "no_consent": 1, "too_dark": 1}
    assert consent(catalogue, "a") == Consent(refused=2)


def test_two_writers_of_one_product_cannot_keep_what_one_of_them_refused(catalogue: Catalogue) -> None:
    for turn in range(10):
        name = f"product-{turn}"
        yes, no = sample(name, revision=1), sample(name, revision=2, may_train=False, reason="no_consent")
        with ThreadPoolExecutor(2) as writers:
            list(writers.map(lambda one: put_sample(catalogue, one), (yes, no)))
    assert list(catalogue.kept()) == []


def test_more_samples_than_a_page_holds_come_once_each_and_in_order(catalogue: Catalogue) -> None:
    for number in range(PAGE + 3):
        put_sample(catalogue, sample(f"product-{number}", phash=None))
    keys = [one.key for one in catalogue.kept()]
    assert len(keys) == PAGE + 3 and keys == sorted(set(keys))
    assert [one.key for part in key_ranges(7) for one in catalogue.kept(part)] == keys


def test_an_opt_out_takes_effect_while_samples_are_read(catalogue: Catalogue) -> None:
    names = [f"product-{number}" for number in range(PAGE + 3)]
    for name in names:
        put_sample(catalogue, sample(name, phash=None))
    last = max(names, key=lambda name: sample(name).key)
    reading = catalogue.kept()
    next(reading)
    catalogue.withdraw(last, "by its owner", 0)
    assert last not in {one.product_id for one in reading}


def test_kept_samples_are_ordered_by_key(catalogue: Catalogue) -> None:
    samples = [sample(name) for name in "edcba"]
    for one in samples:
        put_sample(catalogue, one)
    assert [one.key for one in catalogue.kept()] == sorted(one.key for one in samples)


def alike(name: str, flipped: int = 0, side: int = 8, **given: Any) -> Sample:
    """A picture whose hash differs from that of the others in the flipped bits."""
    image = ref(str(given.pop("image", name))).model_copy(update={"width": side, "height": side})
    return replace(sample(name, phash=0xFFFF_0000_FFFF_0000 ^ flipped, **given), image=image)


def reasons_of(catalogue: Catalogue, *samples: Sample) -> dict[str, str]:
    return {one.product_id: put_sample(catalogue, one).reason for one in samples}


@pytest.mark.parametrize(
    ("flipped", "reason"),
    [(0, "near_duplicate"), (0b11111, "near_duplicate"), (0b111111, "kept"), (0x8000_4000_2001_0000, "near_duplicate")],
)
def test_of_pictures_within_five_bits_the_largest_stays(catalogue: Catalogue, flipped: int, reason: str) -> None:
    found = reasons_of(catalogue, alike("a", side=16), alike("b", flipped))
    assert found == {"a": "kept", "b": reason}


def test_the_same_bytes_are_a_duplicate_but_never_of_oneself(catalogue: Catalogue) -> None:
    one = alike("a", image="one photo")
    assert [put_sample(catalogue, one).reason for _ in range(2)] == ["kept", "kept"]
    put_sample(catalogue, replace(alike("b", image="one photo"), phash=None))
    assert catalogue.reasons() == {"duplicate": 1, "kept": 1}


def seen(cosine: float) -> Embedding:
    """What a model sees that has this cosine to `seen(1.0)`."""
    return Embedding.of("model", np.array([cosine, math.sqrt(1 - cosine**2), *[0.0] * 62], np.float32))


@pytest.mark.parametrize(
    ("cosine", "flipped", "reason"),
    [
        (0.99, 0xFFFF_FFFF, "near_duplicate"),
        (0.9, 0xFFFF_FFFF, "kept"),
        (0.9, 0b1, "near_duplicate"),
        (0.5, 0b1, "kept"),
    ],
)
def test_where_a_model_has_seen_both_the_bits_decide_between_two_cosines_alone(
    catalogue: Catalogue, cosine: float, flipped: int, reason: str
) -> None:
    put_sample(catalogue, alike("a", side=16, embedding=seen(1.0)))
    found = put_sample(catalogue, alike("b", flipped, embedding=seen(cosine)))
    told = None if reason == "kept" else pytest.approx(cosine, abs=1e-3)
    assert (found.reason, found.scores.get("cosine")) == (reason, told)
    put_sample(catalogue, alike("b", revision=1, may_train=False, reason="no_consent"))
    assert [one.embedding for one in catalogue.kept()] == [seen(1.0)]


def test_what_is_not_fit_does_not_count_as_alike(catalogue: Catalogue) -> None:
    put_sample(catalogue, alike("a", side=16, reason="blurred"))
    assert put_sample(catalogue, alike("b")).reason == "kept"


# a is the largest; b is alike to both, c only to b
CHAIN = (alike("a", side=16), alike("b", 0b1111, side=12), alike("c", 0b1111_1111))


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_what_stays_does_not_depend_on_the_order_in_which_pictures_came(
    catalogue: Catalogue, order: tuple[int, ...]
) -> None:
    for place in order:
        put_sample(catalogue, CHAIN[place])
    assert [one.product_id for one in catalogue.kept()] == ["a"]
    assert catalogue.reasons() == {"kept": 1, "near_duplicate": 2}


def test_a_picture_comes_back_when_the_one_before_it_leaves_whatever_the_way(catalogue: Catalogue) -> None:
    for one in CHAIN:
        put_sample(catalogue, one)
    catalogue.withdraw("a", "by its owner", 1)
    assert [one.product_id for one in catalogue.kept()] == ["b"]
    put_sample(catalogue, replace(CHAIN[1], revision=1, may_train=False, reason="no_consent"))
    assert [one.product_id for one in catalogue.kept()] == ["c"]
    put_sample(catalogue, replace(CHAIN[1], revision=2))
    assert [one.product_id for one in catalogue.kept()] == ["b"]
    put_sample(catalogue, replace(CHAIN[1], revision=3, reason="blurred"))
    assert [one.product_id for one in catalogue.kept()] == ["c"]


def test_windows_add_up_and_the_same_window_counts_once(catalogue: Catalogue) -> None:
    put_sample(catalogue, sample("a", promoted=False))
    put_sample(catalogue, sample("nobody met it"))
    put_sample(catalogue, sample("dropped", reason="blurred"))
    for name in ("a", "a", "dropped", "unknown"):
        put_window(catalogue, window(name))
    put_window(catalogue, window("a", hours=1, impressions=50, clicks=1, saves=0, long_clicks=0))
    (engaged,) = catalogue.engaged()
    assert (engaged.picture, engaged.promoted) == (sample("a", promoted=False), False)
    assert [one.impressions for one in engaged.windows] == [100, 50]
    assert catalogue.newest_window() == NOON + timedelta(hours=2)


def option(product_id: str, image: str, request_id: str = "r-1") -> Option:
    return Option(
        product_id=product_id,
        request_id=request_id,
        image=ref(image),
        mask=ref("mask"),
        captions=("on oak, warm",),
        plate="oak-1",
        model="mini @ base",
    )


def of_option(one: Option, hours: int = 0, **given: Any) -> Window:
    return window(one.product_id, hours, request_id=one.request_id, image_sha256=one.image.sha256, **given)


def test_options_of_willing_owners_are_met_apart_from_their_products_photo(catalogue: Catalogue) -> None:
    facts = {"category": "mugs", "merchant": "brand", "product": "blue mug"}
    put_sample(catalogue, sample("a", reason="plain_backdrop", **facts))
    put_sample(catalogue, sample("b", reason="no_consent", may_train=False))
    first, unwilling = option("a", "first"), option("b", "second")
    assert not has_option(catalogue, "a", "r-1", first.image.sha256)
    for one in (first, unwilling):
        put_option(catalogue, one)
        put_window(catalogue, of_option(one))
    put_window(catalogue, window("a"))
    assert has_option(catalogue, "a", "r-1", first.image.sha256)
    assert not has_option(catalogue, "another", "r-1", first.image.sha256)
    (engaged,) = catalogue.engaged()
    assert engaged.picture == first and engaged.windows == (of_option(first),)
    assert (engaged.product, engaged.category, engaged.merchant) == ("blue mug", "mugs", "brand")
    catalogue.withdraw("a", "by its owner", 1)
    assert list(catalogue.engaged()) == [] and not has_option(catalogue, "a", "r-1", first.image.sha256)


def test_the_same_picture_of_two_requests_is_one_option_with_the_windows_of_both(catalogue: Catalogue) -> None:
    put_sample(catalogue, sample("a"))
    for request_id in ("r-2", "r-1"):
        put_option(catalogue, option("a", "same", request_id))
        put_window(catalogue, of_option(option("a", "same", request_id)))
    (engaged,) = catalogue.engaged()
    assert engaged.picture == option("a", "same", "r-1") and len(engaged.windows) == 2


def test_every_engaged_picture_comes_once_however_many_pages_there_are(catalogue: Catalogue) -> None:
    for number in range(2 * PAGE):
        name = f"product {number}"
        put_sample(catalogue, sample(name))
        put_window(catalogue, window(name))
        put_option(catalogue, option(name, f"option {number}"))
        put_window(catalogue, of_option(option(name, f"option {number}")))
    keys = [one.key for one in catalogue.engaged()]
    assert len(set(keys)) == len(keys) == 4 * PAGE
    assert keys[: 2 * PAGE] == sorted(keys[: 2 * PAGE]) and keys[2 * PAGE :] == sorted(keys[2 * PAGE :])


def style(name: str, revision: int = 1) -> StyleMined:
    evidence = StyleEvidence(pictures=3, lift=2.0, dataset_version="0001-a")
    return StyleMined(style=name, revision=revision, words=(name,), evidence=evidence)


def test_of_a_style_the_newest_is_remembered_and_announced_once(catalogue: Catalogue) -> None:
    catalogue.put_styles([style("warm oak"), style("brick wall")])
    assert [one.style for one in catalogue.unannounced_styles()] == ["brick wall", "warm oak"]
    catalogue.put_styles([style("warm oak", 2)])
    catalogue.mark_style_announced(style("warm oak", 1))  # overtaken
    catalogue.mark_style_announced(style("brick wall"))
    assert catalogue.unannounced_styles() == [style("warm oak", 2)]
    assert catalogue.styles() == {"warm oak": style("warm oak", 2), "brick wall": style("brick wall")}


def test_the_same_window_in_another_time_zone_is_the_same_window(catalogue: Catalogue) -> None:
    one = window("a")
    berlin = timezone(timedelta(hours=1))
    moved = {"start": one.start.astimezone(berlin), "end": one.end.astimezone(berlin)}
    put_sample(catalogue, sample("a"))
    put_window(catalogue, one)
    put_window(catalogue, Window(product_id="a", impressions=70, clicks=1, saves=0, long_clicks=0, **moved))
    (engaged,) = catalogue.engaged()
    assert [met.impressions for met in engaged.windows] == [70]


def test_reviews_count_only_with_consent(catalogue: Catalogue) -> None:
    put_sample(catalogue, sample("a", reason="plain_backdrop"))
    put_sample(catalogue, sample("b", reason="no_consent", may_train=False))
    catalogue.put_review(review("a", "output"))
    catalogue.put_review(review("a", "output", background_defects=0))
    catalogue.put_review(review("b", "another output"))
    assert list(catalogue.reviews()) == [review("a", "output", background_defects=0)]


def test_votes_of_one_rater_stand_beside_those_of_another_and_replace_their_own(catalogue: Catalogue) -> None:
    put_sample(catalogue, sample("a"))
    for rater, defects in (("ann", 1), ("bob", 0), ("", 3), ("ann", 0)):
        catalogue.put_review(review("a", "output", background_defects=defects, rater=rater))
    assert [(one.rater, one.background_defects) for one in catalogue.reviews()] == [("", 3), ("ann", 0), ("bob", 0)]


def test_reviews_are_ordered_by_image_and_request_and_come_once_each(catalogue: Catalogue) -> None:
    put_sample(catalogue, sample("a"))
    for number in range(PAGE + 3):
        catalogue.put_review(review("a", f"output {number % 4}", request_id=f"request-{number:04d}"))
    order = [(one.image.sha256, one.request_id) for one in catalogue.reviews()]
    assert len(order) == PAGE + 3 and order == sorted(set(order))


def test_a_withdrawn_product_is_forgotten_and_stays_away(catalogue: Catalogue) -> None:
    put_sample(catalogue, sample("a"))
    put_window(catalogue, window("a"))
    catalogue.put_review(review("a", "output"))
    assert consent(catalogue, "a") == Consent()
    catalogue.withdraw("a", "by its owner", 5)
    catalogue.withdraw("a", "by its owner", 5)
    put_sample(catalogue, sample("a", revision=9))  # no number undoes an opt-out
    put_window(catalogue, window("a"))
    catalogue.put_review(review("a", "output"))
    assert consent(catalogue, "a").withdrawn and not consent(catalogue, "a").covers(9)
    assert (list(catalogue.kept()), list(catalogue.engaged()), list(catalogue.reviews())) == ([], [], [])
    assert catalogue.reasons() == {}


def test_a_name_in_any_script_and_words_with_any_character_are_kept(catalogue: Catalogue) -> None:
    name = "杯" * 200
    put_sample(catalogue, sample(name, product="mug\x00", captions=("a \x00 wall", "🎈"), phash=2**64 - 1))
    put_window(catalogue, window(name))
    (kept,) = catalogue.kept()
    assert (kept.product_id, kept.captions[1], kept.phash) == (name, "🎈", 2**64 - 1)
    catalogue.withdraw(name, "no\x00 more", 1)
    catalogue.withdraw(name, "an older reason", 0)
    assert consent(catalogue, name).withdrawn


def members(*products: str) -> list[Picture]:
    return [(product, f"key of {product}") for product in products]


def test_releases_are_remembered_once_and_the_newest_is_found(catalogue: Catalogue) -> None:
    assert catalogue.latest("product") is None and catalogue.members("product") == frozenset()
    catalogue.put_release(release(1), members("a"))
    catalogue.put_release(release(2), members("a", "b"))
    catalogue.put_release(release(2), members("a", "b"))
    catalogue.put_release(release(1, dataset="judge"), members())
    assert catalogue.latest("product") == release(2) and catalogue.members("product") == {"a", "b"}
    assert catalogue.pictures("product") == {"key of a", "key of b"} and catalogue.pictures("engaged") == frozenset()
    assert catalogue.unannounced() == [release(1), release(2), release(1, dataset="judge")]


def test_a_release_is_announced_once(catalogue: Catalogue) -> None:
    catalogue.put_release(release(1), members("a"))
    catalogue.mark_announced(release(1))
    assert catalogue.unannounced() == []


def test_newcomers_are_products_that_the_newest_version_does_not_have(catalogue: Catalogue) -> None:
    for name in ("a", "b", "c"):
        put_sample(catalogue, sample(name))
    put_sample(catalogue, sample("a", image="a second photo"))
    put_sample(catalogue, sample("dropped", reason="blurred"))
    catalogue.put_review(review("b", "output"))
    assert (catalogue.newcomers("product"), catalogue.newcomers("judge")) == (3, 1)
    catalogue.put_release(release(1), members("b", "c"))
    catalogue.put_release(release(2), members("a", "b"))
    catalogue.put_release(release(1, dataset="judge"), members("b"))
    assert (catalogue.newcomers("product"), catalogue.newcomers("judge")) == (1, 0)


def test_members_without_consent_are_named_for_ever_and_make_the_newest_version_due(catalogue: Catalogue) -> None:
    for name in "abcd":
        put_sample(catalogue, sample(name))
    catalogue.put_release(release(1), members("a", "b", "c", "d"))
    catalogue.put_release(release(2), members("b", "c", "d"))
    for name in ("c", "a", "never in"):
        catalogue.withdraw(name, "by its owner", 0)
    put_sample(catalogue, sample("d", revision=1, may_train=False, reason="no_consent"))
    assert catalogue.gone("product") == ("a", "c", "d")
    assert catalogue.unwilling({"a", "b", "c"}) == {"a", "c"} and catalogue.unwilling(()) == frozenset()
    assert catalogue.gone("product", newest_only=True) == ("c", "d")
    assert catalogue.gone("engaged") == ()
    put_sample(catalogue, sample("d", revision=2))
    assert catalogue.gone("product") == ("a", "c")


def test_a_photo_without_consent_is_known_by_its_key_whatever_is_said_of_another_of_its_product(
    catalogue: Catalogue,
) -> None:
    old, new, other = sample("a"), sample("a", image="a second photo", revision=2), sample("b")
    put_sample(catalogue, old)
    put_sample(catalogue, other)
    put_sample(catalogue, sample("a", revision=1, may_train=False, reason="no_consent"))
    put_sample(catalogue, new)
    asked = {(one.product_id, one.key) for one in (old, new, other)} | {("b", old.key), ("never seen", "x")}
    assert catalogue.unwilling_photos(asked) == {("a", old.key)} and catalogue.unwilling_photos(()) == frozenset()
    put_sample(catalogue, sample("a", revision=3))
    assert catalogue.unwilling_photos(asked) == frozenset()


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
        next(broken().kept())
    with pytest.raises(DependencyDown):
        broken().put_samples([sample("a")])


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


def test_an_old_database_is_upgraded_with_its_rows(tmp_path: Path) -> None:
    from alembic import command

    engine = open_engine(f"sqlite:///{tmp_path / 'catalogue.sqlite'}")
    with engine.begin() as connection:
        command.upgrade(alembic_config(connection), "0001")
        for row in (_old_sample("a", 1), _old_sample("b", 1), _old_sample("b", 0), _old_sample("c", 1)):
            connection.execute(text(OLD_SAMPLE), row)
        connection.execute(text("INSERT INTO withdrawn (product_id, reason) VALUES ('c', 'by its owner')"))
    upgrade(f"sqlite:///{tmp_path / 'catalogue.sqlite'}")
    catalogue = SqlCatalogue(engine)
    (kept,) = catalogue.kept()  # of `b` a photo was refused, and nobody knows which word came last
    assert (kept.product_id, kept.revision, kept.key) == ("a", 0, "010840da6573e2a4888e")  # sha256("a\n" + 64 ones)
    assert (consent(catalogue, "a"), consent(catalogue, "b")) == (Consent(), Consent(refused=0))
    assert consent(catalogue, "c").withdrawn
    put_sample(catalogue, sample("a", revision=1, may_train=False, reason="no_consent"))
    assert list(catalogue.kept()) == []
    engine.dispose()


def test_hashes_in_four_parts_become_the_same_hashes_in_three_and_back(tmp_path: Path) -> None:
    from alembic import command

    engine, four = open_engine(f"sqlite:///{tmp_path / 'catalogue.sqlite'}"), (0xDEF0, 0x9ABC, 0x5678, 0xF234)
    with engine.begin() as connection:
        command.upgrade(alembic_config(connection), "0001")
        connection.execute(text(OLD_SAMPLE), _old_sample("a", 1))
        bands = ", ".join(f"band_{place} = {part}" for place, part in enumerate(four))
        connection.execute(text(f"UPDATE samples SET {bands}"))
        command.upgrade(alembic_config(connection), "head")
    assert [one.phash for one in SqlCatalogue(engine).kept()] == [0xF234_5678_9ABC_DEF0]
    with engine.begin() as connection:
        command.downgrade(alembic_config(connection), "0003")
        assert tuple(connection.execute(text("SELECT band_0, band_1, band_2, band_3 FROM samples")).one()) == four
    engine.dispose()


OLD_SAMPLE = """
INSERT INTO samples (product_id, image_sha256, image, captions, product, promoted, may_train, reason, scores)
VALUES (:product_id, :sha256, :image, '[]', 'mug', true, :may_train, :reason, '{}')
"""


def _old_sample(product_id: str, may_train: int) -> dict[str, Any]:
    sha256 = str(may_train) * 64
    image = BlobRef(bucket="backdrop", key="images/old", sha256=sha256, size=1).model_dump_json()
    reason = "kept" if may_train else "no_consent"
    return {"product_id": product_id, "sha256": sha256, "image": image, "may_train": bool(may_train), "reason": reason}
