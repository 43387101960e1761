"""One contract for the gateway's memory over SQLite and over PostgreSQL: order and repetition change nothing."""

import os
import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from alembic import command
from sqlalchemy import select, text
from sqlalchemy.event import listen, remove

from services.gateway.answers import STUCK
from services.gateway.callers.administration import create_key, described, revoke_key, rotate_key
from services.gateway.callers.keys import opens, parse_key
from services.gateway.callers.sessions import new_session
from services.gateway.handlers import headers_of, letter_of, told_of
from services.gateway.heard.rebuilding import rebuild
from services.gateway.migrations import alembic_config, upgrade
from services.gateway.store import tables
from services.gateway.store.database import SqlGateway
from services.gateway.webhooks.book import Webhook
from shared.contracts import events as e
from shared.contracts.blobs import BlobRef
from shared.contracts.errors import BadRequest, NotKnown
from shared.contracts.topics import topic_of
from shared.database.sessions import open_engine

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
PEPPER = "p" * 40


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.connected)])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqlGateway]:
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("migrated_file"), tmp_path / "gateway.sqlite")
        engine = open_engine(f"sqlite:///{tmp_path / 'gateway.sqlite'}")
    else:
        engine = open_engine(request.getfixturevalue("migrated_postgres"))
        names = [table.name for table in tables.Base.metadata.sorted_tables]
        with engine.begin() as connection:
            connection.execute(text(f"TRUNCATE {', '.join(names)}"))
    yield SqlGateway(engine)
    engine.dispose()


@pytest.fixture(scope="module")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty projection over SQLite, to be copied: the migrations take longer than a test."""
    path = tmp_path_factory.mktemp("gateway") / "empty.sqlite"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="module")
def migrated_postgres(request: pytest.FixtureRequest) -> str:
    """The same over PostgreSQL, where each test empties the tables."""
    database = os.environ.get("BACKDROP_TEST_POSTGRES_DSN") or str(request.getfixturevalue("gateway_dsn"))
    upgrade(database)
    return database


def ref(name: str) -> BlobRef:
    return BlobRef(
        bucket="backdrop", key=f"images/{name}.png", sha256=f"{ord(name[0]):064x}", size=1, width=8, height=8
    )


def record(event: e.Event, minutes: int) -> Any:
    """An event as it lies on its topic."""
    headers = [("ce_source", b"backdrop/test"), ("ce_time", (NOON + timedelta(minutes=minutes)).isoformat().encode())]
    return SimpleNamespace(
        topic=topic_of(event).name,
        partition=0,
        offset=minutes,
        key=event.key.encode(),
        timestamp=0,
        value=event.model_dump_json().encode(),
        headers=headers,
    )


def letter(event: e.Event, minutes: int, reason: str) -> Any:
    dead = record(event, minutes)
    at = int((NOON + timedelta(minutes=minutes)).timestamp() * 1000)
    headers = [("x-reason", reason.encode()), ("x-detail", b"in words"), ("x-service", b"segmenter")]
    return SimpleNamespace(**{**dead.__dict__, "topic": f"{dead.topic}.dead", "headers": headers, "timestamp": at})


def history() -> list[Any]:
    """What two tenants and the learning lane said in an hour."""
    found = e.Segmentation(mask=ref("m"), confidence=0.9, segmenter="s")
    facts, scene = e.ProductFacts(title="Mug"), e.Scene(prompt="on oak")
    caption = e.Caption(product_short="p", product_long="p", background_short="b", background_long="b", captioner="c")
    scores = e.Scores(expansion=0, shrinkage=0, seam=0, adherence=1, judge=1)
    option = e.GeneratedImage(image=ref("o"), seed=1, prompt="on oak", scores=scores, model="mini@1")
    window = {"window_start": NOON, "window_end": NOON, "request_id": "r1", "image": ref("o")}
    said: list[e.Event] = [
        e.ProductSubmitted(product_id="mug", image=e.ImageSource(key="uploads/x.png"), facts=facts, revision=1),
        e.ProductSegmented(
            product_id="mug", image=ref("i"), facts=facts, segmentation=found, scenes=(scene,), revision=1
        ),
        e.ProductCaptioned(
            product_id="mug", image=ref("i"), facts=facts, segmentation=found, caption=caption, revision=1
        ),
        e.ProductSubmitted(product_id="mug", image=e.ImageSource(key="uploads/y.png"), facts=facts, revision=2),
        e.ProductSegmented(product_id="mug", image=ref("j"), facts=facts, segmentation=found, revision=2),
        e.ProductSubmitted(product_id="acme::jug", image=e.ImageSource(url="https://x/y"), revision=5),
        e.BackgroundRequested(product_id="mug", request_id="r1", scene=scene),
        e.BackgroundGenerated(
            product_id="mug", request_id="r1", scene=scene, photo=ref("i"), mask=ref("m"), images=(option,)
        ),
        e.BackgroundRequested(product_id="mug", request_id="r2", scene=scene),
        e.BackgroundRejected(product_id="mug", request_id="r2", reason="x", detail="in words"),
        e.BackgroundReviewed(
            product_id="mug", request_id="r1", image=ref("o"), raters=1, product_defects=0, background_defects=1
        ),
        e.BackgroundReviewed(
            product_id="mug", request_id="r1", image=ref("o"), raters=2, product_defects=0, background_defects=1
        ),
        e.ProductEngaged(product_id="mug", impressions=0, clicks=0, saves=1, **window),
        e.ProductEngaged(product_id="mug", impressions=0, clicks=0, saves=0, **window),
        e.ProductWithdrawn(product_id="acme::jug"),
        e.SampleCurated(product_id="mug", image_sha256=ref("i").sha256, verdict="dropped", reason="blur"),
        e.SampleCurated(product_id="mug", image_sha256=ref("i").sha256, verdict="kept", reason="kept"),
        e.DatasetReleased(dataset="product", version="1", manifest=ref("d"), samples=3),
        e.TrainingRequested(job_id="j", stage="product", model="mini", dataset="product", dataset_version="1", steps=9),
        e.TrainingProgressed(job_id="j", stage="product", step=3, steps=9, loss=0.5, samples_per_s=1.0),
        e.TrainingProgressed(job_id="j", stage="product", step=9, steps=9, loss=0.25, samples_per_s=1.0),
        e.ModelPromoted(model="mini", revision="a", stage="product", base="b", weights=ref("w"), sequence=1),
        e.ModelPromoted(model="mini", revision="b", stage="product", base="b", weights=ref("w"), sequence=2),
    ]
    return [record(event, minutes) for minutes, event in enumerate(said)]


def dump(store: SqlGateway) -> dict[str, list[Any]]:
    """The projection's rows, without the numbers of lines."""
    found = {}
    with store._session() as session:
        for table in (*tables.PROJECTION, tables.LogRow):
            columns = [
                column for column in table.__table__.columns if column.name != "sequence" or table is not tables.LogRow
            ]
            rows = session.execute(select(*columns)).all()
            found[table.__tablename__] = sorted(tuple(map(str, row)) for row in rows)
    return found


