"""Releases a dataset now: python -m services.curator product. The running service announces it."""

import argparse

from services.curator.app import release_now
from services.curator.datasets.release import DATASETS

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("dataset", choices=DATASETS)
print(release_now(parser.parse_args().dataset))
