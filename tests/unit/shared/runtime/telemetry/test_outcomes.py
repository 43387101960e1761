"""What an event says came of the work."""

import json
from pathlib import Path

import pytest

from shared.contracts import events
from shared.contracts.events import Event
from shared.runtime.telemetry.outcomes import outcome_of

GOLDEN = Path(__file__).resolve().parents[4] / "golden" / "events"

REFUSED = {"segmenter": "m", "refusal": "no_product"}


def golden(name: str, **changes: object) -> Event:
    said = json.loads((GOLDEN / f"{name}.json").read_text()) | changes
    event: Event = getattr(events, name).model_validate(said)
    return event


@pytest.mark.parametrize(
    ("event", "outcome"),
    [
        (golden("ProductSegmented"), ("segmented", "found")),
        (
            golden("ProductSegmented", segmentation={"segmenter": "m", "refusal": "no_product"}),
            ("refused", "no_product"),
        ),
        (golden("ProductCaptioned"), ("captioned", "described")),
        (golden("ProductCaptioned", caption=None), ("passed_on", "refused_before")),
        (golden("SampleCurated", verdict="dropped", reason="blur"), ("dropped", "blur")),
        (golden("BackgroundGenerated"), ("generated", "passed")),
        (golden("BackgroundRejected", reason="judge_rejected"), ("rejected", "judge_rejected")),
        (golden("DatasetReleased", dataset="product"), ("released", "product")),
        (golden("ModelTrained", stage="engaged"), ("trained", "engaged")),
        (golden("ModelPromoted", stage="product"), ("promoted", "product")),
        (golden("TrainingFailed", reason="disk_full"), ("failed", "disk_full")),
        (golden("TrainingProgressed"), None),
        (golden("ProductSubmitted"), None),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Event) else None,
)
def test_an_outcome_and_its_reason(event: Event, outcome: tuple[str, str] | None) -> None:
    assert outcome_of(event) == outcome
