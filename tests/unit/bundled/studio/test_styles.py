"""The named styles, their plates' index and the committed plates themselves."""

import json
from pathlib import Path

import cv2

from bundled.studio.plan import plates, vocabulary
from bundled.studio.plan.sample_list import SAMPLES
from bundled.studio.plan.style_list import STYLES

PLATES = Path("models/mini-plates")


def test_styles_have_their_own_names() -> None:
    assert len({style.slug for style in STYLES}) == len(STYLES) >= 80


def test_every_style_asks_for_things_the_studio_can_draw() -> None:
    for style in STYLES:
        for thing, known in ((style.surface, vocabulary.SURFACES), (style.backdrop, vocabulary.BACKDROPS)):
            if thing and thing[0] != "sweep":
                assert thing[1] in known[vocabulary.check(thing[0], known, "thing")].variants


def test_every_style_has_search_words_and_captions() -> None:
    for style in STYLES:
        assert len(style.words) >= 4
        assert 2 <= len(plates.captions(style)) <= 4
        assert 1 <= len(style.lights) <= 3


def test_a_plate_is_planned_the_same_way_every_time() -> None:
    assert plates.plan_of(STYLES[0], 1) == plates.plan_of(STYLES[0], 1)
    assert plates.plan_of(STYLES[0], 1, take=0).seed != plates.plan_of(STYLES[0], 1, take=1).seed


def test_the_index_lists_only_plates_that_are_there(tmp_path: Path) -> None:
    style = STYLES[0]
    plan = plates.plan_of(style, 1)
    there = plates.entry(style, 1, plan, 0.57, 15.0)
    (tmp_path / there["file"]).write_bytes(b"jpeg")
    plates.write_index(tmp_path, [there, plates.entry(style, 2, plates.plan_of(style, 2), 0.57, 15.0)])
    listed = json.loads((tmp_path / "plates.json").read_text())["plates"]
    assert [plate["id"] for plate in listed] == [there["id"]]


def test_the_committed_plates_are_as_their_index_says() -> None:
    listed = json.loads((PLATES / "plates.json").read_text())["plates"]
    assert len(listed) >= 100
    assert sorted(plate["file"] for plate in listed) == sorted(path.name for path in PLATES.glob("*.jpg"))
    for plate in listed:
        picture = cv2.imread(str(PLATES / plate["file"]))
        assert picture.shape == (plate["height"], plate["width"], 3)
        assert (plate["surface_line"] is not None) == (plate["view"] == "standing")
        assert 10 < picture.mean() < 240 and picture.std() > 4  # neither pitch dark nor a blank sheet


def test_sample_products_are_told_apart_by_their_sku() -> None:
    assert len({sample.sku for sample in SAMPLES}) == len(SAMPLES) >= 8
    assert sum(sample.lifestyle for sample in SAMPLES) == 3
