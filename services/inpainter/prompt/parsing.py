"""What a prompt asks for: free words read into the attributes that plates, inpainter and probe share. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from services.inpainter.prompt.lexicon import Lexicon, lexicon
from services.inpainter.prompt.mentions import Mention, PhraseFinder
from services.inpainter.prompt.negations import negated, without_negated
from services.inpainter.prompt.scene_attributes import SceneAttributes
from services.inpainter.prompt.words import clauses
from shared.contracts.vocabulary import Backdrop, Surface

REMEMBERED = 1024  # prompts; every candidate of a request is read against the same one
SHADOWS = "shadows"  # all of them: their patterns, and those that hard light throws
OF_LIGHT = frozenset({"light_colour", "hardness", "shadows", "view", "light_direction", "tone"})


@dataclass
class _Reading:
    """The attributes while a prompt is read; what was said first stays, and what finds its place taken is left out."""

    said: dict[str, str] = field(default_factory=dict)
    suggested: dict[str, str] = field(default_factory=dict)
    guesses: list[tuple[str, str]] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    wall_stays: bool = False

    def say(self, name: str, label: str, phrase: str) -> None:
        if name == "backdrop" and self.said.get(name) == "wall" and not self.wall_stays:
            self.said[name] = label  # a plain wall gives way to anything more specific
        if self.said.setdefault(name, label) != label and label != "wall":
            self.left_out.append(phrase)

    def suggest(self, name: str, label: str) -> None:
        self.suggested.setdefault(name, label)

    def guess(self, behind: str, phrase: str) -> None:
        """A second material, of which nobody said where it is: it stands behind, if nothing else does."""
        self.guesses.append((behind, phrase))

    def attributes(self, unknown: Sequence[str]) -> SceneAttributes:
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
class _Clause:
    """What stands between two commas: its words, the phrases in it that the lexicon knows, and where `strange` words
    are that nobody knows."""

    words: list[str]
    mentions: list[Mention]
    strange: frozenset[int]
    known: Lexicon
    reading: _Reading


@lru_cache(maxsize=REMEMBERED)
def parse_prompt(prompt: str) -> SceneAttributes:
    """Read a prompt such as "on a marble counter, old bricks behind it, morning light" into attributes."""
    known = lexicon()
    reading, finder = _Reading(), PhraseFinder(known)
    for said in clauses(prompt):
        words = without_negated(said, known)
        mentions = finder.mentions(words)
        clause = _Clause(words, mentions, _strange(words, mentions, finder), known, reading)
        _read_things(clause)
        _read_light(clause)
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


def _read_things(clause: _Clause) -> None:
    """Surface and backdrop with their colours."""
    roles = _roles(clause)
    for at, role in roles.items():
        _read_thing(at, role, clause)
    for at, mention in enumerate(clause.mentions):
        colour = mention.label("colour")
        if colour and not _of_light(clause, at) and not (roles and _of_a_stranger(clause, mention)):
            role = _coloured(clause, at, roles)
            clause.reading.say(f"{role}_colour", colour, mention.phrase)
            if role == "backdrop":
                clause.reading.suggest("backdrop", "wall")
        elif mention.label("tone") == "dark" and _is_of_material(clause, at):
            clause.reading.suggest(f"{_coloured(clause, at, roles)}_colour", "dark grey")


def _read_thing(at: int, role: str, clause: _Clause) -> None:
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
        reading.wall_stays = reading.wall_stays or (behind == "wall" and _has_colour_before(clause, at))
    if wood and role == "surface" and reading.said.get("surface") == "wood":
        reading.say("surface_variant", wood, mention.phrase)
    elif role == "backdrop" and wood and (colour := _colour_in(mention.phrase, clause.known)):
        reading.say("backdrop_colour", colour, mention.phrase)


def _wood(clause: _Clause, at: int) -> str | None:
    """Which wood a mention is of: planks are of that which is named right before them."""
    mention, before = clause.mentions[at], _neighbour(clause, at, -1)
    of = before.label("wood") if before and mention.label("material") == "wood" else None
    return mention.label("wood") or of


def _colour_in(phrase: str, known: Lexicon) -> str | None:
    """The colour of a wood that is named by it: "white wooden"."""
    first = known.meanings.get(phrase.split()[0], ())
    return next((label for kind, label in first if kind == "colour"), None)


def _neighbour(clause: _Clause, at: int, step: int) -> Mention | None:
    """The mention that stands right before (`step` -1) or behind (1) another, without a word between them."""
    if not 0 <= at + step < len(clause.mentions):
        return None
    one, other = clause.mentions[at], clause.mentions[at + step]
    return other if (one.last == other.first if step > 0 else other.last == one.first) else None


def _has_colour_before(clause: _Clause, at: int) -> bool:
    before = _neighbour(clause, at, -1)
    return before is not None and before.label("colour") is not None


def _is_of_material(clause: _Clause, at: int) -> bool:
    """ "dark concrete" is a colour, a "dark forest" a mood."""
    following = _neighbour(clause, at, 1)
    return following is not None and following.label("material") is not None


def _is_of_curtain(clause: _Clause, at: int) -> bool:
    following = _neighbour(clause, at, 1)
    return following is not None and following.label("backdrop") == "curtain"


def _of_light(clause: _Clause, at: int) -> bool:
    """ "gold light", "red rim light": the light's colour, unless what follows is a thing as well ("white window")."""
    last, after = clause.mentions[at].last, _neighbour(clause, at, 1)
    named = after.phrase.split()[-1:] if after else clause.words[last : last + 1]
    of_things = after is not None and any(kind not in OF_LIGHT for kind, _ in after.meanings)
    return not clause.known.words.light_nouns.isdisjoint(named) and not of_things


