"""Which plans an order draws: looked for once and kept beside the samples, so that no worker walks the row again."""

import json
from collections.abc import Sequence

from bundled.studio.plan.requests import numbers, plan_of
from bundled.studio.run.order import DrawingOrder
from bundled.studio.run.shards import write_whole
from bundled.studio.run.spool import spool_of


def selected(order: DrawingOrder) -> Sequence[int]:
    """The plan's number for each scene of the order."""
    if not order.request.names:
        return range(order.count)
    file = spool_of(order).folder / "numbers.json"
    known = json.loads(file.read_text()) if file.exists() else []
    found = numbers(order.request, plan_of(order.kind, order.seed), max(order.count, len(known)), known)
    if len(found) > len(known):
        write_whole(file, json.dumps(found).encode())
    return found
