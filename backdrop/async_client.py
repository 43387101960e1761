"""The same Kafka client for programs with an event loop, in which no call of it stands in anybody's way."""

import asyncio
from collections.abc import AsyncGenerator, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from backdrop.client import EVER, Heard, KafkaClient
from shared.contracts.events import Event
from shared.runtime.settings import KafkaSettings


class AsyncKafkaClient:
    """`KafkaClient` with its calls in threads of their own: what it raises and when it gives up is the same."""

    def __init__(self, settings: KafkaSettings) -> None:
        self._client = KafkaClient(settings)

    async def publish(self, events: Iterable[Event]) -> int:
        """Publish events in order and wait until Kafka has them all; returns how many. Raises DependencyDown."""
        return await asyncio.to_thread(self._client.publish, tuple(events))

    async def listen(self, topics: Iterable[str], *, since: datetime = EVER) -> AsyncGenerator[Heard | None]:
        """Everything said on these topics since a moment, or ever, then what comes; None when nothing does.

        Raises NotKnown `topics_missing` when the stack was never provisioned, DependencyDown when Kafka is away. Who
        stops listening, or is cancelled, leaves at once; the consumer is closed when its poll of half a second ends.
        """
        heard, loop = self._client.listen(tuple(topics), since=since), asyncio.get_running_loop()
        thread = ThreadPoolExecutor(1)  # one, so that the consumer is closed behind its last poll
        try:
            while True:
                yield await loop.run_in_executor(thread, next, heard)
        finally:
            thread.submit(heard.close)
            thread.shutdown(wait=False)

    async def sizes(self, topics: Iterable[str]) -> dict[str, int]:
        """How many messages each topic holds; 0 for one that does not exist. Raises DependencyDown."""
        return await asyncio.to_thread(self._client.sizes, tuple(topics))
