"""The words of lexicon.toml, checked when they are read and turned round: from what is typed to what it means.

Everything is read once; importing this reads nothing.
"""

import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from shared.contracts.vocabulary import (
    Backdrop,
    Colour,
    Hardness,
    LightColour,
    LightDirection,
    ShadowPattern,
    Surface,
    Tone,
    View,
)

LEXICON = Path(__file__).with_name("lexicon.toml")
LONGEST_PHRASE = 4  # words

Word = Annotated[str, Field(pattern=r"^[a-z]+$")]
Phrase = Annotated[str, Field(pattern=rf"^[a-z]+( [a-z]+){{0,{LONGEST_PHRASE - 1}}}$")]
Label = TypeVar("Label", bound=str)
Phrases = Annotated[tuple[Phrase, ...], Field(min_length=1)]


class LexiconTable(BaseModel):
    """A table that nobody reads is a mistake in the file."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class SmallWords(LexiconTable):
    """Words by what they say of the things around them; the file says it of each."""

    surface_nouns: frozenset[Word]
    backdrop_nouns: frozenset[Word]
    surface_prepositions: frozenset[Word]
    backdrop_prepositions: frozenset[Word]
    turns: frozenset[Word]
    negations: frozenset[Word]
    furniture: frozenset[Word]
    loose: frozenset[Word]
    accents: frozenset[Word]
    light_nouns: frozenset[Word]
    no_slips: frozenset[Word]
    stop_words: frozenset[Word]


class Compounds(LexiconTable):
    """Phrases that are none of the things which their words alone would name."""

    props: Phrases
    camera: Phrases


class Suggestion(LexiconTable):
    """What a place or a mood brings where nothing else is said."""

    phrases: Phrases
    surface: Surface | None = None
    surface_colour: Colour | None = None
    backdrop: Backdrop | None = None
    backdrop_colour: Colour | None = None
    light_colour: LightColour | None = None
    hardness: Hardness | None = None
    tone: Tone | None = None

    @property
    def brought(self) -> dict[str, str]:
        """Attribute -> label."""
        return self.model_dump(exclude={"phrases"}, exclude_none=True)


class LexiconFile(LexiconTable):
    """The content of lexicon.toml: label -> phrases, but for `stands_behind_as` (surface -> backdrop)."""

    backdrops: Mapping[Backdrop, Phrases]
    surfaces: Mapping[Surface, Phrases]
    stands_behind_as: Mapping[Surface, Backdrop]
    finishes: Mapping[Surface, Phrases]
    woods: Mapping[str, Phrases]
    colours: Mapping[Colour, Phrases]
    light_colours: Mapping[LightColour, Phrases]
    coloured_light: Mapping[LightColour, tuple[Colour, ...]]
    light_directions: Mapping[LightDirection, Phrases]
    hardness: Mapping[Hardness, Phrases]
    shadows: Mapping[ShadowPattern, Phrases]
    tones: Mapping[Tone, Phrases]
    views: Mapping[View, Phrases]
    compounds: Compounds
    words: SmallWords
    suggestions: tuple[Suggestion, ...]

    @model_validator(mode="after")
    def _no_phrase_twice(self) -> "LexiconFile":
        counts = Counter((kind, phrase) for kind, phrase, _ in self.said())
        twice = [f"{phrase!r} as {kind}" for (kind, phrase), count in counts.items() if count > 1]
        if twice:
            raise ValueError(f"said twice: {', '.join(twice)}")
        return self

    @model_validator(mode="after")
    def _every_material_can_stand_behind(self) -> "LexiconFile":
        missing = sorted(self.surfaces.keys() - self.stands_behind_as.keys())
        if missing:
            raise ValueError(f"stands_behind_as lacks {missing}")
        return self

    def said(self) -> Iterator[tuple[str, str, str]]:
        """Kind, phrase and label of everything in the tables; a phrase's meanings come in this order."""
        yield from _rows("backdrop", self.backdrops)
        yield from _rows("material", self.surfaces)
        yield from _rows("colour", self.colours)
        yield from _rows("light_colour", self.light_colours)
        yield from _rows("light_direction", self.light_directions)
        yield from _rows("hardness", self.hardness)
        yield from _rows("shadows", self.shadows)
        yield from _rows("tone", self.tones)
        yield from _rows("view", self.views)
        yield from _rows("finish", self.finishes)
        yield from _rows("wood", self.woods)
        yield from _rows("compound", {"prop": self.compounds.props, "camera": self.compounds.camera})


def _rows(kind: str, table: Mapping[Label, Phrases]) -> Iterator[tuple[str, str, str]]:
    for label, phrases in table.items():
        yield from ((kind, phrase, label) for phrase in phrases)


@dataclass(frozen=True)
class Lexicon:
    """What was typed -> what it means.

    `meanings`: phrase -> (kind, label) pairs, a mood among them; `suggestions`: phrase -> attribute -> label;
    `woods`: phrase -> kind of wood, the longest phrases first: "rustic oak" is rustic before it is oak;
    `coloured_light`: the colour that is said of light -> what light that is.
    """

    words: SmallWords
    meanings: Mapping[str, tuple[tuple[str, str], ...]]
    suggestions: Mapping[str, Mapping[str, str]]
    stands_behind_as: Mapping[str, Backdrop]
    woods: Mapping[str, str]
    colours: frozenset[str]
    coloured_light: Mapping[str, LightColour]


@cache
def lexicon() -> Lexicon:
    """The project's lexicon; raises ValueError when its file is not what it should be."""
    return turned_round(read_lexicon(LEXICON))


def read_lexicon(file: Path) -> LexiconFile:
    """A lexicon's file; raises ValueError with the file's name and what is wrong in it."""
    try:
        return LexiconFile.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        raise ValueError(f"{file}: {error}") from error


def turned_round(file: LexiconFile) -> Lexicon:
    """From phrases to labels."""
    meanings: dict[str, tuple[tuple[str, str], ...]] = {}
    for kind, phrase, label in file.said():
        meanings[phrase] = (
            (("material", "wood"), ("wood", label)) if kind == "wood" else (*meanings.get(phrase, ()), (kind, label))
        )
    suggestions = {phrase: one.brought for one in file.suggestions for phrase in one.phrases}
    moods = {phrase: (("mood", phrase),) for phrase in suggestions if phrase not in file.words.surface_nouns}
    woods = {phrase: label for kind, phrase, label in file.said() if kind == "wood"}
    return Lexicon(
        words=file.words,
        meanings={**moods, **meanings},
        suggestions=suggestions,
        stands_behind_as={str(surface): backdrop for surface, backdrop in file.stands_behind_as.items()},
        woods=dict(sorted(woods.items(), key=lambda pair: -len(pair[0]))),
        colours=frozenset(phrase for kind, phrase, _ in file.said() if kind == "colour"),
        coloured_light={colour: light for light, colours in file.coloured_light.items() for colour in colours},
    )
