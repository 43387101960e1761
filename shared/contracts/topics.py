"""The one place that declares topics: name, event, partitions, retention, compaction; provisioning reads it.

Every topic T also has T.retry (delayed second chances) and T.dead (with the reason in the headers).
"""

from dataclasses import dataclass

from shared.contracts import events as e

DAY_MS = 24 * 60 * 60 * 1000


@dataclass(frozen=True, kw_only=True)
class Topic:
    """A Kafka topic and the one event type it carries."""

    name: str
    event: type[e.Event]
    partitions: int = 12  # the most workers one stage can use; raising it later reshuffles keys
    retention_ms: int = 14 * DAY_MS
    compacted: bool = False

    @property
    def retry(self) -> str:
        """Messages that wait for another try."""
        return f"{self.name}.retry"

    @property
    def dead(self) -> str:
        """Messages nobody could handle, with the reason."""
        return f"{self.name}.dead"


PRODUCT_SUBMITTED = Topic(name="product.submitted.v1", event=e.ProductSubmitted)
PRODUCT_SEGMENTED = Topic(name="product.segmented.v1", event=e.ProductSegmented)
PRODUCT_CAPTIONED = Topic(name="product.captioned.v1", event=e.ProductCaptioned)
PRODUCT_ENGAGED = Topic(name="product.engaged.v1", event=e.ProductEngaged)
PRODUCT_WITHDRAWN = Topic(name="product.withdrawn.v1", event=e.ProductWithdrawn, retention_ms=-1)
SAMPLE_CURATED = Topic(name="sample.curated.v1", event=e.SampleCurated)
STYLE_MINED = Topic(name="style.mined.v1", event=e.StyleMined, partitions=1, compacted=True, retention_ms=-1)
DATASET_RELEASED = Topic(name="dataset.released.v1", event=e.DatasetReleased, partitions=1)
TRAINING_REQUESTED = Topic(name="training.requested.v1", event=e.TrainingRequested, partitions=4)
TRAINING_PROGRESSED = Topic(name="training.progressed.v1", event=e.TrainingProgressed, partitions=4)
TRAINING_FAILED = Topic(name="training.failed.v1", event=e.TrainingFailed, partitions=4)
MODEL_TRAINED = Topic(name="model.trained.v1", event=e.ModelTrained, partitions=1)
MODEL_PROMOTED = Topic(name="model.promoted.v1", event=e.ModelPromoted, partitions=1, compacted=True, retention_ms=-1)
ROLLBACK_REQUESTED = Topic(name="rollback.requested.v1", event=e.RollbackRequested, partitions=1)
BACKGROUND_REQUESTED = Topic(name="background.requested.v1", event=e.BackgroundRequested)
BACKGROUND_GENERATED = Topic(name="background.generated.v1", event=e.BackgroundGenerated)
BACKGROUND_REJECTED = Topic(name="background.rejected.v1", event=e.BackgroundRejected)
BACKGROUND_REVIEWED = Topic(name="background.reviewed.v1", event=e.BackgroundReviewed)

TOPICS: tuple[Topic, ...] = (
    PRODUCT_SUBMITTED,
    PRODUCT_SEGMENTED,
    PRODUCT_CAPTIONED,
    PRODUCT_ENGAGED,
    PRODUCT_WITHDRAWN,
    SAMPLE_CURATED,
    STYLE_MINED,
    DATASET_RELEASED,
    TRAINING_REQUESTED,
    TRAINING_PROGRESSED,
    TRAINING_FAILED,
    MODEL_TRAINED,
    MODEL_PROMOTED,
    ROLLBACK_REQUESTED,
    BACKGROUND_REQUESTED,
    BACKGROUND_GENERATED,
    BACKGROUND_REJECTED,
    BACKGROUND_REVIEWED,
)

_BY_EVENT = {topic.event: topic for topic in TOPICS}


def topic_of(event: e.Event) -> Topic:
    """The topic that carries this event."""
    return _BY_EVENT[type(event)]
