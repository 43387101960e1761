"""What a prompt asks for: free words read into the labels that plates, painter and probe share. Pure."""

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from services.inpainter.prompt import lexicon

FUZZY = 0.82  # how alike a mistyped word must be ("marbel"); below this, other words are caught
SHORTEST_FUZZY = 5  # letters; shorter words have too many neighbours
LONGEST_PHRASE = 4  # words
JUDGED = ("surface", "backdrop", "light_colour", "light_direction", "hardness")


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """What was asked, None where nothing was said.

    `suggested` names the fields that a place or mood only suggests ("beach" suggests sand): good for choosing, not for
    judging. `unknown` holds the words that were not understood, in order, for the brand to see.
    """

    surface: str | None = None
    surface_colour: str | None = None
    surface_variant: str | None = None
    backdrop: str | None = None
    backdrop_colour: str | None = None
    light_colour: str | None = None
    light_direction: str | None = None
    hardness: str | None = None
    shadows: str | None = None
    view: str | None = None
    suggested: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()

    def asked(self) -> dict[str, str]:
        """The attributes that were said outright, by field name (no colours, shadows or view)."""
        return {name: getattr(self, name) for name in JUDGED if getattr(self, name) and name not in self.suggested}

    @property
    def is_empty(self) -> bool:
        """Nothing was understood."""
        return self == Wishes(unknown=self.unknown)


@dataclass(frozen=True)
class _Mention:
    """A phrase the lexicon knows, its meanings (kind, label), and its place in the clause: first word, word after."""

    meanings: tuple[tuple[str, str], ...]
    phrase: str
    first: int
    last: int

    def label(self, kind: str) -> str | None:
        return next((label for known, label in self.meanings if known == kind), None)


@dataclass
class _Reading:
    """The wishes while a prompt is read; what was said first stays."""

    said: dict[str, str] = field(default_factory=dict)
    suggested: dict[str, str] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)

    def say(self, name: str, label: str) -> None:
        if name == "backdrop" and self.said.get(name) == "wall":
            self.said[name] = label  # a plain wall gives way to anything more specific
        self.said.setdefault(name, label)

    def wishes(self) -> Wishes:
        filled = {name: label for name, label in self.suggested.items() if name not in self.said}
        notes = {"suggested": tuple(sorted(filled)), "unknown": tuple(dict.fromkeys(self.unknown))}
        fields: dict[str, Any] = {**self.said, **filled, **notes}
        return Wishes(**fields)


def parse_wishes(prompt: str) -> Wishes:
    """Read a prompt such as "on a marble counter, old bricks behind it, morning light" into labels."""
    reading = _Reading()
    for clause in re.split(r"[,;.!?\n]+", prompt.lower()):
        words = _without_negated(re.findall(r"[a-zà-ÿ]+", clause.replace("'s", "")))
        mentions = list(_mentions(words, reading))
        _read_things(words, mentions, reading)
        _read_light(words, mentions, reading)
        if not lexicon.FURNITURE.isdisjoint(words):
            reading.suggested.setdefault("surface", "wood")
        for name, label in (pair for mention in mentions for pair in _suggestions().get(mention.phrase, {}).items()):
            reading.suggested.setdefault(name, label)
    return reading.wishes()


def surface_label(words: str) -> str | None:
    """The canonical surface of a name such as "rustic oak", "oak" or "wet stone"."""
    return parse_wishes(f"on {words}").surface


def backdrop_label(words: str) -> str | None:
    """The canonical backdrop of a name such as "red brick", "slats" or "city night"."""
    return parse_wishes(f"against {words}").backdrop


def _without_negated(words: list[str]) -> list[str]:
    """ "a wall without shadows on oak" asks for no shadows; what follows the next preposition counts again."""
    kept, negated = [], False
    for word in words:
        negated = word in lexicon.NEGATIONS or (negated and word not in {"on", "against", "before", "with", "but"})
        if not negated:
            kept.append(word)
    return kept


def _mentions(words: list[str], reading: _Reading) -> Iterator[_Mention]:
    """Known phrases from left to right, the longest first; words nobody knows go to `reading.unknown`."""
    at = 0
    while at < len(words):
        for last in range(min(len(words), at + LONGEST_PHRASE), at, -1):
            phrase = _known(" ".join(words[at:last]))
            if phrase:
                yield _Mention(_phrases()[phrase], phrase, at, last)
                at = last
                break
        else:
            if words[at] not in lexicon.STOP_WORDS and words[at] not in lexicon.SURFACE_NOUNS and len(words[at]) > 1:
                reading.unknown.append(words[at])
            at += 1


def _known(phrase: str) -> str | None:
    """The lexicon's spelling of a phrase: itself, its singular, or what a mistyped word is closest to."""
    if phrase in _phrases():
        return phrase
    spellings = (phrase.removesuffix("s"), phrase.removesuffix("es"), f"{phrase}s")  # lemons are no lemon yellow
    found = next((near for near in spellings if near in _phrases() and near not in lexicon.COLOURS), None)
    usual = {phrase, phrase.removesuffix("s")} & (lexicon.STOP_WORDS | lexicon.SURFACE_NOUNS | lexicon.COLOURS.keys())
    if found or usual or " " in phrase or len(phrase) < SHORTEST_FUZZY:
        return found
    return next(iter(difflib.get_close_matches(phrase, _single_words(), n=1, cutoff=FUZZY)), None)


