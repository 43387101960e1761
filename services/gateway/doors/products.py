"""/v1/products: photos in, and how they stand; masks looked at, corrected and proposed."""

import base64
from collections.abc import Iterable
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.concurrency import run_in_threadpool

from services.gateway import core
from services.gateway.callers.keys import Identity
from services.gateway.doors.entry.access import needs
from services.gateway.doors.entry.bodies import read_file, read_photo
from services.gateway.doors.entry.once import Once, made_name, written
from services.gateway.doors.entry.quotas import spending
from services.gateway.doors.problems import RequestRefused, about, missing
from services.gateway.gateway import Gateway
from services.gateway.ports import Click
from services.gateway.records import Product, Stage
from services.gateway.shapes.asks import ClicksAsk, ProductByUrl
from services.gateway.shapes.replies import Paged, Problem, ProductReply, ProposalReply
from shared.contracts.blobs import digest, fetch
from shared.contracts.errors import BadImage, BadRequest
from shared.contracts.events import Box, ProductSubmitted

Reader = Annotated[Identity, Depends(needs("read"))]
Submitter = Annotated[Identity, Depends(needs("submit"))]
Limit = Annotated[int, Query(ge=1, le=200)]
PNG: dict[int | str, dict[str, Any]] = {200: {"content": {"image/png": {}}}}
PROBLEMS: dict[int | str, dict[str, Any]] = {
    "4XX": {"model": Problem, "content": {"application/problem+json": {}}},
    503: {"model": Problem, "description": "an outage behind the gateway; try again"},
}
FIELDS = {"mask_size": "mask", "reference_not_yours": "scenes"}
FORM: dict[str, Any] = {
    "type": "object", "required": ["file"],
    "properties": {
        "file": {"type": "string", "format": "binary"}, "mask": {"type": "string", "format": "binary"},
        "product_id": {"type": "string"}, "title": {"type": "string"}, "description": {"type": "string"},
        "category": {"type": "string"}, "promoted": {"type": "boolean"}, "may_train": {"type": "boolean"},
        "scenes": {"type": "string", "description": "a JSON list of scenes"},
    },
}  # fmt: skip


