"""The exact outline, at the photo's own resolution: what on a plain ground is product, shadow or hole. Pure.

A coarse mask says which thing; here colours say where it ends. Masks are (H, W) bool, colours Lab (H, W, 3).
"""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from services.segmenter.backdrops import Backdrop, Flags, Floats
from shared.contracts.images import Pixels

FULL_SIDE = 1024  # px of the longer side that the smoothness limits below are meant for
FAINTEST = 0.5  # Lab units: what is off a blown-out ground by more is no ground; an uneven ground hides twice as much
GLOWING = 20.0  # Lab units off the ground: what is so strong has a glow around it
SHADOW_SLOPE = 1.6  # a soft shadow changes by less than this per pixel (L units); products begin with a step
SHADOW_GRAIN = 0.35  # and has no texture
SHADOW_TINT = 0.9  # a product's colour shines into its shadow: chroma for each unit of darkening
RINGING = 0.06  # JPEG blocks echo a strong edge: this share of the strongest difference nearby is still ground
SOFT_STEP = 7.0  # an island without any step steeper than this is a shadow's core
DARK = 12.0  # L units: a shadow that gets this dark is one unless the model is SURE; a fainter one unless it is LIKELY
SURE, LEAVING, LIKELY = 0.85, 0.35, 0.3  # mean probability of the coarse mask over a piece that looks like shadow
HOLE_SHARE = 3e-5  # of the picture: smaller patches of ground colour inside a product are highlights
HOLE_RIM = 18.0  # Lab units: a hole's rim is product and far from the ground; a highlight fades
HOLE_CLEAN = 2.0  # Lab units: a hole shows the ground; what is printed white is a little off
HOLE_PURE = 0.35  # Lab units: or the patch is the ground itself, through and through
PALE, PALE_BLUR = 10.0, 4.0  # Lab units, px: an outline is smooth where all around is less far off the ground than that
SOFT_REACH = 2  # px on both sides of the outline in which a pixel may be both
ISLAND_SHARE = 0.004  # of the largest piece: smaller pieces are dust


@dataclass(frozen=True)
class Ground:
    """Where the plain ground was seen: joined to the frame, or enclosed in the product (holes)."""

    outside: Flags
    enclosed: Flags
    shadow: Flags


def cut_plain(lab_HW3: Floats, backdrop: Backdrop, likely_HW: Floats) -> Flags:
    """The product on a plain ground, without its shadow; `likely_HW` is the coarse probability, resized."""
    ground = read_ground(lab_HW3, backdrop, likely_HW)
    product_HW = ~(ground.outside | ground.shadow | ground.enclosed)
    product_HW = without_dust(product_HW & ~_soft_islands(product_HW, lab_HW3, backdrop))
    for reach in (3, 2):
        product_HW = settle_edge(lab_HW3, product_HW, reach)
    return without_dust(_smooth_where_pale(product_HW, np.linalg.norm(lab_HW3 - backdrop.ground, axis=2)))


def read_ground(lab_HW3: Floats, backdrop: Backdrop, likely_HW: Floats) -> Ground:
    """The ground's colour flooded in from the frame; its soft, grey, texture-free darkening beside it is shadow."""
    off_HW3 = lab_HW3 - backdrop.ground
    away_HW = np.linalg.norm(off_HW3, axis=2)
    ringing_HW = RINGING * cv2.dilate(away_HW, np.ones((17, 17), np.uint8))
    near_HW = away_HW <= np.maximum(_faintest(away_HW, backdrop.noise), ringing_HW)
    outside_HW = _flooded(near_HW)
    passable_HW = outside_HW | _shadowlike(lab_HW3[..., 0], off_HW3)
    wide_HW = cv2.morphologyEx(passable_HW.astype(np.uint8), cv2.MORPH_OPEN, _disc(3)) > 0
    shadow_HW = joined(wide_HW | outside_HW, outside_HW) & ~outside_HW
    shadow_HW &= ~_shining(shadow_HW, off_HW3[..., 0], likely_HW)
    left_HW = near_HW & ~outside_HW & ~shadow_HW
    return Ground(outside_HW, _holes(away_HW, left_HW, ~(near_HW | shadow_HW), backdrop.noise), shadow_HW)


