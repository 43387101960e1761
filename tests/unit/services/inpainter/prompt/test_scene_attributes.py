"""What was said outright, what was only suggested, and what nobody understood."""

from services.inpainter.prompt.scene_attributes import SceneAttributes


def test_what_is_only_suggested_and_colours_are_not_judged() -> None:
    read = SceneAttributes(surface="sand", backdrop="beach", backdrop_colour="blue", suggested=("surface",))
    assert read.asked() == {"backdrop": "beach"}


def test_unknown_words_alone_are_nothing_but_a_suggestion_is_something() -> None:
    assert SceneAttributes(unknown=("zebrafinch",)).is_empty
    assert not SceneAttributes(surface="wood", suggested=("surface",)).is_empty
