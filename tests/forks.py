"""Python processes of the tests as forks of one that has the heavy libraries: they are read once, not by each process.

python tests/forks.py SOCKET [LIBRARY …]    reads them, and forks for whoever asks, until its stdin ends
python -S tests/forks.py SOCKET ask -m …    asks for `python -m …`, in its own folder, environment and files; it passes
                                            signals on and ends as its fork does, and with it the fork
"""

import contextlib
import gc
import importlib
import io
import json
import os
import runpy
import selectors
import signal
import socket
import sys
import types
from collections.abc import Mapping
from pathlib import Path

# none of our own: coverage counts their lines as they are imported, and a worker imports what the tree holds
HEAVY = (
    "torch", "torchvision.transforms.functional", "cv2", "peft", "segment_anything",
    "diffusers.models.autoencoders.autoencoder_kl", "diffusers.models.unets.unet_2d_condition",
    "diffusers.pipelines.stable_diffusion", "transformers.modeling_utils", "transformers.models.clip.modeling_clip",
    "transformers.models.blip.modeling_blip", "faststream.kafka", "fastapi", "kafka", "sqlalchemy.orm",
    "alembic.command", "minio", "playwright.sync_api", "jsonschema", "matplotlib.figure", "psycopg",
    "pydantic_settings", "structlog", "prometheus_client", "httpx", "uvicorn", "typer", "rich.console",
    "faststream.asgi", "faststream.cli.main",
)  # fmt: skip
DOOR = "BACKDROP_TESTS_FORKS"  # the variable that names the socket, for processes that workers start
# what libraries read as they come in: who wants another value of these gets a process that begins from nothing
EARLY = ("OMP_", "KMP_", "GOMP_", "MKL_", "OPENBLAS_", "ONEDNN_", "DNNL_", "ATEN_", "TORCH", "PYTORCH_", "CUDA_", "HF_",
         "TRANSFORMERS_", "DIFFUSERS_", "LD_", "MALLOC_", "PYTHON")  # fmt: skip
LATE = ("PYTHONPATH", "PYTHONUNBUFFERED")  # a fork heeds these by itself
Asked = dict  # the process that somebody wants to have: see `begun`
PASSED_ON = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def python() -> tuple[str, ...]:
    """How the command of a Python process begins: as a fork where there are forks, as any other where not."""
    return (sys.executable, "-S", __file__, door, "ask") if (door := os.environ.get(DOOR)) else (sys.executable,)


def early(environment: Mapping[str, str]) -> dict[str, str]:
    """What libraries read of it as they come in."""
    return {name: said for name, said in environment.items() if name.startswith(EARLY) and name not in LATE}


