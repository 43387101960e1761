"""Style plates: product-free scenes that a background may start from, and the catalogue file that lists them."""

from pydantic import BaseModel, ConfigDict, Field

from shared.contracts.vocabulary import Hardness, LightColour, LightDirection, View

PLATES_FILE = "plates.json"


class Light(BaseModel):
    """The main light of a scene, as a brand would say it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    colour: LightColour = "neutral"
    direction: LightDirection = "front"
    hardness: Hardness = "soft"


class Plate(BaseModel):
    """One product-free scene. `surface_line`: fraction of the height, from the top, where surface meets backdrop."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str
    style: str
    file: str
    width: int
    height: int
    view: View = "standing"
    surface_line: float | None = Field(default=None, ge=0.0, le=1.0)
    camera_elevation_deg: float = 10.0
    light: Light = Light()
    surface: str | None = None
    backdrop: str | None = None
    words: tuple[str, ...] = ()
    captions: tuple[str, ...] = ()


class PlateCatalogue(BaseModel):
    """The content of `plates.json`, in a folder beside the pictures it names."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    plates: tuple[Plate, ...]
