"""Real KEDA, scheduler and Kafka: each stage follows its own lag into its own pool, and learning yields to serving.

The manifests are the GPU overlay's; only pauses are shorter here (polling, cooldown, stabilisation), no threshold.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.cluster.control_plane import Cluster
from deploy.cluster.rendering import MANIFESTS, documents, of_kind, rendered
from deploy.local import kafka_server
from deploy.local.places import Places, apart
from deploy.local.processes import start, stop, wait_until_ready
from shared.contracts.topics import (
    BACKGROUND_REQUESTED,
    PRODUCT_SEGMENTED,
    PRODUCT_SUBMITTED,
    PRODUCT_WITHDRAWN,
    TRAINING_REQUESTED,
    Topic,
)
from tests.cluster.lag import Waiting
from tests.cluster.stage import STAGES, Stage, View, eventually
from tests.conftest import provision_kafka

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(400)]

ENTRANCES: dict[str, Topic] = {
    "segmenter": PRODUCT_SUBMITTED,
    "captioner": PRODUCT_SEGMENTED,
    "curator": PRODUCT_WITHDRAWN,
    "inpainter": BACKGROUND_REQUESTED,
}
THRESHOLDS = {"segmenter": 60, "captioner": 60, "curator": 600, "inpainter": 5}
GPUS = {"segmenter": (2, 4), "captioner": (2, 4), "inpainter": (3, 4), "trainer": (1, 1)}  # nodes, cards in each
SECRETS = ("segmenter", "captioner", "curator", "inpainter", "trainer", "owner", "client")
IMPATIENT = """
resources: [{root}/overlays/gpu]
components: [{root}/components/training-on-idle-gpus]
namespace: backdrop
configMapGenerator: [{{name: reach, behavior: merge, literals: [KAFKA_BOOTSTRAP_SERVERS={kafka}]}}]
patches:
  - target: {{kind: ScaledObject}}
    patch: |-
      - {{op: replace, path: /spec/pollingInterval, value: 2}}
      - {{op: replace, path: /spec/cooldownPeriod, value: 5}}
      - op: replace
        path: /spec/advanced/horizontalPodAutoscalerConfig/behavior/scaleDown
        value: {{stabilizationWindowSeconds: 3, policies: [{{type: Percent, value: 100, periodSeconds: 3}}]}}
  - target: {{kind: ScaledJob}}
    patch: |-
      - {{op: replace, path: /spec/pollingInterval, value: 5}}
  - target: {{kind: Job}}
    patch: |-
      $patch: delete
      apiVersion: batch/v1
      kind: Job
      metadata: {{name: provision}}
