"""Workers of the tests as forks of one process that has the heavy libraries: they are read once, not by each worker.

python tests/forks.py SOCKET             reads them, and forks for whoever asks, until its stdin ends
python -S tests/forks.py SOCKET -u -c …  asks; lives as long as its fork, which has its files, folder and environment
"""

import contextlib
import gc
import importlib
import json
import os
import selectors
import signal
import socket
import sys
from pathlib import Path

# none of our own: coverage counts their lines as they are imported, and a worker imports what the tree holds
HEAVY = (
    "torch", "torchvision.transforms.functional", "cv2", "peft", "segment_anything",
    "diffusers.models.autoencoders.autoencoder_kl", "diffusers.models.unets.unet_2d_condition",
    "diffusers.pipelines.stable_diffusion", "transformers.modeling_utils", "transformers.models.clip.modeling_clip",
    "transformers.models.blip.modeling_blip", "faststream.kafka", "fastapi", "kafka", "sqlalchemy.orm",
    "alembic.command", "minio", "playwright.sync_api", "jsonschema", "matplotlib.figure", "psycopg",
)  # fmt: skip


def serve(address: str) -> None:
    """Fork for whoever connects; returns in each fork, with its code to run, and ends with the line on stdin."""
    with socket.socket(socket.AF_UNIX) as door, selectors.DefaultSelector() as waiting:
        door.bind(address)
        door.listen()  # who comes early waits
        for name in HEAVY:
            with contextlib.suppress(ImportError):  # then a worker imports it, and says what is missing
                importlib.import_module(name)
        gc.collect()
        gc.freeze()
        ctrl_c = signal.signal(signal.SIGINT, signal.SIG_IGN)  # who asked is told, and ends the line
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for forks here
        for file in (door, sys.stdin):
            waiting.register(file, selectors.EVENT_READ)
        while all(key.fileobj is door for key, _ in waiting.select()):
            line, _ = door.accept()
            if os.fork() == 0:
                break
            line.close()
        else:
            return
    signal.signal(signal.SIGINT, ctrl_c)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    become(line)


def become(line: socket.socket) -> None:
    """Be the process that was asked for; `line` stays open until its end."""
    said, files, _, _ = socket.recv_fds(line, 1 << 20, 3)
    while more := line.recv(1 << 20):
        said += more
    asked = json.loads(said)
    for place, file in enumerate(files):
        os.dup2(file, place)
        os.close(file)
    os.chdir(asked["folder"])
    os.environ.clear()
    os.environ.update(asked["environment"])
    sys.argv, sys.path[0] = ["-c"], ""
    sys.stdin, sys.stdout, sys.stderr = (os.fdopen(place, how, closefd=False) for place, how in enumerate("rww"))
    try:
        exec(asked["code"], {"__name__": "__main__", "line": line})
    finally:
        sys.stdout.flush()
        sys.stderr.flush()


def ask(address: str, code: str) -> None:
    """Have a fork run this, and return at its end."""
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(address)
        asked = {"folder": str(Path.cwd()), "environment": dict(os.environ), "code": code}
        said = json.dumps(asked).encode()
        sent = socket.send_fds(line, [said], [0, 1, 2])
        line.sendall(said[sent:])
        line.shutdown(socket.SHUT_WR)
        for place in (0, 1):
            os.close(place)
        line.recv(1)


if __name__ == "__main__":
    if len(sys.argv) > 2:
        ask(sys.argv[1], sys.argv[-1])
    else:
        serve(sys.argv[1])
