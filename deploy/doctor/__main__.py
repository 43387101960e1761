"""Examine an installation from its environment: python -m deploy.doctor [--replicas segmenter=8] [--only kafka]."""

import argparse

from deploy.doctor.examination import PARTS, findings
from deploy.doctor.findings import Diagnosis
from deploy.settings_reference import SERVICES


def main(arguments: list[str] | None = None) -> int:
    """Say what every part of the installation looks like; 1 when something is wrong."""
    options = _parser().parse_args(arguments)
    found = []
    for one in findings(dict(options.replicas), only=options.only):
        print(line(one), flush=True)
        found.append(one)
    ill = sum(not one.well for one in found)
    print(f"{ill} of {len(found)} findings want work" if ill else "all is well")
    return 1 if ill else 0


def line(one: Diagnosis) -> str:
    """A finding for a terminal."""
    if one.well:
        return f"  ok     {one.part}: {one.said}"
    return f"  WRONG  {one.part}: {one.trouble}\n         -> {one.remedy}"


def _replicas(text: str) -> tuple[str, int]:
    service, _, count = text.partition("=")
    if service not in SERVICES or not count.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r}: write <service>=<number>, with one of {', '.join(SERVICES)}")
    return service, int(count)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="backdrop doctor", description="Examine an installation.")
    parser.add_argument(
        "--replicas", type=_replicas, action="append", default=[], metavar="SERVICE=N", help="how many shall work"
    )
    parser.add_argument("--only", choices=PARTS, help="ask this part alone")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
