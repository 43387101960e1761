"""Both clients at the real gateway: the same work, waited for and awaited."""

import asyncio
import contextlib
import inspect
from collections.abc import AsyncGenerator, Callable
from pathlib import Path

import httpx
import pytest

from backdrop.gateway import AsyncClient, Client, DependencyDown, ImageSource, Patience, Refused, Scene
from backdrop.gateway.frames import Told
from shared.contracts.errors import BadRequest
from shared.contracts.events import BackgroundRejected, BackgroundRequested, ProductWithdrawn
from shared.contracts.topics import BACKGROUND_REQUESTED
from tests.unit.backdrop.gateway.conftest import new_key
from tests.unit.services.gateway.conftest import House, mask, photo

ONCE = Patience(tries=1)
NEWER = 2**50  # than any submission of today


async def until(met: Callable[[], bool]) -> None:
    """Something comes to be, within what a busy machine needs."""
    async with asyncio.timeout(60):
        while not met():
            await asyncio.sleep(0.01)


async def first_of(told: AsyncGenerator[Told, None]) -> Told:
    """The first event; then the stream is closed."""
    async with contextlib.aclosing(told) as stream:
        return await anext(stream)


def requests(house: House) -> list[str]:
    """Ids of what was asked for."""
    return [event.request_id for event in house.log.events(BACKGROUND_REQUESTED.name, BackgroundRequested)]


def rejected(request_id: str) -> BackgroundRejected:
    """No option passed the judge."""
    return BackgroundRejected(product_id="mug", request_id=request_id, reason="no_good_candidate", detail="none passed")


def in_process(house: House, key: str | None) -> AsyncClient:
    transport = httpx.ASGITransport(app=house.app, raise_app_exceptions=False)
    return AsyncClient("http://localhost", key, transport=transport, patience=ONCE)


async def test_a_photo_goes_in_and_everything_about_it_comes_out(house: House, tmp_path: Path) -> None:
    (tmp_path / "mug.png").write_bytes(photo())
    async with in_process(house, new_key(house)) as client:
        product = await client.submit(
            tmp_path / "mug.png",
            mask=mask(),
            product_id="mug",
            title="Mug",
            may_train=True,
            scenes=[Scene(prompt="oak")],
        )
        assert (product.product_id, product.stage, product.title, product.may_train) == (
            "mug",
            "submitted",
            "Mug",
            True,
        )
        await house.say(house.captioned("mug"))
        known = await client.product("mug")
        assert known.mask is not None and known.mask.box is not None and known.mask.box.width == 32
        assert known.image is not None and await client.picture(known.image) == photo()
        assert (await client.picture(known.image, size=160)).startswith(b"RIFF")
        assert await client.mask("mug") == mask()
        assert (await client.put_mask("mug", mask())).product_id == "mug"
        assert (await client.withdraw("mug")).product_id == "mug"
        assert [one.product_id async for one in client.products(title="mug")] == ["mug"]


async def test_options_are_downloaded_voted_on_and_picked(house: House) -> None:
    await house.say(house.captioned("mug"))
    async with in_process(house, new_key(house)) as client:
        reference = await client.refer(photo(shade=9))
        asked = await client.ask("mug", Scene(prompt="on oak", reference=ImageSource(key=reference.key), count=2))
        assert (asked.status, asked.scene["prompt"]) == ("requested", "on oak")
        await house.say(house.generated("mug", asked.request_id))
        found = await client.background("mug", asked.request_id)
        best = found.options[0]
        assert await client.download(found, best) == photo(shade=100)
        (square, *_) = await client.slots()
        assert (await client.download(found, best, format="webp", slot=square.name)).startswith(b"RIFF")
        await client.review(found, best, background_defect=True)
        await client.engage(found, best, "impression", 3)
        await client.engage(found, best, "pick")
        await house.log.settled()
        (again,) = [one async for one in client.backgrounds("mug")]
        option = again.options[0]
        assert (option.votes.background_defects, option.engagement.impressions, option.picked) == (1, 3, True)
        many = await client.ask_many(["mug"], Scene(style="oak"))
        assert [one.product_id for one in many.requests] == ["mug"]


async def test_the_same_key_makes_the_same_thing_once(house: House) -> None:
    async with in_process(house, new_key(house)) as client:
        first = await client.submit(photo(), idempotency_key="k1")
        assert (await client.submit(photo(), idempotency_key="k1")).product_id == first.product_id
        with pytest.raises(Refused, match="Idempotency-Key") as caught:
            await client.submit(photo(shade=1), idempotency_key="k1")
        assert (caught.value.status, caught.value.reason) == (422, "idempotency_key_reused")
        assert (await client.submit(photo())).product_id != first.product_id


