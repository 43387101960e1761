"""Where outlines touch the ground."""

import numpy as np
from numpy.typing import NDArray

from services.inpainter.compose.footing import footing


def product(rows: int = 100, columns: int = 120) -> NDArray[np.bool_]:
    return np.zeros((rows, columns), bool)


def test_a_box_touches_along_its_whole_base() -> None:
    box = product()
    box[30:80, 20:100] = True
    found = footing(box)
    assert (found.lows[20:100] == 80).all() and (found.lows[:20] == -1).all()
    assert (found.touch[20:100] == 1).all() and (found.touch[100:] == 0).all()
    assert found.depth == 0


def test_a_ball_touches_at_its_lowest_point_only() -> None:
    rows, columns = np.mgrid[0:100, 0:120]
    found = footing((rows - 50) ** 2 + (columns - 60) ** 2 < 30**2)
    assert found.touch[60] > 0.99
    assert found.touch[35] < 0.2


def test_a_box_seen_from_its_corner_has_a_deep_foot() -> None:
    corner = product()
    for column in range(20, 100):  # its lower edge climbs a row every two columns, on both sides of column 60
        corner[20 : 80 - abs(column - 60) // 2, column] = True
    found = footing(corner)
    assert 20 < found.depth <= 40
    assert found.touch[35] > 0.5, "further back, not off the ground"


def test_a_bag_that_stands_askew_stands_on_a_line_that_slopes() -> None:
    rows, columns = np.mgrid[0:100, 0:120]
    lows = 50 + 0.25 * (columns - 20)
    bag = (columns >= 20) & (columns < 100) & (rows < lows) & (rows >= lows - 30)
    line = footing(bag).line
    assert line is not None
    assert abs(line[0] - 45) < 1 and abs(line[1] - 0.25) < 0.02


def test_neither_a_ball_nor_the_two_edges_of_a_corner_are_a_line() -> None:
    rows, columns = np.mgrid[0:100, 0:120]
    corner = (np.abs(columns - 60) < 40) & (rows >= 20) & (rows < 80 - np.abs(columns - 60) // 2)
    assert footing((rows - 50) ** 2 + (columns - 60) ** 2 < 30**2).line is None
    assert footing(corner).line is None
