"""What a visitor of the embedded stack holds; apart from the services, whose libraries take seconds to import."""

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from prometheus_client import CollectorRegistry

from shared.runtime.broker import Broker
from shared.runtime.memory.broker import MemoryLog

if TYPE_CHECKING:
    from services.segmenter.refining import RefineMask

Dataset = Literal["product", "engaged", "judge"]


@dataclass(frozen=True)
class EmbeddedStack:
    """The services, running: publish with `broker`, hear with `log`; `release` makes and announces a dataset now.

    With `engaged`, styles are announced as well; `mine` announces the styles alone; `due` releases what has grown
    enough, by the clock, until it is cancelled.
    `registry` has the metrics of all of them, `refiner` answers clicks on a mask.
    """

    broker: Broker
    log: MemoryLog
    release: Callable[[Dataset], Awaitable[None]]
    mine: Callable[[], Awaitable[None]]
    due: Callable[[], Coroutine[Any, Any, None]]
    registry: CollectorRegistry
    refiner: "RefineMask | None" = None
