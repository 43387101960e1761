"""How a worker that runs as a job tells how it ended: a cluster starts another unless it ended with 0."""

import signal
import subprocess
import sys
from pathlib import Path

from deploy.local.ports import free_ports

ROOT = Path(__file__).resolve().parents[4]
WORKER = """
import asyncio, sys
from services.trainer.__main__ import serve

def create(leave):
    async def app(scope, receive, send):
        assert scope["type"] == "lifespan"
        await receive()
        await send({"type": "lifespan.startup.complete"})
        print("up", flush=True)
        if sys.argv[2] == "leaves":
            asyncio.get_running_loop().call_later(0.1, leave)
        await receive()
        print("in order", flush=True)
        await send({"type": "lifespan.shutdown.complete"})
    return app

serve(create, "127.0.0.1", int(sys.argv[1]))
"""


def worker(way: str) -> "subprocess.Popen[str]":
    (port,) = free_ports(1)
    command = [sys.executable, "-c", WORKER, str(port), way]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def test_a_worker_that_has_nothing_left_ends_in_order_with_0() -> None:
    said, _ = (process := worker("leaves")).communicate(timeout=60)
    assert (process.returncode, said.split("\n")[:2]) == (0, ["up", "in order"])


def test_a_worker_that_is_stopped_ends_in_order_and_by_the_signal_so_that_another_is_started() -> None:
    process = worker("stays")
    assert process.stdout is not None and process.stdout.readline() == "up\n"
    process.send_signal(signal.SIGTERM)
    said, _ = process.communicate(timeout=60)
    assert (process.returncode, said) == (-signal.SIGTERM, "in order\n")
