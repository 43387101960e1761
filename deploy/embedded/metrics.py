"""The metrics of all services of one process, on one page, as each shows its own where it is a process of its own."""

import contextlib
from collections.abc import Iterator, Sequence

from prometheus_client import CollectorRegistry, ProcessCollector, start_http_server
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from shared.contracts.errors import BadRequest

HOST = "127.0.0.1"


class Together(Collector):
    """Several registries as one: what has the same name is one family, told apart by its `service`."""

    def __init__(self, registries: Sequence[CollectorRegistry]) -> None:
        self._registries = tuple(registries)

    def collect(self) -> Iterator[Metric]:
        """Families in the order in which they are first met."""
        families: dict[str, Metric] = {}
        for registry in self._registries:
            for family in registry.collect():
                first = families.setdefault(family.name, family)
                if first is not family:
                    first.samples.extend(family.samples)
        yield from families.values()


def together(registries: Sequence[CollectorRegistry]) -> CollectorRegistry:
    """One registry over several, with the process's own memory and CPU time."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    registry.register(Together(registries))
    return registry


@contextlib.contextmanager
def served(registry: CollectorRegistry, port: int | None) -> Iterator[None]:
    """Answer http://127.0.0.1:<port>/metrics meanwhile; nothing without a port. Raises BadRequest when it is taken."""
    if port is None:
        yield
        return
    try:
        server, thread = start_http_server(port, addr=HOST, registry=registry)
    except OSError as error:
        words = f"EMBEDDED_METRICS_PORT={port} cannot be had ({error.strerror}): give another, or none"
        raise BadRequest("port_taken", words) from error
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5.0)
