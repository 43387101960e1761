"""What each event changes in the projection. Order and repetition do not matter: what is older or the same loses."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from services.gateway.callers.tenants import tenant_of
from services.gateway.store import asked
from services.gateway.store import tables as t
from shared.contracts import events as e

Apply = Callable[[Connection, Any, datetime], None]


def submitted(session: Session, event: e.ProductSubmitted, told: datetime) -> None:
    """A photo exists, or is told of anew."""
    _stage(session, event, told, "submitted")


def segmented(session: Session, event: e.ProductSegmented, told: datetime) -> None:
    """The product was found; now the ids of the scenes that came with it are known."""
    _stage(session, event, told, "segmented")
    asked.with_photo(session.connection(), event, told)


def captioned(session: Session, event: e.ProductCaptioned, told: datetime) -> None:
    """Product and background were described."""
    _stage(session, event, told, "captioned")


def withdrawn(session: Session, event: e.ProductWithdrawn, told: datetime) -> None:
    """Opted out of training."""
    row = _product(session, event.product_id, told)
    row.withdrawn = True
    _met(row, told)


def reviewed(session: Session, event: e.BackgroundReviewed, told: datetime) -> None:
    """Votes on one option; of the same rater the newest count."""
    place = {
        "product_id": event.product_id,
        "request_id": event.request_id,
        "image_sha256": event.image.sha256,
        "rater": event.rater or "",
    }
    row = session.get(t.VoteRow, place)
    if row is None or row.told <= told:
        counts = event.model_dump(include={"raters", "product_defects", "background_defects"})
        session.merge(t.VoteRow(**place, **counts, told=told))


def engaged(session: Session, event: e.ProductEngaged, told: datetime) -> None:
    """A window of engagement, of the product or of one option; the same bounds again replace it."""
    place = {
        "product_id": event.product_id,
        "request_id": event.request_id or "",
        "image_sha256": event.image.sha256 if event.image else "",
        "window_start": e.in_utc(event.window_start),
        "window_end": e.in_utc(event.window_end),
    }
    row = session.get(t.EngagementRow, place)
    if row is None or row.told <= told:
        counts = event.model_dump(include={"impressions", "clicks", "saves", "long_clicks"})
        session.merge(t.EngagementRow(**place, **counts, told=told))


def curated(session: Session, event: e.SampleCurated, told: datetime) -> None:
    """The curator's verdict; the newest counts."""
    row = session.get(t.SampleRow, (event.product_id, event.image_sha256))
    if row is not None and row.told > told:
        return
    session.merge(
        t.SampleRow(
            product_id=event.product_id,
            image_sha256=event.image_sha256,
            tenant=tenant_of(event.product_id),
            verdict=event.verdict,
            reason=event.reason,
            scores=event.scores,
            told=told,
        )
    )


def mined(session: Session, event: e.StyleMined, told: datetime) -> None:
    """A style, or its end; the newest revision counts."""
    row = session.get(t.StyleRow, event.style)
    if row is None or event.revision >= row.revision:
        session.merge(t.StyleRow(style=event.style, revision=event.revision, event=t.dumped(event)))


def released(session: Session, event: e.DatasetReleased, told: datetime) -> None:
    """A version of a dataset; told again, its first time stays."""
    if session.get(t.DatasetRow, (event.dataset, event.version)) is None:
        session.add(t.DatasetRow(dataset=event.dataset, version=event.version, told=told, event=t.dumped(event)))


def trained(session: Session, event: e.ModelTrained, told: datetime) -> None:
    """A revision exists."""
    row = _revision(session, event.model, event.revision, told)
    row.trained = t.dumped(event)


def promoted(session: Session, event: e.ModelPromoted, told: datetime) -> None:
    """A revision is in use, or was."""
    row = _revision(session, event.model, event.revision, told)
    if row.promoted is None or event.sequence >= row.sequence:
        row.promoted, row.sequence = t.dumped(event), event.sequence


def training_requested(session: Session, event: e.TrainingRequested, told: datetime) -> None:
    """A job was asked for."""
    row = _training(session, event.job_id, told)
    row.stage, row.steps = event.stage, max(row.steps, event.steps or 0)


