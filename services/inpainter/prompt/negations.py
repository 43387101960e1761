"""What a clause says not to show: its words, and those that follow. Pure."""

from collections.abc import Iterator, Sequence

from services.inpainter.prompt.lexicon import Lexicon

ENDS_NEGATION = frozenset({"on", "against", "before", "with", "but"})


def without_negated(words: Sequence[str], known: Lexicon) -> list[str]:
    """ "a wall without shadows on oak" asks for no shadows; what follows the next preposition counts again.

    A preposition right behind the negation is negated with it: "not on wood".
    """
    return [word for word, is_negated in _told_apart(words, known) if not is_negated]


def negated(words: Sequence[str], known: Lexicon) -> list[str]:
    """The others: what is not to be shown."""
    return [word for word, is_negated in _told_apart(words, known) if is_negated]


def _told_apart(words: Sequence[str], known: Lexicon) -> Iterator[tuple[str, bool]]:
    is_negated, just_begun = False, False
    for word in words:
        begins = word in known.words.negations
        ends = word in ENDS_NEGATION and not just_begun
        is_negated, just_begun = begins or (is_negated and not ends), begins
        yield word, is_negated
