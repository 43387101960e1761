"""Stored pictures by signed link, styles' example pictures, and downloads of options in the sizes of ads."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool

from services.gateway.doors.backgrounds import ONE, asked
from services.gateway.doors.problems import RequestRefused, about, missing
from services.gateway.doors.products import PROBLEMS, Reader
from services.gateway.exports.pictures import Format, exported, file_name
from services.gateway.exports.slots import SLOTS, Slot, slot_named
from services.gateway.gateway import Gateway
from services.gateway.opinions import option_of
from services.gateway.pictures.links import SIZES
from services.gateway.shapes.replies import SampleReply, SlotReply, StyleReply
from shared.contracts.blobs import BlobRef, check_key, fetch
from shared.contracts.images import CONTENT_TYPES

KEEP = "private, max-age={seconds}, immutable"
DAY_S = 86_400


class FileDoor:
    """Bytes out."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def router(self) -> APIRouter:
        """Its routes."""
        router = APIRouter(tags=["files"], responses=PROBLEMS)
        add = router.add_api_route
        add("/v1/files/{key:path}", self.file, methods=["GET"], response_class=Response)
        add("/v1/styles", self.styles, methods=["GET"])
        add("/v1/styles/pictures/{file}", self.style_picture, methods=["GET"], response_class=Response)
        add("/v1/samples", self.samples, methods=["GET"])
        add("/v1/samples/{name:path}", self.sample, methods=["GET"], response_class=Response)
        add("/v1/slots", self.slots, methods=["GET"])
        add(ONE + "/pictures/{sha256}", self.download, methods=["GET"], response_class=Response)
        return router

    async def file(
        self,
        key: str,
        until: int,
        signature: Annotated[str, Query(max_length=100)],
        request: Request,
        size: int | None = None,
    ) -> Response:
        """Stored bytes, or a thumbnail of them; the link itself is the permission, for some minutes."""
        links = self._gateway.links
        if not links.holds(key, size, until, signature) or (size is not None and size not in SIZES):
            raise RequestRefused(403, "link_invalid", "this gateway did not make this link; ask for the product anew")
        if links.over(until):
            raise RequestRefused(403, "link_over", "this link is over; ask for the product anew, which has fresh ones")
        check_key(key)
        tag = f'"{signature}"'
        headers = {"Cache-Control": KEEP.format(seconds=links.life_s), "ETag": tag}
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        if size is not None:
            return Response(await self._small(key, size), media_type="image/webp", headers=headers)
        kind = CONTENT_TYPES.get(key.rpartition(".")[2], "application/octet-stream")
        return Response(await run_in_threadpool(self._gateway.blobs.get, key), media_type=kind, headers=headers)

    async def _small(self, key: str, size: int) -> bytes:
        thumbnails = self._gateway.thumbnails
        made = await run_in_threadpool(thumbnails.kept, key, size)
        return made if made is not None else await self._gateway.work(thumbnails.of_key, key, size)

    def styles(self, who: Reader) -> list[StyleReply]:
        """The named styles, those mined from what people engage with first."""
        return self._gateway.styles.styles(who.tenant)

    async def style_picture(self, file: str, size: int | None = None) -> Response:
        """An example picture of a bundled style; these belong to nobody, and need no key."""
        data = await run_in_threadpool(self._gateway.styles.picture, file)
        if data is None or size not in (None, *SIZES):
            raise missing("picture")
        headers = {"Cache-Control": f"public, max-age={DAY_S}"}
        if size is None:
            return Response(data, media_type=CONTENT_TYPES[file.rpartition(".")[2]], headers=headers)
        small = await self._gateway.work(self._gateway.thumbnails.of_bytes, data, size)
        return Response(small, media_type="image/webp", headers=headers)

    def samples(self, who: Reader) -> list[SampleReply]:
        """Sample photos to try the studio with; none where the operator gives none."""
        return list(self._gateway.samples.samples)

    def sample(self, name: str) -> Response:
        """A sample photo or its mask; these belong to nobody, and need no key."""
        data = self._gateway.samples.file(name)
        if data is None:
            raise missing("sample")
        headers = {"Cache-Control": f"public, max-age={DAY_S}"}
        return Response(data, media_type=CONTENT_TYPES[name.rpartition(".")[2]], headers=headers)

    def slots(self, who: Reader) -> list[SlotReply]:
        """The usual sizes of ads, for downloads."""
        return [SlotReply(name=one.name, width=one.width, height=one.height, aspect=one.aspect) for one in SLOTS]

    async def download(
        self,
        product_id: str,
        request_id: str,
        sha256: str,
        who: Reader,
        format: Format = "png",
        slot: str | None = None,
    ) -> Response:
        """One option as a file to keep: as it is, or cut to a slot's aspect and brought to its size."""
        background = await run_in_threadpool(asked, self._gateway, who, product_id, request_id)
        option = option_of(background, sha256)
        with about("slot"):
            wanted = None if slot is None else slot_named(slot)
        data = await self._gateway.work(self._exported, option.image, wanted, format)
        name = file_name(product_id, request_id, sha256, slot, format)
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(data, media_type=CONTENT_TYPES[format], headers=headers)

    def _exported(self, image: BlobRef, slot: Slot | None, format: Format) -> bytes:
        return exported(fetch(self._gateway.blobs, image), image.content_type, slot, format)
