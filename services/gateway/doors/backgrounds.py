"""Scenes asked for, their options, and what people think of them."""

import secrets
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.concurrency import run_in_threadpool

from services.gateway import core, opinions
from services.gateway.callers.keys import Identity
from services.gateway.doors.entry.access import needs
from services.gateway.doors.entry.bodies import read_file
from services.gateway.doors.entry.once import Once, made_name, written
from services.gateway.doors.entry.quotas import spending
from services.gateway.doors.problems import about, missing
from services.gateway.doors.products import PROBLEMS, Limit, Reader, Submitter, check_known, known
from services.gateway.gateway import Gateway
from services.gateway.records import Background
from services.gateway.shapes.asks import EngagementAsk, ManyAsk, ReviewAsk, SceneAsk
from services.gateway.shapes.overviews import Asked, AskedReply
from services.gateway.shapes.replies import BackgroundReply, Done, Paged, ReferenceReply
from shared.contracts.blobs import BlobRef, digest
from shared.contracts.events import BackgroundRequested, Scene
from shared.contracts.images import CONTENT_TYPES

Reviewer = Annotated[Identity, Depends(needs("review"))]
ONE = "/v1/products/{product_id}/backgrounds/{request_id}"
MULTIPART = {"schema": {"type": "object", "properties": {"file": {"type": "string", "format": "binary"}}}}


