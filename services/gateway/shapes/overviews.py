"""What the gateway answers about many products at once and about the stack: batches, operations, curation, webhooks."""

from datetime import datetime

from services.gateway.records import Refusal, Stage
from services.gateway.shapes.replies import Picture, Reply


class ModelReply(Reply):
    """A revision of a model; `promoted`: it is the one in use; `job_id`: its training, where that is known."""

    model: str
    revision: str
    stage: str
    base: str
    promoted: bool
    sequence: int
    metrics: dict[str, float]
    job_id: str | None
    at: datetime


class RefusedLine(Reply):
    """A line of a manifest that was not taken."""

    line: int
    field: str | None
    detail: str


class BatchTaken(Reply):
    """What became of a manifest."""

    batch_id: str
    accepted: int
    refused: tuple[RefusedLine, ...]


class BatchItem(Reply):
    """One product of a batch."""

    product_id: str
    stage: Stage


class BatchReply(Reply):
    """A batch as it stands."""

    batch_id: str
    accepted: int
    stages: dict[str, int]
    items: tuple[BatchItem, ...]


class Asked(Reply):
    """A request that was handed on."""

    product_id: str
    request_id: str


class AskedReply(Reply):
    """One request for each product."""

    requests: tuple[Asked, ...]


class LagReply(Reply):
    """Messages of one topic that one service has not finished."""

    group: str
    topic: str
    messages: int


class OperationsReply(Reply):
    """What waits where."""

    stages: dict[str, int]
    backgrounds: dict[str, int]
    lag: tuple[LagReply, ...]
    dead_letters: dict[str, int]


class LetterReply(Reply):
    """A message that a service gave up."""

    id: str
    topic: str
    reason: str
    detail: str
    service: str
    key: str
    attempts: int
    failed_at: datetime
    replayed: bool


class VerdictReply(Reply):
    """The curator's verdict on a photo."""

    product_id: str
    image_sha256: str
    verdict: str
    reason: str
    scores: dict[str, float]
    at: datetime
    picture: Picture | None


class DatasetReply(Reply):
    """A released version of a dataset."""

    dataset: str
    version: str
    samples: int
    counts: dict[str, int]
    at: datetime


class TrainingReply(Reply):
    """A training job."""

    job_id: str
    stage: str
    step: int
    steps: int
    loss: float | None
    at: datetime
    failure: Refusal | None


class WebhookReply(Reply):
    """A webhook. Its secret is told once: when it is made, or made anew."""

    webhook_id: str
    url: str
    types: tuple[str, ...]
    active: bool
    created_at: datetime
    secret: str | None = None


class DeliveryReply(Reply):
    """One event on its way to a webhook; `answer`: what the last try came to."""

    event_id: str
    type: str
    status: str
    attempts: int
    due_at: datetime
    event_at: datetime
    answer: str
