"""One deadline over every single read, write and handshake of a connection."""

import socket
import ssl
import threading
import time

import httpcore
import pytest

from shared.runtime.web.deadlines import Deadline, DeadlineBackend, resolve, resolved


def test_time_runs_out_and_never_reads_as_none() -> None:
    assert 9 < Deadline(10).left_s <= 10 and not Deadline(10).over
    past = Deadline(1, began=time.monotonic() - 5)
    assert past.over and past.left_s == 0.001


def test_the_systems_resolver_knows_loopback() -> None:
    assert "127.0.0.1" in resolve("127.0.0.1", 80)


def test_a_name_that_cannot_be_written_down_is_not_resolved() -> None:
    with pytest.raises(OSError, match="label"):
        resolved(lambda host, port: [host.encode("idna").decode()], "a" * 70 + ".example", 443, Deadline(60))


def test_what_the_resolver_says_in_time_counts() -> None:
    assert resolved(lambda host, port: [f"{host}:{port}"], "a.example", 443, Deadline(60)) == ["a.example:443"]


def test_a_timeout_that_is_asked_for_does_not_lengthen_the_deadline() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        stream = DeadlineBackend(Deadline(0.3)).connect_tcp("127.0.0.1", server.getsockname()[1], timeout=600)
        assert stream.get_extra_info("server_addr") == server.getsockname()
        stream.write(b"hello", timeout=600)
        with pytest.raises(httpcore.ReadTimeout):
            stream.read(10, timeout=600)
        with pytest.raises(httpcore.ReadTimeout):
            stream.read(10, timeout=600)  # and nothing is even tried afterwards
        stream.close()


def test_who_takes_nothing_is_not_written_to_for_ever() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        stream = DeadlineBackend(Deadline(0.3)).connect_tcp("127.0.0.1", server.getsockname()[1])
        with pytest.raises(httpcore.WriteTimeout):
            stream.write(bytes(100_000_000), timeout=600)
        stream.close()


def test_a_line_that_became_secret_keeps_its_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    class Secret(httpcore.NetworkStream):
        def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
            return b"x"

    class Plain(httpcore.NetworkStream):
        def start_tls(self, *_: object) -> httpcore.NetworkStream:
            return Secret()

    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", lambda *_: Plain())
    plain = DeadlineBackend(Deadline(60)).connect_tcp("shop.example", 443)
    assert plain.start_tls(ssl.create_default_context(), "shop.example").read(1) == b"x"
    over = DeadlineBackend(Deadline(1, began=time.monotonic() - 5)).connect_tcp("shop.example", 443)
    with pytest.raises(httpcore.ReadTimeout):
        over.start_tls(ssl.create_default_context(), "shop.example").read(1)


def test_a_reader_of_single_bytes_is_stopped_in_the_middle() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        stop = threading.Event()
        threading.Thread(target=_drip, args=(server, stop), daemon=True).start()
        stream = DeadlineBackend(Deadline(1.0)).connect_tcp("127.0.0.1", server.getsockname()[1])
        got = b""
        with pytest.raises(httpcore.ReadTimeout):
            while True:
                got += stream.read(1)
        stop.set()
        stream.close()
    assert 1 <= len(got) < 100


def _drip(server: socket.socket, stop: threading.Event) -> None:
    connection, _ = server.accept()
    with connection:
        while not stop.wait(0.02):
            connection.sendall(b"x")
