"""Contact sheets: plates by name, or a hundred of a dataset: python -m bundled.studio.tools.sheets FOLDER SHEET.jpg"""

import json
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from bundled.studio.plan.rng import SeededRng

LIMIT = 600_000


def samples_of(folder: Path) -> Iterator[tuple[np.ndarray, np.ndarray, dict[str, Any]]]:
    """Picture, mask and facts of every listed sample."""
    manifest = json.loads((folder / "manifest.json").read_text())
    for shard in manifest["shards"]:
        with tarfile.open(folder / shard["path"]) as tar:
            yield from _of_shard(tar)


def _of_shard(tar: tarfile.TarFile) -> Iterator[tuple[np.ndarray, np.ndarray, dict[str, Any]]]:
    files: dict[str, dict[str, bytes]] = {}
    for member in tar:
        key, ending = member.name.split(".", 1)
        files.setdefault(key, {})[ending] = tar.extractfile(member).read()  # type: ignore[union-attr]
    for parts in files.values():
        yield _decoded(parts["webp"]), _decoded(parts["mask.png"]), json.loads(parts["json"])


def _decoded(data: bytes) -> np.ndarray:
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if picture is None:
        raise ValueError("a shard holds a picture that cannot be read; its hash will differ from the manifest's")
    return picture


def dataset_sheet(folder: Path, count: int = 100, side: int = 160) -> np.ndarray:
    every = [picture for picture, _, _ in samples_of(folder)]
    chosen = SeededRng("sheet").some(every, min(count, len(every)))
    return grid([cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA) for picture in chosen], 10)


def plates_sheet(folder: Path, side: int = 160, columns: int = 10) -> np.ndarray:
    plates = json.loads((folder / "plates.json").read_text())["plates"]
    plates.sort(key=lambda plate: (("standing", "flatlay", "backdrop").index(plate["view"]), plate["id"]))
    return grid([_captioned(folder, plate, side) for plate in plates], columns)


def _captioned(folder: Path, plate: dict[str, Any], side: int) -> np.ndarray:
    picture = cv2.imread(str(folder / plate["file"]))
    tile = np.full((side + 16, side + 4, 3), 255, np.uint8)
    tile[:side, 2:-2] = cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA)
    cv2.putText(tile, plate["id"][:27], (3, side + 11), cv2.FONT_HERSHEY_SIMPLEX, 0.3, (40, 40, 40), 1, cv2.LINE_AA)
    return tile


def grid(tiles: list[np.ndarray], columns: int) -> np.ndarray:
    blank = np.full_like(tiles[0], 255)
    tiles = [*tiles, *[blank] * (-len(tiles) % columns)]
    return np.vstack([np.hstack(tiles[i : i + columns]) for i in range(0, len(tiles), columns)])


def save(sheet: np.ndarray, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    for quality in (85, 75, 65, 55, 45):
        data = cv2.imencode(".jpg", sheet, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
        if len(data) <= LIMIT:
            break
    path.write_bytes(data.tobytes())


def main() -> None:
    folder, target = Path(sys.argv[1]), Path(sys.argv[2])
    save(plates_sheet(folder) if (folder / "plates.json").exists() else dataset_sheet(folder), target)


if __name__ == "__main__":
    main()
