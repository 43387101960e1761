"""Plates read with the words that prompts are read with, so that both mean the same. Pure."""

from functools import lru_cache

from services.inpainter.prompt import lexicon
from services.inpainter.prompt.parsing import Wishes, parse_wishes
from shared.contracts.styles import Plate


@lru_cache(maxsize=4096)
def label(plate: Plate) -> Wishes:
    """A plate read with the words that prompts are read with, so that both mean the same."""
    on = parse_wishes(f"on {plate.surface}") if plate.surface else Wishes()
    behind = parse_wishes(f"against {plate.backdrop}") if plate.backdrop else Wishes()
    plain = plate.surface is not None and (on.surface is None or "surface" in on.suggested)  # "a white table"
    return Wishes(
        surface="paper" if plain else on.surface,
        surface_colour=on.surface_colour or (on.backdrop_colour if plain else None),
        surface_variant=next((kind for phrase, kind in _variants() if phrase in (plate.surface or "")), None),
        backdrop=behind.backdrop,
        backdrop_colour=behind.backdrop_colour,
    )


@lru_cache(maxsize=1)
def _variants() -> list[tuple[str, str]]:
    """Phrases for kinds of wood, the longest first: "rustic oak" is rustic before it is oak."""
    return sorted(lexicon.VARIANTS.items(), key=lambda pair: -len(pair[0]))