async def test_webhooks_are_made_changed_and_removed(house: House) -> None:
    async with in_process(house, new_key(house)) as client:
        made = await client.add_webhook("https://93.184.215.14/hook", ["backdrop.BackgroundGenerated"])
        assert made.secret is not None and made.secret.startswith("whsec_")
        assert [one.secret for one in await client.webhooks()] == [None]
        assert (await client.change_webhook(made.webhook_id, active=False)).active is False
        assert (await client.webhook(made.webhook_id)).types == ("backdrop.BackgroundGenerated",)
        assert await client.deliveries(made.webhook_id) == ()
        assert (await client.replay_webhook(made.webhook_id)).accepted == 0
        await client.remove_webhook(made.webhook_id)
        assert await client.webhooks() == ()
        with pytest.raises(Refused) as caught:
            await client.add_webhook("https://127.0.0.1/hook")
        assert caught.value.field == "url"


async def test_shelves_and_session_are_read(house: House) -> None:
    async with in_process(house, new_key(house, "read")) as client:
        assert (await client.session()).scopes == ("read",)
        assert await client.styles() == () and await client.models() == ()


async def test_errors_name_their_reason_and_field(house: House) -> None:
    async with in_process(house, new_key(house, "read", "submit")) as client:
        with pytest.raises(Refused, match="no such product") as caught:
            await client.product("nobody")
        assert (caught.value.status, caught.value.reason) == (404, "product_unknown")
        with pytest.raises(Refused) as caught:
            await client.submit(b"no picture")
        assert (caught.value.status, caught.value.field) == (422, "file")
        with pytest.raises(Refused) as caught:
            await client.webhooks()
        assert caught.value.reason == "scope_missing"
    async with in_process(house, "bk_none_none") as stranger:
        with pytest.raises(Refused) as caught:
            await stranger.styles()
        assert (caught.value.status, caught.value.reason) == (401, "key_unknown")


@pytest.mark.parametrize("house", [{"rate": 1.0, "burst": 1}], indirect=True)
async def test_a_rate_limit_says_how_long(house: House) -> None:
    async with in_process(house, new_key(house)) as client:
        await client.slots()
        with pytest.raises(Refused) as caught:
            await client.slots()
        assert (caught.value.reason, caught.value.retry_after_s) == ("rate_limited", 1.0)


async def test_a_program_that_waits_gets_its_options(house: House, address: str) -> None:
    def work() -> list[bytes]:
        with Client(address, new_key(house)) as client:
            client.submit(photo(), product_id="mug")
            client.wait_for_product("mug", for_s=60)
            found = client.wait_for_options(client.ask("mug"), for_s=60)
            assert [one.product_id for one in client.products()] == ["mug"]
            return [client.download(found, option) for option in found.options]

    working = asyncio.create_task(asyncio.to_thread(work))
    await until(lambda: house.parts.gateway.feed.listeners == 1)
    await house.say(house.segmented("mug", revision=NEWER), house.captioned("mug", revision=NEWER))
    await until(lambda: len(requests(house)) == 1)
    await house.say(house.generated("mug", requests(house)[0]))
    assert await working == [photo(shade=100), photo(shade=101)]


async def test_an_awaited_wait_gets_a_rejection_too(house: House, address: str) -> None:
    await house.say(house.captioned("mug"))
    async with AsyncClient(address, new_key(house)) as client:
        asked = await client.ask("mug")
        waiting = asyncio.create_task(client.wait_for_options(asked, for_s=60))
        await until(lambda: house.parts.gateway.feed.listeners == 1)
        await house.say(rejected(asked.request_id))
        found = await waiting
    assert found.rejection is not None and found.rejection.reason == "no_good_candidate"


async def test_events_are_heard_from_where_one_was(house: House, address: str) -> None:
    await house.say(ProductWithdrawn(product_id="a"), ProductWithdrawn(product_id="b"))
    async with AsyncClient(address, new_key(house)) as client:
        first = await first_of(client.events(after="0"))
        second = await first_of(client.events(after=first.last_id))
    assert (first.event, second.event) == (ProductWithdrawn(product_id="a"), ProductWithdrawn(product_id="b"))


def test_both_clients_do_the_same_and_say_so() -> None:
    def methods(client: type) -> dict[str, str]:
        public = {name: made for name, made in vars(client).items() if callable(made) and not name.startswith("_")}
        return {
            name: f"{inspect.signature(made)} {made.__doc__}"
            for name, made in public.items()
            if name not in ("follow", "each", "close")
        }

    assert methods(Client) == methods(AsyncClient)
    with Client("http://localhost") as client:
        assert list(inspect.signature(client.product).parameters) == ["product_id"]
        assert list(inspect.signature(client.wait_for_options).parameters) == ["background", "for_s"]


def test_nobody_at_the_address_is_said_plainly() -> None:
    with Client("http://127.0.0.1:9", patience=ONCE) as client, pytest.raises(DependencyDown, match="does not answer"):
        client.styles()


@pytest.mark.parametrize(
    ("url", "key"), [("localhost:8080", None), ("ftp://x", None), ("http://x", "bk_\n"), ("http://x", "b k")]
)
def test_what_is_no_address_and_no_key_is_said_at_once(url: str, key: str | None) -> None:
    with pytest.raises(BadRequest):
        Client(url, key)
