"""What the gateway's use cases need of the world, as small Protocols."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from services.gateway.callers.keys import ApiKey
from services.gateway.records import (
    Background,
    Dataset,
    DeadLetter,
    LogLine,
    ModelRevision,
    Page,
    Product,
    Training,
)
from shared.contracts.events import Event
from shared.contracts.images import Pixels

Announce = Callable[[Event], Awaitable[datetime]]
"""Publish an event and have it known here; when it was said. Raises DependencyDown."""


@dataclass(frozen=True)
class Click:
    """A point as fractions of the photo; `keep`: it is the product's, else the background's."""

    x: float
    y: float
    keep: bool = True


Corners = tuple[float, float, float, float]
"""Left, top, right, bottom as fractions of the photo."""


class MaskRefiner(Protocol):
    """A promptable segmentation model that answers while somebody waits."""

    def refine(self, picture: bytes, sha256: str, clicks: tuple[Click, ...], box: Corners | None) -> Pixels:
        """The soft mask (H, W) that these clicks on a picture file ask for, 0..255: from 128 on it is product.

        `sha256`: of the file, which is named by it, as clicks on one come one after another.

        It has the picture's size if that is 1024 px at most. Raises Transient, BadRequest.
        """
        ...


class Projection(Protocol):
    """What is known from the topics. All raise DependencyDown in an outage."""

    def product(self, tenant: str, product_id: str) -> Product | None:
        """A tenant's product."""
        ...

    def products(self, tenant: str, *, limit: int, cursor: str | None, stage: str | None, title: str | None) -> Page:
        """A tenant's products."""
        ...

    def stages(self, tenant: str, product_ids: Sequence[str]) -> dict[str, str]:
        """How far some of them have come."""
        ...

    def background(self, product_id: str, request_id: str) -> Background | None:
        """One request."""
        ...

    def backgrounds(self, product_id: str, *, limit: int, cursor: str | None) -> Page:
        """A product's requests."""
        ...

    def picked(
        self, tenant: str, product_ids: Sequence[str] = (), *, after: Background | None = None, limit: int = 200
    ) -> list[tuple[Product, Background]]:
        """Answers with a picked option, by product, those behind one of them."""
        ...

    def totals(self, tenant: str | None = None) -> tuple[dict[str, int], dict[str, int]]:
        """Products by stage, requests by status."""
        ...

    def dead_letters(self, *, limit: int, cursor: str | None) -> Page:
        """Given up messages."""
        ...

    def dead_letter(self, place: str) -> DeadLetter | None:
        """One of them."""
        ...

    def dead_totals(self) -> dict[str, int]:
        """Their number by topic."""
        ...

    def begin_replay(self, place: str, now: datetime) -> bool:
        """Whether this caller sends it on its way again; of several one does."""
        ...

    def end_replays(self, places: Collection[str], now: datetime) -> None:
        """They are on their way again."""
        ...

    def abandon_replay(self, place: str) -> None:
        """It could not be sent."""
        ...

    def verdicts(self, tenant: str, *, limit: int, cursor: str | None, verdict: str | None, reason: str | None) -> Page:
        """The curator's."""
        ...

    def reasons(self, tenant: str) -> dict[str, int]:
        """Their number by reason."""
        ...

    def datasets(self) -> list[Dataset]:
        """Released versions."""
        ...

    def revisions(self) -> list[ModelRevision]:
        """Of all models."""
        ...

    def trainings(self) -> list[Training]:
        """Training jobs."""
        ...

    def mined_styles(self) -> list[dict[str, Any]]:
        """Mined styles, as JSON."""
        ...

    def head(self) -> int:
        """The number of the newest line of the log."""
        ...

    def lines(self, after: int, limit: int = 500) -> Sequence[LogLine]:
        """Lines of the log behind a number."""
        ...


class KeyBook(Protocol):
    """The API keys."""

    def key(self, key_id: str) -> ApiKey | None:
        """One of them, revoked or not."""
        ...

    def put_key(self, key: ApiKey) -> None:
        """Remember a key, or what became of it."""
        ...

    def all_keys(self) -> list[ApiKey]:
        """All of them, the oldest first."""
        ...


class Usage(Protocol):
    """What tenants used up."""

    def use(self, tenant: str, what: str, count: int, most: int, now: datetime) -> bool:
        """Count it for this day, unless that makes more than `most`; whether it was counted."""
        ...

    def give_back(self, tenant: str, what: str, count: int, now: datetime) -> None:
        """What was counted on this day was not used."""
        ...
