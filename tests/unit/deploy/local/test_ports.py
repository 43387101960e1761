"""Ports that are free stay free: for this process, beside every other."""

import subprocess
import sys

from deploy.local.ports import free_ports


def test_no_port_is_given_twice_nor_to_two_processes_that_live() -> None:
    mine = free_ports(20)
    assert len(set(mine + free_ports(20))) == 40
    told = subprocess.run(
        [
            sys.executable,
            "-c",
            f"from deploy.local import ports; ports._candidates = lambda: {mine!r}; ports.free_ports(1)",
        ],
        capture_output=True,
        text=True,
    )
    assert "no 1 free ports" in told.stderr  # all of them are this process's
