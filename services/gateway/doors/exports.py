"""/v1/exports: the feed and the pictures of what was picked."""

import contextlib
import zipfile
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from tempfile import SpooledTemporaryFile
from typing import IO, Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse

from services.gateway.doors.problems import RequestRefused, about
from services.gateway.doors.products import PROBLEMS, Reader
from services.gateway.exports.feed import feed, picks
from services.gateway.exports.pictures import Format, exported, file_name
from services.gateway.exports.slots import Slot, slot_named
from services.gateway.gateway import Gateway
from services.gateway.records import Background, Product
from shared.contracts.blobs import fetch
from shared.contracts.events import GeneratedImage

IN_MEMORY = 32 * 1024 * 1024
CHUNK = 256 * 1024
MOST_PICTURES = 500
PAGE = 200  # answers that one query finds

Slots = Annotated[list[str], Query(max_length=10)]
Ids = Annotated[list[str], Query(max_length=500)]


class ExportDoor:
    """Picked options, for a shop or an ad account."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def router(self) -> APIRouter:
        """Its routes."""
        router = APIRouter(prefix="/v1/exports", tags=["exports"], responses=PROBLEMS)
        csv: Any = {200: {"content": {"text/csv": {}}}}
        archive: Any = {200: {"content": {"application/zip": {}}}}
        router.add_api_route("/feed", self.feed, methods=["GET"], responses=csv, response_class=Response)
        router.add_api_route("/pictures", self.pictures, methods=["GET"], responses=archive, response_class=Response)
        return router

    def feed(self, request: Request, who: Reader) -> Response:
        """A product feed (CSV, columns as Merchant Center names them); links in it live as long as all links."""
        root = str(request.base_url).rstrip("/")
        picked = self._picked(who.tenant)
        first = list(islice(picked, 1))  # an outage is told as one while the answer has not begun
        parts = feed(chain(first, picked), lambda key: root + self._gateway.links.url(key))
        headers = {"Content-Disposition": 'attachment; filename="feed.csv"'}
        return StreamingResponse(parts, media_type="text/csv; charset=utf-8", headers=headers)

    async def pictures(
        self,
        who: Reader,
        slot: Slots = [],  # noqa: B006
        product_id: Ids = [],  # noqa: B006
        format: Format = "jpeg",
    ) -> StreamingResponse:
        """A zip of the picked options, each in every slot that is named, or as it is."""
        with about("slot"):
            slots: list[Slot | None] = [slot_named(name) for name in slot] or [None]
        picked = await run_in_threadpool(self._options, who.tenant, product_id, MOST_PICTURES // len(slots))
        headers = {"Content-Disposition": 'attachment; filename="backgrounds.zip"'}
        archive = await self._zipped(picked, slots, format)
        return StreamingResponse(_chunks(archive), media_type="application/zip", headers=headers)

    def _picked(self, tenant: str, product_ids: Sequence[str] = ()) -> Iterator[tuple[Product, Background]]:
        """All of it, one page of the database after the other."""
        after: Background | None = None
        while page := self._gateway.projection.picked(tenant, product_ids, after=after, limit=PAGE):
            yield from page
            after = page[-1][1]

    def _options(self, tenant: str, product_ids: Sequence[str], most: int) -> list[tuple[Background, GeneratedImage]]:
        every = ((one, option) for _, one in self._picked(tenant, product_ids) for option in picks(one))
        found = list(islice(every, most + 1))
        if len(found) > most:
            words = f"that is more than {MOST_PICTURES} pictures; ask for some products at a time (product_id=…)"
            raise RequestRefused(422, "too_many_pictures", words, field="product_id")
        return found

    async def _zipped(
        self, picked: list[tuple[Background, GeneratedImage]], slots: list[Slot | None], format: Format
    ) -> IO[bytes]:
        """The whole archive, made before the answer begins: an outage in its middle is still told as one."""
        with contextlib.ExitStack() as unless_made:
            file = unless_made.enter_context(SpooledTemporaryFile(max_size=IN_MEMORY))
            with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
                for background, option in picked:  # others' pictures have their turns in between
                    await self._gateway.work(self._add, archive, background, option, slots, format)
            file.seek(0)
            unless_made.pop_all()
        return file

    def _add(
        self,
        archive: zipfile.ZipFile,
        one: Background,
        option: GeneratedImage,
        slots: list[Slot | None],
        format: Format,
    ) -> None:
        data = fetch(self._gateway.blobs, option.image)
        for slot in slots:
            name = file_name(one.product_id, one.request_id, option.image.sha256, slot.name if slot else None, format)
            archive.writestr(name, exported(data, option.image.content_type, slot, format))


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while chunk := file.read(CHUNK):
            yield chunk
