"""What an event says came of the work, in two words for a metric: an outcome and its reason. Pure."""

from shared.contracts.events import (
    BackgroundGenerated,
    BackgroundRejected,
    DatasetReleased,
    Event,
    ModelPromoted,
    ModelTrained,
    ProductCaptioned,
    ProductSegmented,
    SampleCurated,
    TrainingFailed,
)


def outcome_of(event: Event) -> tuple[str, str] | None:
    """Outcome and reason, stable words both; None for an event that ends nothing."""
    match event:
        case ProductSegmented():
            refusal = event.segmentation.refusal
            return ("refused", refusal) if refusal else ("segmented", "found")
        case ProductCaptioned():
            return ("captioned", "described") if event.caption else ("passed_on", "refused_before")
        case SampleCurated():
            return event.verdict, event.reason
        case BackgroundGenerated():
            return "generated", "passed"
        case BackgroundRejected():
            return "rejected", event.reason
        case DatasetReleased():
            return "released", event.dataset
        case ModelTrained():
            return "trained", event.stage
        case ModelPromoted():
            return "promoted", event.stage
        case TrainingFailed():
            return "failed", event.reason
    return None