def tell(store: SqlGateway, records: list[Any]) -> None:
    rebuild(store, records)


def test_whatever_order_events_come_in_and_however_often_the_projection_is_the_same(store: SqlGateway) -> None:
    tell(store, history())
    expected = dump(store)
    for seed in range(3):
        mixed = history() * 2
        random.Random(seed).shuffle(mixed)
        tell(store, mixed)
        again = dump(store)
        assert {name for name in expected if again[name] != expected[name]} == set(), seed


def test_what_was_told_live_is_what_a_rebuild_finds(store: SqlGateway) -> None:
    for one in history():
        event = topic_of_record(one).model_validate_json(one.value)
        assert store.apply(told_of(event, one, headers_of(one))) is True
        assert store.apply(told_of(event, one, headers_of(one))) is False
    before, head = dump(store), store.head()
    assert rebuild(store, history()) == len(history())
    assert dump(store) == before and store.head() == head  # the log is as it was


def test_a_rebuild_tells_nobody_what_was_told_and_forgotten(store: SqlGateway) -> None:
    webhook = Webhook(webhook_id="w", tenant="default", url="https://x.example", secret="s", created=NOON)
    assert store.add_webhook(webhook, 1)
    tell(store, history())
    for one in store.deliveries("w"):
        store.settle(one.model_copy(update={"status": "delivered"}))
    store.prune(NOON + timedelta(hours=1))
    assert store.deliveries("w") == [] and store.lines(0) == []
    new = record(e.ProductWithdrawn(product_id="new"), 61)
    assert rebuild(store, [*history(), new], since=NOON + timedelta(hours=1)) == len(history()) + 1
    assert [one.type for one in store.deliveries("w")] == ["backdrop.ProductWithdrawn"] and len(store.lines(0)) == 1
    assert store.product("default", "mug") is not None


