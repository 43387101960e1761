"""Releases a dataset now: python -m services.curator product [--on ray]. The running service announces it."""

import argparse

from services.curator.app import ENGINES, release_now
from services.curator.datasets.release import DATASETS
from shared.contracts.errors import BackdropError, BadRequest

parser = argparse.ArgumentParser(prog="python -m services.curator", description=__doc__)
parser.add_argument("dataset", choices=DATASETS)
parser.add_argument("--on", choices=ENGINES, default="here", help="who packs it: this process, or those of Ray")
parser.add_argument("--address", help="of a Ray cluster; Ray is started on this machine without one")
given = parser.parse_args()
if given.address and given.on != "ray":
    parser.error("--address names a Ray cluster: give --on ray as well")
try:
    print(release_now(given.dataset, on=given.on, address=given.address))
except BackdropError as error:
    parser.exit(2 if isinstance(error, BadRequest) else 1, f"{error}\n")
