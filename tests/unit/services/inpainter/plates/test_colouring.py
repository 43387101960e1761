"""Which colours things have, and what may be brought to them."""

from services.inpainter.plates.colouring import NATURAL, WAYS, Coat, coat_of, has_colour, way_of_colouring
from shared.contracts.vocabulary import BACKDROPS, COLOURS, SURFACES


def test_every_kind_and_colour_of_the_tables_is_a_word_of_the_contract() -> None:
    assert WAYS.keys() | NATURAL.keys() <= {*SURFACES, *BACKDROPS}
    assert frozenset().union(*NATURAL.values()) <= COLOURS.keys()


def test_a_told_colour_goes_before_the_natural_one() -> None:
    assert has_colour("brick", None, "red") and not has_colour("brick", "white", "red")
    assert has_colour("wood", None, "brown") and not has_colour("marble", None, "green")


def test_only_what_can_have_another_colour_is_brought_one() -> None:
    assert coat_of("marble", "white", "black") == Coat("black", "veined") and not coat_of("marble", "black", "black")
    assert not coat_of("grass", "green", "pink") and not coat_of("wall", "white", None)
    assert (way_of_colouring("wall"), way_of_colouring("slate"), way_of_colouring(None)) == ("painted", "veined", None)