"""


@pytest.fixture(scope="module")
def kafka(whole_cluster: Cluster) -> Iterator[Places]:
    """One real broker with all our topics, beside the cluster."""
    places = apart(whole_cluster.places.var / "kafka")
    begin(places)
    provision_kafka(places)
    yield places
    stop("kafka", places, patience_s=15)


def begin(places: Places) -> None:
    process = kafka_server.kafka(places)
    start(process, places)
    wait_until_ready(process, places)


@pytest.fixture(scope="module")
def view(whole_cluster: Cluster, kafka: Places, tmp_path_factory: pytest.TempPathFactory) -> View:
    """The GPU overlay at rest: its nodes there, every stage looked after, nobody up."""
    view = View(whole_cluster)
    for pool, (nodes, gpus) in GPUS.items():
        for number in range(nodes):
            view.add_node(f"gpu-{pool}-{number}", pool=pool, gpus=gpus)
    view.add_node("cpu-0")
    client = whole_cluster.client
    client.apply((MANIFESTS / "base" / "namespace.yaml").read_text())
    client.apply("\n---\n".join(secret(name) for name in SECRETS))
    client.apply(rendered(impatient(kafka, tmp_path_factory.mktemp("impatient"))))
    eventually(lambda: len(view.ready()) == len(ENTRANCES), "KEDA has looked at every stage")
    view.reaches({}, settling=True)
    return view


def impatient(kafka: Places, folder: Path) -> Path:
    text = IMPATIENT.format(root=os.path.relpath(MANIFESTS, folder), kafka=kafka.bootstrap_servers)
    (folder / "kustomization.yaml").write_text(text)
    return folder


def secret(name: str) -> str:
    about = f"{{name: backdrop-{name}, namespace: backdrop}}"
    keys = "{access-key: x, secret-key: x, database: x, database-password: x}"
    return f"{{apiVersion: v1, kind: Secret, metadata: {about}, stringData: {keys}}}"


@pytest.fixture
def waiting(kafka: Places) -> Waiting:
    return Waiting(kafka.bootstrap_servers)


def test_every_threshold_arrives_at_the_autoscaler_as_it_is_written(view: View) -> None:
    written = {
        name: [f"AverageValue {trigger['metadata']['lagThreshold']}" for trigger in scaler["spec"]["triggers"]]
        for name, scaler in of_kind(documents(rendered(MANIFESTS / "overlays" / "gpu")), "ScaledObject").items()
    }
    eventually(lambda: view.thresholds() == written, "thresholds as written")
    assert {name: set(told) for name, told in written.items()} == {
        name: {f"AverageValue {threshold}"} for name, threshold in THRESHOLDS.items()
    }


def test_each_stage_follows_its_own_lag_in_its_own_pool_while_the_others_stay_where_they_are(
    view: View, waiting: Waiting
) -> None:
    """One after the other: the next wakes while the one before is up, which is done when the next is up."""
    before: str | None = None
    for replicas, (stage, topic) in enumerate(ENTRANCES.items(), start=2):
        waiting.put(topic, replicas * THRESHOLDS[stage])
        up = {stage: Stage(replicas)} | ({before: Stage(replicas - 1)} if before else {})
        took = view.reaches(up)
        assert view.pools(stage) == {"none" if stage == "curator" else stage}
        print(f"{stage}: 0 to {replicas} in {took:.0f} s")
        if before:
            waiting.done(ENTRANCES[before], before)
            print(f"{before}: back to 0 in {view.reaches({stage: Stage(replicas)}):.0f} s")
        before = stage
    assert before is not None
    waiting.done(ENTRANCES[before], before)
    view.reaches({})


def test_a_message_that_waits_for_its_next_try_keeps_somebody_up(view: View, waiting: Waiting) -> None:
    retry = Topic(name=PRODUCT_SUBMITTED.retry, event=PRODUCT_SUBMITTED.event, partitions=3)
    waiting.put(retry, 1)
    view.reaches({"segmenter": Stage(1)})
    waiting.done(retry, "segmenter.retry")
    view.reaches({})


def test_more_lag_than_cards_leaves_the_rest_waiting_for_a_node_and_a_new_node_takes_them(
    view: View, waiting: Waiting
) -> None:
    waiting.put(PRODUCT_SUBMITTED, 10 * THRESHOLDS["segmenter"])
    view.reaches({"segmenter": Stage(8, 2)})
    view.add_node("gpu-segmenter-new", pool="segmenter", gpus=4)
    view.reaches({"segmenter": Stage(10)})
    waiting.done(PRODUCT_SUBMITTED, "segmenter")
    view.reaches({})


def test_while_kafka_is_away_every_stage_keeps_its_replicas(view: View, waiting: Waiting, kafka: Places) -> None:
    waiting.put(BACKGROUND_REQUESTED, 3 * THRESHOLDS["inpainter"])
    view.reaches({"inpainter": Stage(3)})
    stop("kafka", kafka, patience_s=15)
    eventually(lambda: view.ready()["inpainter"] == "False", "KEDA says that it cannot read the lag")
    with pytest.raises(Exception, match="not in 15 s"):  # several rounds of polling and three times the cooldown
        eventually(lambda: view.stages()["inpainter"] != Stage(3), "the inpainter changes", limit_s=15)
    begin(kafka)
    eventually(lambda: view.ready()["inpainter"] == "True", "KEDA reads the lag again")
    # A broker that has just started may show no lag for a moment. After an outage longer than the cooldown (5 s here)
    # KEDA then takes the stage down at once, and up again at its next look.
    view.reaches({"inpainter": Stage(3)}, settling=True)
    waiting.done(BACKGROUND_REQUESTED, "inpainter")
    view.reaches({})


def test_learning_on_an_idle_card_yields_to_serving_and_goes_on_when_it_is_free_again(
    view: View, waiting: Waiting
) -> None:
    waiting.put(TRAINING_REQUESTED, 2)
    eventually(lambda: len(view.jobs()) == 2, "a job for each request")
    waiting.done(TRAINING_REQUESTED, "trainer")  # what a worker does first
    view.reaches({"trainer": Stage(2)})
    assert view.pools("trainer") == {"trainer", "inpainter"}

    waiting.put(BACKGROUND_REQUESTED, 12 * THRESHOLDS["inpainter"])
    print(f"all twelve cards for serving in {view.reaches({'inpainter': Stage(12), 'trainer': Stage(1, 1)}):.0f} s")
    assert view.pools("inpainter") == {"inpainter"} and all("failed" not in job["status"] for job in view.jobs())

    waiting.done(BACKGROUND_REQUESTED, "inpainter")
    print(f"the interrupted job goes on after {view.reaches({'trainer': Stage(2)}):.0f} s")
    for pod in view.pods("trainer"):
        path = f"/api/v1/namespaces/backdrop/pods/{pod['metadata']['name']}"
        view.cluster.client.patch(path, {"metadata": {"annotations": {"backdrop/finish": "true"}}})
    view.reaches({})
    eventually(lambda: all(job["status"].get("succeeded") == 1 for job in view.jobs()), "both jobs are complete")
    assert len(view.jobs()) == 2


def test_all_stages_of_the_installation_are_tested_here() -> None:
    assert {*ENTRANCES, "trainer"} == set(STAGES)
