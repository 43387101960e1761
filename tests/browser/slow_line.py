"""A line that is slow: what goes through it comes late and little by little, whatever browser is at its end."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field

from deploy.local.ports import HOST, free_ports

CHUNK = 4096  # bytes that travel together


@dataclass(frozen=True)
class Direction:
    """One way of the line, which all connections share: seconds until something arrives, bytes in a second."""

    delay_s: float
    bytes_per_s: float
    free: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """All that is read, until there is no more or nobody takes it."""
        with suppress(ConnectionError), closing(writer):
            while chunk := await reader.read(CHUNK):
                async with self.free:
                    await asyncio.sleep(len(chunk) / self.bytes_per_s)
                await asyncio.sleep(self.delay_s if len(chunk) < CHUNK else 0)  # the last of what was said waits
                writer.write(chunk)
                await writer.drain()


@contextmanager
def slow_line(
    port: int, *, delay_s: float = 0.1, down_bytes_per_s: float = 150_000, up_bytes_per_s: float = 60_000
) -> Iterator[int]:
    """The port of this machine at which `port` is to be had slowly, until the end of the block."""
    (mine,) = free_ports(1)
    listening, over = threading.Event(), threading.Event()

    async def serve() -> None:
        down, up = Direction(delay_s, down_bytes_per_s), Direction(delay_s, up_bytes_per_s)

        async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            there, back = await asyncio.open_connection(HOST, port)
            await asyncio.gather(up.carry(reader, back), down.carry(there, writer))

        async with await asyncio.start_server(meet, HOST, mine):
            listening.set()
            await asyncio.to_thread(over.wait)

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    try:
        assert listening.wait(timeout=60), "nobody listens"
        yield mine
    finally:
        over.set()
        thread.join(timeout=60)
