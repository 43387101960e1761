"""What an installation needs for so many products a day: backdrop plan --products-per-day 100000 --times times.json."""

import argparse
import json
from pathlib import Path

from deploy.capacity.plan import CapacityPlan, Load, Prices, Sizes, plan

MEASURE = "python -m benchmarks.stage_times --out times.json"


def main(arguments: list[str] | None = None) -> int:
    """Print the plan, its assumptions last."""
    options = _parser().parse_args(arguments)
    seconds = (_measured(options.times) if options.times else {}) | dict(options.stage)
    if not seconds:
        raise SystemExit(
            f"no stage times: measure them on the machines you will use ({MEASURE}), then --times times.json"
        )
    load = Load(
        products_per_day=options.products_per_day,
        scenes=options.scenes,
        options=options.options,
        peak=options.peak,
        busy=options.busy,
    )
    prices = Prices(gpu_hour=options.gpu_hour, cpu_hour=options.cpu_hour, store_gb_month=options.store_gb_month)
    found = plan(load, seconds, sizes=Sizes(), prices=prices, on_cpu=options.cpu)
    print(text(found))
    return 0


def text(found: CapacityPlan) -> str:
    """A table for a terminal."""
    rows = [f"{'stage':<11}{'s each':>9}{'mean':>9}{'peak':>7}{'partitions':>12}{'a month':>11}"]
    rows += [
        f"{one.stage:<11}{one.seconds:>9.3g}{one.at_mean:>9.2f}{one.at_peak:>7}{one.partitions:>12}{one.monthly:>11,.0f}"
        for one in found.stages
    ]
    rows += [
        f"Kafka's disks hold {found.kafka_gb:,.1f} GB; the store grows by {found.store_gb_month:,.0f} GB a month",
        f"in all {found.monthly:,.0f} in the first month",
        "",
        "Assumed:",
        *(f"  - {one}" for one in found.assumptions),
    ]
    return "\n".join(rows)


def _measured(path: Path) -> dict[str, float]:
    """Stage -> seconds of one replica, as the benchmark wrote them."""
    try:
        read = json.loads(path.read_text())["seconds"]
        return {str(name): float(value) for name, value in read.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise SystemExit(f"{path} holds no stage times ({type(error).__name__}): {MEASURE}") from error


def _stage(given: str) -> tuple[str, float]:
    name, _, value = given.partition("=")
    try:
        seconds = float(value)
    except ValueError:
        seconds = 0.0
    if not name or not 0 < seconds < 86_400:
        raise argparse.ArgumentTypeError(f"{given!r}: write <stage>=<seconds>, as inpainter=0.8")
    return name, seconds


def _positive(given: str) -> float:
    value = float(given)
    if not 0 < value < 1e12:
        raise argparse.ArgumentTypeError(f"{given}: a number above 0")
    return value


def _share(given: str) -> float:
    value = float(given)
    if not 0 < value <= 1:
        raise argparse.ArgumentTypeError(f"{given}: a share, above 0 and at most 1")
    return value


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="backdrop plan", description="What an installation needs for a load.")
    parser.add_argument("--products-per-day", type=_positive, required=True)
    parser.add_argument("--times", type=Path, help=f"measured seconds of each stage: {MEASURE}")
    parser.add_argument("--stage", type=_stage, action="append", default=[], help="a stage's seconds by hand, wins")
    parser.add_argument("--scenes", type=_positive, default=3.0, help="scenes a product")
    parser.add_argument("--options", type=_positive, default=4.0, help="options painted a scene")
    parser.add_argument("--peak", type=_positive, default=2.5, help="the busiest hour over the mean")
    parser.add_argument("--busy", type=_share, default=0.7, help="share of its time a replica may work")
    parser.add_argument("--cpu", action="store_true", help="the models run on CPUs")
    parser.add_argument("--gpu-hour", type=_positive, default=2.5, help="price of a GPU replica's hour")
    parser.add_argument("--cpu-hour", type=_positive, default=0.05, help="price of a CPU replica's hour")
    parser.add_argument("--store-gb-month", type=_positive, default=0.023, help="price of a gigabyte of blobs a month")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
