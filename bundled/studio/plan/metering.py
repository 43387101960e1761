"""The light meter: how bright a picture is exposed, and where in it table and wall are read."""

from typing import cast

import numpy as np

from bundled.studio.plan import vocabulary as words
from bundled.studio.plan.colours import LUMINANCE, PAINTS, from_hex, luminance
from bundled.studio.plan.rng import SeededRng
from bundled.studio.plan.scene import Plan

PALE = 0.25  # luminance of a paint that more light would turn to white
PALER = 1.4  # so many times as bright as its paint may a pale table be
LEAST = 0.6  # of the exposure stays, however bright the table: the rest of the picture wants light too
SHARES = np.array(LUMINANCE, np.float32)


def wall(picture: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Pixels of the top quarter, the product (mask above 0) left out: (N, 3)."""
    high = max(8, picture.shape[0] // 4)
    return np.asarray(picture[:high][mask[:high] == 0])


def table(picture: np.ndarray, mask: np.ndarray, view: str) -> np.ndarray:
    """Pixels of the lowest eighth, of the whole picture when it is seen from above: (N, 3)."""
    low = 0 if view == "flatlay" else -max(4, picture.shape[0] // 8)
    return np.asarray(picture[low:][mask[low:] == 0])


def key(plan: Plan, rng: SeededRng) -> float:
    """How bright the developed picture should be: a white set bright, a black one dark."""
    tones, areas = [], []
    if plan.surface and plan.surface != "sweep":
        tones.append(words.tone(plan.surface, plan.surface_variant))
        areas.append(0.4)
    if plan.backdrop and plan.view != "flatlay":
        tones.append(words.tone(plan.backdrop, plan.backdrop_variant))
        areas.append(0.6)
    middle = 0.5 * np.average(tones, weights=areas) + 0.5 * np.exp(np.average(np.log(tones), weights=areas))
    lift = 1.25 if plan.backdrop in ("window", "curtain") else 1.0  # the light is in the picture
    return lift * (0.06 + 0.7 * float(middle)) * rng.between(0.92, 1.08)


def exposure(linear: np.ndarray, plan: Plan) -> float:
    """The factor that brings linear light (H, W, 3) to the plan's key, without burning its lights."""
    bright = linear @ SHARES
    middle = 0.5 * np.exp(np.mean(np.log(bright + 1e-3))) + 0.5 * bright.mean()
    wanted, brightest = key(plan, SeededRng(plan.seed, "key")), cast(float, np.percentile(bright, 95))
    return float(min(wanted / middle, 6.0 / max(brightest, 1e-4)))


def spared(factor: float, linear: np.ndarray, mask: np.ndarray, plan: Plan) -> float:
    """Less exposure where a pale paint before the product would wash out: a key for dark surroundings burns it."""
    if plan.surface not in words.PAINTED_SURFACES or plan.surface_variant not in PAINTS:
        return factor
    paint, read = luminance(from_hex(PAINTS[plan.surface_variant])), table(linear, mask, plan.view)
    if paint < PALE or not read.size:
        return factor
    most = PALER * paint / max(float(np.median(read @ SHARES)), 1e-4)
    return min(factor, max(most, LEAST * factor))


def studio(linear: np.ndarray, plan: Plan, rng: SeededRng) -> float:
    """Of a packshot: set by the ground, not by the whole, for a black product must not turn white paper grey."""
    border = np.concatenate([linear[:8].reshape(-1, 3), linear[:, :8].reshape(-1, 3), linear[:, -8:].reshape(-1, 3)])
    goal = {"white": 1.2, "off-white": 0.95, "light grey": 0.5, "black": 0.03, "grey": 0.25}.get(
        plan.backdrop_variant, 0.45
    )
    return float(goal * rng.between(0.8, 1.25) / max(np.median(border), 1e-3))
