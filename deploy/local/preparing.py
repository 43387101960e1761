"""What preparing and probing a server needs: a program that must be there, a command that must succeed, a port."""

import os
import pwd
import shutil
import socket
import subprocess
from collections.abc import Sequence
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
) -> None:
    """Run one preparing command. Raises LocalStackError with what it said when it fails, or when it does not end."""
    try:
        done = _done(command, environment, user, folder, limit_s)
    except subprocess.TimeoutExpired as error:
        raise LocalStackError(f"{doing} did not end in {limit_s:.0f} s: is the network there?") from error
    if done.returncode != 0:
        said = (done.stdout + done.stderr).strip()[-2000:]
        raise LocalStackError(f"{doing} failed ({command[0]} ended with {done.returncode}):\n{said}")


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
