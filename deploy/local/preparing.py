"""What preparing and probing a server needs: a program that must be there, a command that must succeed, a port."""

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import httpx

from deploy.local.ports import HOST
from deploy.local.processes import LocalStackError


def need(tool: str, remedy: str) -> None:
    """Stop with the remedy when a program is not installed."""
    if shutil.which(tool) is None:
        raise LocalStackError(f"`{tool}` is missing. Install {remedy}")


def run(
    command: Sequence[str],
    doing: str,
    environment: dict[str, str] | None = None,
    *,
    user: str | None = None,
    folder: Path | None = None,
    limit_s: float = 1800.0,
) -> str:
    """Run one preparing command; returns what it said. Raises LocalStackError with that when it fails or never ends."""
    try:
        done = _done(command, environment, user, folder, limit_s)
    except subprocess.TimeoutExpired as error:
        raise LocalStackError(f"{doing} did not end in {limit_s:.0f} s: is the network there?") from error
    said = (done.stdout + done.stderr).strip()
    if done.returncode != 0:
        raise LocalStackError(f"{doing} failed ({command[0]} ended with {done.returncode}):\n{said[-2000:]}")
    return said


def _done(
    command: Sequence[str], environment: dict[str, str] | None, user: str | None, folder: Path | None, limit_s: float
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        env={**os.environ, **(environment or {})},
        user=user,
        group=pwd.getpwnam(user).pw_gid if user else None,
        cwd=folder,
        timeout=limit_s,
    )


@contextlib.contextmanager
def appearing(folder: Path) -> Iterator[Path]:
    """An empty folder, for its owner alone, that takes this one's name and place when the block has ended well.

    So a folder is whole or not there, however its making ends; one that somebody else made whole meanwhile stays.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        yield draft
        with contextlib.suppress(OSError):  # not empty: somebody was quicker
            draft.replace(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def no_listener(port: int) -> str | None:
    """None once something accepts connections on the port."""
    try:
        socket.create_connection((HOST, port), timeout=1).close()
    except OSError as error:
        return f"nothing listens on port {port} ({error})"
    return None


def not_ok(url: str) -> str | None:
    """None once the URL answers with success."""
    try:
        answer = httpx.get(url, timeout=2, trust_env=False, verify=False)  # without TLS: no certificates to read
    except httpx.HTTPError as error:
        return f"{url}: {type(error).__name__}"
    return None if answer.is_success else f"{url} answers {answer.status_code}: {answer.text[:200].strip()}"
