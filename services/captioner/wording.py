"""Descriptions at two lengths from facts and measured colours. Pure."""

import html
import re

from services.captioner.colours import Share
from services.captioner.kinds import ProductKind
from shared.contracts.events import ProductFacts
from shared.contracts.vocabulary import COLOURS

SHORT_WORDS = 12  # of a background's short description
COLOUR_WORDS = {word for name in COLOURS for word in name.split()} | {"gray", "silver", "gold"}


def title(facts: ProductFacts) -> str:
    """The merchant's title without mark-up, marks and trailing stock numbers; "product" where there is none."""
    text = re.sub(r"[®™©]", "", html.unescape(facts.title or ""))
    text = re.sub(r"(?:\s+\d{1,2})+$", "", " ".join(text.split()))
    return text or "product"


def product_short(kind: ProductKind, facts: ProductFacts, colours: tuple[Share, ...]) -> str:
    """A few words: "a black duffle bag"."""
    name = kind.noun or title(facts).lower()
    named = _said_colour(facts) or colours[0].word
    words = name if any(word in COLOUR_WORDS for word in name.split()) else f"{named} {name}"
    return _with_article(words)


def product_long(kind: ProductKind, facts: ProductFacts, colours: tuple[Share, ...]) -> str:
    """A sentence: the title, what it is (else its category), its colours, whether a person wears it."""
    short = product_short(kind, facts, colours)
    main = _said_colour(facts) or colours[0].word
    extra = [share.word for share in colours[1:] if share.word != main]
    accents = f" with {extra[0]}" if extra else ""
    worn = ", worn by a person" if kind.worn else ""
    category = f", {_category(facts)}" if _category(facts) and not kind.noun else ""
    name = title(facts)
    if name.lower() in short:
        return _sentence(f"{short}{accents}{worn}{category}")
    return _sentence(f"{name}: {short}{accents}{worn}{category}")


def plain_backdrop(colour: Share) -> tuple[str, str]:
    """Short and long for a backdrop without a scene, by its measured colour."""
    shade = "even" if colour.part > 0.85 else "softly shaded"
    return (
        f"plain {colour.word} backdrop",
        f"A plain {colour.word} studio backdrop, {shade}, with nothing else in the picture.",
    )


def shortened(long: str) -> str:
    """The first clause of a sentence, a few words at most."""
    clause = re.split(r"[,.;]", long.strip())[0].split()
    return " ".join(clause[:SHORT_WORDS])


def _said_colour(facts: ProductFacts) -> str | None:
    """A colour that the merchant names is a fact and beats what shading makes of it."""
    words = re.findall(r"[a-z]+", title(facts).lower())
    return next(
        ("grey" if word == "gray" else word for word in words if word in COLOUR_WORDS - {"light", "dark"}), None
    )


def _category(facts: ProductFacts) -> str:
    return " ".join(re.findall(r"[\w&'-]+", html.unescape(facts.category or ""))).lower()


def _with_article(words: str) -> str:
    last = words.split()[-1]
    if last.endswith("s") and not last.endswith("ss") and last not in {"shoes'", "canvas"}:
        return words
    return f"{'an' if words[0].lower() in 'aeiou' else 'a'} {words}"


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."