def test_a_letter_is_sent_again_by_one_and_a_rebuild_knows_of_it(store: SqlGateway) -> None:
    first = history()[0]
    lost = letter(e.ProductSubmitted.model_validate_json(first.value), 30, "a\0b")
    tell(store, [first, lost])
    (dead,) = store.dead_letters(limit=5, cursor=None).items
    assert dead.reason == "a b" and dead.replayed is False  # PostgreSQL takes no NUL
    assert store.begin_replay(dead.place, NOON) is True and store.begin_replay(dead.place, NOON) is False
    store.abandon_replay(dead.place)
    assert store.begin_replay(dead.place, NOON) is True
    assert store.begin_replay(dead.place, NOON + timedelta(minutes=3)) is True  # the first has died over it
    store.end_replays((dead.place,), NOON)
    store.abandon_replay(dead.place)
    assert store.begin_replay(dead.place, NOON + timedelta(days=1)) is False
    tell(store, [first, lost])
    (again,) = store.dead_letters(limit=5, cursor=None).items
    assert again.replayed is True and store.dead_totals() == {}
    other = SimpleNamespace(**{**lost.__dict__, "offset": 31})
    sent = SimpleNamespace(**{**first.__dict__, "headers": [("x-replay-of", b"product.submitted.v1.dead/0/31")]})
    tell(store, [first, lost, other, sent])  # sent by somebody else, who said so in its header
    assert {one.place[-2:]: one.replayed for one in store.dead_letters(limit=5, cursor=None).items} == {
        "30": True,
        "31": True,
    }


def test_picks_come_in_pages_by_product(store: SqlGateway) -> None:
    events = history()
    saved = [
        record(
            e.ProductEngaged(
                product_id="mug",
                request_id="r1",
                image=ref(name),
                impressions=0,
                clicks=0,
                saves=1,
                window_start=NOON,
                window_end=NOON + timedelta(minutes=length),
            ),
            40 + length,
        )
        for name, length in (("o", 1), ("o", 2))
    ]
    said = e.BackgroundGenerated.model_validate_json(events[7].value)
    more = [
        said.model_copy(update={"product_id": name, "request_id": "r"}) for name in ("a", "b", "opted-out", "no-one")
    ]
    for one in more:
        pick = e.ProductEngaged.model_validate_json(saved[0].value)
        picked = pick.model_copy(update={"product_id": one.product_id, "request_id": "r"})
        saved += [record(one, 51), record(picked, 52)]
    mug = e.ProductSubmitted.model_validate_json(events[0].value)
    saved += [record(mug.model_copy(update={"product_id": name}), 50) for name in ("a", "b")]
    saved += [record(e.ProductWithdrawn(product_id="opted-out"), 50)]  # nothing else was heard of it
    tell(store, [*events, *saved])
    first = store.picked("default", limit=2)
    assert [product.product_id for product, _ in first] == ["a", "b"]
    ((product, answer),) = store.picked("default", after=first[-1][1], limit=2)
    assert (product.product_id, answer.request_id) == ("mug", "r1")
    assert {image for image, tally in answer.tallies.items() if tally.saves} == {ref("o").sha256}
    assert store.picked("default", after=answer) == [] and store.picked("acme") == []
    assert [one.product_id for one, _ in store.picked("default", ["b"])] == ["b"]


def test_a_product_of_which_only_the_withdrawal_was_heard_is_not_known_yet(store: SqlGateway) -> None:
    submitted, withdrawn = history()[0], record(e.ProductWithdrawn(product_id="mug"), 50)
    tell(store, [withdrawn])
    assert store.product("default", "mug") is None
    assert store.products("default", limit=5, cursor=None, stage=None, title=None).items == ()
    tell(store, [withdrawn, submitted])
    (mug,) = store.products("default", limit=5, cursor=None, stage=None, title=None).items
    assert mug == store.product("default", "mug") and mug.withdrawn


