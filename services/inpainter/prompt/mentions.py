"""Which phrases of the lexicon stand in a row of words, misspelt ones among them. Pure."""

import difflib
from dataclasses import dataclass, field
from functools import lru_cache

from services.inpainter.prompt.lexicon import LONGEST_PHRASE, Lexicon, lexicon
from services.inpainter.prompt.words import without_marks

ALIKE = 0.82  # how alike a mistyped word must be ("marbel"); below this, other words are caught
SHORTEST_CORRECTED = 5  # letters; shorter words have too many neighbours
MOST_CORRECTED = 16  # words of one prompt whose neighbours are looked for: more are no slips of the finger
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


@dataclass
class PhraseFinder:
    """Finds mentions, clause by clause of one prompt; `unknown` are the words, and the props, that nobody can show."""

    known: Lexicon
    unknown: list[str] = field(default_factory=list)
    looked_up: int = 0

    def mentions(self, words: list[str]) -> list[Mention]:
        """Known phrases from left to right, the longest first."""
        found: list[Mention] = []
        plain = [without_marks(word) for word in words]
        at = 0
        while at < len(words):
            mention = self._mention_at(at, plain)
            if mention is None and self.asks_for_something(words[at]):
                self.unknown.append(words[at])
            elif mention and mention.label("compound") == "prop":
                self.unknown.append(mention.phrase)
            elif mention and mention.label("compound") is None:
                found.append(mention)
            at = mention.last if mention else at + 1
        return found

    def _mention_at(self, at: int, words: list[str]) -> Mention | None:
        for last in range(min(len(words), at + LONGEST_PHRASE), at, -1):
            phrase = self._spelling(" ".join(words[at:last]))
            if phrase:
                return Mention(self.known.meanings[phrase], phrase, at, last)
        return None

    def _spelling(self, phrase: str) -> str | None:
        """The lexicon's spelling of a phrase: itself, its singular, or what a mistyped word is closest to."""
        if phrase in self.known.meanings:
            return phrase
        singular = phrase.removesuffix("s")
        spellings = (singular, phrase.removesuffix("es"), f"{phrase}s")
        meant = (near for near in spellings if near in self.known.meanings and near not in self.known.colours)
        found = next(meant, None)  # but lemons are no lemon yellow
        if found or " " in phrase or len(phrase) < SHORTEST_CORRECTED or self._is_usual({phrase, singular}):
            return found
        self.looked_up += 1
        return corrected(phrase) if self.looked_up <= MOST_CORRECTED else None

    def _is_usual(self, spellings: set[str]) -> bool:
        """Spelt as it should be, though it names no thing."""
        small = self.known.words
        usual = (small.stop_words, small.no_slips, small.surface_nouns, self.known.colours)
        return any(not spellings.isdisjoint(words) for words in usual)

    def asks_for_something(self, word: str) -> bool:
        """It names no thing that is known. No letter alone does, but where there are no small letters one sign may."""
        small = self.known.words
        lone = len(word) == 1 and word.islower()
        return not lone and word not in small.stop_words and word not in small.surface_nouns


@lru_cache(maxsize=REMEMBERED)
def corrected(word: str) -> str | None:
    """The word of the lexicon that a mistyped one is closest to (Ratcliff and Obershelp); None when none is close.

    The first letter is hardly ever the wrong one (Yannakoudakis and Fawthrop 1983): "travel" is no gravel.
    """
    near = (known for known in _single_words() if known[0] == word[0])
    return next(iter(difflib.get_close_matches(word, near, n=1, cutoff=ALIKE)), None)


@lru_cache(maxsize=1)
def _single_words() -> tuple[str, ...]:
    return tuple(sorted(word for word in lexicon().meanings if " " not in word and len(word) >= SHORTEST_CORRECTED))
