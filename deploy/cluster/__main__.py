"""python -m deploy.cluster build [--for-manifests]: the programs and kinds that the cluster's tests use, once."""

import argparse
import sys

from deploy.cluster import binaries, definitions
from deploy.local.processes import LocalStackError


def main(arguments: list[str] | None = None) -> int:
    """Build what is missing, and say where it is."""
    parser = argparse.ArgumentParser(prog="python -m deploy.cluster", description=__doc__)
    parser.add_argument("verb", choices=["build"])
    parser.add_argument("--for-manifests", action="store_true", help="only what `make manifests-check` needs")
    options = parser.parse_args(arguments)
    try:
        binaries.build(binaries.FOR_MANIFESTS if options.for_manifests else binaries.PACKAGES)
        print(f"  {definitions.kinds().parent}")
        definitions.stages()
    except LocalStackError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
