"""One sample as it goes into a shard: the files of one key."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from bundled.studio.plan.balance import split
from bundled.studio.plan.captions import captions
from bundled.studio.plan.catalogue import PRODUCTS
from bundled.studio.plan.scene import Plan

QUALITY = 90


@dataclass(frozen=True)
class StudioSample:
    key: str
    files: dict[str, bytes]  # by ending, such as "webp"

    @property
    def digest(self) -> str:
        """Two scenes with this hash alike are the same scene."""
        return hashlib.sha256(self.files["webp"]).hexdigest()


def picture_bytes(rgb: np.ndarray, quality: int = QUALITY) -> bytes:
    return bytes(cv2.imencode(".webp", rgb[..., ::-1], [cv2.IMWRITE_WEBP_QUALITY, quality])[1])


def mask_bytes(mask: np.ndarray) -> bytes:
    whole = np.clip(mask * 255 + 0.5, 0, 255).astype(np.uint8)
    return bytes(cv2.imencode(".png", whole, [cv2.IMWRITE_PNG_COMPRESSION, 9])[1])


def attributes(plan: Plan) -> dict[str, Any]:
    light = plan.light
    product = PRODUCTS[plan.product].described(plan.product_colour) if plan.product else None
    return {
        "surface": plan.surface,
        "surface_variant": plan.surface_variant,
        "backdrop": plan.backdrop,
        "backdrop_variant": plan.backdrop_variant,
        "light_colour": light.colour,
        "light_direction": light.direction,
        "light_hardness": light.hardness,
        "light_pattern": light.pattern,
        "view": plan.view,
        "product": product,
        "product_kind": plan.product,
        "product_colour": plan.product_colour,
    }


def facts(plan: Plan, key: str, kind: str, more: dict[str, Any]) -> dict[str, Any]:
    return {
        "key": key,
        "captions": captions(plan),
        "attributes": {**attributes(plan), **more.pop("attributes", {})},
        "kind": kind,
        "split": split(plan),
        "setup": plan.setup,
        "seed": plan.seed,
        **more,
    }


def sample_of(
    plan: Plan, key: str, kind: str, rgb: np.ndarray, mask: np.ndarray, plate: np.ndarray | None = None, **more: Any
) -> StudioSample:
    files = {"webp": picture_bytes(rgb), "mask.png": mask_bytes(mask)}
    if plate is not None:
        files["plate.webp"] = picture_bytes(plate)
    files["json"] = json.dumps(facts(plan, key, kind, more), ensure_ascii=False).encode()
    return StudioSample(key, files)
