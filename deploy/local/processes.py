"""Processes with notes: start one, find it again later, stop exactly that one."""

import contextlib
import fcntl
import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psutil  # type: ignore[import-untyped]

from deploy.local.places import Places
from deploy.local.ports import HOST

Ready = Callable[[], str | None]
"""What is still missing, in words; None when the process serves."""


class LocalStackError(Exception):
    """Something the person at the keyboard can act on; the message says what."""


@dataclass(frozen=True, kw_only=True)
class Process:
    """One process of the stack and how to tell that it serves."""

    name: str
    command: tuple[str, ...]
    where: str
    port: int
    ready: Ready
    environment: Mapping[str, str] = field(default_factory=dict)
    user: str | None = None
    folder: Path | None = None
    patience_s: float = 180.0
    stop_signal: signal.Signals = signal.SIGTERM


@contextlib.contextmanager
def alone(places: Places) -> Iterator[None]:
    """Nobody else starts or stops processes of this stack meanwhile. Raises LocalStackError when somebody does."""
    places.run.mkdir(parents=True, exist_ok=True)
    with (places.run / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise LocalStackError("another `make up` or `make down` is at work here: wait for its end") from error
        yield


def start(process: Process, places: Places) -> bool:
    """Start it unless it runs; True when it was started now. Waiting is `wait_until_ready`'s part."""
    if find(process.name, places) is not None:
        return False
    _refuse_taken_port(process)
    places.run.mkdir(parents=True, exist_ok=True)
    places.logs.mkdir(parents=True, exist_ok=True)
    with log_of(process.name, places).open("ab") as log:
        child = subprocess.Popen(
            process.command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=process.folder,
            env={**os.environ, **process.environment},
            user=process.user,
            group=_group_of(process.user),
            start_new_session=True,
        )
    _write_note(process, child.pid, places)
    return True


def wait_until_ready(process: Process, places: Places) -> None:
    """Wait until it serves. Raises LocalStackError with the end of its log when it dies or takes too long."""
    limit = time.monotonic() + process.patience_s
    while (missing := process.ready()) is not None:
        if find(process.name, places) is None:
            raise LocalStackError(f"{process.name} ended while starting.\n{last_lines(process.name, places)}")
        if time.monotonic() > limit:
            said = last_lines(process.name, places)
            raise LocalStackError(f"{process.name} was not ready in {process.patience_s:.0f} s: {missing}\n{said}")
        time.sleep(0.2)


def find(name: str, places: Places) -> psutil.Process | None:
    """The running process of that name that this stack started; a stranger that got its pid later is not it."""
    try:
        note = json.loads(_note_of(name, places).read_text())
        process = psutil.Process(note["pid"])
        same = abs(process.create_time() - note["created"]) < 1.0 and process.status() != psutil.STATUS_ZOMBIE
    except (FileNotFoundError, psutil.NoSuchProcess, ValueError):
        return None
    return process if same else None


def stop(name: str, places: Places, *, patience_s: float = 75.0) -> bool:
    """Stop it and its children; True when it ran. Kills what does not end in time."""
    process = find(name, places)
    note = _note_of(name, places)
    if process is None:
        note.unlink(missing_ok=True)
        return False
    family = [process]
    with contextlib.suppress(psutil.NoSuchProcess):  # it may end by itself, now as well
        family += process.children(recursive=True)
        process.send_signal(json.loads(note.read_text())["stop_signal"])
    _, alive = psutil.wait_procs(family, timeout=patience_s)
    for one in alive:
        with contextlib.suppress(psutil.NoSuchProcess):
            one.kill()
    psutil.wait_procs(alive, timeout=5)
    note.unlink(missing_ok=True)
    return True


def started(places: Places) -> list[str]:
    """Names of the processes this stack has notes of."""
    return sorted(path.stem for path in places.run.glob("*.json"))


def log_of(name: str, places: Places) -> Path:
    """Where a process writes."""
    return places.logs / f"{name}.log"


def last_lines(name: str, places: Places, count: int = 15) -> str:
    """The end of its log, for error messages."""
    path = log_of(name, places)
    lines = path.read_text(errors="replace").splitlines()[-count:] if path.exists() else []
    return "\n".join([f"The end of {path}:", *(f"  | {line[:300]}" for line in lines)])


def _note_of(name: str, places: Places) -> Path:
    return places.run / f"{name}.json"


def _write_note(process: Process, pid: int, places: Places) -> None:
    try:
        created = psutil.Process(pid).create_time()
    except psutil.NoSuchProcess:
        created = 0.0
    note = {"pid": pid, "created": created, "where": process.where, "stop_signal": int(process.stop_signal)}
    _note_of(process.name, places).write_text(json.dumps(note))


def _group_of(user: str | None) -> int | None:
    if user is None:
        return None
    import pwd

    return pwd.getpwnam(user).pw_gid


def _refuse_taken_port(process: Process) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, process.port))
        except OSError as error:
            knob = f"LOCAL_{process.name.upper()}_PORT"
            raise LocalStackError(
                f"{process.name}: port {process.port} is taken by another program. {knob}=<another> moves ours."
            ) from error
