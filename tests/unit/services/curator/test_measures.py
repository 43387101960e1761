"""What people like, by style."""

import json
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from services.curator.measures import MOST_STYLES, Measures
from shared.contracts.events import BackgroundReviewed, ProductEngaged

GOLDEN = Path(__file__).resolve().parents[3] / "golden" / "events"
OPTION = json.loads((GOLDEN / "BackgroundReviewed.json").read_text())["image"]
WINDOW = {"product_id": "mug", "window_start": "2026-11-01T00:00:00Z", "window_end": "2026-11-02T00:00:00Z"}


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


def engaged(style: str | None, **changes: object) -> ProductEngaged:
    of_an_option = {"request_id": "r-1", "image": OPTION, "style": style}
    return ProductEngaged.model_validate(
        WINDOW | {"impressions": 100, "clicks": 7, "saves": 2, "long_clicks": 3} | of_an_option | changes
    )


def test_acts_are_added_up_by_style(registry: CollectorRegistry) -> None:
    measures = Measures(registry)
    for style in ("marble", "marble", None):
        measures.heard(engaged(style))
    value = registry.get_sample_value
    assert value("backdrop_engagement_total", {"style": "marble", "act": "impressions"}) == 200
    assert value("backdrop_engagement_total", {"style": "marble", "act": "clicks"}) == 14
    assert value("backdrop_engagement_total", {"style": "none", "act": "saves"}) == 2


def test_a_products_own_photo_has_no_style(registry: CollectorRegistry) -> None:
    Measures(registry).heard(engaged(None, request_id=None, image=None))
    assert registry.get_sample_value("backdrop_engagement_total", {"style": "none", "act": "clicks"}) is None


def test_names_of_styles_cannot_grow_without_bound(registry: CollectorRegistry) -> None:
    measures = Measures(registry)
    for number in range(MOST_STYLES + 5):
        measures.heard(engaged(f"style {number}"))
    assert registry.get_sample_value("backdrop_engagement_total", {"style": "other", "act": "clicks"}) == 5 * 7


def test_votes_are_added_up(registry: CollectorRegistry) -> None:
    said = json.loads((GOLDEN / "BackgroundReviewed.json").read_text())
    review = BackgroundReviewed.model_validate(said | {"raters": 5, "product_defects": 1, "background_defects": 2})
    Measures(registry).heard(review)
    for vote, count in (("raters", 5), ("product_defects", 1), ("background_defects", 2)):
        assert registry.get_sample_value("backdrop_votes_total", {"vote": vote}) == count
