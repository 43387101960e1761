"""What a replica costs that has nothing to do: processor and memory of each service on the stack, after it settled.

python -m benchmarks.idle [--seconds 60]
"""

import argparse
import time

import psutil  # type: ignore[import-untyped]

from deploy.local import stack
from deploy.local.places import PROCESSES, Places
from deploy.local.processes import find

SETTLING_S = 20.0
SERVERS = ("kafka", "minio")


def spent(process: psutil.Process) -> float:
    """Processor seconds since its start."""
    times = process.cpu_times()
    return float(times.user + times.system)


def measure(places: Places, seconds: float) -> list[tuple[str, float, float]]:
    """Name, thousandths of a core, megabytes of each process, while nothing is asked of it."""
    running = {name: process for name in (*PROCESSES, *SERVERS) if (process := find(name, places)) is not None}
    time.sleep(SETTLING_S)
    before, began = {name: spent(process) for name, process in running.items()}, time.monotonic()
    time.sleep(seconds)
    took = time.monotonic() - began
    return [
        (name, 1000 * (spent(process) - before[name]) / took, process.memory_info().rss / 1e6)
        for name, process in running.items()
    ]


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60.0, help="how long each is watched")
    given = parser.parse_args()
    with stack.throw_away() as places:
        rows = measure(places, given.seconds)
    print("| process | thousandths of a core | MB in memory |\n|---|---|---|")
    for name, cores, megabytes in rows:
        print(f"| {name} | {cores:.1f} | {megabytes:.0f} |")


if __name__ == "__main__":
    main()
