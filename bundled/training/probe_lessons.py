"""What the probe learns from: quick scenes and plates with a label for each attribute, seen ever anew."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import cv2
import numpy as np
from numpy.typing import NDArray

from bundled.quick.materials.surfaces import SURFACES
from bundled.quick.scenery.backdrops import BACKDROPS
from bundled.training import toning
from bundled.training.pool import Pool
from services.inpainter.plates.catalogue import read_plates
from services.inpainter.prompt.parsing import backdrop_label, parse_prompt, surface_label
from services.trainer.model.lessons.pixels import mask_of, picture_of
from shared.contracts.shards import ShardSample, Split, read_dataset
from shared.contracts.vocabulary import Hardness, LightColour, LightDirection, mirrored_text

TRACED_PX = 160  # kept in memory; read at 128

NAMED = {
    "sweep": "sweep",
    "sea": "beach",
    "shelf": "bookshelf",
    "festive": "festive lights",
    "city": "city lights",
    "sunset": "sunset",
}


LIGHT = {
    "light_colour": get_args(LightColour),
    "light_direction": get_args(LightDirection),
    "hardness": get_args(Hardness),
}


Labels = Mapping[str, str | None]


def surface_of(kind: str) -> str:
    """The label of a quick scene's surface."""
    return NAMED.get(kind) or surface_label(SURFACES[kind].words[0]) or kind


def backdrop_of(kind: str) -> str:
    """The label of a quick scene's backdrop; "none" when the scene is seen from above."""
    return (NAMED.get(kind) or backdrop_label(BACKDROPS[kind].words[0]) or kind) if kind else "none"


def vocabulary() -> dict[str, tuple[str, ...]]:
    """Attribute -> labels, in the order of the logits."""
    surfaces = tuple(sorted({surface_of(kind) for kind in SURFACES}))
    return {
        "surface": surfaces,
        "backdrop": tuple(sorted({backdrop_of(kind) for kind in BACKDROPS} | {"none"})),
        **LIGHT,
    }


@dataclass(frozen=True)
class LabelledPicture:
    """A picture (H, W, 3), its mask (H, W), and a label per attribute (None: not known, not learned from)."""

    picture: NDArray[np.uint8]
    mask: NDArray[np.uint8]
    labels: Labels


def quick_lessons(pool: Pool) -> list[LabelledPicture]:
    """The pool as lessons."""
    return [
        LabelledPicture(
            picture,
            mask,
            {
                "surface": surface_of(facts["surface"]),
                "backdrop": backdrop_of(facts["backdrop"]),
                "light_colour": facts["light_colour"],
                "light_direction": facts["light_direction"],
                "hardness": facts["light_quality"],
            },
        )
        for picture, mask, facts in zip(pool.pictures, pool.masks, pool.facts, strict=True)
    ]


def plate_lessons(folder: Path) -> list[LabelledPicture]:
    """The style plates, as finely as they were labelled; an empty list where there is no catalogue."""
    lessons = []
    for plate in read_plates(folder):
        picture = cv2.cvtColor(cv2.imread(str(folder / plate.file)), cv2.COLOR_BGR2RGB)
        small = cv2.resize(
            picture, (192, round(192 * picture.shape[0] / picture.shape[1])), interpolation=cv2.INTER_AREA
        )
        labels = {
            "surface": _plate_surface(plate.surface),
            "backdrop": "none" if plate.view == "flatlay" else backdrop_label(plate.backdrop or ""),
            "light_colour": plate.light.colour,
            "light_direction": plate.light.direction,
            "hardness": plate.light.hardness,
        }
        lessons.append(LabelledPicture(small.astype(np.uint8), np.zeros(small.shape[:2], np.uint8), labels))
    return lessons


def traced_lessons(folder: Path | None, split: Split) -> list[LabelledPicture]:
    """The path-traced scenes of a split; an empty list without a folder. Raises FileNotFoundError for one without a
    manifest."""
    samples = read_dataset(folder, split=split) if folder else ()
    return [_traced(sample, sample.picture) for sample in samples if sample.picture and "mask.png" in sample.files]


def _traced(sample: ShardSample, picture: bytes) -> LabelledPicture:
    image, facts = picture_of(sample, picture), sample.record.attributes
    mask = mask_of(sample, image)
    small, cover = (cv2.resize(plane, (TRACED_PX, TRACED_PX), interpolation=cv2.INTER_AREA) for plane in (image, mask))
    labels = {
        "surface": NAMED.get(facts["surface"] or "") or _plate_surface(facts["surface"]),
        "backdrop": "none" if facts["view"] == "flatlay" else backdrop_label(facts["backdrop"] or ""),
        "light_colour": facts["light_colour"],
        "light_direction": facts["light_direction"],
        "hardness": facts["light_hardness"],
    }
    return LabelledPicture(np.asarray(small), np.asarray(cover), labels)


def _plate_surface(name: str | None) -> str | None:
    """ "white table" says no material: it is painted, which the quick scenes call paper."""
    read = parse_prompt(f"on {name}")
    return None if name is None else "paper" if "surface" in read.suggested else read.surface


class Shaker:
    """Turns a lesson into another of the same meaning: mirrored, cut, toned, a product's shape on a plate."""

    def __init__(self, shapes: NDArray[np.uint8], seed: int) -> None:
        self.shapes, self.rng = shapes, np.random.default_rng(seed)

    def __call__(self, lesson: LabelledPicture) -> LabelledPicture:
        """One more view of it."""
        picture, mask, labels = lesson.picture, lesson.mask, dict(lesson.labels)
        if not mask.any() and self.rng.random() < 0.8:
            shape = self.shapes[int(self.rng.integers(len(self.shapes)))]
            mask = cv2.resize(shape, picture.shape[1::-1], interpolation=cv2.INTER_LINEAR)
        if self.rng.random() < 0.5:
            picture, mask = picture[:, ::-1], mask[:, ::-1]
            labels["light_direction"] = mirrored_text(labels["light_direction"] or "") or None
        top, left, side = *self.rng.uniform(0, 0.12, 2), self.rng.uniform(0.85, 1.0)
        (height, width) = picture.shape[:2]
        rows = slice(int(top * height), int(min(1.0, top + side) * height))
        columns = slice(int(left * width), int(min(1.0, left + side) * width))
        gain = (self.rng.uniform(0.85, 1.15) * self.rng.normal(1, 0.015, 3)).astype(np.float32)
        toned = toning.toned(picture[rows, columns], gain * self._another_light(labels))
        if self.rng.random() < 0.3:
            toned = cv2.GaussianBlur(toned, (0, 0), float(self.rng.uniform(0.3, 1.0))).astype(np.uint8)
        return LabelledPicture(toned, np.ascontiguousarray(mask[rows, columns]), labels)

    def _another_light(self, labels: dict[str, str | None]) -> NDArray[np.float32]:
        """The gains (3,) of a light of another colour, which the labels then name."""
        had = labels["light_colour"] or ""
        labels["light_colour"] = toning.drawn(had, self.rng) or None
        return toning.gain(had, labels["light_colour"] or "")
