"""From products a day and measured stage times to replicas, partitions, storage and a monthly bill. Pure."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

DAY_S = 24 * 60 * 60
MONTH_DAYS = 30.4
SPARE_PARTITIONS = 1.5  # partitions over replicas: growth without moving keys

GPU_STAGES = ("segmenter", "captioner", "inpainter")


@dataclass(frozen=True, kw_only=True)
class Load:
    """What shall be handled. `peak`: the busiest hour over the mean; `busy`: share of its time a replica may work."""

    products_per_day: float
    scenes: float = 3.0
    options: float = 4.0
    peak: float = 2.5
    busy: float = 0.7


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """Bytes: of one photo, one option, what else a product leaves in the store, and its events in Kafka."""

    photo: float = 350e3
    option: float = 250e3
    manifests: float = 30e3
    events: float = 12e3


@dataclass(frozen=True, kw_only=True)
class Prices:
    """A replica's hour by pool, a month of a gigabyte; in whatever currency."""

    gpu_hour: float = 2.5
    cpu_hour: float = 0.05
    store_gb_month: float = 0.023
    disk_gb_month: float = 0.08


@dataclass(frozen=True, kw_only=True)
class StagePlan:
    """One stage: `at_mean` is what autoscaling pays for, `at_peak` what the pool and the partitions must hold."""

    stage: str
    seconds: float
    at_mean: float
    at_peak: int
    partitions: int
    monthly: float


@dataclass(frozen=True, kw_only=True)
class CapacityPlan:
    """The whole installation."""

    stages: tuple[StagePlan, ...]
    kafka_gb: float
    store_gb_month: float
    monthly: float
    assumptions: tuple[str, ...] = field(default=())


def plan(
    load: Load,
    seconds: Mapping[str, float],
    *,
    sizes: Sizes,
    prices: Prices,
    on_cpu: bool = False,
    retention_days: float = 14.0,
    replication: int = 3,
) -> CapacityPlan:
    """`seconds`: of one replica, for one product, in the inpainter for one *option*."""
    stages = tuple(_stage(name, one, load, prices, on_cpu) for name, one in seconds.items())
    kafka = load.products_per_day * sizes.events * retention_days * replication / 1e9
    growth = load.products_per_day * MONTH_DAYS * _bytes(load, sizes) / 1e9
    monthly = sum(one.monthly for one in stages) + kafka * prices.disk_gb_month + growth * prices.store_gb_month
    return CapacityPlan(
        stages=stages,
        kafka_gb=kafka,
        store_gb_month=growth,
        monthly=monthly,
        assumptions=_assumptions(load, sizes, prices, on_cpu, retention_days, replication),
    )


def _stage(name: str, seconds: float, load: Load, prices: Prices, on_cpu: bool) -> StagePlan:
    items = load.products_per_day * (load.scenes * load.options if name == "inpainter" else 1)
    at_mean = items * seconds / DAY_S / load.busy
    at_peak = max(1, math.ceil(at_mean * load.peak))
    gpu = name in GPU_STAGES and not on_cpu
    hour = prices.gpu_hour if gpu else prices.cpu_hour
    return StagePlan(
        stage=name,
        seconds=seconds,
        at_mean=at_mean,
        at_peak=at_peak,
        partitions=max(12, math.ceil(at_peak * SPARE_PARTITIONS)),
        monthly=max(at_mean, 1.0) * hour * 24 * MONTH_DAYS,
    )


def _bytes(load: Load, sizes: Sizes) -> float:
    return sizes.photo + sizes.manifests + load.scenes * load.options * sizes.option


def _assumptions(
    load: Load, sizes: Sizes, prices: Prices, on_cpu: bool, retention_days: float, replication: int
) -> tuple[str, ...]:
    hour = prices.cpu_hour if on_cpu else prices.gpu_hour
    return (
        f"{load.scenes:g} scenes a product, {load.options:g} options a scene (asked and refused ones together)",
        f"the busiest hour has {load.peak:g} times the mean; a replica works {load.busy:.0%} of its time at most",
        "replicas follow the load (each stage keeps at least one): paid for the mean, built for the peak",
        f"kB: {sizes.photo / 1e3:g} a photo, {sizes.option / 1e3:g} an option, {sizes.events / 1e3:g} events a product",
        f"events stay {retention_days:g} days in {replication} copies; nothing is ever deleted from the store",
        f"a replica with a model costs {hour:g} an hour, a gigabyte of store {prices.store_gb_month:g} a month",
        "training, networks, people and taxes are not part of it",
    )
