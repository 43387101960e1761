"""The few shapes that queries here have."""

WINDOW = "$__rate_interval"


def rate(metric: str, where: str = "", by: str = "service", window: str = WINDOW) -> str:
    """How fast a counter grows, in all that has the same labels `by`."""
    return f"sum by ({by}) (rate({metric}{_selected(where)}[{window}]))"


def per_minute(metric: str, where: str = "", by: str = "service") -> str:
    """The same a minute, for what comes seldom."""
    return f"60 * {rate(metric, where, by)}"


def grown(metric: str, where: str = "", by: str = "service", window: str = "5m") -> str:
    """By how much a counter grew in a window."""
    return f"sum by ({by}) (increase({metric}{_selected(where)}[{window}]))"


def mean(histogram: str, where: str = "", by: str = "service", window: str = WINDOW) -> str:
    """The mean of what a histogram saw."""
    return f"{rate(f'{histogram}_sum', where, by, window)} / {rate(f'{histogram}_count', where, by, window)}"


def quantile(share: float, histogram: str, where: str = "", by: str = "service", window: str = WINDOW) -> str:
    """Below which value a share of what a histogram saw lies, within its buckets."""
    labels = ", ".join(filter(None, (by, "le")))
    return f"histogram_quantile({share}, sum by ({labels}) (rate({histogram}_bucket{_selected(where)}[{window}])))"


def total(gauge: str, where: str = "", by: str = "service") -> str:
    """The sum of a gauge."""
    return f"sum by ({by}) ({gauge}{_selected(where)})"


def most(gauge: str, where: str = "", by: str = "service") -> str:
    """The largest of a gauge."""
    return f"max by ({by}) ({gauge}{_selected(where)})"


def _selected(where: str) -> str:
    return f"{{{where}}}" if where else ""
