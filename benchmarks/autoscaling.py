"""How KEDA's rule follows bursts and days, by simulation: the settings of deploy/k8s beside KEDA's own defaults.

    python -m benchmarks.autoscaling

Nothing is timed: the same numbers come out on every machine. `make cluster-test` shows that the real KEDA acts like it.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import yaml

from deploy.capacity.arrivals import Rates, burst, day
from deploy.capacity.autoscaling import Policy, Timeline, simulate

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results" / "autoscaling.md"
KEDA = Policy(lag_threshold=10)
SECONDS = {"segmenter": 1.0, "captioner": 1.0, "inpainter": 12.0}  # a message, as the manifests reckon
START_S = {"segmenter": 30, "captioner": 40, "inpainter": 60}  # with the image there, until the model is loaded
HOUR = 3600


def shipped(stage: str) -> Policy:
    """The ScaledObject as it is committed."""
    documents = yaml.safe_load_all((ROOT / "deploy" / "k8s" / "base" / f"{stage}.yaml").read_text())
    spec = next(one["spec"] for one in documents if one["kind"] == "ScaledObject")
    behavior = spec["advanced"]["horizontalPodAutoscalerConfig"]["behavior"]
    (up,) = behavior["scaleUp"]["policies"]
    return Policy(
        lag_threshold=float(spec["triggers"][0]["metadata"]["lagThreshold"]),
        least=spec["minReplicaCount"],
        most=spec["maxReplicaCount"],
        polling_s=spec["pollingInterval"],
        cooldown_s=spec["cooldownPeriod"],
        up_pods=up["value"],
        up_share=0.0,
        up_every_s=up["periodSeconds"],
        down_window_s=behavior["scaleDown"]["stabilizationWindowSeconds"],
        start_s=START_S[stage],
    )


def loads(stage: str) -> dict[str, Rates]:
    """For each stage as many messages as keep two replicas busy, as a burst from nearly nothing and as a day."""
    rate = 2 / SECONDS[stage]
    return {
        "a burst": burst(rate / 20, height=60, begins=HOUR, lasts=300, seconds=3 * HOUR),
        "a day": day(rate, peak=1.9),
    }


def rows() -> Iterator[str]:
    """Each stage, each load, KEDA's defaults first."""
    for stage in SECONDS:
        for name, arrivals in loads(stage).items():
            default = replace(KEDA, start_s=START_S[stage])
            for title, policy in {"KEDA's defaults": default, "deploy/k8s": shipped(stage)}.items():
                yield _row(stage, name, title, simulate(arrivals, service_s=SECONDS[stage], policy=policy))


def thresholds() -> Iterator[str]:
    """What the inpainter's threshold trades: waiting against replica hours."""
    arrivals, policy = loads("inpainter")["a day"], shipped("inpainter")
    for threshold in (1, 2, 5, 10, 20, 50):
        course = simulate(arrivals, service_s=12.0, policy=replace(policy, lag_threshold=threshold))
        yield _row("inpainter", "a day", f"lagThreshold {threshold}", course)


def _row(stage: str, load: str, title: str, course: Timeline) -> str:
    ages = " | ".join(f"{course.age_quantile_s(share):,.0f}" for share in (0.5, 0.95, 1.0))
    return f"| {stage} | {load} | {title} | {ages} | {course.asked.max():.0f} | {course.replica_hours:.1f} |"


HEAD = """| stage | load | settings | age p50, s | p95 | worst | most replicas | replica hours |
|---|---|---|--:|--:|--:|--:|--:|"""


def page() -> str:
    """The results as Markdown."""
    told = "\n".join(
        ["# Autoscaling, simulated", "", "`python -m benchmarks.autoscaling`: age of the oldest message.", ""]
    )
    parts = [told, HEAD, *rows(), "", "What the inpainter's threshold trades:", "", HEAD, *thresholds(), ""]
    return "\n".join(parts)


def main() -> None:
    """Write the page and show it."""
    RESULTS.write_text(page(), encoding="utf-8")
    print(page())


if __name__ == "__main__":
    main()
