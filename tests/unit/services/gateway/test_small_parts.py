"""Links, sessions, rates, tenants, cursors, feeds: small rules, each with its edges."""

import asyncio
import base64
import csv
import gc
import io
import threading
import weakref
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from starlette.exceptions import HTTPException

from services.gateway.callers.limits import RateLimits
from services.gateway.callers.sessions import hashed, new_session
from services.gateway.callers.tenants import own_id, tenant_of
from services.gateway.doors.entry.sizes import BodyLimit
from services.gateway.exports.feed import feed
from services.gateway.exports.pictures import file_name, fitted
from services.gateway.exports.slots import Slot
from services.gateway.pictures.links import SignedLinks
from services.gateway.pictures.picture_work import Busy, PictureWork
from services.gateway.records import Background, Product, Tally
from services.gateway.shapes.paging import read_cursor, write_cursor
from services.gateway.shapes.replies import FieldProblem, Paged
from services.gateway.shapes.views import Views
from shared.contracts import events as e
from shared.contracts.blobs import BlobRef
from shared.contracts.errors import BadRequest

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def parts_of(url: str) -> dict[str, str]:
    return dict(part.split("=") for part in url.partition("?")[2].split("&"))


def test_a_reply_is_made_once_while_its_links_last_and_holds_no_product_that_nobody_else_does() -> None:
    now = [600.0]
    views = Views(SignedLinks("s", life_s=900, clock=lambda: now[0]))
    said = e.ProductSubmitted(product_id="mug", revision=1, image=e.ImageSource(key="images/a.png"))
    mug = Product(product_id="mug", tenant="default", stage="submitted", created=NOON, updated=NOON, submitted=said)
    first = views.product(mug)
    assert views.product(mug) is first
    now[0] += 300
    assert views.product(mug) is not first
    reply, gone = weakref.ref(views.product(mug)), weakref.ref(mug)
    del mug
    gc.collect()
    assert gone() is None and reply() is None


def test_a_page_is_written_as_its_fields_say_and_an_item_once() -> None:
    said = FieldProblem(field="titel", detail='"Größe" ☕ \\ \u2028')
    pages = [
        Paged[FieldProblem](items=items, next_cursor=after) for items, after in [((), None), ((said, said), "W10")]
    ]
    for page in pages:
        assert page.written == page.model_dump_json()
    assert said.written is said.written


def test_a_link_is_the_same_for_five_minutes_and_ends_after_its_life() -> None:
    now = [600.0]
    links = SignedLinks("s", life_s=900, clock=lambda: now[0])
    first = links.url("images/a b.png", 160)
    assert first.startswith("/v1/files/images/a%20b.png?until=1800&size=160&signature=")
    now[0] = 899.0
    assert links.url("images/a b.png", 160) == first
    now[0] = 900.0
    assert links.url("images/a b.png", 160) != first
    signature = parts_of(first)["signature"]
    assert links.holds("images/a b.png", 160, 1800, signature) and not links.over(1800)
    for key, size, until in (("images/a", 160, 1800), ("images/a b.png", None, 1800), ("images/a b.png", 160, 1801)):
        assert not links.holds(key, size, until, signature)
    assert not SignedLinks("t").holds("images/a b.png", 160, 1800, signature)
    now[0] = 1801.0
    assert links.over(1800)


def test_of_a_session_only_a_hash_is_kept() -> None:
    (one, word), (other, _) = (new_session("k1", NOON) for _ in range(2))
    assert one.hash == hashed(word) != other.hash and word not in repr(one)
    assert (one.key_id, one.until) == ("k1", NOON + timedelta(hours=12))
    assert len(hashed("\udcff")) == 64  # a cookie may be any bytes


async def test_so_many_pictures_are_worked_on_at_once_and_a_line_has_an_end() -> None:
    work, going, ended = PictureWork(2, waiting=1), threading.Semaphore(0), threading.Event()

    def slow(name: str) -> str:
        going.release()
        ended.wait(60)
        return name

    first = [asyncio.create_task(work(slow, name)) for name in "abc"]
    for _ in range(2):
        assert await asyncio.to_thread(going.acquire, timeout=60)
    with pytest.raises(Busy):
        await work(slow, "d")
    assert not going.acquire(blocking=False)  # the third waits
    ended.set()
    assert await asyncio.gather(*first) == ["a", "b", "c"]