def _faintest(away_HW: Floats, noise: float) -> Floats:
    """How far off a ground of such noise a pixel is ground, (H, W): less where all around is pale as well.

    White cloth on blown-out white is there by its grain alone; beside a strong colour that much is its glow.
    """
    pale_HW = cv2.dilate(away_HW, np.ones((33, 33), np.uint8)) < GLOWING
    return np.maximum(np.where(pale_HW, FAINTEST + (1.0 - FAINTEST) * 3.0 * noise, 1.0), 3.0 * noise)


def _flooded(near_HW: Flags) -> Flags:
    """The ground joined to the frame by more than a crack: a product as white as the ground is not entered."""
    wide_HW = cv2.morphologyEx(near_HW.astype(np.uint8), cv2.MORPH_OPEN, _disc(2), borderValue=1) > 0
    wide_HW = joined(wide_HW, frame(near_HW.shape))
    return np.asarray(near_HW & (cv2.dilate(wide_HW.astype(np.uint8), _disc(4)) > 0))


def _shadowlike(light_HW: Floats, off_HW3: Floats) -> Flags:
    """Darker than the ground, of its hue, without steps and without texture."""
    scale = float(np.clip(FULL_SIDE / max(light_HW.shape), 1.0, 2.5))
    grain_HW = cv2.blur(np.abs(light_HW - cv2.GaussianBlur(light_HW, (0, 0), 2.0)), (7, 7))
    smooth_HW = (slope(light_HW) <= SHADOW_SLOPE * scale) & (grain_HW < SHADOW_GRAIN * scale)
    return np.asarray(grey_HW(off_HW3) & smooth_HW)


def grey_HW(off_HW3: Floats) -> Flags:  # noqa: N802 - the suffix is the shape
    """Where the ground is only darkened, not tinted."""
    chroma_HW = np.hypot(off_HW3[..., 1], off_HW3[..., 2])
    return np.asarray((chroma_HW <= 2.0 + SHADOW_TINT * np.abs(off_HW3[..., 0])) & (off_HW3[..., 0] < 1.0))


def slope(light_HW: Floats) -> Floats:
    """Change of lightness per pixel, of the slightly smoothed picture."""
    smooth_HW = cv2.GaussianBlur(light_HW, (0, 0), 1.0)
    x = cv2.Sobel(smooth_HW, cv2.CV_32F, 1, 0, ksize=3, scale=0.125)
    y = cv2.Sobel(smooth_HW, cv2.CV_32F, 0, 1, ksize=3, scale=0.125)
    return np.asarray(cv2.magnitude(x, y))


def _shining(shadow_HW: Flags, off_HW: Floats, likely_HW: Floats) -> Flags:
    """Pieces that look like shadow but are a light product's own smooth side: not dark, and the model thinks so."""
    count, labels_HW, stats, _ = cv2.connectedComponentsWithStats(shadow_HW.astype(np.uint8), connectivity=4)
    area = np.maximum(1, stats[:, cv2.CC_STAT_AREA])
    likely = np.bincount(labels_HW.ravel(), weights=likely_HW.ravel(), minlength=count) / area
    dark = np.bincount(labels_HW[off_HW < -DARK], minlength=count) / area
    shining = likely >= np.where(dark > 0.02, SURE, np.where(_at_the_frame(stats, shadow_HW.shape), LEAVING, LIKELY))
    shining[0] = False
    return np.asarray(shining[labels_HW])


def _at_the_frame(stats: Any, shape: tuple[int, ...]) -> Flags:
    """Which pieces leave the picture: a shadow is more often cut by the frame than a product's side."""
    left, top = stats[:, cv2.CC_STAT_LEFT], stats[:, cv2.CC_STAT_TOP]
    right, bottom = left + stats[:, cv2.CC_STAT_WIDTH], top + stats[:, cv2.CC_STAT_HEIGHT]
    return np.asarray((left == 0) | (top == 0) | (right == shape[1]) | (bottom == shape[0]))


