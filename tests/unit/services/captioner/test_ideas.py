"""Scene ideas by rules, read back with the inpainter's own parser."""

import pytest

from services.captioner.ideas import FEWEST, ideas_for
from services.captioner.kinds import ProductKind, product_nouns
from services.inpainter.prompt.parsing import parse_prompt

KINDS = [
    *(ProductKind(name) for name in product_nouns().nouns),
    ProductKind(),
    ProductKind("garment", "shirt", worn=True),
]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: f"{kind.name}{'-worn' * kind.worn}")
def test_every_idea_is_understood_and_none_comes_twice(kind: ProductKind) -> None:
    for number in range(30):
        ideas = ideas_for(f"product-{number}", kind, "blue")
        assert len({idea.prompt for idea in ideas}) == len(ideas) >= FEWEST
        for idea in ideas:
            wishes = parse_prompt(idea.prompt)
            assert wishes.unknown == ()
            assert {"surface", "backdrop"} & wishes.asked().keys()


def test_the_same_product_always_gets_the_same_ideas_and_another_one_others() -> None:
    assert ideas_for("a", ProductKind("mug"), "navy") == ideas_for("a", ProductKind("mug"), "navy")
    assert ideas_for("a", ProductKind("mug"), "navy") != ideas_for("b", ProductKind("mug"), "navy")


def test_somebody_who_wears_a_garment_is_put_before_a_backdrop_and_on_nothing() -> None:
    ideas = ideas_for("a", ProductKind("garment", "shirt", worn=True), "red")
    assert {idea.view for idea in ideas} == {"backdrop"}
    assert all(parse_prompt(idea.prompt).backdrop for idea in ideas)


def test_a_garment_alone_lies_flat_or_hangs() -> None:
    assert {idea.view for idea in ideas_for("a", ProductKind("garment"), "red")} == {"flatlay", "backdrop"}


def test_walls_keep_away_from_the_colour_of_the_product() -> None:
    for number in range(30):
        prompts = " ".join(idea.prompt for idea in ideas_for(f"p{number}", ProductKind("mug"), "terracotta"))
        assert "terracotta" not in prompts


def test_a_white_product_is_not_laid_on_white_where_there_is_a_choice() -> None:
    flat = [idea.prompt for number in range(30) for idea in ideas_for(f"p{number}", ProductKind("garment"), "white")]
    assert not any("white linen" in prompt for prompt in flat)
