"""Convolutions of 3x3 kernels by fewer products: Winograd's F(4x4, 3x3), after Lavin and Gray (2016, arXiv:1509.09308).

A tile of 4x4 outputs takes 36 products of channels where the sum of nine shifts takes 144. Pictures and kernels are
turned to their values at 36 points, multiplied there, and turned back: the same numbers but for rounding, of some 1e-6.
Pictures are of whole tiles, with a border of one zero; their channels should lie together.
Shapes: B batch, C channels in, O out, h w cells, P 36 points, T tiles of all samples, i j tiles of a picture.
"""

from collections.abc import Sequence
from functools import cache

import torch
from torch import Tensor
from torch.nn import functional

TILE, POINTS = 4, 6  # cells of a tile's side, and points of it
OF_PICTURES = (
    (4, 0, -5, 0, 1, 0), (0, -4, -4, 1, 1, 0), (0, 4, -4, -1, 1, 0),
    (0, -2, -1, 2, 1, 0), (0, 2, -1, -2, 1, 0), (0, 4, 0, -5, 0, 1),
)  # fmt: skip
OF_KERNELS = (
    (1 / 4, 0, 0), (-1 / 6, -1 / 6, -1 / 6), (-1 / 6, 1 / 6, -1 / 6),
    (1 / 24, 1 / 12, 1 / 6), (1 / 24, -1 / 12, 1 / 6), (0, 0, 1),
)  # fmt: skip
BACK = ((1, 1, 1, 1, 1, 0), (0, 1, -1, 2, -2, 0), (0, 1, 1, 4, 4, 0), (0, 1, -1, 8, -8, 1))


def whole_tiles(x_BChw: Tensor) -> bool:
    """Whether these pictures are of whole tiles."""
    return all(side % TILE == 0 for side in x_BChw.shape[2:])


def picture_points(x_BChw: Tensor) -> Tensor:
    """(P, T, C) the pictures at the points."""
    count, channels, height, width = x_BChw.shape
    x_BhwC = functional.pad(x_BChw.permute(0, 2, 3, 1), (0, 0, 1, 1, 1, 1))
    of_sample, of_row, of_column, _ = x_BhwC.stride()
    shape = POINTS, POINTS, count, height // TILE, width // TILE, channels
    overlapping = x_BhwC.as_strided(shape, (of_row, of_column, of_sample, TILE * of_row, TILE * of_column, 1))
    turned = _both_ways(OF_PICTURES, x_BChw.dtype) @ overlapping.reshape(POINTS**2, -1)
    return turned.view(POINTS**2, -1, channels)


def kernel_points(kernel_OC33: Tensor) -> Tensor:
    """(P, C, O) the kernels at the points."""
    out, channels = kernel_OC33.shape[:2]
    turned = _both_ways(OF_KERNELS, kernel_OC33.dtype) @ kernel_OC33.permute(2, 3, 1, 0).reshape(9, -1)
    return turned.view(POINTS**2, channels, out)


def pictures(points_PTO: Tensor, frame: Sequence[int], widths: Sequence[int]) -> list[Tensor]:
    """(B, h, w, width) each: back from the points to a frame of (h, w), the channels cut into `widths`."""
    height, width = frame
    turned = _both_ways(BACK, points_PTO.dtype) @ points_PTO.view(POINTS**2, -1)
    tiles_44BijO = turned.view(TILE, TILE, -1, height // TILE, width // TILE, points_PTO.shape[2])
    parts = [part.permute(2, 3, 0, 4, 1, 5) for part in tiles_44BijO.split(widths, -1)]
    return [part.reshape(-1, height, width, part.shape[-1]) for part in parts]


def convolved(x_BChw: Tensor, kernel_OC33: Tensor) -> Tensor:
    """(B, O, h, w) the convolution, channels together."""
    points_PTO = torch.bmm(picture_points(x_BChw), kernel_points(kernel_OC33))
    return pictures(points_PTO, x_BChw.shape[2:], [len(kernel_OC33)])[0].permute(0, 3, 1, 2)


def kernel_slopes(points_PTC: Tensor, slope_BhwO: Tensor) -> Tensor:
    """(O, C, 3, 3) the gradient of a kernel, from its pictures at the points and the gradient of what came out."""
    tiles_44BijO = slope_BhwO.unflatten(2, (-1, TILE)).unflatten(1, (-1, TILE)).permute(2, 4, 0, 1, 3, 5)
    turned = _both_ways(BACK, slope_BhwO.dtype).t() @ tiles_44BijO.reshape(TILE**2, -1)
    slope_PTO = turned.view(POINTS**2, -1, slope_BhwO.shape[3])
    products_POC = torch.bmm(slope_PTO.transpose(1, 2), points_PTC)
    slopes = _both_ways(OF_KERNELS, slope_BhwO.dtype).t() @ products_POC.flatten(1)
    return slopes.view(3, 3, *products_POC.shape[1:]).permute(2, 3, 0, 1)


@cache
def _both_ways(matrix: tuple[tuple[float, ...], ...], dtype: torch.dtype) -> Tensor:
    """The turn along rows and columns in one."""
    one_way = torch.tensor(matrix, dtype=torch.float64)
    return torch.kron(one_way, one_way).to(dtype)
