"""A shader graph in the words a material is described in: noise, waves, cells, bricks, mixes, bumps."""

import math
from typing import Any

import bpy

from bundled.studio.plan.rng import SeededRng

Socket = Any  # a node socket, or a plain number or colour where a socket would be


class Graph:
    """Builds one node tree. Values may be sockets, numbers or colours everywhere."""

    def __init__(
        self, rng: SeededRng, tree: bpy.types.NodeTree | None = None, name: str = "material", fresh: bool = True
    ) -> None:
        self.rng = rng
        self.material = None
        if tree is None:
            self.material = bpy.data.materials.new(name)
            self.material.use_nodes = True
            tree = self.material.node_tree
        self.tree = tree
        if fresh:
            tree.nodes.clear()

    def node(self, kind: str, settings: dict[str, Any] | None = None, **inputs: Socket) -> Any:
        node = self.tree.nodes.new(f"ShaderNode{kind}")
        for key, value in (settings or {}).items():
            setattr(node, key, value)
        for key, value in inputs.items():
            self.plug(self._input(node, key.replace("_", " ")), value)
        return node

    @staticmethod
    def _input(node: Any, name: str) -> Any:
        found = [socket for socket in node.inputs if name in (socket.name, socket.identifier)]
        if not found:
            raise KeyError(f"{node.bl_idname} has no input {name!r}")
        return found[0]

    def plug(self, socket: Any, value: Socket) -> None:
        if isinstance(value, bpy.types.NodeSocket):
            self.tree.links.new(value, socket)
        elif hasattr(value, "__len__") and socket.type == "RGBA":
            socket.default_value = (*value[:3], 1)
        else:
            socket.default_value = value

    # coordinates
    def place(self, scale: Any = (1, 1, 1), turn: float = 0.0, spread: float = 50, source: str = "Object") -> Socket:
        """Object coordinates, turned, then stretched, then moved to a random spot of the endless pattern."""
        raw = self.node("TexCoord").outputs[source]
        turned = self.node("Mapping", Vector=raw, Rotation=(0, 0, turn)).outputs[0]
        shift = tuple(self.rng.between(-spread, spread) for _ in range(3))
        return self.node("Mapping", Vector=turned, Scale=scale, Location=shift).outputs[0]

    def stretched(self, vector: Socket, scale: Any, turn: float = 0.0) -> Socket:
        return self.node("Mapping", Vector=vector, Scale=scale, Rotation=(0, 0, turn)).outputs[0]

    def xyz(self, vector: Socket | None = None) -> Any:
        vector = vector if vector is not None else self.node("TexCoord").outputs["Object"]
        return self.node("SeparateXYZ", Vector=vector).outputs

    def warp(self, vector: Socket, amount: float, scale: float = 1.0, detail: float = 3.0) -> Socket:
        noise = self.node("TexNoise", Vector=vector, Scale=scale, Detail=detail).outputs["Color"]
        centred = self._vector("SUBTRACT", noise, (0.5, 0.5, 0.5))
        scaled = self.node("VectorMath", {"operation": "SCALE"})
        self.plug(scaled.inputs[0], centred)
        scaled.inputs["Scale"].default_value = amount
        return self._vector("ADD", vector, scaled.outputs[0])

    def _vector(self, operation: str, first: Socket, second: Socket) -> Socket:
        node = self.node("VectorMath", {"operation": operation})
        self.plug(node.inputs[0], first)
        self.plug(node.inputs[1], second)
        return node.outputs[0]

    # patterns, each 0..1
    def noise(
        self, vector: Socket, scale: float, detail: float = 4.0, rough: float = 0.5, bend: float = 0.0, w: Socket = None
    ) -> Socket:
        detail = min(
            detail, max(0.0, math.log2(200 / max(scale, 0.05)))
        )  # octaves finer than a pixel cost time for nothing
        settings = {"noise_dimensions": "4D"} if w is not None else {}
        inputs = {"W": w} if w is not None else {}
        node = self.node(
            "TexNoise", settings, Vector=vector, Scale=scale, Detail=detail, Roughness=rough, Distortion=bend, **inputs
        )
        return node.outputs[0]

    def wave(self, vector: Socket, scale: float, bend: float = 0.0, detail: float = 2.0, axis: str = "X") -> Socket:
        settings = {"wave_type": "BANDS", "bands_direction": axis}
        return self.node("TexWave", settings, Vector=vector, Scale=scale, Distortion=bend, Detail=detail).outputs["Fac"]

    def cells(self, vector: Socket, scale: float, feature: str = "F1", out: str = "Distance") -> Socket:
        return self.node("TexVoronoi", {"feature": feature}, Vector=vector, Scale=scale).outputs[out]

    def bricks(
        self, vector: Socket, width: float, height: float, mortar: float, offset: float = 0.5, soft: float = 0.2
    ) -> tuple[Socket, Socket]:
        """A random grey per brick, and where the mortar is."""
        node = self.node(
            "TexBrick",
            {"offset": offset, "offset_frequency": 2},
            Vector=vector,
            Color1=(0, 0, 0),
            Color2=(1, 1, 1),
            Mortar=(0, 0, 0),
            Scale=1,
            Mortar_Size=mortar,
            Mortar_Smooth=soft,
            Bias=0,
            Brick_Width=width,
            Row_Height=height,
        )
        return self.grey(node.outputs["Color"]), node.outputs["Fac"]

    def grey(self, colour: Socket) -> Socket:
        return self.node("RGBToBW", Color=colour).outputs[0]

    # arithmetic
    def math(self, operation: str, first: Socket, second: Socket = 0.0, clamp: bool = False) -> Socket:
        node = self.node("Math", {"operation": operation, "use_clamp": clamp})
        self.plug(node.inputs[0], first)
        self.plug(node.inputs[1], second)
        return node.outputs[0]

    def add(self, first: Socket, second: Socket) -> Socket:
        return self.math("ADD", first, second)

    def times(self, first: Socket, second: Socket) -> Socket:
        return self.math("MULTIPLY", first, second)

    def less(self, first: Socket, second: Socket) -> Socket:
        return self.math("SUBTRACT", first, second)

    def spread(self, value: Socket, low: float, high: float) -> Socket:
        return self.node("MapRange", Value=value, To_Min=low, To_Max=high).outputs[0]

    def step(self, value: Socket, low: float, high: float, start: float = 0.0, end: float = 1.0) -> Socket:
        settings = {"interpolation_type": "SMOOTHSTEP"}
        inputs = {"From Min": low, "From Max": high, "To Min": start, "To Max": end}
        return self.node("MapRange", settings, Value=value, **inputs).outputs[0]

    # colour
    def ramp(self, value: Socket, stops: list[tuple[float, Any]], kind: str = "LINEAR") -> Socket:
        node = self.node("ValToRGB", Fac=value)
        ramp = node.color_ramp
        ramp.interpolation = kind
        while len(ramp.elements) < len(stops):
            ramp.elements.new(0.5)
        for element, (position, colour) in zip(ramp.elements, stops, strict=True):
            element.position = position
            element.color = (*colour[:3], 1) if hasattr(colour, "__len__") else (colour, colour, colour, 1)
        return node.outputs[0]

    def mix(self, factor: Socket, first: Socket, second: Socket, mode: str = "MIX") -> Socket:
        node = self.node("Mix", {"data_type": "RGBA", "blend_type": mode})
        by_identifier = {socket.identifier: socket for socket in node.inputs}
        for identifier, value in (("Factor_Float", factor), ("A_Color", first), ("B_Color", second)):
            self.plug(by_identifier[identifier], value)
        return next(out for out in node.outputs if out.identifier == "Result_Color")

    # shading
    def bump(self, height: Socket, distance: float, strength: float = 1.0) -> Socket:
        return self.node("Bump", Height=height, Distance=distance, Strength=strength).outputs[0]

    def surface(
        self, colour: Socket, rough: Socket = 0.5, normal: Socket = None, bounce: Any = None, **inputs: Socket
    ) -> Socket:
        """`bounce`: one plain colour in place of a costly pattern, for light on its second and later ways."""
        if normal is not None:
            inputs["Normal"] = normal
        solid = self.node("BsdfPrincipled", Base_Color=colour, Roughness=rough, **inputs).outputs[0]
        if bounce is None:
            return solid
        dull = self.node("BsdfDiffuse", Color=bounce).outputs[0]
        return self.blend(self.node("LightPath").outputs["Is Diffuse Ray"], solid, dull)

    def blend(self, factor: Socket, first: Socket, second: Socket) -> Socket:
        node = self.tree.nodes.new("ShaderNodeMixShader")
        for socket, value in zip(node.inputs, (factor, first, second), strict=True):
            self.plug(socket, value)
        return node.outputs[0]

    def done(self, shader: Socket) -> bpy.types.Material:
        output = self.node("OutputMaterial")
        self.tree.links.new(shader, output.inputs["Surface"])
        return self.material
