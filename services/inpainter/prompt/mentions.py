"""Which phrases of the lexicon stand in a row of words, misspelt ones among them. Pure."""

import difflib
from dataclasses import dataclass
from functools import lru_cache

from services.inpainter.prompt.lexicon import LONGEST_PHRASE, Lexicon, lexicon

ALIKE = 0.82  # how alike a mistyped word must be ("marbel"); below this, other words are caught
SHORTEST_CORRECTED = 5  # letters; shorter words have too many neighbours
REMEMBERED = 4096  # corrections


@dataclass(frozen=True)
class Mention:
    """A phrase the lexicon knows, its meanings (kind, label), and its place in the clause: first word, word after."""

    meanings: tuple[tuple[str, str], ...]
    phrase: str
    first: int
    last: int

    def label(self, kind: str) -> str | None:
        """The phrase's label of this kind, if it has that meaning."""
        return next((label for known, label in self.meanings if known == kind), None)


def mentions_in(words: list[str], known: Lexicon) -> tuple[list[Mention], list[str]]:
    """Known phrases from left to right, the longest first; and the words that nobody knows."""
    found: list[Mention] = []
    unknown: list[str] = []
    at = 0
    while at < len(words):
        mention = _mention_at(at, words, known)
        if mention:
            found.append(mention)
        elif len(words[at]) > 1 and words[at] not in known.words.stop_words | known.words.surface_nouns:
            unknown.append(words[at])
        at = mention.last if mention else at + 1
    return found, unknown


def _mention_at(at: int, words: list[str], known: Lexicon) -> Mention | None:
    for last in range(min(len(words), at + LONGEST_PHRASE), at, -1):
        phrase = _spelling(" ".join(words[at:last]), known)
        if phrase:
            return Mention(known.meanings[phrase], phrase, at, last)
    return None


def _spelling(phrase: str, known: Lexicon) -> str | None:
    """The lexicon's spelling of a phrase: itself, its singular, or what a mistyped word is closest to."""
    if phrase in known.meanings:
        return phrase
    singular = phrase.removesuffix("s")
    spellings = (singular, phrase.removesuffix("es"), f"{phrase}s")  # lemons are no lemon yellow
    found = next((near for near in spellings if near in known.meanings and near not in known.colours), None)
    usual = not {phrase, singular}.isdisjoint(known.words.stop_words | known.words.surface_nouns | known.colours)
    if found or usual or " " in phrase or len(phrase) < SHORTEST_CORRECTED:
        return found
    return _corrected(phrase)


@lru_cache(maxsize=REMEMBERED)
def _corrected(word: str) -> str | None:
    """The word of the lexicon that a mistyped one is closest to (Ratcliff and Obershelp); None when none is close."""
    return next(iter(difflib.get_close_matches(word, _single_words(), n=1, cutoff=ALIKE)), None)


@lru_cache(maxsize=1)
def _single_words() -> tuple[str, ...]:
    return tuple(sorted(word for word in lexicon().meanings if " " not in word and len(word) >= SHORTEST_CORRECTED))
