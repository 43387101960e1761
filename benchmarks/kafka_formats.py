"""Formats a folder for Kafka again and again, each time with a new cluster id; one failure ends it with status 1.

    python -m benchmarks.kafka_formats [--times 200]

What one start in 64 used to fail on, asked of Kafka's own tool. Nothing is started; two cores take about 4 minutes.
"""

import argparse
import shutil
import tempfile
import time
from pathlib import Path

from deploy.local import kafka_server
from deploy.local.places import apart


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=200)
    times = parser.parse_args().times
    began, folder = time.monotonic(), Path(tempfile.mkdtemp(prefix="backdrop-formats-"))
    try:
        for _ in range(times):
            kafka_server.kafka(apart(folder))  # formats, as the folder is new; the process is not started
            shutil.rmtree(folder / "kafka")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"{times} of {times} formats, {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