def _holes(away_HW: Floats, left_HW: Flags, product_HW: Flags, noise: float) -> Flags:
    """Patches of the ground's very colour that the flood did not reach: bag handles, loops, gaps between straps.

    White prints and highlights are as white; but they fade into the product, while a hole's rim is product at once.
    """
    count, labels_HW, stats, _ = cv2.connectedComponentsWithStats(left_HW.astype(np.uint8), connectivity=4)
    area = stats[:, cv2.CC_STAT_AREA]
    mean = np.bincount(labels_HW.ravel(), weights=away_HW.ravel(), minlength=count) / np.maximum(1, area)
    least = max(20.0, HOLE_SHARE * left_HW.size)
    open_ = np.zeros(count, bool)
    for label in np.nonzero((area >= least) & (mean <= HOLE_CLEAN + 2 * noise))[0]:
        pure = area[label] >= 10 * least and mean[label] <= HOLE_PURE + noise
        open_[label] = label > 0 and (
            pure or _rim(away_HW, product_HW, labels_HW, stats[label], int(label)) >= HOLE_RIM
        )
    return np.asarray(open_[labels_HW])


def _rim(away_HW: Floats, product_HW: Flags, labels_HW: Any, box: Any, label: int) -> float:
    """How far from the ground the product is, four to five pixels off a patch: the lower quartile."""
    left, top, wide, high = (int(value) for value in box[:4])
    window = np.s_[max(0, top - 6) : top + high + 6, max(0, left - 6) : left + wide + 6]
    apart_HW = cv2.distanceTransform((labels_HW[window] != label).astype(np.uint8), cv2.DIST_L2, 5)
    rim_N = away_HW[window][(apart_HW > 3.5) & (apart_HW <= 5.5) & product_HW[window]]
    return float(np.percentile(rim_N, 25)) if len(rim_N) else 0.0


def _soft_islands(product_HW: Flags, lab_HW3: Floats, backdrop: Backdrop) -> Flags:
    """Pieces beside the largest that are grey and nowhere have a sharp edge: the cores of floating shadows."""
    count, labels_HW, stats, _ = cv2.connectedComponentsWithStats(product_HW.astype(np.uint8))
    if count <= 2:
        return np.zeros_like(product_HW)
    tinted_HW = ~grey_HW(lab_HW3 - backdrop.ground)
    steep_HW = slope(lab_HW3[..., 0]) > SOFT_STEP
    area = np.maximum(1, stats[:, cv2.CC_STAT_AREA])
    tinted = np.bincount(labels_HW[tinted_HW], minlength=count) / area
    steep = np.bincount(labels_HW[steep_HW], minlength=count) / area
    soft = (tinted < 0.1) & (steep < 0.005)
    soft[[0, 1 + int(np.argmax(area[1:]))]] = False
    return np.asarray(soft[labels_HW])


def _smooth_where_pale(product_HW: Flags, away_HW: Floats) -> Flags:
    """White cloth before white: its grain says that it is there, but frays the outline, which no cloth has."""
    pale_HW = cv2.dilate(away_HW, np.ones((11, 11), np.uint8)) < PALE
    blur = PALE_BLUR * max(away_HW.shape) / FULL_SIDE
    most_HW = cv2.GaussianBlur(product_HW.astype(np.float32), (0, 0), blur) >= 0.5
    return np.where(pale_HW, most_HW, product_HW)


def settle_edge(lab_HW3: Floats, mask_HW: Flags, reach: int) -> Flags:
    """Each pixel within `reach` inside of the outline goes to the side whose local mean colour it is nearer to."""
    settled_HW, around = mask_HW.copy(), _around(mask_HW, 3 * reach + 2)
    settled_HW[around] &= _matte(lab_HW3[around], mask_HW[around], reach) >= 0.5
    return settled_HW


