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


def check_writable(state: Path) -> None:
    """Have the folder. Raises BadRequest when nothing can be written there."""
    try:
        state.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=state):
            pass
    except OSError as error:
        words = f"nothing can be kept in {state} ({error.strerror}): give another folder with --state"
        raise BadRequest("state_not_writable", words) from error
