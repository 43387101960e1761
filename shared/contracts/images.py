"""What the bytes are: photos decoded under caps, masks and outputs encoded. Arrays are RGB uint8 (H, W, 3)."""

import io
import warnings
from dataclasses import dataclass
from typing import Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps
from PIL.PngImagePlugin import PngInfo

from shared.contracts.errors import BadImage, PromiseBroken

Pixels = NDArray[np.uint8]

READABLE = ("JPEG", "PNG", "WEBP")
EXTENSIONS = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp"}
CONTENT_TYPES = {"jpg": "image/jpeg", "png": "image/png", "webp": "image/webp", "jpeg": "image/jpeg"}

MIN_SIDE = 32  # below this there is no product to see
MAX_PIXELS = 50_000_000  # about 150 MB decoded
MAX_BYTES = 40 * 1024 * 1024


@dataclass(frozen=True)
class Photo:
    """A decoded photo: `rgb` (H, W, 3), and `alpha` (H, W) when the file carries a useful one."""

    rgb: Pixels
    alpha: Pixels | None
    extension: str

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return int(self.rgb.shape[1]), int(self.rgb.shape[0])


def decode_photo(data: bytes) -> Photo:
    """Decode untrusted bytes, upright (EXIF), as sRGB-like RGB. Raises BadImage with a reason a person understands."""
    image = _open(data)
    extension = EXTENSIONS[str(image.format)]
    try:
        image = ImageOps.exif_transpose(image)
        has_alpha = "A" in image.getbands() or "transparency" in image.info
        rgba = np.asarray(image.convert("RGBA")) if has_alpha else None
        rgb = rgba[..., :3] if rgba is not None else np.asarray(image.convert("RGB"))
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise BadImage("image_broken", f"the file is damaged and cannot be decoded: {error}") from error
    return Photo(np.ascontiguousarray(rgb), _useful_alpha(rgba), extension)


def _open(data: bytes) -> "Image.Image":
    """The image header, checked before any pixel is decoded."""
    if len(data) > MAX_BYTES:
        raise BadImage("image_too_heavy", f"the file has {len(data) / 1e6:.0f} MB; at most {MAX_BYTES / 1e6:.0f} MB")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(data), formats=READABLE)
    except Image.DecompressionBombError as error:
        limit = MAX_PIXELS / 1e6
        raise BadImage("image_too_large", f"the picture has far more than {limit:.0f} megapixels") from error
    except (OSError, SyntaxError, ValueError) as error:
        raise BadImage("not_an_image", "the file is not a JPEG, PNG or WebP picture") from error
    _check_size(*image.size)
    if getattr(image, "n_frames", 1) > 1:
        raise BadImage("image_animated", "the picture is animated; submit one still frame")
    return image


def _check_size(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        megapixels = width * height / 1e6
        limit = MAX_PIXELS / 1e6
        raise BadImage("image_too_large", f"the picture has {megapixels:.0f} megapixels; at most {limit:.0f} are taken")
    if min(width, height) < MIN_SIDE:
        raise BadImage(
            "image_too_small", f"the picture is {width} x {height} pixels; each side needs at least {MIN_SIDE}"
        )


def _useful_alpha(rgba: Pixels | None) -> Pixels | None:
    """The alpha channel, unless it is opaque everywhere and so says nothing."""
    if rgba is None or bool((rgba[..., 3] == 255).all()):
        return None
    return np.ascontiguousarray(rgba[..., 3])


def decode_mask(data: bytes, size: tuple[int, int]) -> Pixels:
    """A mask (H, W) of 0 and 255; must have the photo's `size` (width, height). Raises BadImage."""
    image = _open(data)
    if image.size != size:
        raise BadImage(
            "mask_size",
            f"the mask is {image.size[0]} x {image.size[1]}, the photo {size[0]} x {size[1]}; they must be equal",
        )
    try:
        grey = np.asarray(image.getchannel("A") if image.mode in ("LA", "RGBA") else image.convert("L"))
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise BadImage("image_broken", f"the mask is damaged and cannot be decoded: {error}") from error
    return binary(grey)


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