def test_votes_of_one_rater_stand_beside_those_of_another_and_replace_their_own(store: SqlGateway) -> None:
    first = vote("ann", 1, 1), vote("vote-1", 1, 1), vote(None, 3, 2), vote("vote-2", 1, 0)
    votes = (*first, vote("ann", 1, 0), vote(None, 5, 2), vote("vote-1", 1, 1))
    events = [one for one in history() if one.topic != "background.reviewed.v1"]
    tell(store, [*events, *(record(one, minutes) for minutes, one in enumerate(votes, 40))])
    answer = store.background("mug", "r1")
    assert answer is not None
    tally = answer.tallies[ref("o").sha256]
    assert (tally.raters, tally.product_defects, tally.background_defects) == (8, 3, 0)


def vote(rater: str | None, raters: int, product_defects: int) -> e.BackgroundReviewed:
    return e.BackgroundReviewed(
        product_id="mug",
        request_id="r1",
        image=ref("o"),
        raters=raters,
        product_defects=product_defects,
        background_defects=0,
        rater=rater,
    )


def test_sums_of_votes_are_kept_when_votes_get_raters_and_when_they_lose_them(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'gateway.sqlite'}")
    counts = text("SELECT raters, product_defects, background_defects FROM votes ORDER BY raters")
    with engine.begin() as connection:
        command.upgrade(alembic_config(connection), "0003")
        connection.execute(text("INSERT INTO votes VALUES ('mug', 'r1', 'sha', 3, 2, 1, '2026-03-01 12:00:00')"))
        command.upgrade(alembic_config(connection), "0004")
        named = "INSERT INTO votes VALUES ('mug', 'r1', 'sha', 'vote-1', 1, 0, 1, '2026-03-01 12:01:00')"
        connection.execute(text(named))
        assert connection.execute(counts).all() == [(1, 0, 1), (3, 2, 1)]
        command.downgrade(alembic_config(connection), "0003")
        assert connection.execute(counts).all() == [(4, 2, 2)]
        assert connection.execute(text("SELECT told FROM votes")).scalar() == "2026-03-01 12:01:00"
    engine.dispose()


def test_a_session_lasts_until_its_page_leaves_or_its_time_is_up(store: SqlGateway) -> None:
    words = create_key(store, tenant="acme", name="shop", scopes=["read"], pepper=PEPPER, now=NOON)
    key_id, _ = parse_key(words) or ("", "")
    one, other = new_session(key_id, NOON)[0], new_session(key_id, NOON)[0]
    for begun in (one, other):
        store.begin_session(begun)
    found = store.key_in_session(one.hash, NOON)
    assert found is not None and found.key_id == key_id
    store.end_session(one.hash)
    assert store.key_in_session(one.hash, NOON) is None
    assert store.key_in_session(other.hash, NOON) is not None
    assert store.key_in_session(other.hash, NOON + timedelta(hours=13)) is None


def topic_of_record(one: Any) -> type[e.Event]:
    from services.gateway.heard.rebuilding import EVENTS

    return EVENTS[one.topic]


def test_questions_are_answered(store: SqlGateway) -> None:
    tell(store, history())
    mug = store.product("default", "mug")
    assert mug is not None and (mug.stage, mug.newest.revision) == ("segmented", 2)
    assert store.product("acme", "mug") is None and store.product("default", "acme::jug") is None
    jug = store.product("acme", "acme::jug")
    assert jug is not None and jug.withdrawn and jug.stage == "submitted"
    answer = store.background("mug", "r1")
    assert answer is not None and answer.status == "generated"
    tally = answer.tallies[ref("o").sha256]
    assert (tally.raters, tally.background_defects, tally.saves) == (2, 1, 0)
    assert store.picked("default") == []
    assert mug.backgrounds == {"requested": 1, "generated": 1, "rejected": 1}
    assert mug.created == NOON and mug.created.utcoffset() == timedelta(0)
    assert store.products("default", limit=5, cursor=None, stage=None, title=None).items == (mug,)
    assert jug.backgrounds == {"requested": 0, "generated": 0, "rejected": 0}
    assert store.totals() == ({"segmented": 1, "submitted": 1}, {"requested": 1, "generated": 1, "rejected": 1})
    (verdict,) = store.verdicts("default", limit=5, cursor=None, verdict=None, reason=None).items
    assert verdict.verdict == "kept" and verdict.image is None  # the product's photo is another one by now
    assert store.reasons("default") == {"kept": 1} and store.reasons("acme") == {}
    assert [(one.revision, one.in_use) for one in store.revisions()] == [("b", True), ("a", False)]
    (training,) = store.trainings()
    assert (training.step, training.steps, training.loss) == (9, 9, 0.25)
    assert [one.event.samples for one in store.datasets()] == [3]


