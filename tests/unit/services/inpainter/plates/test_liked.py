"""Styles that people like: heard once each, the newest counts; ideas, names and plates follow them."""

from collections import Counter
from typing import Any

from services.inpainter.plates.liked import LikedStyle, LikedStyles
from services.inpainter.plates.query import PlateQuery, plate_queries
from services.inpainter.plates.selection import PlateSelector
from services.inpainter.prompt.parsing import parse_prompt
from shared.contracts.blobs import BlobRef
from shared.contracts.events import Caption, Scene, StyleEvidence, StyleExample, StyleMined, StylePlate
from tests.fakes.plates import PLATES

IMAGE = BlobRef(bucket="backdrop", key="styles/plates/a.png", sha256="ab" * 32, size=1, width=8, height=8)
CAPTION = Caption(product_short="", product_long="", background_short="", background_long="", captioner="t")


def mined(name: str, *captions: str, revision: int = 1, low: float = 0.15, **given: Any) -> StyleMined:
    evidence = StyleEvidence(pictures=4, lift=2.0, rate=0.2, low=low, high=0.25, dataset_version="0001-a")
    examples = [
        StyleExample(product_id="mug", image=IMAGE, score=0.1, caption=caption, plate="oak-brick")
        for caption in captions
    ]
    return StyleMined(
        style=name, revision=revision, words=(name, "warm light"), evidence=evidence, examples=tuple(examples), **given
    )


def known(*events: StyleMined) -> LikedStyles:
    styles = LikedStyles()
    for event in events:
        styles.learn(event)
    return styles


def test_an_older_event_that_comes_late_changes_nothing() -> None:
    styles = known(mined("oak table", "on oak", revision=2))
    assert styles.learn(mined("oak table", "on sand", revision=1)) == "outdated"
    assert styles.styles["oak table"].ideas == ("on oak",)
    assert styles.learn(mined("oak table", revision=3, retired=True)) == "retired"
    assert styles.learn(mined("oak table", "on oak", revision=2)) == "outdated" and styles.styles == {}


def test_ideas_are_what_the_pictures_show_and_the_same_for_the_same_seed() -> None:
    styles = known(mined("oak table", "on oak, warm light", "oak before brick"), mined("golden sand"))
    assert styles.ideas(2, seed=7) == styles.ideas(2, seed=7)
    seen = {prompt for seed in range(40) for prompt in styles.ideas(2, seed)}
    assert seen == {"on oak, warm light", "oak before brick", "golden sand, warm light"}
    assert [len(styles.ideas(count, seed=7)) for count in (0, 1, 9)] == [0, 1, 3]


def test_the_surer_of_two_styles_is_tried_more_often() -> None:
    sure = mined("oak table", "on oak", low=0.199)
    weak = mined("golden sand", "on sand")
    worse = weak.model_copy(update={"evidence": weak.evidence.model_copy(update={"rate": 0.17, "high": 0.2})})
    styles = known(sure, worse)
    first = [styles.ideas(1, seed)[0] for seed in range(100)]
    assert first.count("on oak") > first.count("on sand") > 0


def test_a_scene_that_all_liked_styles_share_leads_no_more_often_than_their_other_scenes() -> None:
    shared = "on a wooden table, blurred kitchen, morning light"
    styles = known(
        mined("blurred kitchen", shared),
        mined("morning light", shared),
        mined("wooden table", shared, "on a wooden table, brick wall", "on a wooden table, green garden"),
    )
    led = Counter(styles.ideas(3, seed)[0] for seed in range(300))
    assert set(led) == {shared, "on a wooden table, brick wall", "on a wooden table, green garden"}
    assert max(led.values()) < 150  # a third each, not the seven of nine of drawing a style first


def test_a_prompt_is_liked_for_the_best_style_it_speaks_of() -> None:
    styles = known(mined("oak table", low=0.16), mined("warm light", low=0.125))
    assert styles.liking("on an oak table, warm light") == 1 - 0.1 / 0.16
    assert styles.liking("in warm light") == 1 - 0.1 / 0.125
    assert styles.liking("on an oak floor") == 0.0 == known().liking("on an oak table")


def test_a_mined_style_may_be_named_and_starts_from_the_plates_of_its_pictures() -> None:
    selector = PlateSelector(PLATES, known(mined("sunny breakfast", "on an oak table, red brick wall")).styles.values())
    found = plate_queries(Scene(style="Sunny Breakfast"), CAPTION, selector.styles, cut=frozenset(), index=0, count=1)
    (query,) = found.queries
    assert (query.prompt, query.style, found.notes) == ("on an oak table, red brick wall", "sunny breakfast", ())
    (match,) = selector.select([query], [0])
    assert match is not None and match.plate.id == "oak-brick"


def test_typed_words_find_the_plate_that_people_like_for_them() -> None:
    query = PlateQuery(prompt="hygge corner", attributes=parse_prompt("hygge corner"), view="standing")

    def taken(selector: PlateSelector) -> set[str]:
        found = (selector.select([query], [seed])[0] for seed in range(8))
        return {match.plate.id for match in found if match}

    liked = mined("hygge corner", "on a white marble counter")
    on_marble = liked.model_copy(
        update={"examples": tuple(one.model_copy(update={"plate": "marble-beige"}) for one in liked.examples)}
    )
    assert len(taken(PlateSelector(PLATES))) > 1
    assert taken(PlateSelector(PLATES, known(on_marble).styles.values())) == {"marble-beige"}


def test_a_liked_picture_is_a_plate_of_its_own_read_in_the_words_of_its_caption() -> None:
    plate = StylePlate(image=IMAGE, surface_line=0.6, captions=("on a white marble counter, warm light from the left",))
    style = LikedStyle.of(mined("sunny breakfast", plates=(plate,)))
    (made,) = style.plates
    assert (made.id, made.style, made.file) == ("mined-abababababab", "sunny breakfast", "styles/plates/a.png")
    assert (made.surface, made.surface_line) == ("white marble", 0.6)
    assert (made.light.colour, made.light.direction) == ("warm", "left")
    selector = PlateSelector(PLATES, [style])
    query = plate_queries(Scene(style="sunny breakfast"), CAPTION, selector.styles, cut=frozenset(), index=0, count=1)
    (match,) = selector.select(query.queries, [0])
    assert match is not None and match.plate == made
