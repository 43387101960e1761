"""The studio of the tests as a process that can be stopped and started again."""

import json
import subprocess
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from deploy.local.ports import free_ports
from tests.forks import python

ROOT = Path(__file__).resolve().parents[2]
START_S = 120.0


def free_port() -> int:
    """A port that nobody has now, nor gets while these tests run."""
    (port,) = free_ports(1)
    return port


@dataclass
class RunningStudio:
    """Start it, stop it, start it again: the address and the state stay."""

    state: Path
    tenants: tuple[str, ...] = ()
    port: int = field(default_factory=free_port)
    keys: dict[str, str] = field(default_factory=dict)
    process: "subprocess.Popen[str] | None" = None

    @property
    def url(self) -> str:
        """Where the page is."""
        return f"http://127.0.0.1:{self.port}/"

    def start(self) -> None:
        """Returns when it answers; one that does not is stopped."""
        command = [*python(), "-m", "tests.browser.house", "--port", str(self.port), "--state", str(self.state)]
        command += ["--tenants", *self.tenants] if self.tenants else []
        self.process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        with ExitStack() as failing:
            failing.callback(self.stop, kill=True)
            assert self.process.stdout is not None
            self.keys = json.loads(self.process.stdout.readline() or "{}")
            self._wait()
            failing.pop_all()

    def stop(self, *, kill: bool = False) -> None:
        """In order, or as a crash."""
        if self.process is not None:
            (self.process.kill if kill else self.process.terminate)()
            self.process.wait(timeout=60)
            self.process = None

    def get(self, path: str) -> httpx.Response:
        """What the gateway answers to whoever is not the page, however slow the machine."""
        return httpx.get(f"{self.url}{path}", timeout=START_S)

    def post(self, path: str, **what: Any) -> httpx.Response:
        """The same; `what` as httpx has it."""
        return httpx.post(f"{self.url}{path}", timeout=START_S, **what)

    def _wait(self) -> None:
        until = time.monotonic() + START_S
        while time.monotonic() < until:
            try:
                httpx.get(self.url, timeout=5)
                return
            except httpx.TransportError:
                assert self.process is not None and self.process.poll() is None, "the studio ended while it started"
                time.sleep(0.05)
        raise TimeoutError("the studio does not answer")
