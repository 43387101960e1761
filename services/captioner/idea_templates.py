"""The templates that scene ideas are made from, read from idea_templates.toml and checked before any is used."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from services.captioner.word_files import read_words
from shared.contracts.vocabulary import Colour, View

IDEA_TEMPLATES = Path(__file__).with_name("idea_templates.toml")
BLANKS = frozenset({"wall", "light", "sun"})
PLAIN, MATERIAL, LIFESTYLE = 2, 2, 3  # how many of each tier a product gets

Phrase = Annotated[str, Field(min_length=3)]


class TemplateTable(BaseModel):
    """Words that nobody reads are a mistake in the file."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Template(TemplateTable):
    """One scene with blanks, such as "on slate, plain {wall} wall, {light}"; `view`: how the product is seen in it."""

    words: Phrase
    view: View = "standing"

    @field_validator("words")
    @classmethod
    def _only_known_blanks(cls, words: str) -> str:
        unknown = {blank for _, blank, _, _ in Formatter().parse(words) if blank is not None} - BLANKS
        if unknown:
            raise ValueError(f"unknown blanks {sorted(unknown)}; there are {sorted(BLANKS)}")
        return words


class Tiers(TemplateTable):
    """The templates of one kind of product, from plain to lifestyle."""

    plain: Annotated[tuple[Template, ...], Field(min_length=PLAIN)]
    material: Annotated[tuple[Template, ...], Field(min_length=MATERIAL)]
    lifestyle: Annotated[tuple[Template, ...], Field(min_length=LIFESTYLE)]


class Vanishing(TemplateTable):
    """A product of one of `colours` vanishes where the scene says one of `words`."""

    colours: frozenset[Colour]
    words: tuple[Phrase, ...]


class IdeaTemplates(TemplateTable):
    """The whole file. `too_near`: a product's colour -> walls on which it would not stand out."""

    walls: Annotated[tuple[Colour, ...], Field(min_length=1)]
    lights: Annotated[tuple[Phrase, ...], Field(min_length=1)]
    suns: Annotated[tuple[Phrase, ...], Field(min_length=1)]
    too_near: Mapping[Colour, frozenset[Colour]]
    vanishing: tuple[Vanishing, ...]
    same_as: Mapping[str, str]
    templates: Mapping[str, Tiers]

    @model_validator(mode="after")
    def _every_product_gets_ideas(self) -> "IdeaTemplates":
        missing = {"general", "worn", *self.same_as.values()} - set(self.templates)
        if missing:
            raise ValueError(f"no templates for {sorted(missing)}")
        walled_in = sorted(colour for colour, near in self.too_near.items() if not set(self.walls) - near)
        if walled_in:
            raise ValueError(f"no wall is left for {walled_in}")
        return self

    def tiers(self, kind: str) -> Tiers:
        """The templates of a kind of product, or the general ones."""
        return self.templates.get(self.same_as.get(kind, kind), self.templates["general"])

    def walls_for(self, colour: str) -> list[str]:
        """The walls that keep away from the product's colour, in the file's order."""
        near = next((walls for named, walls in self.too_near.items() if named == colour), frozenset())
        return [wall for wall in self.walls if wall not in near]

    def avoided(self, colour: str) -> tuple[str, ...]:
        """The words in which a product of this colour would vanish."""
        return next((one.words for one in self.vanishing if colour in one.colours), ())


@cache
def idea_templates() -> IdeaTemplates:
    """The project's templates; raises ValueError when their file is not what it should be."""
    return read_words(IDEA_TEMPLATES, IdeaTemplates)