def _of_a_stranger(clause: _Clause, colour: Mention) -> bool:
    """ "A navy mug on concrete": the colour of what nobody knows, unless that says how a thing is ("blue moroccan
    tiles")."""
    at = colour.last
    while at in clause.strange:
        at += 1
    described = any(mention.first == at for mention in clause.mentions)
    noun = not clause.known.words.surface_nouns.isdisjoint(clause.words[at : at + 1])
    return at > colour.last and not described and not noun


def _roles(clause: _Clause) -> dict[int, str]:
    """Which mentions are things, and whether each is the surface or the backdrop."""
    roles: dict[int, str] = {}
    mentions, nouns = clause.mentions, clause.known.words.surface_nouns
    materials = [at for at, mention in enumerate(mentions) if mention.label("material")]
    placed = any(mention.label("backdrop") not in {None, "wall"} for mention in mentions)
    for at, mention in enumerate(mentions):
        if at in materials and (_is_of_material(clause, at) or _is_of_curtain(clause, at)):
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


def _role(clause: _Clause, mention: Mention) -> str | None:
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


def _coloured(clause: _Clause, at: int, roles: Mapping[int, str]) -> str:
    """What a colour word belongs to: the noun or thing after it, else the thing before it, else the backdrop."""
    last = clause.mentions[at].last
    if not clause.known.words.surface_nouns.isdisjoint(clause.words[last : last + 1]):
        return "surface"
    after = [role for place, role in sorted(roles.items()) if place >= at]
    before = [role for place, role in sorted(roles.items()) if place < at]
    return (after or before[::-1] or ["backdrop"])[0]


def _read_light(clause: _Clause) -> None:
    """Light, its shadows, the tone of it all, and the view."""
    near_light = not clause.known.words.light_nouns.isdisjoint(clause.words)
    for at, mention in enumerate(clause.mentions):
        loose = mention.phrase in clause.known.words.loose and _neighbour(clause, at, 1) is not None
        sided = mention.phrase.split()[0] in {"left", "right", "from", "on"}  # says a side, not that it is the light's
        of_things = {
            "light_direction": sided and not near_light,
            "tone": _is_of_material(clause, at),
            "view": _is_of_lamps(clause, mention),
        }
        for kind, label in mention.meanings:
            if kind in {"light_colour", "hardness"} and loose:
                clause.reading.suggest(kind, label)
            elif kind in OF_LIGHT and not of_things.get(kind):
                clause.reading.say(kind, label, mention.phrase)
            elif kind == "colour" and _of_light(clause, at):
                _read_coloured_light(clause, at, label)


def _is_of_lamps(clause: _Clause, view: Mention) -> bool:
    """ "Light from above" and "hanging lamps" say where the light is; the product stands as it would."""
    beside = clause.words[max(0, view.first - 1) : view.first] if " " in view.phrase else clause.words[view.last :][:1]
    return not clause.known.words.light_nouns.isdisjoint(beside)


def _read_coloured_light(clause: _Clause, at: int, colour: str) -> None:
    mention, after = clause.mentions[at], _neighbour(clause, at, 1)
    light = clause.known.coloured_light.get(colour)
    said = f"{mention.phrase} {after.phrase if after else clause.words[mention.last]}"
    if light:
        clause.reading.say("light_colour", light, said)
    else:
        clause.reading.left_out.append(said)


def _read_suggestions(clause: _Clause) -> None:
    """What furniture, places and moods bring without being asked."""
    if not clause.known.words.furniture.isdisjoint(clause.words):
        clause.reading.suggest("surface", "wood")
    for mention in clause.mentions:
        under = mention.label("material") in {None, clause.reading.said.get("surface")}
        for name, label in clause.known.suggestions.get(mention.phrase, {}).items():
            if under or name != "surface_colour":  # oak with a mirror stays brown
                clause.reading.suggest(name, label)