class ProductDoor:
    """Products of who asks; another tenant's do not exist."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._once = Once(gateway.answers)

    def router(self) -> APIRouter:
        """Its routes."""
        router = APIRouter(prefix="/v1/products", tags=["products"], responses=PROBLEMS)
        one = "/{product_id}"
        body = {
            "application/json": {"schema": ProductByUrl.model_json_schema()},
            "multipart/form-data": {"schema": FORM},
        }
        accepted: Any = {202: {"model": ProductReply}}
        add = router.add_api_route
        add(
            "",
            self.submit,
            methods=["POST"],
            status_code=202,
            responses=accepted,
            openapi_extra={"requestBody": {"required": True, "content": body}},
        )
        add("", self.products, methods=["GET"], response_model=Paged[ProductReply])
        add(one, self.product, methods=["GET"], response_model=ProductReply)
        add(one, self.withdraw, methods=["DELETE"], status_code=202)
        add(one + "/mask", self.mask, methods=["GET"], responses=PNG, response_class=Response)
        add(one + "/mask", self.save_mask, methods=["PUT"], status_code=202, openapi_extra=_raw("image/png"))
        add(one + "/mask/clicks", self.propose_mask, methods=["POST"])
        return router

    async def submit(self, request: Request, who: Submitter) -> Response:
        """A product photo: a form with a `file`, or JSON with a `url`."""
        photo = await read_photo(request)
        said = await run_in_threadpool(_said, photo)
        named = photo.product_id or made_name(request, who, "product", *said)
        photo = replace(photo, product_id=named)
        return await self._once(request, who, said, lambda: self._submitted(who, photo))

    def products(
        self,
        who: Reader,
        limit: Limit = 50,
        cursor: str | None = None,
        stage: Stage | None = None,
        title: Annotated[str | None, Query(max_length=200)] = None,
    ) -> Response:
        """Products, the newest first; `title`: words that it contains."""
        with about("cursor"):
            page = self._gateway.projection.products(who.tenant, limit=limit, cursor=cursor, stage=stage, title=title)
        items = tuple(self._gateway.views.product(product) for product in page.items)
        return written(Paged[ProductReply](items=items, next_cursor=page.next_cursor))

    def product(self, product_id: str, who: Reader) -> Response:
        """A product as it stands."""
        return written(self._product(product_id, who))

    def _product(self, product_id: str, who: Identity) -> ProductReply:
        return self._gateway.views.product(known(self._gateway, who, product_id))

    async def withdraw(self, product_id: str, who: Submitter) -> ProductReply:
        """Opt out of training: nothing of the product is in any later dataset."""
        product = await run_in_threadpool(known, self._gateway, who, product_id)
        await self._gateway.announce(core.withdraw(product, "withdrawn through the gateway"))
        return await run_in_threadpool(self._product, product_id, who)

    def mask(self, product_id: str, who: Reader) -> Response:
        """The mask as the inpainter uses it: PNG, one channel, 0 and 255, 255 is the product."""
        found = known(self._gateway, who, product_id).segmentation
        if found is None or found.mask is None:
            raise missing("mask")
        data = fetch(self._gateway.blobs, found.mask)
        return Response(data, media_type="image/png", headers={"ETag": f'"{found.mask.sha256}"'})

    async def save_mask(self, product_id: str, request: Request, who: Submitter) -> ProductReply:
        """One's own mask, of the photo's size. The product is told anew; later scenes use it."""
        data = await read_file(request, "mask")
        product = await run_in_threadpool(known, self._gateway, who, product_id)
        async with spending(self._gateway, who, uploads=1) as spent:
            with about("mask"):
                event = await self._gateway.work(self._gateway.masks.save, product, data)
            await self._gateway.announce(event)
            spent.use(uploads=1)
        return await run_in_threadpool(self._product, product_id, who)

    async def propose_mask(self, product_id: str, ask: ClicksAsk, who: Submitter) -> ProposalReply:
        """The mask that clicks ask for: a proposal, not saved."""
        return await self._gateway.work(self._proposed, product_id, ask, who)

    def _proposed(self, product_id: str, ask: ClicksAsk, who: Identity) -> ProposalReply:
        product = known(self._gateway, who, product_id)
        clicks = tuple(Click(point.x, point.y, point.keep) for point in ask.points)
        box = None if ask.box is None else (ask.box.left, ask.box.top, ask.box.right, ask.box.bottom)
        mask = self._gateway.masks.propose(product, clicks, box, ask.longest_side)
        area, corners = core.extent(mask)
        found = None if corners is None else Box(x=corners[0], y=corners[1], width=corners[2], height=corners[3])
        return ProposalReply(mask=_data_url(core.png_of(mask)), area=area, box=found)

    async def _submitted(self, who: Identity, photo: core.NewPhoto) -> ProductReply:
        counts = {"products": 1, "pictures": sum(scene.count for scene in photo.scenes)}
        async with spending(self._gateway, who, **counts) as spent:
            event = await self._gateway.work(self._prepared, who, photo)
            await self._gateway.announce(event)
            spent.use(**counts)
        return await run_in_threadpool(self._product, event.product_id, who)

    def _prepared(self, who: Identity, photo: core.NewPhoto) -> ProductSubmitted:
        try:
            return self._gateway.submit(who.tenant, photo)
        except (BadImage, BadRequest) as error:
            field = FIELDS.get(error.reason, "product_id" if isinstance(error, BadRequest) else "file")
            raise RequestRefused(422, error.reason, error.message, field=field) from error


def known(gateway: Gateway, who: Identity, product_id: str) -> Product:
    """A product of the tenant. Raises Refused, with one answer for another's and for none."""
    product = gateway.projection.product(who.tenant, product_id)
    if product is None:
        raise missing("product")
    gateway.met.add(who.tenant, product_id)
    return product


async def check_known(gateway: Gateway, who: Identity, product_ids: Iterable[str]) -> None:
    """Whether all of these are products of the tenant; those that were met are not looked up. Raises Refused."""
    new = [one for one in product_ids if (who.tenant, one) not in gateway.met]
    if new:
        await run_in_threadpool(lambda: [known(gateway, who, one) for one in new])


def _said(photo: core.NewPhoto) -> tuple[object, ...]:
    scenes = [scene.model_dump_json() for scene in photo.scenes]
    data, mask = (None if bytes_ is None else digest(bytes_) for bytes_ in (photo.data, photo.mask))
    return (data, photo.url, mask, photo.mask_url, photo.product_id, photo.facts.model_dump_json(), scenes)


def _raw(kind: str) -> dict[str, Any]:
    schema = {"schema": {"type": "string", "format": "binary"}}
    return {"requestBody": {"required": True, "content": {kind: schema}}}


def _data_url(png: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"
