"""What an operator says: train this, put that back into use; and what raters say of an output."""

import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, get_args

import typer
from rich.console import Console
from rich.table import Table

from backdrop.client import Heard, KafkaClient
from backdrop.learned.raters import reviewed
from backdrop.saying import KafkaOption, S3Option, told_plainly
from shared.contracts.errors import BadRequest, NotKnown
from shared.contracts.events import (
    DatasetReleased,
    Event,
    ModelPromoted,
    ModelTrained,
    RollbackRequested,
    TrainingFailed,
    TrainingProgressed,
    TrainingRequested,
    TrainingStage,
)
from shared.contracts.manifests import RequestManifest, manifest_key
from shared.contracts.topics import (
    DATASET_RELEASED,
    MODEL_PROMOTED,
    MODEL_TRAINED,
    ROLLBACK_REQUESTED,
    TRAINING_FAILED,
    TRAINING_PROGRESSED,
    Topic,
)

DATASET_OF: Mapping[str, str] = {"engaged": "engaged", "judge": "judge"}  # the other stages learn from `product`
PROMOTED_IN_S = 10.0  # after a training's end
out = Console()
models = typer.Typer(no_args_is_help=True, help="Models in use: which, and the way back.")
Dial = Annotated[int | None, typer.Option(min=1, help="the stage's own when absent")]


def train(
    stage: Annotated[str, typer.Argument(help=", ".join(get_args(TrainingStage)))],
    model: Annotated[str | None, typer.Option(help="name of the model; mini-inpainter or mini-judge")] = None,
    dataset: Annotated[str | None, typer.Option(help="name of a dataset; the stage's own when absent")] = None,
    version: Annotated[str | None, typer.Option(help="of the dataset; the newest when absent")] = None,
    base: Annotated[str | None, typer.Option(help="a listed base or a revision to start from")] = None,
    steps: Dial = None,
    batch: Dial = None,
    rank: Dial = None,
    size: Dial = None,
    rate: Annotated[float | None, typer.Option(help="learning rate")] = None,
    seed: Annotated[int, typer.Option(min=0)] = 0,
    timeout: Annotated[float, typer.Option(min=0, help="seconds without news after which to stop following")] = 600,
    kafka: KafkaOption = None,
) -> None:
    """Train one stage of the recipe, and follow it to its verdict; --timeout 0 only asks."""
    from backdrop.stack import kafka_client

    with told_plainly():
        if stage not in get_args(TrainingStage):
            raise BadRequest("stage_not_known", f"`{stage}` is none of {', '.join(get_args(TrainingStage))}")
        client, name = kafka_client(kafka), dataset or DATASET_OF.get(stage, "product")
        request = TrainingRequested(
            job_id=f"{stage}-{secrets.token_hex(4)}",
            stage=stage,
            model=model or ("mini-judge" if stage == "judge" else "mini-inpainter"),
            base=base,
            dataset=name,
            dataset_version=version or newest_version(client, name),
            steps=steps,
            batch=batch,
            rank=rank,
            size=size,
            learning_rate=rate,
            seed=seed,
        )
        client.publish([request])
        out.print(f"asked as {request.job_id}: {stage} on {name} {request.dataset_version}", highlight=False)
        if timeout:
            follow(client, request.job_id, timeout_s=timeout, say=lambda line: out.print(line, highlight=False))


def newest_version(client: KafkaClient, dataset: str) -> str:
    """The version that was released last. Raises NotKnown where there is none."""
    known = [event for event in said(client, DATASET_RELEASED) if isinstance(event, DatasetReleased)]
    versions = [event.version for event in known if event.dataset == dataset and event.samples]
    if not versions:
        raise NotKnown(
            "dataset_not_known", f"no dataset `{dataset}` was ever released; the curator does when it is due"
        )
    return versions[-1]


def said(client: KafkaClient, *topics: Topic) -> Iterator[Event]:
    """Everything that can be read on these topics by now."""
    for heard in client.listen([topic.name for topic in topics]):
        if heard is None:
            return
        event = event_of(heard, topics)
        if event is not None:
            yield event


def event_of(heard: Heard, topics: tuple[Topic, ...]) -> Event | None:
    """What was heard, if it can be read."""
    kind = next(topic.event for topic in topics if topic.name == heard.topic)
    try:
        return kind.model_validate_json(heard.value)
    except ValueError:
        return None


def follow(client: KafkaClient, job_id: str, *, timeout_s: float, say: Callable[[str], None]) -> None:
    """Say how a job goes until it ends. Raises BadRequest for one that failed, NotKnown after a silence."""
    topics = (TRAINING_PROGRESSED, TRAINING_FAILED, MODEL_TRAINED, MODEL_PROMOTED)
    trained: ModelTrained | None = None
    moved, until = time.monotonic(), timeout_s
    for heard in client.listen([topic.name for topic in topics], since=datetime.now(UTC) - timedelta(minutes=1)):
        event = event_of(heard, topics) if heard is not None else None
        if isinstance(event, TrainingFailed) and event.job_id == job_id:
            raise BadRequest(event.reason, f"{job_id} ended without a model: {event.detail or event.reason}")
        if isinstance(event, TrainingProgressed) and event.job_id == job_id:
            moved = time.monotonic()
            say(_progress(event))
        if isinstance(event, ModelTrained) and event.job_id == job_id:
            trained, moved, until = event, time.monotonic(), min(timeout_s, PROMOTED_IN_S)
        if trained and isinstance(event, ModelPromoted) and event.revision == trained.revision:
            say(f"{trained.model} {trained.revision} is better than what was in use, and is in use now")
            return
        if time.monotonic() - moved > until:
            break
    if trained is None:
        raise NotKnown("silence", f"nothing was heard of {job_id} for {timeout_s:.0f} s; it goes on without you")
    say(f"{trained.model} {trained.revision} is not surely better than what is in use, so it was not put to use")