def progressed(session: Session, event: e.TrainingProgressed, told: datetime) -> None:
    """A job goes on; steps only grow."""
    row = _training(session, event.job_id, told)
    row.stage, row.steps = event.stage, max(row.steps, event.steps)
    if event.step >= row.step:
        row.step, row.loss = event.step, event.loss


def failed(session: Session, event: e.TrainingFailed, told: datetime) -> None:
    """A job ended without a model."""
    row = _training(session, event.job_id, told)
    row.stage = event.stage or row.stage
    row.failure = {"reason": event.reason, "detail": event.detail}


def noted(here: Connection, event: e.Event, told: datetime) -> None:
    """Told on, and nothing else: what comes of it is an event of its own."""


def _stage(session: Session, event: Any, told: datetime, column: str) -> None:
    row = _product(session, event.product_id, told)
    known = getattr(row, column)
    if known is None or event.revision >= known["revision"]:
        setattr(row, column, t.dumped(event))
    _met(row, told)


def _product(session: Session, product_id: str, told: datetime) -> t.ProductRow:
    row = session.get(t.ProductRow, product_id)
    if row is None:
        row = t.ProductRow(product_id=product_id, tenant=tenant_of(product_id), created=told, updated=told)
        row.stage, row.title, row.withdrawn = "submitted", "", False
        session.add(row)
    return row


def _met(row: t.ProductRow, told: datetime) -> None:
    """Times, and what follows from all that is known."""
    row.created = min(row.created, told)
    row.updated = max(row.updated, told)
    said = [one for one in (row.submitted, row.segmented, row.captioned) if one is not None]
    if said:
        facts = max(said, key=lambda one: one["revision"])["facts"]
        row.title = facts["title"] or ""
        row.stage = stage_of(row)


def stage_of(row: t.ProductRow) -> str:
    """How far the newest revision has come; a letter about it counts until a later stage has spoken."""
    words = (row.submitted, row.segmented, row.captioned)
    told, found, read = (one["revision"] if one else -1 for one in words)
    if row.captioned is not None and read >= max(told, found):
        return "refused" if row.captioned["segmentation"]["refusal"] else "captioned"
    if row.refusal is not None and row.refusal["revision"] >= max(told, found):
        return "refused"
    if row.segmented is not None and found >= told:
        return "refused" if row.segmented["segmentation"]["refusal"] else "segmented"
    return "submitted"


def _revision(session: Session, model: str, revision: str, told: datetime) -> t.RevisionRow:
    row = session.get(t.RevisionRow, (model, revision))
    if row is None:
        row = t.RevisionRow(model=model, revision=revision, told=told, sequence=-1)
        session.add(row)
    row.told = min(row.told, told)
    return row


def _training(session: Session, job_id: str, told: datetime) -> t.TrainingRow:
    row = session.get(t.TrainingRow, job_id)
    if row is None:
        row = t.TrainingRow(job_id=job_id, told=told, stage="", step=0, steps=0)
        session.add(row)
    row.told = max(row.told, told)
    return row


def _by_rows(change: Callable[[Session, Any, datetime], None]) -> Apply:
    """Changes that are written over rows as objects; what every request waits for does without them."""

    def apply(here: Connection, event: Any, told: datetime) -> None:
        with Session(here) as session:
            change(session, event, told)
            session.flush()

    return apply


APPLIED: dict[type[e.Event], Apply] = {
    e.ProductSubmitted: _by_rows(submitted), e.ProductSegmented: _by_rows(segmented),
    e.ProductCaptioned: _by_rows(captioned), e.ProductWithdrawn: _by_rows(withdrawn),
    e.ProductEngaged: _by_rows(engaged), e.SampleCurated: _by_rows(curated), e.StyleMined: _by_rows(mined),
    e.DatasetReleased: _by_rows(released), e.TrainingRequested: _by_rows(training_requested),
    e.TrainingProgressed: _by_rows(progressed), e.TrainingFailed: _by_rows(failed),
    e.ModelTrained: _by_rows(trained), e.ModelPromoted: _by_rows(promoted),
    e.BackgroundRequested: asked.requested, e.BackgroundGenerated: asked.generated,
    e.BackgroundRejected: asked.rejected,
    e.BackgroundReviewed: _by_rows(reviewed), e.RollbackRequested: noted,
}  # fmt: skip
