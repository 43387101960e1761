"""How products arrive: curves of messages a second, one value for each second. Pure."""

import numpy as np
from numpy.typing import NDArray

DAY_S = 24 * 60 * 60

Rates = NDArray[np.float64]
"""Messages a second, shape (seconds,)."""


def steady(rate: float, *, seconds: int) -> Rates:
    """The same all the time."""
    return np.full(seconds, rate)


def day(mean: float, *, peak: float, seconds: int = DAY_S) -> Rates:
    """A day of a shop: lowest at night, `peak` times the mean at its highest. `peak` lies in 1..2."""
    turn = 2 * np.pi * np.arange(seconds) / DAY_S
    return np.maximum(mean * (1 - (peak - 1) * np.cos(turn)), 0.0)


def burst(base: float, *, height: float, begins: int, lasts: int, seconds: int) -> Rates:
    """A steady base, and for a while `height` times as much: a merchant's catalogue arrives."""
    rates = steady(base, seconds=seconds)
    rates[begins : begins + lasts] *= height
    return rates
