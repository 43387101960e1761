"""What is known to fail before anything is loaded, which takes seconds."""

import socket
import tempfile
from pathlib import Path

from shared.contracts.errors import BadRequest

HOST = "127.0.0.1"


def check_free(port: int) -> None:
    """Raises BadRequest when somebody else listens there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except (OSError, OverflowError) as error:
            words = f"port {port} cannot be had ({error}): stop what listens there, or give another with --port"
            raise BadRequest("port_taken", words) from error


def check_writable(folder: Path, option: str) -> None:
    """Have the folder. Raises BadRequest, which names the option that gave it, when nothing can be written there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        why = "it is a file" if folder.is_file() else error.strerror
        words = f"nothing can be kept in {folder} ({why}): give another folder with {option}"
        raise BadRequest("folder_not_writable", words) from error
