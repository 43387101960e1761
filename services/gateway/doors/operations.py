"""For operators: what waits where, dead letters and their replay, models and their roll-back."""

import contextlib
import secrets
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from fastapi.concurrency import run_in_threadpool

from services.gateway.callers.keys import Identity
from services.gateway.doors.entry.access import needs
from services.gateway.doors.problems import RequestRefused, about, missing
from services.gateway.doors.products import PROBLEMS, Limit, Reader
from services.gateway.gateway import Gateway, now
from services.gateway.records import ModelRevision
from services.gateway.shapes import views
from services.gateway.shapes.asks import RollbackAsk
from services.gateway.shapes.overviews import (
    DatasetReply,
    LagReply,
    LetterReply,
    ModelReply,
    OperationsReply,
    TrainingReply,
    VerdictReply,
)
from services.gateway.shapes.replies import Done, Paged
from shared.contracts.errors import DependencyDown, NotKnown
from shared.contracts.events import RollbackRequested
from shared.contracts.models import exam_prefix

Operator = Annotated[Identity, Depends(needs("operate"))]


class OperationsDoor:
    """The stack as it works."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def router(self) -> APIRouter:
        """Its routes."""
        router = APIRouter(prefix="/v1", tags=["operations"], responses=PROBLEMS)
        add = router.add_api_route
        add("/operations", self.operations, methods=["GET"])
        add("/operations/dead-letters", self.letters, methods=["GET"])
        add("/operations/dead-letters/{place:path}/replay", self.replay, methods=["POST"], status_code=202)
        add("/models", self.models, methods=["GET"])
        add("/models/{model}/revisions/{revision}/sheet", self.sheet, methods=["GET"], response_class=Response)
        add("/models/{model}/rollback", self.roll_back, methods=["POST"], status_code=202)
        add("/trainings", self.trainings, methods=["GET"])
        return router

    async def operations(self, who: Operator) -> OperationsReply:
        """Products by stage and requests by status, of all tenants; lag where Kafka tells; dead letters by topic."""
        products, backgrounds = await run_in_threadpool(self._gateway.projection.totals)
        dead = await run_in_threadpool(self._gateway.projection.dead_totals)
        counted = sorted((await self._lag()).items())
        lag = tuple(LagReply(group=group, topic=topic, messages=count) for (group, topic), count in counted)
        return OperationsReply(stages=products, backgrounds=backgrounds, lag=lag, dead_letters=dead)

    def letters(self, who: Operator, limit: Limit = 50, cursor: str | None = None) -> Paged[LetterReply]:
        """Messages that a service gave up, with the reason in words, the newest first."""
        with about("cursor"):
            page = self._gateway.projection.dead_letters(limit=limit, cursor=cursor)
        return Paged[LetterReply](items=tuple(map(views.letter, page.items)), next_cursor=page.next_cursor)

    async def replay(self, place: str, who: Operator) -> Done:
        """Send a dead letter on its way again, once what was wrong is mended; each goes once."""
        letter = await run_in_threadpool(self._gateway.projection.dead_letter, place)
        if letter is None:
            raise missing("dead letter")
        projection = self._gateway.projection
        if not await run_in_threadpool(projection.begin_replay, letter.place, now()):
            raise RequestRefused(409, "replayed_before", "this letter was sent on its way again already")
        try:
            await self._gateway.replay(letter)
        except Exception:
            await run_in_threadpool(projection.abandon_replay, letter.place)
            raise
        await run_in_threadpool(projection.end_replays, (letter.place,), now())
        return Done()

    def models(self, who: Reader) -> list[ModelReply]:
        """Revisions of all models, the newest first; `promoted` ones are in use."""
        return [views.model(revision) for revision in self._gateway.projection.revisions()]

    def sheet(self, model: str, revision: str, who: Operator) -> Response:
        """A revision's exam as a PNG, a row for each photo: the photo, the model in use before, and this one.

        For operators alone, as the photos may be any tenant's.
        """
        trained = self._revision(model, revision).trained
        with contextlib.suppress(NotKnown):
            if trained is not None:
                key = f"{exam_prefix(model, revision, trained.job_id)}.png"
                return Response(self._gateway.blobs.get(key), media_type="image/png")
        raise RequestRefused(404, "sheet_unknown", "this revision has no sheet: it was measured without pictures")

    def trainings(self, who: Reader) -> list[TrainingReply]:
        """Training jobs, those that moved last first."""
        return [views.training(training) for training in self._gateway.projection.trainings()]

    async def roll_back(self, model: str, ask: RollbackAsk, who: Operator) -> Done:
        """Ask for an earlier revision to be in use again; the trainer promotes it anew, and every painter hears."""
        await run_in_threadpool(self._revision, model, ask.revision)
        name = f"rollback-{secrets.token_hex(8)}"
        reason = f"through the gateway, by {who.name}"
        await self._gateway.announce(
            RollbackRequested(request_id=name, model=model, revision=ask.revision, reason=reason)
        )
        return Done()

    def _revision(self, model: str, name: str) -> ModelRevision:
        for revision in self._gateway.projection.revisions():
            if (revision.model, revision.revision) == (model, name):
                return revision
        raise missing("revision")

    async def _lag(self) -> dict[tuple[str, str], int]:
        try:
            return dict(await self._gateway.lag())
        except DependencyDown:
            return {}


class CurationDoor:
    """What the curator decided, and what came of it."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def router(self) -> APIRouter:
        """Its routes."""
        router = APIRouter(prefix="/v1/curation", tags=["curation"], responses=PROBLEMS)
        router.add_api_route("/samples", self.samples, methods=["GET"])
        router.add_api_route("/reasons", self.reasons, methods=["GET"])
        router.add_api_route("/datasets", self.datasets, methods=["GET"])
        return router

    def samples(
        self,
        who: Reader,
        limit: Limit = 50,
        cursor: str | None = None,
        verdict: str | None = None,
        reason: str | None = None,
    ) -> Paged[VerdictReply]:
        """Photos that were kept or dropped, with the reason, the newest first."""
        with about("cursor"):
            page = self._gateway.projection.verdicts(
                who.tenant, limit=limit, cursor=cursor, verdict=verdict, reason=reason
            )
        items = tuple(map(self._gateway.views.verdict, page.items))
        return Paged[VerdictReply](items=items, next_cursor=page.next_cursor)

    def reasons(self, who: Reader) -> dict[str, int]:
        """How many photos have each reason; `kept` is one of them."""
        return self._gateway.projection.reasons(who.tenant)

    def datasets(self, who: Reader) -> list[DatasetReply]:
        """Released versions, the newest first."""
        return [views.dataset(one) for one in self._gateway.projection.datasets()]
