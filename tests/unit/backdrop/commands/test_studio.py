"""`backdrop studio` when it is called wrongly: status 2 and a line that says what to do, before anything is loaded."""

import socket
import subprocess
from pathlib import Path

from tests.forks import python


def studio(state: Path, port: int) -> "subprocess.CompletedProcess[str]":
    command = [*python(), "-m", "backdrop.cli", "studio", "--state", str(state), "--port", str(port)]
    return subprocess.run(command, capture_output=True, text=True, timeout=110)


def test_a_port_that_somebody_has(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        result = studio(tmp_path / "state", other.getsockname()[1])
    assert result.returncode == 2 and "give another with --port" in " ".join(result.stderr.split()), result.stderr


def test_a_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "state").touch()
    result = studio(tmp_path / "state", 8080)
    said = " ".join(result.stderr.split())
    assert result.returncode == 2 and "give another folder with --state" in said, said