def _read_things(words: list[str], mentions: list[_Mention], reading: _Reading) -> None:
    """Surface and backdrop with their colours, from one clause."""
    roles = _roles(words, mentions, reading)
    for at, role in roles.items():
        mention = mentions[at]
        material = mention.label("material") or mention.label("finish")
        if role == "surface" and material:
            reading.say("surface", material)
        else:
            reading.say("backdrop", mention.label("backdrop") or lexicon.MATERIALS[str(material)])
        variant = mention.label("variant")
        if variant and role == "surface":
            reading.say("surface_variant", variant)
    for at, mention in enumerate(mentions):
        colour = mention.label("colour")
        if colour:
            role = _coloured(words, mentions, at, roles)
            reading.say(f"{role}_colour", colour)
            if role == "backdrop":
                reading.suggested.setdefault("backdrop", "wall")


def _roles(words: list[str], mentions: list[_Mention], reading: _Reading) -> dict[int, str]:
    """Which mentions are things, and whether each is the surface or the backdrop."""
    roles: dict[int, str] = {}
    materials = [at for at, mention in enumerate(mentions) if mention.label("material")]
    placed = any(mention.label("backdrop") not in {None, "wall"} for mention in mentions)
    for at, mention in enumerate(mentions):
        if at in materials and at + 1 in materials and mentions[at + 1].first == mention.last:
            continue  # "marble tiles" are tiles: the last noun is the head
        finish = mention.label("finish") and not materials and not lexicon.SURFACE_NOUNS.isdisjoint(words)
        if mention.label("material"):
            taken = ("surface" in reading.said or "surface" in roles.values()) and not placed
            roles[at] = _role(words, mention) or ("backdrop" if taken else "surface")
        elif mention.label("backdrop") or finish:
            roles[at] = "surface" if finish else "backdrop"
    return roles


def _role(words: list[str], mention: _Mention) -> str | None:
    """Surface or backdrop, for a material: the noun after it decides, then the preposition before it; else None."""
    for word in words[mention.last : mention.last + 4]:
        if word in lexicon.SURFACE_NOUNS or word in lexicon.BACKDROP_NOUNS:
            return "surface" if word in lexicon.SURFACE_NOUNS else "backdrop"
        if word in lexicon.TURNS or word not in lexicon.STOP_WORDS:
            break
    for at in range(mention.first - 1, -1, -1):
        if words[at] in lexicon.SURFACE_PREPOSITIONS:
            return "surface"
        if words[at] in lexicon.BACKDROP_PREPOSITIONS | lexicon.BACKDROP_NOUNS or words[at : at + 2] == ["front", "of"]:
            return "backdrop"
    return None


def _coloured(words: list[str], mentions: list[_Mention], at: int, roles: Mapping[int, str]) -> str:
    """What a colour word belongs to: the noun or thing after it, else the thing before it, else the backdrop."""
    following = "".join(words[mentions[at].last : mentions[at].last + 1])
    if following in lexicon.SURFACE_NOUNS:
        return "surface"
    after = [role for place, role in sorted(roles.items()) if place >= at]
    before = [role for place, role in sorted(roles.items()) if place < at]
    return (after or before[::-1] or ["backdrop"])[0]


def _read_light(words: list[str], mentions: list[_Mention], reading: _Reading) -> None:
    """Light, its shadows, and the view, from one clause."""
    near_light = not lexicon.LIGHT_NOUNS.isdisjoint(words)
    for at, mention in enumerate(mentions):
        following = mentions[at + 1] if at + 1 < len(mentions) else None
        loose = mention.phrase in lexicon.LOOSE and following is not None and following.first == mention.last
        sided = mention.phrase.split()[0] in {"left", "right", "from", "on"}  # says a side, not that it is the light's
        for kind, label in mention.meanings:
            if kind in {"light_colour", "hardness"} and loose:
                reading.suggested.setdefault(kind, label)
            elif kind in {"light_colour", "hardness", "shadows", "view"} or (
                kind == "light_direction" and (near_light or not sided)
            ):
                reading.say(kind, label)


@cache
def _phrases() -> Mapping[str, tuple[tuple[str, str], ...]]:
    """Every phrase of the lexicon with all its meanings (kind, label)."""
    tables = {
        "backdrop": lexicon.BACKDROPS, "material": lexicon.SURFACES, "colour": lexicon.COLOURS,
        "light_colour": lexicon.LIGHT_COLOURS, "light_direction": lexicon.LIGHT_DIRECTIONS,
        "hardness": lexicon.HARDNESS, "shadows": lexicon.SHADOWS, "view": lexicon.VIEWS, "finish": lexicon.FINISHES,
    }  # fmt: skip
    found: dict[str, tuple[tuple[str, str], ...]] = {}
    for kind, table in tables.items():
        for phrase, label in table.items():
            found[phrase] = (*found.get(phrase, ()), (kind, label))
    for phrase, variant in lexicon.VARIANTS.items():
        found[phrase] = (("material", "wood"), ("variant", variant))
    moods = {phrase: (("mood", phrase),) for phrase in _suggestions() if phrase not in lexicon.SURFACE_NOUNS}
    return {**moods, **found}


@cache
def _suggestions() -> Mapping[str, Mapping[str, str]]:
    """Phrase -> field -> label of what it only suggests."""
    return {
        phrase: dict(pair.split("=") for pair in brought.split("; ")) for phrase, brought in lexicon.SUGGESTED.items()
    }


@cache
def _single_words() -> tuple[str, ...]:
    return tuple(sorted(phrase for phrase in _phrases() if " " not in phrase and len(phrase) >= SHORTEST_FUZZY))
