"""Words that keep a photo out of training: a small, documented list. It is a coarse sieve, not a moderation system.

Matched as whole words, lower case, in title, description, category and captions. Grouped so that a refusal can say why;
kept short on purpose: a word that also names harmless goods ("shot" glass, "nude" pumps, "bloody mary") is left out.
"""

import re
from collections.abc import Iterable, Mapping
from functools import cache

UNSAFE: Mapping[str, frozenset[str]] = {
    "sexual": frozenset({"porn", "porno", "pornographic", "xxx", "hentai", "nsfw", "erotica", "dildo", "vibrator"}),
    "weapons": frozenset({"firearm", "firearms", "handgun", "rifle", "ammunition", "grenade", "silencer"}),
    "drugs": frozenset({"cocaine", "heroin", "methamphetamine", "mdma", "ecstasy pills", "marijuana", "cannabis"}),
    "tobacco": frozenset({"cigarette", "cigarettes", "vape", "vapes", "e-cigarette", "snus"}),
    "hate": frozenset({"nazi", "swastika", "white power", "ku klux klan"}),
    "violence": frozenset({"gore", "beheading", "mutilation", "suicide", "self-harm"}),
}


def unsafe_word(texts: Iterable[str | None], lists: Mapping[str, frozenset[str]] = UNSAFE) -> str | None:
    """The first group and word found, as `group: word`; None when the texts are clean."""
    text = " ".join(part.lower() for part in texts if part)
    for group, words in lists.items():
        if found := set(_pattern(words).findall(text)):
            return f"{group}: {min(found)}"
    return None


@cache
def _pattern(words: frozenset[str]) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-])(?:{'|'.join(re.escape(word) for word in sorted(words))})(?![\w-])")