def test_a_letter_is_an_answer_until_a_later_stage_has_spoken(store: SqlGateway) -> None:
    events = history()
    tell(store, [events[0], letter(e.ProductSubmitted.model_validate_json(events[0].value), 30, "url_private")])
    mug = store.product("default", "mug")
    assert (
        mug is not None and mug.stage == "refused" and mug.refusal is not None and mug.refusal.reason == "url_private"
    )
    tell(store, [*events[:3], letter(e.ProductSubmitted.model_validate_json(events[0].value), 30, "url_private")])
    again = store.product("default", "mug")
    assert again is not None and again.stage == "captioned"
    (dead,) = store.dead_letters(limit=5, cursor=None).items
    assert dead.value == events[0].value and store.dead_totals() == {"product.submitted.v1": 1}


def test_options_that_were_made_stay_made_and_take_the_place_of_a_rejection(store: SqlGateway) -> None:
    made = next(one for one in history() if topic_of_record(one) is e.BackgroundGenerated)
    asked = e.BackgroundRequested(product_id="mug", request_id="r1", scene=e.Scene(prompt="as it was asked"))
    refused = record(e.BackgroundRejected(product_id="mug", request_id="r1", reason="x", detail="in words"), 40)
    for order in ((made, refused, record(asked, 1)), (refused, record(asked, 1), made)):
        tell(store, list(order))
        answer = store.background("mug", "r1")
        assert answer is not None and answer.generated is not None and answer.rejection is None
        assert (answer.status, answer.scene.prompt) == ("generated", "as it was asked")
        assert answer.requested == NOON + timedelta(minutes=1) and answer.answered != NOON + timedelta(minutes=40)