class BackgroundDoor:
    """Requests for backgrounds."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._once = Once(gateway.answers)

    def router(self) -> APIRouter:
        """Its routes."""
        router = APIRouter(tags=["backgrounds"], responses=PROBLEMS)
        add, form = router.add_api_route, {"requestBody": {"content": {"multipart/form-data": MULTIPART}}}
        one: Any = {202: {"model": BackgroundReply}}
        add("/v1/products/{product_id}/backgrounds", self.ask, methods=["POST"], status_code=202, responses=one)
        page = Paged[BackgroundReply]
        add("/v1/products/{product_id}/backgrounds", self.backgrounds, methods=["GET"], response_model=page)
        add(ONE, self.background, methods=["GET"], response_model=BackgroundReply)
        done: Any = {202: {"model": Done}}
        add(ONE + "/review", self.review, methods=["POST"], status_code=202, responses=done)
        add(ONE + "/engagement", self.engage, methods=["POST"], status_code=202, responses=done)
        many: Any = {202: {"model": AskedReply}}
        add("/v1/backgrounds", self.ask_many, methods=["POST"], status_code=202, responses=many)
        add("/v1/references", self.refer, methods=["POST"], status_code=201, openapi_extra=form)
        return router

    async def ask(self, product_id: str, ask: SceneAsk, request: Request, who: Submitter) -> Response:
        """One more scene of a product; an empty one means "your best idea"."""
        said = (ask.model_dump_json(),)
        name = made_name(request, who, "request", *said)
        return await self._once(request, who, said, lambda: self._asked(who, product_id, ask.scene, name))

    async def ask_many(self, ask: ManyAsk, request: Request, who: Submitter) -> Response:
        """One scene for many products at once."""
        said = (ask.model_dump_json(),)
        name = made_name(request, who, "request", *said)
        return await self._once(request, who, said, lambda: self._asked_many(who, ask, name))

    def backgrounds(self, product_id: str, who: Reader, limit: Limit = 50, cursor: str | None = None) -> Response:
        """All requests of a product, the newest first."""
        known(self._gateway, who, product_id)
        with about("cursor"):
            page = self._gateway.projection.backgrounds(product_id, limit=limit, cursor=cursor)
        items = tuple(self._gateway.views.background(one) for one in page.items)
        return written(Paged[BackgroundReply](items=items, next_cursor=page.next_cursor))

    def background(self, product_id: str, request_id: str, who: Reader) -> Response:
        """One request and its options, the best first."""
        return written(self._background(product_id, request_id, who))

    def _background(self, product_id: str, request_id: str, who: Identity) -> BackgroundReply:
        return self._gateway.views.background(asked(self._gateway, who, product_id, request_id))

    async def review(
        self, product_id: str, request_id: str, ask: ReviewAsk, request: Request, who: Reviewer
    ) -> Response:
        """A vote: did somebody see a defect of the product, or of the background? Votes add up."""
        said = (ask.model_dump_json(),)
        vote = made_name(request, who, "vote", *said) or f"vote-{secrets.token_hex(10)}"
        return await self._once(request, who, said, lambda: self._reviewed(who, product_id, request_id, ask, vote))

    async def engage(
        self, product_id: str, request_id: str, ask: EngagementAsk, request: Request, who: Reviewer
    ) -> Response:
        """What people did with the options: looks, clicks, picks, downloads."""
        said = (ask.model_dump_json(),)
        return await self._once.dated(
            request, who, said, lambda at: self._engaged(who, product_id, request_id, ask, at)
        )

    async def _reviewed(self, who: Identity, product_id: str, request_id: str, ask: ReviewAsk, vote: str) -> Done:
        background = await run_in_threadpool(asked, self._gateway, who, product_id, request_id)
        defects = {"product_defect": ask.product_defect, "background_defect": ask.background_defect}
        with about("image"):
            event = opinions.review(background, ask.image, vote, **defects)
        await self._gateway.announce(event)
        return Done()

    async def _engaged(self, who: Identity, product_id: str, request_id: str, ask: EngagementAsk, at: datetime) -> Done:
        background = await run_in_threadpool(asked, self._gateway, who, product_id, request_id)
        actions = [opinions.Reaction(one.image, one.action, one.count) for one in ask.actions]
        with about("actions"):
            events = opinions.engagement(background, actions, at)
        for event in events:
            await self._gateway.announce(event)
        return Done(accepted=len(events))

    async def refer(self, request: Request, who: Submitter) -> ReferenceReply:
        """A picture whose style scenes may follow."""
        data = await read_file(request, "file")
        async with spending(self._gateway, who, uploads=1) as spent:
            with about("file"):
                key = await self._gateway.work(self._gateway.uploads.put, who.tenant, data)
            spent.use(uploads=1)
        ref = BlobRef(
            bucket=self._gateway.blobs.bucket,
            key=key,
            sha256=digest(data),
            size=len(data),
            content_type=CONTENT_TYPES[key.rpartition(".")[2]],
        )
        return ReferenceReply(key=key, picture=self._gateway.views.picture(ref))

    async def _asked(self, who: Identity, product_id: str, scene: Scene, name: str | None) -> BackgroundReply:
        await check_known(self._gateway, who, [product_id])
        with about("reference"):
            event = core.request_background(product_id, scene, name)
        async with spending(self._gateway, who, pictures=scene.count) as spent:
            told = await self._gateway.announce(event)
            spent.use(pictures=scene.count)
        if name is not None:  # asked before, perhaps, and answered by now
            return await run_in_threadpool(self._background, product_id, event.request_id, who)
        return self._gateway.views.background(_new(who.tenant, event, told))

    async def _asked_many(self, who: Identity, ask: ManyAsk, name: str | None) -> AskedReply:
        scene = ask.scene.scene
        product_ids = tuple(dict.fromkeys(ask.product_ids))
        await check_known(self._gateway, who, product_ids)
        with about("scene.reference"):
            core.check_reference(who.tenant, scene)
        made = []
        async with spending(self._gateway, who, pictures=scene.count * len(product_ids)) as spent:
            for number, product_id in enumerate(product_ids):
                event = core.request_background(product_id, scene, None if name is None else f"{name}-{number}")
                await self._gateway.announce(event)
                spent.use(pictures=scene.count)
                made.append(Asked(product_id=event.product_id, request_id=event.request_id))
        return AskedReply(requests=tuple(made))


def _new(tenant: str, event: BackgroundRequested, told: datetime) -> Background:
    """A request as it stands when nobody has heard of it yet."""
    return Background(
        product_id=event.product_id,
        request_id=event.request_id,
        tenant=tenant,
        status="requested",
        scene=event.scene,
        requested=told,
    )


def asked(gateway: Gateway, who: Identity, product_id: str, request_id: str) -> Background:
    """A request of a tenant's product. Raises Refused."""
    background = gateway.projection.background(product_id, request_id)
    if background is None or background.tenant != who.tenant:
        known(gateway, who, product_id)  # which of the two there is not
        raise missing("request")
    return background
