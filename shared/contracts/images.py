"""What the bytes are: photos decoded under caps, masks and outputs encoded. Arrays are RGB uint8 (H, W, 3)."""

import io
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from shared.contracts.errors import BadImage, PromiseBroken
from shared.contracts.picture_files.limits import PictureFile
from shared.contracts.picture_files.reading import read_picture_file
from shared.contracts.srgb import to_srgb

Pixels = NDArray[np.uint8]

EXTENSIONS = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp"}
CONTENT_TYPES = {"jpg": "image/jpeg", "png": "image/png", "webp": "image/webp", "jpeg": "image/jpeg"}


@dataclass(frozen=True)
class Photo:
    """A decoded photo: `rgb` (H, W, 3), and `alpha` (H, W) when the file carries a useful one.

    These sRGB pixels are the photo from here on: every stage decodes the same stored bytes to the same pixels, and an
    untouched product is one whose pixels equal them. Where `alpha` is 0, `rgb` is whatever the file holds there.
    """

    rgb: Pixels
    alpha: Pixels | None
    extension: str

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return int(self.rgb.shape[1]), int(self.rgb.shape[0])


def decode_photo(data: bytes) -> Photo:
    """Decode untrusted bytes: upright (EXIF), sRGB (ICC), 8 bits (the upper ones of 16), the first picture of several.

    Raises BadImage with a reason a person understands.
    """
    file = read_picture_file(data)
    colours, alpha = _layers(_decoded(file), file)
    rgb = _upright(np.asarray(to_srgb(colours, file.profile)), file.orientation)
    return Photo(rgb, None if alpha is None else _upright(alpha, file.orientation), EXTENSIONS[file.format])


def decode_mask(data: bytes, size: tuple[int, int]) -> Pixels:
    """A mask (H, W) of 0 and 255; must have the photo's `size` (width, height). Raises BadImage.

    A useful alpha channel is the mask; else brightness is, as numbers: an ICC profile changes nothing.
    """
    file = read_picture_file(data)
    width, height = file.size if file.orientation < 5 else file.size[::-1]
    if (width, height) != size:
        words = f"the mask is {width} x {height}, the photo {size[0]} x {size[1]}; they must be equal"
        raise BadImage("mask_size", words)
    colours, alpha = _layers(_decoded(file), file)
    return binary(_upright(np.asarray(colours.convert("L")) if alpha is None else alpha, file.orientation))


def _decoded(file: PictureFile) -> Image.Image:
    try:
        image = Image.open(io.BytesIO(file.data), formats=(file.format,))
        if image.size != file.size:
            raise ValueError(f"two sizes in one file, {image.size} and {file.size}")
        image.load()
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise BadImage("image_broken", f"the file is damaged and cannot be decoded: {error}") from error
    return image


def _layers(image: Image.Image, file: PictureFile) -> tuple[Image.Image, Pixels | None]:
    """Colours (L, RGB or CMYK, 8 bits) and the alpha channel (H, W), unless it is opaque and so says nothing."""
    colours, alpha = _split(image, file.depth)
    return colours, alpha if alpha is not None and bool((alpha != 255).any()) else None


def _split(image: Image.Image, depth: int) -> tuple[Image.Image, Pixels | None]:
    if image.mode in ("LA", "RGBA"):
        return image.convert(image.mode[:-1]), np.asarray(image.getchannel("A"))
    clear = image.info.get("transparency")  # a colour, or for palettes one entry or the alpha of each
    if image.mode == "P" and clear is not None:
        return _split(image.convert("RGBA"), depth)
    image.info.pop("transparency", None)
    if image.mode == "I;16":
        grey_HW = np.asarray(image)
        alpha = None if clear is None else np.where(grey_HW == clear, 0, 255).astype(np.uint8)
        return Image.fromarray((grey_HW >> 8).astype(np.uint8)), alpha
    colours = image if image.mode in ("L", "RGB", "CMYK") else image.convert("L" if image.mode == "1" else "RGB")
    return colours, None if clear is None else _all_but(colours, clear, depth)


def _all_but(colours: Image.Image, clear: Any, depth: int) -> Pixels:
    """Alpha (H, W) of a picture whose one colour `clear`, given at the file's own depth, is transparent.

    Pillow brings the pixels of 2, 4 and 16 bits to 8, but of the colours only that of 1 bit.
    """
    scaled = np.array(clear) >> 8 if depth == 16 else np.array(clear) * {2: 85, 4: 17}.get(depth, 1)
    same = np.asarray(colours) == scaled
    return np.where(same.all(axis=2) if same.ndim == 3 else same, 0, 255).astype(np.uint8)


def _upright(pixels: Pixels, orientation: int) -> Pixels:
    """Pixels (H, W, ...) turned as EXIF's orientation 1 to 8 says (CIPA DC-008, 4.6.4): from 5 on, sides change."""
    turned = pixels.swapaxes(0, 1) if orientation >= 5 else pixels
    if orientation in (3, 4, 7, 8):
        turned = turned[::-1]
    if orientation in (2, 3, 6, 7):
        turned = turned[:, ::-1]
    return np.ascontiguousarray(turned)


def binary(grey: NDArray[Any]) -> Pixels:
    """Threshold at half to the contract's mask: only 0 and 255."""
    return np.where(grey >= 128, 255, 0).astype(np.uint8)


def encode_image(pixels: Pixels, extension: Literal["png", "webp", "jpeg"] = "png", **info: str) -> bytes:
    """Encode RGB or one-channel pixels; png (fast level) and webp are lossless. `info` becomes PNG text chunks."""
    buffer = io.BytesIO()
    image = Image.fromarray(pixels)
    if extension == "png":
        chunks = PngInfo()
        for name, text in info.items():
            chunks.add_itxt(name, text)
        image.save(buffer, "PNG", compress_level=1, pnginfo=chunks)
    elif extension == "webp":
        image.save(buffer, "WEBP", lossless=True, quality=20, method=0)
    else:
        image.save(buffer, "JPEG", quality=92, subsampling=0)
    return buffer.getvalue()


def decode_output(data: bytes) -> Pixels:
    """The RGB pixels of one of our own outputs, by another decoder (OpenCV) than the one that wrote it.

    Raises PromiseBroken for bytes that are no picture any more.
    """
    import cv2  # here, because clients decode photos and have no OpenCV

    bgr = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR) if data else None
    if bgr is None:
        raise PromiseBroken("output_broken", "a stored output cannot be decoded")
    return np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), dtype=np.uint8)


def changed_pixels(stored: bytes, expected: Pixels, mask: Pixels) -> int:
    """How many product pixels (mask 255) of an output, as its stored bytes say, are not `expected` (H, W, 3).

    `expected` is to be made anew from the submitted bytes (`decode_photo(original).rgb`, placed where a placement asks
    for it), not the array that was composited: only then is this a check. Raises PromiseBroken for another size.
    """
    pixels = decode_output(stored)
    if pixels.shape != expected.shape:
        raise PromiseBroken("output_size", f"a stored output is {pixels.shape}, not {expected.shape}")
    return int(((pixels != expected).any(axis=2) & (mask == 255)).sum())