async def test_bodies_of_all_requests_together_have_a_limit() -> None:
    first, ended = asyncio.Event(), asyncio.Event()
    scope = {"type": "http", "path": "/v1/references", "headers": [(b"content-type", b"image/png")]}

    async def reading(_: Any, receive: Any, __: Any) -> None:
        await receive()
        first.set()
        await ended.wait()

    async def body() -> dict[str, Any]:
        return {"type": "http.request", "body": bytes(100)}

    async def unheard(_: Any) -> None:
        raise AssertionError("nothing is answered here")

    limit = BodyLimit(reading, most=100, together=150)
    held = asyncio.create_task(limit(scope, body, unheard))
    await first.wait()
    with pytest.raises(HTTPException) as refused:
        await limit(scope, body, unheard)
    assert (refused.value.status_code, refused.value.headers) == (503, {"Retry-After": "5"})
    ended.set()
    await held
    await limit(scope, body, unheard)


def test_a_bucket_fills_with_time_and_never_above_its_burst() -> None:
    now = [0.0]
    limits = RateLimits(rate=2.0, burst=3, clock=lambda: now[0])
    assert [limits.seconds_to_wait("a") for _ in range(4)] == [0, 0, 0, 1]
    assert limits.seconds_to_wait("b") == 0
    now[0] = 0.5
    assert [limits.seconds_to_wait("a") for _ in range(2)] == [0, 1]
    now[0] = 1000.0
    assert [limits.seconds_to_wait("a") for _ in range(4)] == [0, 0, 0, 1]


def test_the_id_says_whose_a_product_is() -> None:
    owners = {
        "mug": "default", "acme::mug": "acme", "acme::": "default", "::mug": "default", "Acme::mug": "default",
        "default::mug": "default", "acme::a::b": "acme", "shop:1": "default", "acme\n::mug": "default",
    }  # fmt: skip
    assert {product_id: tenant_of(product_id) for product_id in owners} == owners
    assert own_id("acme", "mug") == own_id("acme", "acme::mug") == "acme::mug"
    assert own_id("default", "mug") == "mug"
    for tenant, wanted in (
        ("default", "acme::mug"),
        ("acme", ""),
        ("acme", "a" * 200),
        ("default", "a\nb"),
        ("default", ".."),
    ):
        with pytest.raises(BadRequest):
            own_id(tenant, wanted)


def test_a_cursor_comes_back_as_it_was_and_nothing_else_does() -> None:
    cursor = write_cursor(NOON, "a", "b")
    assert read_cursor(cursor, 2) == (NOON, ("a", "b"))
    for wrong in (cursor[:-3], "", "é", base64.urlsafe_b64encode(b'["x", "a", "b"]').decode(), write_cursor(NOON, "a")):
        with pytest.raises(BadRequest):
            read_cursor(wrong, 2)


def test_a_picture_is_cut_around_its_middle_to_the_slots_aspect() -> None:
    pixels = np.zeros((100, 200, 3), np.uint8)
    pixels[:, 50:150] = 255
    assert fitted(pixels, Slot("s", 40, 40)).shape == (40, 40, 3) and fitted(pixels, Slot("s", 40, 40)).min() == 255
    assert fitted(pixels, Slot("s", 400, 100)).shape == (100, 400, 3)
    assert file_name("a/b", "r", "f" * 64, None, "jpeg") == "a_b-r-ffffffff.jpg"


def ref(name: str) -> BlobRef:
    return BlobRef(bucket="backdrop", key=f"backgrounds/{name}", sha256=name[0] * 64, size=1)


def test_the_feed_has_one_row_a_product_the_newest_pick_first_and_no_cell_that_runs() -> None:
    facts = e.ProductFacts(title="=HYPERLINK(1)", category="Mugs")
    said = e.ProductSubmitted(product_id="mug", image=e.ImageSource(key="uploads/x"), facts=facts, revision=1)
    product = Product(product_id="mug", tenant="default", stage="captioned", created=NOON, updated=NOON, submitted=said)
    scores = e.Scores(expansion=0, shrinkage=0, seam=0, adherence=1, judge=1)

    def answered(name: str) -> Background:
        options: Any = [
            e.GeneratedImage(image=ref(one), seed=1, prompt=f"on {one}", scores=scores, model="m")
            for one in (name, "f")
        ]
        made = e.BackgroundGenerated(
            product_id="mug", request_id=name, scene=e.Scene(), photo=ref("1"), mask=ref("2"), images=tuple(options)
        )
        return Background(
            product_id="mug",
            request_id=name,
            tenant="default",
            status="generated",
            scene=e.Scene(style="oak"),
            requested=NOON,
            generated=made,
            tallies={name[0] * 64: Tally(saves=1), "f" * 64: Tally(impressions=9)},
        )

    picked = [(product, answered("a")), (product, answered("b"))]
    (row,) = csv.DictReader(io.StringIO("".join(feed(picked, lambda key: key))))
    assert (row["image_link"], row["additional_image_link"]) == ("backgrounds/b", "backgrounds/a")
    assert row["title"] == "'=HYPERLINK(1)" and (row["style"], row["prompt"]) == ("oak", "on b")
