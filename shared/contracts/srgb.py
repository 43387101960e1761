"""Colours brought to sRGB once, at the door: by the picture's ICC profile, or taken for sRGB where it has none.

The conversion is LittleCMS's (ICC.1:2022), relative colorimetric with black point compensation. A profile that is
broken, belongs to another colour model or is sRGB itself leaves the pixels as they are.
"""

import io

import numpy as np
from PIL import Image, ImageCms

MODES = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK"}  # Pillow's word for ICC's colour spaces
SAME = 1  # levels: a profile that moves no colour by more is sRGB itself, written down a little differently


def to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """`image` (mode L, RGB or CMYK, 8 bits) as RGB in sRGB."""
    converted = _converted(image, profile) if profile else None
    return converted if converted is not None else image.convert("RGB")


def _converted(image: Image.Image, profile: bytes) -> Image.Image | None:
    """The image through its profile; None where the profile says nothing about it."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        image = _in_model(image, source.profile.xcolor_space.strip())
        transform = ImageCms.buildTransform(
            source,
            ImageCms.createProfile("sRGB"),
            image.mode,
            "RGB",
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
        if image.mode != "CMYK" and _changes_nothing(transform, image.mode):
            return None
        return ImageCms.applyTransform(image, transform)
    except (ImageCms.PyCMSError, OSError, ValueError, KeyError):
        return None


def _in_model(image: Image.Image, model: str) -> Image.Image:
    """The image in the profile's colour model; grey pixels under a colour profile are colours. Raises KeyError."""
    wanted = MODES[model]
    if image.mode == "L" and wanted == "RGB":
        return image.convert("RGB")
    if image.mode != wanted:
        raise KeyError(model)
    return image


def _changes_nothing(transform: ImageCms.ImageCmsTransform, mode: str) -> bool:
    """Whether a lattice of all colours comes out as it went in."""
    levels = np.linspace(0, 255, 17).round().astype(np.uint8)
    lattice = np.stack(np.meshgrid(levels, levels, levels), axis=-1).reshape(17, -1, 3)
    probe = Image.fromarray(lattice if mode == "RGB" else levels[None])
    before = np.asarray(probe.convert("RGB"), dtype=np.int16)
    after = np.asarray(ImageCms.applyTransform(probe, transform), dtype=np.int16)
    return bool(np.abs(after - before).max() <= SAME)
