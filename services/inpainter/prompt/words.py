"""Typed text into clauses of words, whatever the script; what cannot be seen is not read. Pure."""

import re
import unicodedata
from itertools import groupby

from services.inpainter.prompt.hex_colours import with_names

LONGEST_TEXT = 4000  # characters that are read: no prompt of the contract is longer, and normal forms may grow
FIRST_PICTURE = 0x2600  # signs below are ° and arrows, above are pictures such as ☀ and 🎄

_BREAKS = re.compile(r"[,;.!?\n，、。；！？،؛؟।]+")
_POSSESSIVE = re.compile(r"(?<=\w)['’]s\b")
_TRADEMARKS = str.maketrans("", "", "®™©℠")


def clauses(text: str) -> list[list[str]]:
    """The words between commas and stops: small letters with their marks, or runs of pictures (emoji); codes of colours
    by name."""
    plain = unicodedata.normalize("NFKC", with_names(text[:LONGEST_TEXT]).translate(_TRADEMARKS)).lower()
    visible = "".join(char for char in plain if not _is_invisible(char))
    return [_words(_POSSESSIVE.sub("", clause)) for clause in _BREAKS.split(visible)]


def without_marks(word: str) -> str:
    """Letters without accents: "café" is a cafe, whoever types it."""
    if word.isascii():
        return word
    return "".join(char for char in unicodedata.normalize("NFD", word) if unicodedata.category(char) != "Mn")


def _words(clause: str) -> list[str]:
    return ["".join(chars) for sort, chars in groupby(clause, _sort) if sort]


def _sort(char: str) -> str:
    """Letters and pictures make words, each their own; nothing else does."""
    category = unicodedata.category(char)
    if category[0] in "LM":
        return "letter"
    return "picture" if category == "So" and ord(char) >= FIRST_PICTURE else ""


def _is_invisible(char: str) -> bool:
    """Control and format characters, such as those that turn the reading direction, and variants of emoji."""
    hidden = unicodedata.category(char) in {"Cc", "Cf"} and not char.isspace()
    return hidden or "\ufe00" <= char <= "\ufe0f"