def soft_edge(lab_HW3: Floats, mask_HW: Flags) -> Pixels:
    """The mask with its outline finer than its pixels: how much of each is product, 0..255; from 128 on it is the mask.

    Scaled up and cut at half, it gives an outline without steps.
    """
    soft_HW, around = np.where(mask_HW, 255, 0).astype(np.uint8), _around(mask_HW, 3 * SOFT_REACH + 2)
    share_HW = 255.0 * np.clip(_matte(lab_HW3[around], mask_HW[around], SOFT_REACH), 0.0, 1.0)
    soft_HW[around] = np.where(mask_HW[around], np.maximum(share_HW, 128), np.minimum(share_HW, 127))
    return soft_HW


def _matte(lab_HW3: Floats, mask_HW: Flags, reach: int) -> Floats:
    """The mask, and about its outline where each pixel lies between the colours of both sides: 0 ground, 1 product.

    The projection on the line from local ground B to local product F is the classic matte; half is the outline.
    """
    u = mask_HW.astype(np.uint8)
    core_HW = cv2.erode(u, _disc(reach), borderValue=1) > 0
    bare_HW = cv2.erode(1 - u, _disc(1), borderValue=1) > 0
    front_HW3, fronts_HW = _local_mean(lab_HW3, core_HW, 2 * reach + 1)
    back_HW3, backs_HW = _local_mean(lab_HW3, bare_HW, 2 * reach + 1)
    band_HW = ~core_HW & ~bare_HW & (fronts_HW >= 4) & (backs_HW >= 4)
    line_N3 = front_HW3[band_HW] - back_HW3[band_HW]
    matte_HW = mask_HW.astype(np.float32)
    across_N = ((lab_HW3[band_HW] - back_HW3[band_HW]) * line_N3).sum(1)
    matte_HW[band_HW] = across_N / np.maximum((line_N3**2).sum(1), 1e-3)
    return matte_HW


def _around(mask_HW: Flags, margin: int) -> tuple[slice, slice]:
    """The rows and columns that hold the mask, and a margin: what is farther away is not looked at."""
    ys, xs = np.nonzero(mask_HW.any(axis=1))[0], np.nonzero(mask_HW.any(axis=0))[0]
    if not len(ys):
        return slice(0, margin), slice(0, margin)
    return slice(max(0, ys[0] - margin), ys[-1] + margin + 1), slice(max(0, xs[0] - margin), xs[-1] + margin + 1)


def without_dust(mask_HW: Flags) -> Flags:
    """Without pieces far smaller than the largest one."""
    count, labels_HW, stats, _ = cv2.connectedComponentsWithStats(mask_HW.astype(np.uint8), connectivity=4)
    if count <= 2:
        return mask_HW
    area = stats[:, cv2.CC_STAT_AREA]
    kept = area >= ISLAND_SHARE * area[1:].max()
    kept[0] = False
    return np.asarray(kept[labels_HW])


def joined(where_HW: Flags, seed_HW: Flags) -> Flags:
    """The parts of `where_HW` that touch the seed."""
    count, labels_HW = cv2.connectedComponents(where_HW.astype(np.uint8), connectivity=4)
    hit = np.zeros(count, bool)
    hit[np.unique(labels_HW[seed_HW & where_HW])] = True
    hit[0] = False
    return np.asarray(hit[labels_HW])


def frame(shape: tuple[int, ...]) -> Flags:
    """The outermost pixels."""
    edge_HW = np.zeros(shape[:2], bool)
    edge_HW[[0, -1]] = True
    edge_HW[:, [0, -1]] = True
    return edge_HW


def _local_mean(lab_HW3: Floats, where_HW: Flags, radius: int) -> tuple[Floats, Floats]:
    """Mean colour of the flagged pixels around each pixel, and how many they are."""
    window, weight_HW = (2 * radius + 1, 2 * radius + 1), where_HW.astype(np.float32)
    count_HW = cv2.boxFilter(weight_HW, -1, window, normalize=False, borderType=cv2.BORDER_CONSTANT)
    total_HW3 = cv2.boxFilter(
        lab_HW3 * weight_HW[..., None], -1, window, normalize=False, borderType=cv2.BORDER_CONSTANT
    )
    return total_HW3 / np.maximum(count_HW, 1.0)[..., None], np.asarray(count_HW)


def _disc(radius: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1)), dtype=np.uint8)