def test_pages_go_from_the_newest_to_the_oldest_without_gaps(store: SqlGateway) -> None:
    names = [f"p{number}" for number in range(7)]
    tell(
        store,
        [record(e.ProductWithdrawn(product_id=name), 5) for name in names[:4]]
        + [record(e.ProductSubmitted(product_id=name, image=e.ImageSource(key="uploads/x")), 6) for name in names],
    )
    seen, cursor = [], None
    while True:
        page = store.products("default", limit=3, cursor=cursor, stage=None, title=None)
        seen += [one.product_id for one in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert seen == ["p6", "p5", "p4", "p3", "p2", "p1", "p0"]
    with pytest.raises(BadRequest):
        store.products("default", limit=3, cursor="nonsense", stage=None, title=None)


def test_old_lines_are_forgotten(store: SqlGateway) -> None:
    tell(store, history())
    assert store.prune(NOON + timedelta(minutes=3)) == 3
    assert store.lines(0)[0].told == NOON + timedelta(minutes=3)


@contextmanager
def statements(store: SqlGateway, before: Callable[[Any, str], object] = lambda _, __: None) -> Iterator[list[str]]:
    """What the database is asked in this block; `before` it is, that may happen on the same cursor."""
    said = list[str]()

    def hear(_: Any, cursor: Any, statement: str, *__: Any) -> None:
        said.append(statement)
        before(cursor, statement)

    listen(store._engine, "before_cursor_execute", hear)
    yield said
    remove(store._engine, "before_cursor_execute", hear)


def test_a_line_that_is_forgotten_while_its_event_comes_again_is_taken_in_again(store: SqlGateway) -> None:
    first = history()[0]
    told = told_of(e.ProductSubmitted.model_validate_json(first.value), first, headers_of(first))
    assert store.apply(told) is True

    def pruned(cursor: Any, statement: str) -> None:
        if statement.startswith("SELECT"):
            cursor.execute(f"DELETE FROM {tables.LogRow.__tablename__}")

    with statements(store, pruned):
        assert store.apply(told) is False
    assert store.lines(0) == []
    assert store.product("default", "mug") is not None


def test_a_letter_that_is_known_costs_one_look_and_what_is_past_no_number(store: SqlGateway) -> None:
    first = history()[0]
    submitted = e.ProductSubmitted.model_validate_json(first.value)
    dead = letter_of(letter(submitted, 30, "a"))
    assert store.bury(dead) is True
    with statements(store) as said:
        assert store.bury(dead) is False
    assert [one.split()[0] for one in said] == ["SELECT"]
    head = store.head()
    with statements(store) as said:
        assert store.apply(told_of(submitted, first, headers_of(first)), since=NOON + timedelta(hours=1)) is False
    assert sum(one.startswith(f"UPDATE {tables.HeadRow.__tablename__} ") for one in said) == 1  # it is held
    assert store.head() == head


def test_keys_are_made_rotated_and_revoked_and_never_kept(store: SqlGateway) -> None:
    words = create_key(store, tenant="acme", name="shop", scopes=["read"], pepper=PEPPER, now=NOON, days=10)
    key_id, secret = parse_key(words) or ("", "")
    key = store.key(key_id)
    assert key is not None and opens(key, secret, PEPPER) and not opens(key, secret, "another pepper")
    assert secret not in repr(key) and key.identity.tenant == "acme"
    rotated = rotate_key(store, key_id, pepper=PEPPER, now=NOON + timedelta(days=9), overlap_hours=2)
    new_id, _ = parse_key(rotated) or ("", "")
    old, new = store.key(key_id), store.key(new_id)
    assert old is not None and new is not None
    assert old.trouble(NOON + timedelta(days=9, hours=1)) is None
    assert old.trouble(NOON + timedelta(days=9, hours=3)) is not None
    assert new.expires == NOON + timedelta(days=19) and new.scopes == frozenset({"read"})
    revoke_key(store, new_id, NOON)
    gone = store.key(new_id)
    assert gone is not None and gone.revoked == NOON and "revoked" in described(gone, NOON)
    assert [one.key_id for one in store.all_keys()] == [key_id, new_id]
    with pytest.raises(BadRequest):
        rotate_key(store, new_id, pepper=PEPPER, now=NOON)
    with pytest.raises(NotKnown):
        revoke_key(store, "nobody", NOON)
    with pytest.raises(BadRequest):
        create_key(store, tenant="Not A Name", name="x", scopes=["read"], pepper=PEPPER, now=NOON)


def test_quotas_count_by_tenant_and_day(store: SqlGateway) -> None:
    assert store.use("a", "products", 2, 3, NOON) is True
    assert store.use("a", "products", 2, 3, NOON) is False
    assert store.use("a", "products", 1, 3, NOON) is True
    assert store.use("b", "products", 3, 3, NOON) is True
    assert store.use("a", "products", 3, 3, NOON + timedelta(days=1)) is True
    store.give_back("a", "products", 2, NOON)
    assert store.use("a", "products", 3, 3, NOON) is False
    assert store.use("a", "products", 2, 3, NOON) is True
    store.give_back("a", "products", 9, NOON)
    assert store.use("a", "products", 3, 3, NOON) is True


def test_an_idempotency_key_is_taken_once_and_kept_for_a_day(store: SqlGateway) -> None:
    assert store.begin("a", "k", "f", NOON).ours
    running = store.begin("a", "k", "f", NOON)
    assert not running.ours and running.status is None
    store.finish("a", "k", 202, "{}")
    kept = store.begin("a", "k", "g", NOON)
    assert (kept.fingerprint, kept.status, kept.body, kept.asked, kept.ours) == ("f", 202, "{}", NOON, False)
    assert store.begin("b", "k", "f", NOON).ours
    assert store.begin("a", "k", "f", NOON + timedelta(hours=25)).ours


def test_an_idempotency_key_that_was_given_back_is_taken_by_one_and_has_come_first_when_it_did(
    store: SqlGateway,
) -> None:
    first = store.begin("a", "k", "f", NOON)
    store.abandon("a", "k")
    again = store.begin("a", "k", "g", NOON + timedelta(minutes=1))
    assert again.ours and again.asked == first.asked == NOON
    other = store.begin("a", "k", "g", NOON + timedelta(minutes=1))
    assert (other.ours, other.fingerprint, other.asked) == (False, "g", NOON)
    store.finish("a", "k", 202, "{}")
    store.abandon("a", "k")
    assert store.begin("a", "k", "g", NOON).status == 202


def test_an_idempotency_key_whose_holder_must_be_dead_is_taken_by_one_who_asks_the_same(store: SqlGateway) -> None:
    store.begin("a", "k", "f", NOON)
    late = NOON + STUCK
    assert not store.begin("a", "k", "f", late - timedelta(seconds=1)).ours
    assert not store.begin("a", "k", "g", late).ours
    taken = store.begin("a", "k", "f", late)
    assert taken.ours and taken.asked == NOON
    assert not store.begin("a", "k", "f", late).ours
