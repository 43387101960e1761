"""The loop over a platform that learns by rule: the figures follow, and the report tells them."""

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from benchmarks.taste.people import Seen
from benchmarks.taste.report import report, write
from benchmarks.taste.run import TasteHistory, TasteLoop, TastePlan
from shared.contracts.blobs import BlobRef
from shared.contracts.events import (
    BackgroundGenerated,
    BackgroundRequested,
    Event,
    GeneratedImage,
    ModelPromoted,
    ModelTrained,
    ProductEngaged,
    Scene,
    Scores,
    StyleEvidence,
    StyleMined,
)
from tests.fakes.blobs import MemoryBlobs

E = TypeVar("E", bound=Event)
SCORES = Scores(expansion=0, shrinkage=0, seam=0, adherence=1, judge=1)
WEIGHTS = BlobRef(bucket="backdrop", key="models/m/1", sha256="0" * 64, size=1)


class RulePlatform:
    """Paints `studio` until it was told of clicks on `oak`; then oak alone. Its third training is no better."""

    def __init__(self, blobs: MemoryBlobs, products: Iterable[str]) -> None:
        self.blobs, self.said = blobs, list[Event]()
        self.heard: list[Event] = []
        for product in products:
            self._paint(product, f"first-{product}", ("oak", "studio"))

    def _paint(self, product: str, request_id: str, prompts: tuple[str, ...]) -> None:
        images = []
        for number, prompt in enumerate(prompts):
            data = f"{request_id}-{number}".encode()
            ref = self.blobs.put(f"backgrounds/{request_id}/{number}.png", data, "image/png")
            images.append(GeneratedImage(image=ref, seed=number, prompt=prompt, scores=SCORES, model="mini @ 1"))
        self.said.append(
            BackgroundGenerated(
                product_id=product,
                request_id=request_id,
                scene=Scene(),
                photo=WEIGHTS,
                mask=WEIGHTS,
                images=tuple(images),
            )
        )

    def publish(self, events: Iterable[Event]) -> None:
        for event in events:
            self.heard.append(event)
            if isinstance(event, BackgroundRequested):
                liked = any(isinstance(one, StyleMined) for one in self.said)
                self._paint(event.product_id, event.request_id, ("oak", "oak") if liked else ("studio", "oak"))

    def of(self, kind: type[E]) -> list[E]:
        return [event for event in self.said if isinstance(event, kind)]

    def until(self, met: Callable[[], bool], *, what: str) -> None:
        assert met(), what

    def release(self, dataset: str) -> None:
        number = len(self.of(ModelTrained)) + 1
        common = {"model": "mini", "stage": "engaged", "base": "b", "weights": WEIGHTS, "revision": str(number)}
        trained = {
            "job_id": f"j{number}",
            "dataset": dataset,
            "dataset_version": "1",
            "metrics": {"held_out_loss": 0.5},
        }
        self.said.append(ModelTrained.model_validate(common | trained))
        if number == 1:
            self.said.append(ModelPromoted.model_validate(common))

    def mine(self) -> None:
        evidence = StyleEvidence(pictures=3, lift=2.0, dataset_version="1")
        if any(isinstance(one, ProductEngaged) and one.clicks for one in self.heard):
            self.said.append(StyleMined(style="oak table", revision=1, words=("oak table",), evidence=evidence))

    def settled(self) -> None:
        """Nothing ever waits."""


class PromptEye:
    """Sees what was asked for."""

    def see(self, made: BackgroundGenerated, option: GeneratedImage) -> Seen:
        oak = option.prompt == "oak"
        return {"surface": {"wood": float(oak), "paper": float(not oak)}, "light_colour": {"warm": float(oak)}}


PRODUCTS = ("lamp", "mug", "vase")


def played(blobs: MemoryBlobs, plan: TastePlan) -> tuple[TasteHistory, RulePlatform]:
    platform = RulePlatform(blobs, PRODUCTS)
    loop = TasteLoop(platform, PromptEye(), plan, PRODUCTS, now=datetime(2026, 3, 1, tzinfo=UTC), say=lambda _: None)
    return loop.play(), platform


def test_what_is_liked_lifts_the_learning_arm_and_a_change_of_taste_drops_it() -> None:
    plan = TastePlan(seed=1, rounds=6, trained=(1, 3))
    course, _ = played(MemoryBlobs(), plan)
    found = report(plan, course)
    assert found["verdict"]["low"] > 0 and found["after_the_change"]["lift"] < 0
    assert {(row["round"], row["arm"]) for row in found["rounds"]} == {
        (number, arm) for number in range(6) for arm in ("learning", "frozen")
    }
    assert [(one["round"], one["promoted"]) for one in found["promotions"]] == [(1, True), (3, False)]
    assert found["styles"]["0"] == ["oak table"]


def test_the_report_says_how_many_scenes_lead_and_for_how_many_products_the_commonest() -> None:
    plan = TastePlan(seed=1, rounds=4, trained=())
    course, _ = played(MemoryBlobs(), plan)
    vase = course.pictures[2, "vase"]
    brick = vase.image.model_copy(update={"plate": "oak-brick"})
    course.pictures[2, "vase"] = replace(vase, image=brick)
    rows = report(plan, course)["leading"]
    assert [(row["scenes"], row["share"]) for row in rows] == [(1, 1.0), (1, 1.0), (2, 0.667), (1, 1.0)]
    assert rows[2]["commonest"] == "oak" and rows[2]["first"]["vase"] == "oak (oak-brick)"


def test_only_the_learning_arms_clicks_are_told_each_in_a_week_of_its_own_in_the_past() -> None:
    plan = TastePlan(seed=1, rounds=4, trained=())
    course, platform = played(MemoryBlobs(), plan)
    told = [event for event in platform.heard if isinstance(event, ProductEngaged)]
    learning = [one for one in course.shown if one.arm == "learning"]
    assert [event.clicks for event in told] == [one.clicks for one in learning]
    assert len({event.window_start for event in told}) == 4
    assert max(event.window_end for event in told) <= datetime(2026, 3, 1, tzinfo=UTC)
    assert all(event.request_id and event.image for event in told)


def test_both_arms_get_the_same_views_and_the_same_seed_the_same_report() -> None:
    plan = TastePlan(seed=3, rounds=4, trained=())
    first, again = (report(plan, played(MemoryBlobs(), plan)[0]) for _ in range(2))
    assert first == again
    assert {row["impressions"] for row in first["rounds"]} == {9000}


def test_the_report_the_plot_and_the_page_are_written(tmp_path: Path) -> None:
    blobs, plan = MemoryBlobs(), TastePlan(seed=1, rounds=4, trained=())
    write(tmp_path, plan, played(blobs, plan)[0], blobs)
    found = json.loads((tmp_path / "report.json").read_text())
    assert found["seed"] == 1 and {"lift", "low", "high"} <= found["verdict"].keys()
    plot = (tmp_path / "taste.svg").read_text()
    assert plot.count("<polyline") == 2 and "the taste changes" in plot
    page = (tmp_path / "index.html").read_text()
    assert "What this shows, and what not" in page
    pictures = re.findall(r'<img src="([^"]+)"', page)
    assert len(pictures) == 9 and all((tmp_path / name).exists() for name in pictures)