def _progress(event: TrainingProgressed) -> str:
    held = f", held-out {event.validation_loss:.4f}" if event.validation_loss is not None else ""
    pictures = f", pictures at {event.validation[0].key}" if event.validation else ""
    return f"step {event.step}/{event.steps} loss {event.loss:.4f}{held} {event.samples_per_s:.1f} samples/s{pictures}"


@models.command("list")
def list_models(kafka: KafkaOption = None) -> None:
    """Every revision in use, as the topic has it."""
    from backdrop.stack import kafka_client

    with told_plainly():
        newest: dict[str, ModelPromoted] = {}
        for event in said(kafka_client(kafka), MODEL_PROMOTED):
            if isinstance(event, ModelPromoted) and event.sequence >= newest.get(event.place, event).sequence:
                newest[event.place] = event
        shown = Table("model", "revision", "stage", "base", "since", box=None, pad_edge=False)
        for event in sorted(newest.values(), key=lambda one: one.sequence):
            since = datetime.fromtimestamp(event.sequence / 1000, UTC).isoformat(timespec="minutes")
            shown.add_row(event.model, event.revision, event.stage, event.base, since)
        out.print(shown)


@models.command()
def rollback(
    model: Annotated[str, typer.Argument(help="such as mini-inpainter or mini-judge")],
    revision: Annotated[str | None, typer.Argument(help="the one before the one in use when absent")] = None,
    reason: Annotated[str, typer.Option(help="for those who look later")] = "",
    timeout: Annotated[float, typer.Option(min=0, help="seconds to wait for it")] = 30,
    kafka: KafkaOption = None,
) -> None:
    """Put an earlier revision back into use; inpainters adopt it between two batches."""
    from backdrop.stack import kafka_client

    with told_plainly():
        request_id = f"rollback-{secrets.token_hex(6)}"
        asked = RollbackRequested(request_id=request_id, model=model, revision=revision, reason=reason)
        client = kafka_client(kafka)
        before = max((e.sequence for e in said(client, MODEL_PROMOTED) if isinstance(e, ModelPromoted)), default=0)
        client.publish([asked])
        back = _promoted_after(client, model, before, request_id, timeout_s=timeout)
        out.print(f"{back.model} {back.revision} ({back.stage} on {back.base}) is in use again", highlight=False)


def _promoted_after(
    client: KafkaClient, model: str, sequence: int, request_id: str, *, timeout_s: float
) -> ModelPromoted:
    topics, began = (MODEL_PROMOTED,), time.monotonic()
    names = [MODEL_PROMOTED.name, ROLLBACK_REQUESTED.dead]
    for heard in client.listen(names, since=datetime.now(UTC) - timedelta(minutes=1)):
        if heard is not None and heard.topic == ROLLBACK_REQUESTED.dead and request_id.encode() in heard.value:
            raise BadRequest("rollback_refused", heard.headers.get("x-detail") or heard.headers.get("x-reason", "no"))
        event = event_of(heard, topics) if heard is not None and heard.topic == MODEL_PROMOTED.name else None
        if isinstance(event, ModelPromoted) and event.model == model and event.sequence > sequence:
            return event
        if time.monotonic() - began > timeout_s:
            break
    raise NotKnown("silence", f"no trainer answered within {timeout_s:.0f} s; it will when it runs (make status)")


@models.command()
def hook(
    port: Annotated[int, typer.Option(min=0, max=65535)] = 9095,
    host: Annotated[str, typer.Option(help="where to listen")] = "127.0.0.1",
    token: Annotated[
        str | None, typer.Option(envvar="BACKDROP_HOOK_TOKEN", help="of `Authorization: Bearer …`")
    ] = None,
    kafka: KafkaOption = None,
) -> None:
    """Receive Alertmanager's alerts; one with the labels `action: rollback` and `model` rolls that model back, once."""
    from backdrop.commands.alerts import serve
    from backdrop.stack import kafka_client

    with told_plainly():
        if not token:
            raise BadRequest("token_missing", "give --token or BACKDROP_HOOK_TOKEN: whoever reaches this can roll back")
        client = kafka_client(kafka)
        serve(host, port, token, lambda events: client.publish(events))


def review(
    request_id: Annotated[str, typer.Argument(help="whose output was looked at")],
    votes: Annotated[str, typer.Option(help="one word a rater: ok, product, background or both, such as `ok,product`")],
    image: Annotated[int, typer.Option(min=1, help="rank of the option")] = 1,
    rater: Annotated[str | None, typer.Option(help="whose votes these are: they stand beside those of others")] = None,
    kafka: KafkaOption = None,
    s3: S3Option = None,
) -> None:
    """Say what raters saw in an output; such votes teach the judge."""
    from backdrop.stack import blob_store, kafka_client

    with told_plainly():
        blobs = blob_store(s3)
        try:
            manifest = RequestManifest.model_validate_json(blobs.get(manifest_key(request_id)))
        except NotKnown as error:
            raise NotKnown("request_not_known", f"there is no answer to a request `{request_id}`") from error
        event = reviewed(manifest.outcome, votes, image, rater)
        kafka_client(kafka).publish([event])
        share = 1 - max(event.product_defects, event.background_defects) / event.raters
        out.print(f"{event.raters} votes on option {image} of {request_id}: {share:.0%} content", highlight=False)
