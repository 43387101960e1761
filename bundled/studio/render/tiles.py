"""A bank of baked tiles: costly patterns drawn once as images, so that small pictures need not work them out anew."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bpy

from bundled.studio.plan import vocabulary as words
from bundled.studio.plan.rng import SeededRng
from bundled.studio.plan.scene import Plan
from bundled.studio.render import backdrops, baking, engine, surfaces
from bundled.studio.render.nodes import Graph
from bundled.studio.render.stage import BuiltStage

SURFACES = (
    "wood", "marble", "concrete", "tiles", "terrazzo", "granite", "slate", "wet stone", "travertine", "sandstone",
    "sand", "snow", "linen", "velvet", "knit", "leather", "wicker", "metal", "plaster",
)  # fmt: skip
BACKDROPS = ("plaster", "brick", "tiled wall", "concrete wall", "stone wall", "wood panels")
EACH = 8  # tiles of a kind, shared out among its variants, but never fewer than FEWEST of one
FEWEST = 2
FINEST = 1.3 * baking.PIXELS / baking.SIDE  # pixels a unit above which a tile would look soft


@dataclass(frozen=True)
class Tile:
    """One instance of a pattern; its picture depends on these words alone."""

    role: str  # surface | backdrop
    kind: str
    variant: str
    number: int

    @property
    def name(self) -> str:
        return "-".join((self.role, self.kind, self.variant, str(self.number))).replace(" ", "_")

    def build(self) -> list[Any]:
        """The thing that wears the pattern, in a scene of its own."""
        engine.clear()
        rng = SeededRng("tile", self.name)
        if self.role == "surface":
            surfaces.BUILDERS[self.kind](rng, self.variant, 6.0, 1.3)
        else:
            backdrops.BUILDERS[self.kind](rng, self.variant, 6.0)
        return flat_things(bpy.data.objects)


def chosen(plan: Plan) -> Iterator[Tile]:
    """The tiles that this plan calls for."""
    rng = SeededRng(plan.seed, "tiles")
    places = (
        ("surface", plan.surface, plan.surface_variant, SURFACES, words.SURFACES),
        ("backdrop", plan.backdrop, plan.backdrop_variant, BACKDROPS, words.BACKDROPS),
    )
    for role, kind, variant, tiled, known in places:
        if kind and kind in tiled:
            count = max(FEWEST, EACH // len(known[kind].variants))
            yield Tile(role, kind, variant, rng.whole(0, count - 1))


def flat_things(things: Any) -> list[Any]:
    """Things made to be looked at straight: a table top, a wall, cloth or sand laid out."""
    return [thing for thing in things if thing.get("flat")]


@dataclass(frozen=True)
class TileBank:
    """Tiles in a folder, baked when first asked for; workers may share it."""

    folder: Path

    def stock(self, plan: Plan) -> None:
        """Bakes what the plan needs and is not there yet. Empties the scene: call it before building."""
        for tile in chosen(plan):
            if not self._files(tile)[1].exists():
                self.folder.mkdir(parents=True, exist_ok=True)
                baking.bake(tile.build()[0].data.materials[0], *self._files(tile))

    def lay(self, built: BuiltStage) -> None:
        """Puts the tiles where the patterns were, each shifted and flipped in its own way."""
        rng = SeededRng(built.plan.seed, "laying")
        for tile in chosen(built.plan):
            things = built.surface if tile.role == "surface" else built.behind
            for thing in flat_things(things)[:1]:
                _wear(rng, thing.data.materials[0], *self._files(tile))

    def _files(self, tile: Tile) -> tuple[Path, Path]:
        return self.folder / f"{tile.name}.jpg", self.folder / f"{tile.name}.exr"


def _wear(rng: SeededRng, material: Any, colour: Path, relief: Path) -> None:
    """Rewires the material: its colour, roughness and height come from the images, all else stays."""
    graph = Graph(rng, tree=material.node_tree, fresh=False)
    where = _spot(rng, graph)
    paint = _image(graph, where, colour, "sRGB")
    relief_of = graph.node("SeparateColor", Color=_image(graph, where, relief, "Non-Color")).outputs
    for input_, value in zip(baking.inputs(material), (paint, relief_of[1], relief_of[0]), strict=True):
        if input_ is not None and input_.is_linked:
            graph.plug(input_, value)


def _spot(rng: SeededRng, graph: Graph) -> Any:
    """Object coordinates to tile coordinates: the picture's middle falls near the middle of the tile."""
    raw = graph.node("TexCoord").outputs["Object"]
    scale = (rng.sign() / baking.SIDE, rng.sign() / baking.SIDE, 1)
    shift = (0.5 + rng.between(-0.25, 0.25), 0.5 + rng.between(-0.25, 0.25), 0)
    return graph.node("Mapping", Vector=raw, Scale=scale, Location=shift).outputs[0]


def _image(graph: Graph, where: Any, path: Path, space: str) -> Any:
    node = graph.node("TexImage", {"extension": "MIRROR", "interpolation": "Linear"}, Vector=where)
    node.image = bpy.data.images.load(str(path))
    node.image.colorspace_settings.name = space
    return node.outputs["Color"]
