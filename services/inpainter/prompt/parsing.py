"""What a prompt asks for: free words read into the attributes that plates, inpainter and probe share. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from services.inpainter.prompt.lexicon import Lexicon, lexicon
from services.inpainter.prompt.light import of_light, read_light
from services.inpainter.prompt.mentions import Mention, PhraseFinder
from services.inpainter.prompt.negations import negated, without_negated
from services.inpainter.prompt.reading import Clause, Reading
from services.inpainter.prompt.scene_attributes import SceneAttributes
from services.inpainter.prompt.words import clauses
from shared.contracts.vocabulary import Backdrop, Surface

REMEMBERED = 1024  # prompts; every candidate of a request is read against the same one
SHADOWS = "shadows"  # all of them: their patterns, and those that hard light throws


@lru_cache(maxsize=REMEMBERED)
def parse_prompt(prompt: str) -> SceneAttributes:
    """Read a prompt such as "on a marble counter, old bricks behind it, morning light" into attributes."""
    known = lexicon()
    reading, finder = Reading(), PhraseFinder(known)
    for said in clauses(prompt):
        words = without_negated(said, known)
        mentions = finder.mentions(words)
        clause = Clause(words, mentions, _strange(words, mentions, finder), known, reading)
        _read_things(clause)
        read_light(clause)
        _read_suggestions(clause)
    return reading.attributes(finder.unknown)


def _strange(words: Sequence[str], mentions: Sequence[Mention], finder: PhraseFinder) -> frozenset[int]:
    known = {at for mention in mentions for at in range(mention.first, mention.last)}
    return frozenset(at for at, word in enumerate(words) if at not in known and finder.asks_for_something(word))


def surface_label(words: str) -> Surface | None:
    """The canonical surface of a name such as "rustic oak", "oak" or "wet stone"."""
    return parse_prompt(f"on {words}").surface


def backdrop_label(words: str) -> Backdrop | None:
    """The canonical backdrop of a name such as "red brick", "slats" or "city night"."""
    return parse_prompt(f"against {words}").backdrop


def things_named(text: str) -> frozenset[str]:
    """The labels of all surfaces and backdrops in a text, whatever it says of them; a plain wall is no thing."""
    return _things_in(clauses(text))


def things_excluded(prompt: str, negative_prompt: str) -> frozenset[str]:
    """What is not to be shown: things that a negative prompt names, or a prompt says no to, and `SHADOWS`."""
    said = [*clauses(negative_prompt), *(negated(words, lexicon()) for words in clauses(prompt))]
    spoken = {word.removesuffix("s") for words in said for word in words}
    return _things_in(said) | ({SHADOWS} if "shadow" in spoken else set())


def _things_in(said: Iterable[list[str]]) -> frozenset[str]:
    finder = PhraseFinder(lexicon())
    meanings = (pair for words in said for mention in finder.mentions(words) for pair in mention.meanings)
    return frozenset(label for kind, label in meanings if kind in {"material", "backdrop"}) - {"wall"}


def _read_things(clause: Clause) -> None:
    """Surface and backdrop with their colours."""
    roles = _roles(clause)
    for at, role in roles.items():
        _read_thing(at, role, clause)
    for at, mention in enumerate(clause.mentions):
        colour = mention.label("colour")
        if colour and not of_light(clause, at) and not (roles and _of_a_stranger(clause, mention)):
            role = _coloured(clause, at, roles)
            clause.reading.say(f"{role}_colour", colour, mention.phrase)
            if role == "backdrop":
                clause.reading.suggest("backdrop", "wall")
        elif mention.label("tone") == "dark" and clause.beside(at, 1, "material"):  # of a forest it is a mood
            clause.reading.suggest(f"{_coloured(clause, at, roles)}_colour", "dark grey")


def _read_thing(at: int, role: str, clause: Clause) -> None:
    mention, reading = clause.mentions[at], clause.reading
    material, wood = mention.label("material") or mention.label("finish"), _wood(clause, at)
    if role == "surface" and material:
        reading.say("surface", material, mention.phrase)
    elif material and _role(clause, mention) is None:
        reading.guess(clause.known.stands_behind_as[material], mention.phrase)
    else:
        behind = mention.label("backdrop") or clause.known.stands_behind_as[str(material)]
        if behind == "wall" or mention.phrase not in clause.known.words.accents:
            reading.wall_stays = False
        reading.say("backdrop", behind, mention.phrase)
        reading.wall_stays = reading.wall_stays or (behind == "wall" and clause.beside(at, -1, "colour") is not None)
    if wood and role == "surface" and reading.said.get("surface") == "wood":
        reading.say("surface_variant", wood, mention.phrase)
    elif role == "backdrop" and wood and (colour := _colour_in(mention.phrase, clause.known)):
        reading.say("backdrop_colour", colour, mention.phrase)


def _wood(clause: Clause, at: int) -> str | None:
    """Which wood a mention is of: planks are of that which is named right before them."""
    mention = clause.mentions[at]
    return mention.label("wood") or (clause.beside(at, -1, "wood") if mention.label("material") == "wood" else None)


def _colour_in(phrase: str, known: Lexicon) -> str | None:
    """The colour of a wood that is named by it: "white wooden"."""
    first = known.meanings.get(phrase.split()[0], ())
    return next((label for kind, label in first if kind == "colour"), None)


def _of_a_stranger(clause: Clause, colour: Mention) -> bool:
    """ "A navy mug on concrete": the colour of what nobody knows, unless that says how a thing is ("blue moroccan
    tiles")."""
    at = colour.last
    while at in clause.strange:
        at += 1
    described = any(mention.first == at for mention in clause.mentions)
    noun = not clause.known.words.surface_nouns.isdisjoint(clause.words[at : at + 1])
    return at > colour.last and not described and not noun


def _roles(clause: Clause) -> dict[int, str]:
    """Which mentions are things, and whether each is the surface or the backdrop."""
    roles: dict[int, str] = {}
    mentions, nouns = clause.mentions, clause.known.words.surface_nouns
    materials = [at for at, mention in enumerate(mentions) if mention.label("material")]
    placed = any(mention.label("backdrop") not in {None, "wall"} for mention in mentions)
    for at, mention in enumerate(mentions):
        if at in materials and (clause.beside(at, 1, "material") or clause.beside(at, 1, "backdrop") == "curtain"):
            continue  # "marble tiles" are tiles, a "velvet curtain" hangs: the last noun is the head
        finish = mention.label("finish") and not materials and not nouns.isdisjoint(clause.words)
        if mention.label("material"):
            under = {mentions[other].label("material") for other, role in roles.items() if role == "surface"}
            under |= {clause.reading.said.get("surface")} - {None}
            taken = under and mention.label("material") not in under and not placed
            roles[at] = _role(clause, mention) or ("backdrop" if taken else "surface")
        elif mention.label("backdrop") or finish:
            roles[at] = "surface" if finish else "backdrop"
    return roles


def _role(clause: Clause, mention: Mention) -> str | None:
    """Surface or backdrop, for a material: the noun after it decides, then the preposition before it; else None."""
    words, small = clause.words, clause.known.words
    for word in words[mention.last : mention.last + 4]:
        if word in small.surface_nouns or word in small.backdrop_nouns:
            return "surface" if word in small.surface_nouns else "backdrop"
        if word in small.turns or word not in small.stop_words:
            break
    for at in range(mention.first - 1, -1, -1):
        if words[at] in small.surface_prepositions:
            return "surface"
        if words[at] in small.backdrop_prepositions | small.backdrop_nouns or words[at : at + 2] == ["front", "of"]:
            return "backdrop"
    return None


def _coloured(clause: Clause, at: int, roles: Mapping[int, str]) -> str:
    """What a colour word belongs to: the noun or thing after it, else the thing before it, else the backdrop."""
    last = clause.mentions[at].last
    if not clause.known.words.surface_nouns.isdisjoint(clause.words[last : last + 1]):
        return "surface"
    after = [role for place, role in sorted(roles.items()) if place >= at]
    before = [role for place, role in sorted(roles.items()) if place < at]
    return (after or before[::-1] or ["backdrop"])[0]


def _read_suggestions(clause: Clause) -> None:
    """What furniture, places and moods bring without being asked."""
    if not clause.known.words.furniture.isdisjoint(clause.words):
        clause.reading.suggest("surface", "wood")
    for mention in clause.mentions:
        under = mention.label("material") in {None, clause.reading.said.get("surface")}
        for name, label in clause.known.suggestions.get(mention.phrase, {}).items():
            if under or name != "surface_colour":  # oak with a mirror stays brown
                clause.reading.suggest(name, label)
