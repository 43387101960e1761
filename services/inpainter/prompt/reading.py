"""What is read of a prompt so far, and the clause of it that is being read. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from services.inpainter.prompt.lexicon import Lexicon
from services.inpainter.prompt.mentions import Mention
from services.inpainter.prompt.scene_attributes import SceneAttributes


@dataclass
class Reading:
    """The attributes while a prompt is read; what was said first stays, and what finds its place taken is left out."""

    said: dict[str, str] = field(default_factory=dict)
    suggested: dict[str, str] = field(default_factory=dict)
    guesses: list[tuple[str, str]] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    wall_stays: bool = False

    def say(self, name: str, label: str, phrase: str) -> None:
        """It was said; `phrase`: in which words."""
        if name == "backdrop" and self.said.get(name) == "wall" and not self.wall_stays:
            self.said[name] = label  # a plain wall gives way to anything more specific
        if self.said.setdefault(name, label) != label and label != "wall":
            self.left_out.append(phrase)

    def suggest(self, name: str, label: str) -> None:
        """It was not said, but goes with what was."""
        self.suggested.setdefault(name, label)

    def guess(self, behind: str, phrase: str) -> None:
        """A second material, of which nobody said where it is: it stands behind, if nothing else does."""
        self.guesses.append((behind, phrase))

    def attributes(self, unknown: Sequence[str]) -> SceneAttributes:
        """All of it, with the words that nobody knows."""
        self._settle_guesses()
        filled = {name: label for name, label in self.suggested.items() if name not in self.said}
        notes = {
            "suggested": tuple(sorted(filled)),
            "unknown": tuple(dict.fromkeys(unknown)),
            "left_out": tuple(dict.fromkeys(self.left_out)),
        }
        fields: dict[str, Any] = {**self.said, **filled, **notes}
        return SceneAttributes(**fields)

    def _settle_guesses(self) -> None:
        """A guess of a plain wall says less than a place does: leather in a bar leaves the bar."""
        guessed = [label for label, _ in self.guesses]
        things = [label for label in guessed if label != "wall"]
        here = [self.said.get("backdrop"), *things, self.suggested.get("backdrop"), *guessed]
        behind = next(filter(None, here), None)
        if behind:
            self.suggested["backdrop"] = behind
        self.left_out += [phrase for label, phrase in self.guesses if label != behind]


@dataclass(frozen=True)
class Clause:
    """What stands between two commas: its words, the phrases in it that the lexicon knows, and where `strange` words
    are that nobody knows."""

    words: list[str]
    mentions: list[Mention]
    strange: frozenset[int]
    known: Lexicon
    reading: Reading

    def neighbour(self, at: int, step: int) -> Mention | None:
        """The mention that stands right before (`step` -1) or behind (1) another, without a word between them."""
        if not 0 <= at + step < len(self.mentions):
            return None
        one, other = self.mentions[at], self.mentions[at + step]
        return other if (one.last == other.first if step > 0 else other.last == one.first) else None

    def beside(self, at: int, step: int, kind: str) -> str | None:
        """What the neighbour is of this kind; None where there is none, or it is nothing of the kind."""
        other = self.neighbour(at, step)
        return other.label(kind) if other else None
