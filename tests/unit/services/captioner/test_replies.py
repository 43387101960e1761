"""Replies of visual language models, tidy and untidy."""

import pytest

from services.captioner.replies import scene_ideas, sentence
from shared.contracts.events import SceneIdea


@pytest.mark.parametrize(
    ("reply", "tidied"),
    [
        ("Sure, here is a description: A **green** bag.", "A green bag."),
        ('"a brick wall ,\n with ivy"', "a brick wall, with ivy"),
        ("...", None),
        ("", None),
    ],
)
def test_a_reply_becomes_one_clean_sentence_or_nothing(reply: str, tidied: str | None) -> None:
    assert sentence(reply) == tidied


def test_a_rambling_reply_is_cut_at_the_end_of_a_sentence() -> None:
    assert sentence("A wall. " + "Nothing more is to be said of it. " * 30).endswith("of it")  # type: ignore[union-attr]


def test_ideas_are_read_from_json_even_inside_a_fence() -> None:
    rows = '[{"prompt": "on oak, brick wall", "view": "flatlay"}, {"prompt": "on sand.", "view": "sideways"}]'
    reply = f"```json\n{rows}\n```"
    assert scene_ideas(reply) == (
        SceneIdea(prompt="on oak, brick wall", view="flatlay"),
        SceneIdea(prompt="on sand", view="standing"),
    )


def test_ideas_are_read_from_numbered_or_dashed_lines() -> None:
    reply = "Here are ideas:\n1. on oak planks, window behind (flatlay)\n- on sand, the sea behind"
    assert [(idea.prompt, idea.view) for idea in scene_ideas(reply)] == [
        ("on oak planks, window behind", "flatlay"),
        ("on sand, the sea behind", "standing"),
    ]


@pytest.mark.parametrize("reply", ["no list at all", "[1, 2, 3]", '[{"text": "x"}]', "[not json]", "1. word"])
def test_a_reply_without_ideas_gives_none(reply: str) -> None:
    assert scene_ideas(reply) == ()


def test_the_same_idea_twice_counts_once() -> None:
    assert len(scene_ideas('["on oak, brick wall", "On oak, brick wall"]')) == 1


@pytest.mark.timeout(10)
@pytest.mark.parametrize(
    "reply", ["[" * 3000 + "]" * 3000, f"[{'9' * 5000}]", "\n" * 20_000, "[" * 20_000, "- \n" * 9000]
)
def test_a_model_that_rambles_has_no_ideas_and_stops_nothing(reply: str) -> None:
    assert scene_ideas(reply) == ()
    assert scene_ideas('["on oak, brick wall"]')[0].prompt == "on oak, brick wall"
