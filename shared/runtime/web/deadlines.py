"""One deadline over everything that happens on a connection: names, connecting, TLS, and every single read and write.

A timeout per read is no deadline: a server that sends a byte now and then stays within it for ever. Here the time that
is left is worked out anew for each call on the socket.
"""

import queue
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import httpcore

Resolver = Callable[[str, int], list[str]]


@dataclass(frozen=True)
class Deadline:
    """`seconds` from now."""

    seconds: float
    began: float = field(default_factory=time.monotonic)

    @property
    def left_s(self) -> float:
        """Seconds that are left, never quite none, as sockets take 0 for "do not wait"."""
        return max(0.001, self.began + self.seconds - time.monotonic())

    @property
    def over(self) -> bool:
        """Whether the time is up."""
        return time.monotonic() >= self.began + self.seconds


def resolve(host: str, port: int) -> list[str]:
    """All addresses of a host name, by the system's resolver, which knows no timeout."""
    return [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def resolved(resolver: Resolver, host: str, port: int, deadline: Deadline) -> list[str]:
    """What the resolver says. Raises OSError, TimeoutError among them: a name server that is silent is left behind."""
    answers: queue.SimpleQueue[list[str] | OSError] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put(resolver(host, port))
        except (OSError, UnicodeError) as error:
            answers.put(error if isinstance(error, OSError) else OSError(str(error)))

    threading.Thread(target=ask, name="resolver", daemon=True).start()
    try:
        answer = answers.get(timeout=deadline.left_s)
    except queue.Empty:
        raise TimeoutError(f"the name {host} was not resolved in time") from None
    if isinstance(answer, OSError):
        raise answer
    return answer


class DeadlineBackend(httpcore.NetworkBackend):
    """httpcore's sockets with one deadline for all that they do; what is asked for as a timeout does not count."""

    def __init__(self, deadline: Deadline) -> None:
        self._deadline = deadline
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """A connection. Raises httpcore.ConnectTimeout or ConnectError."""
        stream = self._sockets.connect_tcp(host, port, self._deadline.left_s, local_address, socket_options)
        return _DeadlineStream(stream, self._deadline)


class _DeadlineStream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream, self._deadline = stream, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        if self._deadline.over:
            raise httpcore.ReadTimeout("the deadline is over")
        return self._stream.read(max_bytes, self._deadline.left_s)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._deadline.left_s)

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        stream = self._stream.start_tls(ssl_context, server_hostname, self._deadline.left_s)
        return _DeadlineStream(stream, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
