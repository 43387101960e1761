"""Whether the folders that settings name as models are there and of the layout their service loads."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from deploy.doctor.findings import Diagnosis

LAYOUTS: Mapping[str, tuple[str, ...]] = {
    "INPAINTER_MODEL": ("model_index.json", "unet/config.json", "vae/config.json"),
    "INPAINTER_PLATES": ("plates.json",),
    "INPAINTER_JUDGE": ("config.json", "model.safetensors"),
    "INPAINTER_PROBE": ("config.json", "model.safetensors"),
    "CAPTIONER_MODEL": ("config.json",),
}
IN_CHANNELS = 9  # noise, mask and masked image: an inpainting UNet


def check_models(named: Mapping[str, str]) -> Iterator[Diagnosis]:
    """`named`: variable -> folder, file or hub id."""
    for variable, place in named.items():
        yield _finding(variable, place)


def _finding(variable: str, place: str) -> Diagnosis:
    path = Path(place)
    if not path.exists():
        return _absent(variable, place)
    lacking = [name for name in LAYOUTS.get(variable, ()) if not (path / name).is_file()]
    if lacking:
        trouble = f"{variable}={place} lacks {', '.join(lacking)}"
        return Diagnosis("models", trouble=trouble, remedy="name a folder of the layout in docs/settings.md")
    channels = _in_channels(path) if variable == "INPAINTER_MODEL" else IN_CHANNELS
    if channels != IN_CHANNELS:
        trouble = f"{variable}={place} takes {channels} channels, an inpainting model takes {IN_CHANNELS}"
        return Diagnosis("models", trouble=trouble, remedy="name an *inpainting* checkpoint")
    return Diagnosis("models", said=f"{variable} is there")


def _absent(variable: str, place: str) -> Diagnosis:
    """A hub id (`name/model`) cannot be told from a folder that is missing, except by how it is written."""
    if place.count("/") == 1 and not place.startswith((".", "/", "models/")):
        return Diagnosis("models", said=f"{variable}={place} is taken for a hub id, fetched when the service starts")
    return Diagnosis("models", trouble=f"{variable}={place} does not exist", remedy=f"set {variable} to where it is")


def _in_channels(path: Path) -> int:
    return int(json.loads((path / "unet" / "config.json").read_text()).get("in_channels", 4))
