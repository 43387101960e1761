"""Text drawn over photos, found by its look and by an OCR model: how much of it, what is wrongly found, seconds.

    python -m benchmarks.models.words [--drawn 25] [--sheet words.png]

Our own photos, lessons and quick scenes that have masks, as they are (nothing must be found) and with one line
of text of each kind drawn over them, in four typefaces, beside the product. What is printed on a product must not be
found either. A photo is dropped when a rule of the curator says so at its default. Seconds are of one core.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
from matplotlib import font_manager
from PIL import Image, ImageDraw, ImageFont

from bundled.quick import quick_scenes
from services.curator.model.reading import WordReader
from services.curator.pixels.looks import looks
from services.curator.rules import TextOverlay, WordsOverlay
from shared.contracts.images import Pixels, decode_mask, decode_photo

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "benchmarks" / "results" / "words.md"
DRAWN_SIDE = 512
TYPEFACES = ("DejaVu Sans", "DejaVu Serif", "DejaVu Sans Mono", "STIXGeneral")
ON_PRODUCT = 0.8  # of a label's box lies on the product
LIMITS = (0.0005, 0.001, 0.002, 0.004, 0.01)


@dataclass(frozen=True)
class Overlay:
    """A line of text: its words, its height as a share of the picture's, and whether it lies on a plate of colour."""

    words: str
    height: float
    plate: bool = False


OVERLAYS = {
    "headline": Overlay("SUMMER SALE", 0.10),
    "price on a plate": Overlay("only 19.99", 0.06, plate=True),
    "small print": Overlay("offer ends sunday, while stocks last", 0.03),
    "web address": Overlay("www.shop.example", 0.022),
}
NOTHING, LABEL = "nothing", "a label on the product"


@dataclass(frozen=True)
class Seen:
    """What both ways say of one picture: shares under text, 0..1, and what reading took, in seconds."""

    kind: str
    look: float
    words: float
    look_s: float
    words_s: float


