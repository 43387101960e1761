"""/v1/batches: a manifest of many products at once, JSON lines or CSV."""

import secrets
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import ValidationError

from services.gateway import core
from services.gateway.batches import Batch, ManifestLine, batch_key, read_manifest
from services.gateway.callers.keys import Identity
from services.gateway.doors.entry.bodies import checked, kind_of
from services.gateway.doors.entry.once import Once, made_name
from services.gateway.doors.entry.quotas import spending
from services.gateway.doors.problems import RequestRefused, invalid, missing
from services.gateway.doors.products import PROBLEMS, Reader, Submitter
from services.gateway.gateway import Gateway
from services.gateway.shapes.asks import SceneAsk
from services.gateway.shapes.overviews import BatchItem, BatchReply, BatchTaken, RefusedLine
from shared.contracts.blobs import digest
from shared.contracts.errors import BackdropError, NotKnown, Permanent
from shared.contracts.events import Scene

KINDS = ("application/x-ndjson", "application/jsonl", "text/csv")


class BatchDoor:
    """Many products."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._once = Once(gateway.answers)

    def router(self) -> APIRouter:
        """Its routes."""
        router = APIRouter(prefix="/v1/batches", tags=["batches"], responses=PROBLEMS)
        content = {kind: {"schema": {"type": "string"}} for kind in (KINDS[0], KINDS[2])}
        accepted: Any = {202: {"model": BatchTaken}}
        router.add_api_route(
            "",
            self.submit,
            methods=["POST"],
            status_code=202,
            responses=accepted,
            openapi_extra={"requestBody": {"required": True, "content": content}},
        )
        router.add_api_route("/{batch_id}", self.batch, methods=["GET"])
        return router

    async def submit(
        self, request: Request, who: Submitter, scene: Annotated[str | None, Query(max_length=4000)] = None
    ) -> Response:
        """Products by URL; a line that cannot be taken is named and keeps no other back. `scene`: for all of them."""
        kind = kind_of(request)
        if kind not in KINDS:
            raise RequestRefused(
                415, "media_type_unknown", "send application/x-ndjson or text/csv", field="Content-Type"
            )
        data = checked(await request.body(), "body")
        scenes = _scenes(scene)
        said = (await run_in_threadpool(digest, data), scene)
        batch_id = made_name(request, who, "batch", *said) or f"batch-{secrets.token_hex(10)}"
        return await self._once(request, who, said, lambda: self._taken(who, data, kind, scenes, batch_id))

    def batch(self, batch_id: str, who: Reader) -> BatchReply:
        """How far the products of a batch have come."""
        try:
            data = self._gateway.blobs.get(batch_key(who.tenant, batch_id))
        except NotKnown as error:
            raise missing("batch") from error
        batch = Batch.model_validate_json(data)
        stages = self._gateway.projection.stages(who.tenant, batch.product_ids)
        items = tuple(BatchItem(product_id=one, stage=stages.get(one, "submitted")) for one in batch.product_ids)
        counts: dict[str, int] = {}
        for item in items:
            counts[item.stage] = counts.get(item.stage, 0) + 1
        return BatchReply(batch_id=batch_id, accepted=len(items), stages=counts, items=items)

    async def _taken(
        self, who: Identity, data: bytes, kind: str, scenes: tuple[Scene, ...], batch_id: str
    ) -> BatchTaken:
        lines, refused = await run_in_threadpool(read_manifest, data, csv=kind == "text/csv")
        taken: list[str] = []
        pictures = sum(_pictures(line, scenes) for line in lines)
        async with spending(self._gateway, who, products=len(lines), pictures=pictures) as spent:
            for line in lines:
                try:
                    taken.append(await self._submitted(who, line, scenes, f"{batch_id}-{line.number}"))
                except BackdropError as error:
                    if not isinstance(error, Permanent):
                        raise
                    refused.append(RefusedLine(line=line.number, field="product_id", detail=error.message))
                else:
                    spent.use(products=1, pictures=_pictures(line, scenes))
        batch = Batch(product_ids=tuple(dict.fromkeys(taken)))
        key = batch_key(who.tenant, batch_id)
        await run_in_threadpool(
            self._gateway.blobs.put_if_absent, key, batch.model_dump_json().encode(), "application/json"
        )
        refused.sort(key=lambda one: one.line)
        return BatchTaken(batch_id=batch_id, accepted=len(batch.product_ids), refused=tuple(refused))

    async def _submitted(self, who: Identity, line: ManifestLine, scenes: tuple[Scene, ...], name: str) -> str:
        ask = line.ask
        photo = core.NewPhoto(
            url=ask.url,
            mask_url=ask.mask_url,
            product_id=ask.product_id or name,
            facts=ask.facts,
            scenes=ask.scenes or scenes,
        )
        event = await run_in_threadpool(self._gateway.submit, who.tenant, photo)
        await self._gateway.announce(event)
        return event.product_id


def _pictures(line: ManifestLine, scenes: tuple[Scene, ...]) -> int:
    return sum(scene.count for scene in line.ask.scenes or scenes)


def _scenes(text: str | None) -> tuple[Scene, ...]:
    if text is None:
        return ()
    try:
        return (SceneAsk.model_validate_json(text).scene,)
    except ValidationError as error:
        raise invalid(error.errors(), prefix="scene") from error