class Forks:
    """Those that live, and the line to whoever asked for each."""

    def __init__(self, door: socket.socket, read: Mapping[str, str]) -> None:
        """`read` is what the libraries have read."""
        self._door, self._bell, self._read = door, socket.socketpair(), read
        self._lines: dict[int, socket.socket] = {}
        self._waiting = selectors.DefaultSelector()
        for file in (door, self._bell[0], sys.stdin):
            self._waiting.register(file, selectors.EVENT_READ)
        self._bell[1].setblocking(False)
        signal.set_wakeup_fd(self._bell[1].fileno())
        signal.signal(signal.SIGCHLD, lambda *_: None)  # the bell rings

    def until_one(self) -> Asked | None:
        """Look after them all; returns in each fork, with what it shall be, and at the end with None."""
        while True:
            for key, _ in self._waiting.select():
                if key.fileobj is sys.stdin:
                    return None
                if key.fileobj is self._bell[0]:
                    self._bury()
                elif key.fileobj is not self._door:
                    self._hear(key.data)
                elif asked := self._begin(self._door.accept()[0]):
                    return asked

    def _begin(self, line: socket.socket) -> Asked | None:
        files, asked = receive(line)
        fork = -1 if asked is None or early(asked["environment"]) != self._read else os.fork()
        if fork == 0:
            self._leave(line)
            for place, file in enumerate(files):
                os.dup2(file, place)
        for file in files:
            os.close(file)
        if fork > 0:
            self._lines[fork] = line
            self._waiting.register(line, selectors.EVENT_READ, fork)
            tell(line, b"+")
        else:
            line.close()
        return asked if fork == 0 else None

    def _leave(self, line: socket.socket) -> None:
        """A fork has nothing to do with its parent's other children."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        self._waiting.close()
        for other in (line, self._door, *self._bell, *self._lines.values()):
            other.close()

    def _hear(self, fork: int) -> None:
        """A signal to pass on; nothing when who asked was killed, as the fork is then."""
        if fork in self._lines:
            said = hear(self._lines[fork])
            for number in said or (signal.SIGKILL,):
                os.kill(fork, number)
            if not said:
                self._waiting.unregister(self._lines[fork])

    def _bury(self) -> None:
        self._bell[0].recv(4096)
        with contextlib.suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                line = self._lines.pop(ended[0])
                with contextlib.suppress(KeyError):
                    self._waiting.unregister(line)
                tell(line, str(os.waitstatus_to_exitcode(ended[1])).encode())
                line.close()


def receive(line: socket.socket) -> tuple[list[int], Asked | None]:
    """The three files, and a line of JSON; None from who is gone already."""
    said, files, _, _ = socket.recv_fds(line, 1 << 20, 3)
    while not said.endswith(b"\n") and (more := hear(line)):
        said += more
    return files, json.loads(said) if said.endswith(b"\n") else None


def hear(line: socket.socket) -> bytes:
    """What there is, or nothing from who is gone."""
    with contextlib.suppress(OSError):
        return line.recv(1 << 20)
    return b""


def tell(line: socket.socket, said: bytes) -> None:
    """Unless nobody listens any more."""
    with contextlib.suppress(OSError):
        line.sendall(said)


def serve(address: str, libraries: tuple[str, ...]) -> Asked | None:
    """Fork for whoever connects; returns in each fork, and without anything at the end of stdin."""
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(address)
        door.listen()  # who comes early waits
        # they may come before a fork knows what it is, and a shell's background jobs ignore some
        for number in PASSED_ON:
            signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
        read = early(os.environ)
        for name in libraries:
            with contextlib.suppress(ImportError):  # then a fork imports it, and says what is missing
                importlib.import_module(name)
        gc.collect()
        gc.freeze()
        return Forks(door, read).until_one()


def become(asked: Asked) -> None:
    """Be the process that was asked for, until its end."""
    if asked["leads"]:
        os.setsid()
    for number in asked["ignored"]:
        signal.signal(number, signal.SIG_IGN)
    os.chdir(asked["folder"])
    os.environ.clear()
    os.environ.update(asked["environment"])
    at_once = asked["words"][0] == "-u"
    open_files(at_once or bool(os.environ.get("PYTHONUNBUFFERED")))
    sys.path[1:1] = [place for place in os.environ.get("PYTHONPATH", "").split(os.pathsep) if place]
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()  # Python's own dice are thrown anew by the fork itself
    run(asked["words"][at_once:])


def open_files(at_once: bool) -> None:
    """As Python opens its three: complaints come by the line, the rest by the block or `at_once`."""
    out, err = (os.fdopen(place, "wb", 0 if at_once else -1) for place in (1, 2))
    sys.stdin = io.TextIOWrapper(os.fdopen(0, "rb"))
    sys.stdout = io.TextIOWrapper(out, write_through=at_once, line_buffering=out.isatty())
    sys.stderr = io.TextIOWrapper(err, errors="backslashreplace", write_through=at_once, line_buffering=True)


def run(words: list[str]) -> None:
    """As the interpreter does what comes after its name."""
    match words:
        case ["-m", module, *more]:
            sys.argv, sys.path[0] = ["-m", *more], str(Path.cwd())
            runpy.run_module(module, run_name="__main__", alter_sys=True)
        case ["-c", code, *more]:
            sys.argv, sys.path[0] = ["-c", *more], ""
            sys.modules["__main__"] = main = types.ModuleType("__main__")
            exec(code, main.__dict__)
        case [path, *more]:
            sys.argv, sys.path[0] = [path, *more], str(Path(path).parent.absolute())
            runpy.run_path(path, run_name="__main__")


def ask(address: str, words: list[str]) -> None:
    """Live and end as a fork that runs this; where none can be had, become a process that begins from nothing."""
    with socket.socket(socket.AF_UNIX) as line:
        ignored = [number for number in PASSED_ON if signal.getsignal(number) == signal.SIG_IGN]
        signal.pthread_sigmask(signal.SIG_BLOCK, PASSED_ON)  # until there is a fork to pass them on to
        if begun(line, address, words, ignored):
            sys.exit(as_the_fork(line))
    signal.pthread_sigmask(signal.SIG_UNBLOCK, PASSED_ON)
    os.execv(sys.executable, [sys.executable, *words])


def begun(line: socket.socket, address: str, words: list[str], ignored: list[int]) -> bool:
    """Whether there is a fork now."""
    here = {"folder": str(Path.cwd()), "environment": dict(os.environ), "leads": os.getsid(0) == os.getpid()}
    said = json.dumps({"words": words, "ignored": ignored, **here}).encode() + b"\n"
    try:
        line.connect(address)
        sent = socket.send_fds(line, [said], [0, 1, 2])
        if sent < len(said):
            line.sendall(said[sent:])
        return line.recv(1) == b"+"
    except OSError:
        return False


def as_the_fork(line: socket.socket) -> int | str:
    """Its exit code; ends by the same signal where it ended by one."""
    for number in PASSED_ON:
        signal.signal(number, lambda number, _: tell(line, bytes([number])))
    signal.pthread_sigmask(signal.SIG_UNBLOCK, PASSED_ON)
    for place in (0, 1):
        os.close(place)
    said = b"".join(iter(lambda: hear(line), b""))
    if not said:
        return "whoever forks for these tests ended before its fork"
    if (status := int(said)) < 0:
        if -status != signal.SIGKILL:  # whose way nobody may change
            signal.signal(-status, signal.SIG_DFL)
        os.kill(os.getpid(), -status)
    return status


if __name__ == "__main__":
    if sys.argv[2:3] == ["ask"]:
        ask(sys.argv[1], sys.argv[3:])
    elif asked := serve(sys.argv[1], tuple(sys.argv[2:]) or HEAVY):
        become(asked)