def main() -> None:
    """Measure and write the result."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--drawn", type=int, default=25, help="quick scenes beside the project's own photos")
    parser.add_argument("--sheet", type=Path, help="write the first photos with their texts as a picture")
    given = parser.parse_args()
    cv2.setNumThreads(1)
    read, found, shown = WordReader(), list[Seen](), list[Pixels]()
    for number, (photo, mask) in enumerate(photos(given.drawn)):
        for kind, picture in pictures(photo, mask, number):
            found.append(seen(kind, picture, mask, read))
            shown.append(np.asarray(cv2.resize(picture, (256, 256), interpolation=cv2.INTER_AREA)))
    text = report(found, given.drawn)
    RESULTS.write_text(text)
    print(text)
    if given.sheet:
        rows = [np.hstack(shown[at : at + 6]) for at in range(0, min(len(shown) - 5, 48), 6)]
        Image.fromarray(np.vstack(rows)).save(given.sheet)


def photos(drawn: int) -> Iterator[tuple[Pixels, Pixels]]:
    """RGB (H, W, 3) and mask (H, W)."""
    for folder in (ROOT / "samples" / "photos", ROOT / "samples" / "lessons"):
        for outline in sorted((folder / "masks").glob("*.png")):
            (file,) = folder.glob(f"{outline.stem}.*")
            photo = decode_photo(file.read_bytes())
            yield photo.rgb, decode_mask(outline.read_bytes(), photo.size)
    for scene in islice(quick_scenes(5, DRAWN_SIDE), drawn):
        yield scene.image, scene.mask


def pictures(photo: Pixels, mask: Pixels, number: int) -> Iterator[tuple[str, Pixels]]:
    """The photo as it is, with a label where the product has room for one, and with each kind of text."""
    rng, typeface = np.random.default_rng(number), TYPEFACES[number % len(TYPEFACES)]
    yield NOTHING, photo
    product, label = (mask >= 128).astype(np.float32), Overlay("pure", 0.05)
    if (place := _place(product, label, typeface, rng, least=ON_PRODUCT)) is not None:
        yield LABEL, _with(photo, label, typeface, place)
    for kind, overlay in OVERLAYS.items():
        if (place := _place(1 - product, overlay, typeface, rng, least=1.0)) is not None:
            yield kind, _with(photo, overlay, typeface, place)


def _place(
    room_HW: np.ndarray, overlay: Overlay, typeface: str, rng: np.random.Generator, *, least: float
) -> tuple[int, int] | None:
    """Left and top of a box of which at least this share lies in the room; None where there is none."""
    width, height = _box(overlay, typeface, room_HW.shape[0])
    rows, columns = room_HW.shape
    if width >= columns or height >= rows:
        return None
    mean = cv2.boxFilter(room_HW.astype(np.float32), -1, (width, height), anchor=(0, 0))
    tops, lefts = np.nonzero(mean[: rows - height, : columns - width] >= least - 1e-3)
    if not len(tops):
        return None
    one = int(rng.integers(len(tops)))
    return int(lefts[one]), int(tops[one])


def _font(overlay: Overlay, typeface: str, picture_height: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(font_manager.findfont(typeface), max(8, round(overlay.height * picture_height)))


def _box(overlay: Overlay, typeface: str, picture_height: int) -> tuple[int, int]:
    left, top, right, bottom = _font(overlay, typeface, picture_height).getbbox(overlay.words)
    return round(right - left) + 8, round(bottom - top) + 8


def _with(photo: Pixels, overlay: Overlay, typeface: str, place: tuple[int, int]) -> Pixels:
    """Drawn in white or black, whichever stands out."""
    font, (width, height) = _font(overlay, typeface, photo.shape[0]), _box(overlay, typeface, photo.shape[0])
    left, top = place
    dark = photo[top : top + height, left : left + width].mean() < 128
    image = Image.fromarray(photo)
    draw = ImageDraw.Draw(image)
    if overlay.plate:
        draw.rectangle((left, top, left + width, top + height), fill=(200, 30, 40))
        dark = True
    inset = font.getbbox(overlay.words)
    draw.text((left + 4 - inset[0], top + 4 - inset[1]), overlay.words, (255,) * 3 if dark else (20,) * 3, font)
    return np.asarray(image)


def seen(kind: str, picture: Pixels, mask: Pixels, read: Callable[[Pixels, Pixels], float]) -> Seen:
    """What both ways say."""
    began = time.process_time()
    look = looks(picture, mask).text
    between = time.process_time()
    words = read(picture, mask)
    return Seen(kind, look, words, between - began, time.process_time() - between)


def report(found: list[Seen], drawn: int) -> str:
    """Two tables: what each way drops of each kind, and what another limit would do."""
    kinds = (NOTHING, LABEL, *OVERLAYS)
    limits = {"look": TextOverlay().max_share, "words": WordsOverlay().max_share}
    lines = [
        "# Text over photos",
        "",
        f"`python -m benchmarks.models.words --drawn {drawn}`: photos that the curator drops as `text_overlay`, by",
        f"their look (share above {limits['look']:g}) and by reading (above {limits['words']:g}, PP-OCRv6 small).",
        "",
        "| drawn over it | photos | dropped by look | dropped by reading | read share, median (least) |",
        "|---|---|---|---|---|",
    ]
    for kind in kinds:
        of = [one for one in found if one.kind == kind]
        shares = sorted(one.words for one in of)
        dropped = (sum(getattr(one, way) > limit for one in of) for way, limit in limits.items())
        middle = f"{np.median(shares):.4f} ({shares[0]:.4f})" if shares else ""
        lines.append(f"| {kind} | {len(of)} | {' | '.join(map(str, dropped))} | {middle} |")
    lines += ["", "| way, limit | precision | recall |", "|---|---|---|"]
    lines.append(_judged("look", limits["look"], found))
    lines += [_judged("words", limit, found) for limit in LIMITS]
    look_s, words_s = (np.mean([getattr(one, way) for one in found]) for way in ("look_s", "words_s"))
    lines += ["", f"Seconds of a core a photo: {words_s:.2f} to read it, {look_s:.3f} for all its looks together.", ""]
    return "\n".join(lines)


def _judged(way: str, limit: float, found: list[Seen]) -> str:
    """`nothing` and `label` are to be kept, the others dropped."""
    dropped = [one.kind in OVERLAYS for one in found if getattr(one, way) > limit]
    wanted = sum(one.kind in OVERLAYS for one in found)
    precision = f"{sum(dropped) / len(dropped):.3f}" if dropped else "none"
    return f"| {'by look' if way == 'look' else 'by reading'}, {limit:g} | {precision} | {sum(dropped) / wanted:.3f} |"


if __name__ == "__main__":
    main()
