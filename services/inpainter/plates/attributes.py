"""Plates read with the words that prompts are read with, so that both mean the same. Pure."""

from functools import lru_cache

from services.inpainter.prompt.lexicon import lexicon
from services.inpainter.prompt.parsing import parse_prompt
from services.inpainter.prompt.scene_attributes import SceneAttributes
from shared.contracts.styles import Plate


@lru_cache(maxsize=4096)
def label(plate: Plate) -> SceneAttributes:
    """A plate read with the words that prompts are read with, so that both mean the same."""
    on = parse_prompt(f"on {plate.surface}") if plate.surface else SceneAttributes()
    behind = parse_prompt(f"against {plate.backdrop}") if plate.backdrop else SceneAttributes()
    plain = plate.surface is not None and (on.surface is None or "surface" in on.suggested)  # "a white table"
    return SceneAttributes(
        surface="paper" if plain else on.surface,
        surface_colour=on.surface_colour or (on.backdrop_colour if plain else None),
        surface_variant=next(
            (kind for phrase, kind in lexicon().woods.items() if phrase in (plate.surface or "")), None
        ),
        backdrop=behind.backdrop,
        backdrop_colour=behind.backdrop_colour,
    )
