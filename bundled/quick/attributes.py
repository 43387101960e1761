"""What will be in a picture, in words, before anything is drawn."""

from bundled.quick import captions
from bundled.quick.drawing.colours import any_word
from bundled.quick.drawing.noise import Rng
from bundled.quick.lighting import light
from bundled.quick.materials import surfaces
from bundled.quick.products import painting
from bundled.quick.scenery import backdrops

FLAT_LAY = 0.06  # share of pictures seen from above
_PLACES = tuple(captions.PLACES)


def drawn(rng: Rng) -> dict[str, str]:
    """What will be in the picture, but for product and light."""
    surface, view = surfaces.pick_kind(rng), "above" if rng.random() < FLAT_LAY else "front"
    backdrop = backdrops.pick_kind(rng)
    if rng.random() < 0.45:  # believable pairs more often than chance gives them
        surface, backdrop = _PLACES[int(rng.integers(len(_PLACES)))]
    if surface in {"podium", "sweep", "acrylic"} and rng.random() < 0.6:
        backdrop = "wall"
    if surface in {"podium", "sweep"}:
        view = "front"
    colour = surfaces.pick_colour(surface, rng)
    behind = any_word(rng) if backdrops.BACKDROPS[backdrop].coloured else ""
    if surface == "sweep" or (surface in {"podium", "acrylic"} and rng.random() < 0.35):
        backdrop, behind = "wall", colour if rng.random() < 0.9 else any_word(rng)
    facts = {
        "surface": surface,
        "surface_colour": colour,
        "floor_colour": behind or any_word(rng),
        "view": view,
        "horizon": f"{rng.uniform(0.46, 0.74):.3f}",
    }
    blank = {"product": "", "product_word": "", "product_colour": ""}
    return (
        facts
        | blank
        | {"backdrop": backdrop if view == "front" else "", "backdrop_colour": behind if view == "front" else ""}
    )


def of_product(product: painting.PaintedProduct) -> dict[str, str]:
    return {"product": product.kind, "product_word": product.word, "product_colour": product.colour}


def of_light(lamp: light.QuickLight) -> dict[str, str]:
    return {
        "light_colour": lamp.colour,
        "light_direction": lamp.direction,
        "light_quality": lamp.quality,
        "pattern": lamp.pattern,
    }
