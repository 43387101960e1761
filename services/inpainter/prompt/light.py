"""What a clause says of the light, of the tone of it all and of the view. Pure."""

from services.inpainter.prompt.mentions import Mention
from services.inpainter.prompt.reading import Clause

OF_LIGHT = frozenset({"light_colour", "hardness", "shadows", "view", "light_direction", "tone"})


def of_light(clause: Clause, at: int) -> bool:
    """ "gold light", "red rim light": the light's colour, unless what follows is a thing as well ("white window")."""
    last, after = clause.mentions[at].last, clause.neighbour(at, 1)
    named = after.phrase.split()[-1:] if after else clause.words[last : last + 1]
    of_things = after is not None and any(kind not in OF_LIGHT for kind, _ in after.meanings)
    return not clause.known.words.light_nouns.isdisjoint(named) and not of_things


def read_light(clause: Clause) -> None:
    """Light, its shadows, the tone of it all, and the view."""
    near_light = not clause.known.words.light_nouns.isdisjoint(clause.words)
    for at, mention in enumerate(clause.mentions):
        loose = mention.phrase in clause.known.words.loose and clause.neighbour(at, 1) is not None
        sided = mention.phrase.split()[0] in {"left", "right", "from", "on"}  # says a side, not that it is the light's
        of_things = {
            "light_direction": sided and not near_light,
            "tone": clause.beside(at, 1, "material") is not None,  # "dark concrete" is a colour, a "dark forest" a mood
            "view": _is_of_lamps(clause, mention),
        }
        for kind, label in mention.meanings:
            if kind in {"light_colour", "hardness"} and loose:
                clause.reading.suggest(kind, label)
            elif kind in OF_LIGHT and not of_things.get(kind):
                clause.reading.say(kind, label, mention.phrase)
            elif kind == "colour" and of_light(clause, at):
                _read_coloured_light(clause, at, label)


def _is_of_lamps(clause: Clause, view: Mention) -> bool:
    """ "Light from above" and "hanging lamps" say where the light is; the product stands as it would."""
    beside = clause.words[max(0, view.first - 1) : view.first] if " " in view.phrase else clause.words[view.last :][:1]
    return not clause.known.words.light_nouns.isdisjoint(beside)


def _read_coloured_light(clause: Clause, at: int, colour: str) -> None:
    mention, after = clause.mentions[at], clause.neighbour(at, 1)
    light = clause.known.coloured_light.get(colour)
    said = f"{mention.phrase} {after.phrase if after else clause.words[mention.last]}"
    if light:
        clause.reading.say("light_colour", light, said)
    else:
        clause.reading.left_out.append(said)
