"""How fast the curator writes down what it hears, and what memory a release takes.

python -m benchmarks.curation [--known 100000] [--records 10000] [--database DSN]
python -m benchmarks.curation --release 100000,1000000 [--ray 2]
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.curation.rate import rates
from benchmarks.curation.release import release


def main() -> None:
    """Print what was measured."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.curation", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--known", type=int, default=100_000, help="samples that are there before")
    parser.add_argument("--records", type=int, default=10_000)
    parser.add_argument("--database", help="SQLAlchemy DSN of an empty database; a file of SQLite when absent")
    parser.add_argument("--release", help="sizes of releases, such as 100000,1000000, instead of the rate")
    parser.add_argument("--ray", type=int, default=0, help="by so many processes of Ray; 0: by this process")
    parser.add_argument("--one-release", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="curation-") as folder:
        if given.one_release:
            release(Path(folder), given.one_release, given.ray)
        elif given.release:
            for size in given.release.split(","):
                one = ["--one-release", size, "--ray", str(given.ray)]
                subprocess.run([sys.executable, "-m", "benchmarks.curation", *one], check=True)
        else:
            database = given.database or f"sqlite:///{folder}/catalogue.sqlite"
            for what, rate in rates(database, known=given.known, records=given.records).items():
                print(f"{what}, {given.known:,} known: {rate}", flush=True)


if __name__ == "__main__":
    main()
