"""What kind of thing a product is, from the merchant's words and the way the frame cuts it. Pure.

The nouns are data: product_kinds.toml.
"""

import re
from collections.abc import Mapping, Set
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.captioner.word_files import read_words
from shared.contracts.events import ProductFacts

PRODUCT_KINDS = Path(__file__).with_name("product_kinds.toml")

Noun = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9 -]*$")]


class ProductNouns(BaseModel):
    """The content of product_kinds.toml. `nouns`: kind -> what names it; `vague`: nouns that decide only alone."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    vague: frozenset[Noun]
    tidy: Mapping[Noun, Noun]
    nouns: Mapping[str, Annotated[tuple[Noun, ...], Field(min_length=1)]]

    @model_validator(mode="after")
    def _speaks_of_its_own_nouns(self) -> "ProductNouns":
        known = {noun for nouns in self.nouns.values() for noun in nouns}
        strange = sorted((self.vague | self.tidy.keys()) - known)
        if strange:
            raise ValueError(f"vague or tidy, but in no kind: {strange}")
        return self


@dataclass(frozen=True)
class ProductKind:
    """`name` is a kind of product_kinds.toml or "general"; `noun` is what people call it, if anyone said; `worn`: a
    person wears it."""

    name: str = "general"
    noun: str | None = None
    worn: bool = False


@cache
def product_nouns() -> ProductNouns:
    """The project's nouns; raises ValueError when their file is not what it should be."""
    return read_words(PRODUCT_KINDS, ProductNouns)


def kind_of(facts: ProductFacts, border_contact: Set[str]) -> ProductKind:
    """The kind the facts speak of. A garment that the upper or lower edge cuts is on a person: laid flat it fits in."""
    for text in (facts.title, facts.category, facts.description):
        found = _found(text or "")
        if found:
            name, noun = found
            worn = name == "garment" and bool({"top", "bottom"} & border_contact)
            return ProductKind(name, product_nouns().tidy.get(noun, noun), worn)
    return ProductKind()


def _found(text: str) -> tuple[str, str] | None:
    """(kind, noun) whose noun stands last in the text: "watch strap bag" is a bag; telling nouns before vague ones."""
    words = " ".join(re.findall(r"[a-z0-9]+(?:-[a-z]+)?", text.lower().replace("&trade;", " ")))
    known = product_nouns()
    hits = [
        (noun not in known.vague, match.start() + len(noun), len(noun), kind, noun)
        for kind, noun, spelling in _spellings()
        if (match := spelling.search(words))
    ]
    return max(hits)[3:] if hits else None


@cache
def _spellings() -> tuple[tuple[str, str, re.Pattern[str]], ...]:
    """Kind, noun, and the pattern of its singular and plural, for every noun."""
    return tuple(
        (kind, noun, re.compile(rf"\b{re.escape(noun)}(?:e?s)?\b"))
        for kind, nouns in product_nouns().nouns.items()
        for noun in nouns
    )
