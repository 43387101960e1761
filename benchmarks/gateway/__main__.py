"""What API calls take while 200 pages hear live progress, each beside a bare FastAPI route with the same answer.

    python -m benchmarks.gateway [--pages 200] [--seconds 30] [--events 20] [--calls 10]

One process serves both on one event loop, so both meet the same streams; a second one holds the pages, and this one
calls: `--calls` of each kind a second, at random moments. The gateway has its doors, its keys, SQLite and the broker in
memory; a bare route has its answer ready (`serving.bare_app`). Status 1 where a call's p95 is above 50 ms or above
three times that of its bare route: run it on two cores that do nothing else (a minute).
"""

import argparse
import asyncio
import multiprocessing
import os
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from benchmarks.gateway import pages, report, serving
from benchmarks.gateway.calling import measure

RESULTS = Path(__file__).parents[1] / "results" / "gateway.md"
START_S = 120.0


def main() -> None:
    """Run and write the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gateway", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--pages", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--events", type=float, default=20.0, help="events of the stages a second, heard by every page")
    parser.add_argument("--calls", type=float, default=10.0, help="of each kind a second")
    options, busy = parser.parse_args(), os.getloadavg()[0]
    server, told = _begun(serving.process, options.events)
    try:
        served = _heard(told)
        listening, ears = _begun(pages.process, served, options.pages)
        try:
            _heard(ears)
            took = asyncio.run(measure(served, rate=options.calls, seconds=options.seconds))
            ears.send(None)
            heard = _heard(ears)
        finally:
            listening.terminate()
    finally:
        server.terminate()
    text = report.written(took, heard, options, busy)
    RESULTS.write_text(text)
    print(text)
    if not report.within(took):
        raise SystemExit(1)


def _begun(work: Callable[..., None], *given: Any) -> tuple[multiprocessing.Process, Connection]:
    here, there = multiprocessing.Pipe()
    begun = multiprocessing.Process(target=work, args=(there, *given), daemon=True)
    begun.start()
    return begun, here


def _heard(told: Connection) -> Any:
    if not told.poll(START_S):
        raise SystemExit(f"a process said nothing for {START_S:.0f} s")
    return told.recv()


if __name__ == "__main__":
    main()
