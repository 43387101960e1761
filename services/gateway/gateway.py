"""Everything the gateway has, in one place for its doors."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from services.gateway.answers import Answers
from services.gateway.callers.allowances import Allowances
from services.gateway.core import CorrectMask, SubmitProduct, Uploads
from services.gateway.heard.feed import Feed
from services.gateway.heard.met import MetProducts
from services.gateway.pictures.links import SignedLinks
from services.gateway.pictures.picture_work import PictureWork
from services.gateway.pictures.samples import SampleShelf
from services.gateway.pictures.thumbnails import Thumbnails
from services.gateway.ports import Announce, Projection
from services.gateway.records import DeadLetter
from services.gateway.shapes.views import Views
from services.gateway.styles import StyleShelf
from services.gateway.webhooks.book import WebhookBook
from services.gateway.webhooks.targets import Targets
from shared.contracts.blobs import BlobStore

Lag = Callable[[], Awaitable[Mapping[tuple[str, str], int]]]
"""Messages not finished yet, by consumer group and topic; raises DependencyDown when nobody can say."""

Replay = Callable[[DeadLetter], Awaitable[None]]
"""Send a dead letter on its way again. Raises DependencyDown."""


@dataclass(frozen=True, kw_only=True)
class Quotas:
    """What one tenant may ask for on one day (UTC), 0: no limit; and how many webhooks it may have."""

    products: int = 0
    pictures: int = 0
    uploads: int = 0
    webhooks: int = 20


@dataclass(frozen=True, kw_only=True)
class Gateway:
    """Ports and use cases."""

    projection: Projection
    announce: Announce
    blobs: BlobStore
    submit: SubmitProduct
    masks: CorrectMask
    answers: Answers
    allowances: Allowances
    work: PictureWork
    quotas: Quotas
    links: SignedLinks
    views: Views
    feed: Feed
    styles: StyleShelf
    samples: SampleShelf
    thumbnails: Thumbnails
    webhooks: WebhookBook
    targets: Targets
    lag: Lag
    replay: Replay
    page: Path | None = None
    met: MetProducts = field(default_factory=MetProducts)

    @property
    def uploads(self) -> Uploads:
        """Where tenants' bytes go."""
        return self.submit.uploads


def now() -> datetime:
    """The moment, in UTC."""
    return datetime.now(UTC)


def seconds_to_midnight(moment: datetime) -> int:
    """Until quotas are full again."""
    tomorrow = datetime.combine(moment.date() + timedelta(days=1), datetime.min.time(), UTC)
    return max(1, int((tomorrow - moment).total_seconds()))
