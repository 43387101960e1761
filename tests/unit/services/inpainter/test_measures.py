"""Scores by the model revision that painted."""

from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from services.inpainter.measures import REVISIONS, Measures
from shared.contracts.events import BackgroundGenerated, GeneratedImage
from tests.fakes.painter import FakeInpainter

GOLDEN = Path(__file__).resolve().parents[3] / "golden" / "events" / "BackgroundGenerated.json"
EVENT = BackgroundGenerated.model_validate_json(GOLDEN.read_text())


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


def by(model: str, judge: float) -> GeneratedImage:
    first = EVENT.images[0]
    return first.model_copy(update={"model": model, "scores": first.scores.model_copy(update={"judge": judge})})


def test_shown_and_refused_candidates_are_counted_with_their_scores(registry: CollectorRegistry) -> None:
    measures = Measures(registry, lambda: "mini@2")
    shown, refused = (by("mini@2", 0.75),), (by("mini@2", 0.25), by("mini@2", 0.5))
    measures.announced(EVENT.model_copy(update={"images": shown, "refused": refused}))
    assert registry.get_sample_value("backdrop_candidates_total", {"model": "mini@2", "verdict": "shown"}) == 1
    assert registry.get_sample_value("backdrop_candidates_total", {"model": "mini@2", "verdict": "refused"}) == 2
    assert registry.get_sample_value("backdrop_candidate_judge_ratio_sum", {"model": "mini@2"}) == 1.5
    assert registry.get_sample_value("backdrop_candidate_expansion_ratio_count", {"model": "mini@2"}) == 3


def test_a_revision_without_refusals_has_none_refused_rather_than_nothing(registry: CollectorRegistry) -> None:
    Measures(registry, lambda: "mini@2").announced(
        EVENT.model_copy(update={"images": (by("mini@2", 0.9),), "refused": ()})
    )
    assert registry.get_sample_value("backdrop_candidates_total", {"model": "mini@2", "verdict": "refused"}) == 0


def test_the_revision_that_paints_is_named(registry: CollectorRegistry) -> None:
    painter = FakeInpainter()
    Measures(registry, lambda: painter.name)
    assert registry.get_sample_value("backdrop_painter_info", {"model": "still@base"}) == 1
    painter.adopt(b"", "7")
    assert registry.get_sample_value("backdrop_painter_info", {"model": "still@7"}) == 1
    assert registry.get_sample_value("backdrop_painter_info", {"model": "still@base"}) is None


def test_only_the_newest_revisions_are_kept(registry: CollectorRegistry) -> None:
    measures = Measures(registry, lambda: "mini@2")
    for revision in range(REVISIONS + 3):
        measures.announced(EVENT.model_copy(update={"images": (by(f"mini@{revision}", 0.5),), "refused": ()}))
    kept = {
        sample.labels["model"]
        for family in registry.collect()
        for sample in family.samples
        if sample.name == "backdrop_candidate_judge_ratio_count"
    }
    assert kept == {f"mini@{revision}" for revision in range(3, REVISIONS + 3)}
