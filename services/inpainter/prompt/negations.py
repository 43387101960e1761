"""What a clause says not to show: its words, and those that follow. Pure."""

from services.inpainter.prompt.lexicon import Lexicon

ENDS_NEGATION = frozenset({"on", "against", "before", "with", "but"})


def without_negated(words: list[str], known: Lexicon) -> list[str]:
    """ "a wall without shadows on oak" asks for no shadows; what follows the next preposition counts again.

    A preposition right behind the negation is negated with it: "not on wood".
    """
    kept, negated, just_begun = [], False, False
    for word in words:
        begins = word in known.words.negations
        ends = word in ENDS_NEGATION and not just_begun
        negated, just_begun = begins or (negated and not ends), begins
        if not negated:
            kept.append(word)
    return kept
