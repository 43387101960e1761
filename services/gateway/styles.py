"""Named styles as a page shows them: of the bundled plates, and those mined from what people engage with."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote

from services.gateway.callers.tenants import tenant_of
from services.gateway.pictures.links import SIZES
from services.gateway.shapes.replies import PlateReply, StyleReply
from services.gateway.shapes.views import Links
from shared.contracts.events import StyleMined
from shared.contracts.styles import PLATES_FILE, Plate, PlateCatalogue


@dataclass
class StyleShelf:
    """The plates of a folder; `mined` asks for the mined ones, newest words first."""

    folder: Path
    mined: Callable[[], Sequence[dict[str, Any]]]
    links: Links

    @cached_property
    def plates(self) -> tuple[Plate, ...]:
        """The plates whose pictures are there."""
        path = self.folder / PLATES_FILE
        listed = PlateCatalogue.model_validate_json(path.read_text()).plates if path.exists() else ()
        return tuple(plate for plate in listed if (self.folder / plate.file).exists())

    def styles(self, tenant: str) -> list[StyleReply]:
        """All styles, mined ones first; of those the words are everybody's, the pictures of this tenant's products."""
        mined = [StyleMined.model_validate(event) for event in self.mined()]
        return [self._mined(event, tenant) for event in mined if not event.retired] + list(self._bundled)

    def picture(self, file: str) -> bytes | None:
        """The bytes of a plate's picture; None for any other name."""
        known = {plate.file for plate in self.plates}
        return (self.folder / file).read_bytes() if file in known else None

    @cached_property
    def _bundled(self) -> tuple[StyleReply, ...]:
        grouped: dict[str, list[Plate]] = {}
        for plate in self.plates:
            grouped.setdefault(plate.style, []).append(plate)
        return tuple(_bundled(name, plates) for name, plates in grouped.items())

    def _mined(self, event: StyleMined, tenant: str) -> StyleReply:
        shown = [example.image for example in event.examples if tenant_of(example.product_id) == tenant]
        return StyleReply(
            name=event.style,
            words=event.words,
            view=event.plates[0].view if event.plates else "standing",
            mined=True,
            pictures=tuple(self.links.url(ref.key, SIZES[1]) for ref in shown),
        )


def _bundled(name: str, plates: list[Plate]) -> StyleReply:
    words = tuple(dict.fromkeys(word for plate in plates for word in plate.words))
    pictures = tuple(f"/v1/styles/pictures/{quote(plate.file)}" for plate in plates)
    shown = tuple(_plate(plate, url) for plate, url in zip(plates, pictures, strict=True))
    return StyleReply(name=name, words=words, view=plates[0].view, mined=False, pictures=pictures, plates=shown)


def _plate(plate: Plate, url: str) -> PlateReply:
    return PlateReply(
        url=url,
        width=plate.width,
        height=plate.height,
        surface_line=plate.surface_line,
        camera_elevation_deg=plate.camera_elevation_deg,
    )
