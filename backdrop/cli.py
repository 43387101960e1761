"""The `backdrop` command: submit photos, ask for scenes, watch, fetch. For the stack that `make up` starts."""

import secrets
import sys
from datetime import UTC, datetime, timedelta
from importlib import metadata
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.live import Live
from rich.markup import escape
from rich.table import Table

from backdrop.commands.curation import curate, datasets
from backdrop.commands.doctor import doctor
from backdrop.commands.operating import models, review, train
from backdrop.commands.planning import FORWARD, plan
from backdrop.commands.rebuilding import rebuild
from backdrop.commands.studio import studio
from backdrop.demo.command import demo
from backdrop.saying import KafkaOption, S3Option, told_plainly
from backdrop.submitting.photos import read_photos
from backdrop.submitting.progress import SubmissionProgress, read_dead_letter
from backdrop.submitting.submissions import AskedScene, Submission, Submissions, SubmittedProduct, new_submission
from backdrop.submitting.wishes import read_prompts, scenes_for
from shared.contracts.errors import BadRequest
from shared.contracts.events import BackgroundRequested, Scene

app = typer.Typer(no_args_is_help=True, add_completion=False, invoke_without_command=True)
out = Console()

StateOption = Annotated[
    Path, typer.Option("--state", envvar="BACKDROP_STATE", help="where submissions are remembered", show_default=True)
]
SubmissionOption = Annotated[str | None, typer.Option("--submission", help="id of a submission; the last when absent")]
STATE = Path("var/submissions")

app.command()(demo)
app.command()(studio)
app.command()(doctor)
app.command()(review)
app.command()(train)
app.add_typer(models, name="models")
datasets.command()(rebuild)
app.add_typer(datasets, name="datasets")
app.add_typer(curate, name="curate")
app.command(context_settings=FORWARD)(plan)


@app.callback()
def backdrop(
    version: Annotated[bool, typer.Option("--version", help="say which one this is, and end")] = False,
) -> None:
    """Puts product photos into new scenes."""
    if version:
        out.print(metadata.version("backdrop"), highlight=False)
        raise typer.Exit


@app.command()
def submit(
    source: Annotated[Path, typer.Argument(help="a folder of photos, a products.jsonl, or one photo")],
    prompts: Annotated[Path | None, typer.Option(help="a file with one prompt a line; each photo gets each")] = None,
    scenes: Annotated[int, typer.Option(min=0, max=32, help="at least so many scenes a photo; ideas fill up")] = 3,
    count: Annotated[int, typer.Option(min=1, max=8, help="images a scene")] = 1,
    seed: Annotated[int | None, typer.Option(min=0, max=2**32 - 1, help="for images that can be made again")] = None,
    kafka: KafkaOption = None,
    s3: S3Option = None,
    state: StateOption = STATE,
) -> None:
    """Upload photos and ask for backgrounds."""
    from backdrop.stack import blob_store, kafka_client
    from backdrop.submitting.handover import events_of, hand_over

    with told_plainly():
        photos = read_photos(source)
        wanted = scenes_for(read_prompts(prompts) if prompts else (), at_least=scenes, count=count, seed=seed)
        client, blobs = kafka_client(kafka), blob_store(s3)
        client.sizes(())  # before bytes move: does Kafka answer?
        products = tuple(hand_over(photos, wanted, blobs))
        submission = new_submission(products)
        Submissions(state).save(submission)
        engagement = {photo.product_id: photo.engagement for photo in photos.submitted}
        handed = [product for product in products if product.refusal is None]
        client.publish(event for product in handed for event in events_of(product, engagement.get(product.product_id)))
        _say_submitted(submission)


@app.command()
def request(
    product_id: Annotated[str, typer.Argument(help="a product that was submitted before")],
    prompt: Annotated[str | None, typer.Option(help="the scene in words; the system's idea when absent")] = None,
    style: Annotated[str | None, typer.Option(help="a named style")] = None,
    count: Annotated[int, typer.Option(min=1, max=8, help="images")] = 1,
    seed: Annotated[int | None, typer.Option(min=0, max=2**32 - 1)] = None,
    kafka: KafkaOption = None,
    state: StateOption = STATE,
) -> None:
    """Ask for one more scene of a known product."""
    from backdrop.stack import kafka_client

    with told_plainly():
        if prompt is not None and len(prompt) > 1000:
            raise BadRequest("prompt_too_long", "a prompt has at most 1000 characters")
        scene = Scene(prompt=prompt, style=style, count=count, seed=seed)
        asked = AskedScene(request_id=f"request-{secrets.token_hex(8)}", scene=scene)
        submission = _with(Submissions(state), product_id, asked)
        event = BackgroundRequested(product_id=product_id, request_id=asked.request_id, scene=scene)
        kafka_client(kafka).publish([event])
        Submissions(state).save(submission)
        out.print(f"asked as {asked.request_id}; follow it with: backdrop watch", highlight=False)


@app.command()
def watch(
    submission: SubmissionOption = None,
    timeout: Annotated[
        float, typer.Option(min=1, help="seconds without news of it after which to stop, with status 1")
    ] = 300,
    kafka: KafkaOption = None,
    state: StateOption = STATE,
) -> None:
    """Follow a submission through the stages until every scene is answered."""
    from backdrop.stack import kafka_client
    from backdrop.submitting.watching import announcer, follow, table

    with told_plainly():
        progress = SubmissionProgress(Submissions(state).load(submission))
        steps = follow(progress, kafka_client(kafka), timeout_s=timeout)
        if out.is_terminal:
            with Live(console=out, refresh_per_second=4) as live:
                for _ in steps:
                    live.update(table(progress, rows=max(5, out.height - 6)))
        else:
            announce = announcer(progress, lambda line: out.print(line, highlight=False, soft_wrap=True, markup=False))
            for _ in steps:
                announce()
        _say_summary(progress)


@app.command()
def fetch(
    folder: Annotated[Path, typer.Argument(help="where results go: index.html, results.jsonl and the pictures")],
    submission: SubmissionOption = None,
    kafka: KafkaOption = None,
    s3: S3Option = None,
    state: StateOption = STATE,
) -> None:
    """Bring what is answered so far into a folder, with a gallery to look at."""
    from backdrop.output.gallery import write_gallery
    from backdrop.output.results import RESULTS_FILE, ResultsFolder
    from backdrop.stack import blob_store, kafka_client
    from backdrop.submitting.watching import follow

    with told_plainly():
        progress = SubmissionProgress(Submissions(state).load(submission))
        for _ in follow(progress, kafka_client(kafka), timeout_s=0):
            pass
        ResultsFolder(folder, blob_store(s3)).write(progress)
        page = write_gallery(folder)
        _say_summary(progress)
        out.print(f"{page}\n{folder / RESULTS_FILE}", highlight=False, soft_wrap=True, markup=False)


@app.command()
def status(kafka: KafkaOption = None, s3: S3Option = None, state: StateOption = STATE) -> None:
    """Whether the stack answers, what each topic holds, and what nobody could handle."""
    from backdrop.stack import blob_store, kafka_client
    from backdrop.submitting.watching import DEAD
    from shared.contracts.topics import TOPICS

    with told_plainly():
        client = kafka_client(kafka)
        sizes = client.sizes([name for topic in TOPICS for name in (topic.name, topic.dead)])
        trouble = blob_store(s3).trouble()
        shown = Table("topic", "messages", "dead letters", box=None, pad_edge=False)
        for topic in TOPICS:
            dead = sizes[topic.dead]
            shown.add_row(topic.name, str(sizes[topic.name]), f"[red]{dead}[/]" if dead else "0")
        out.print(shown)
        out.print(f"blobs: {trouble or 'reachable'}", highlight=False)
        for heard in client.listen(list(DEAD), since=datetime.now(UTC) - timedelta(days=1)):
            if heard is None:
                break
            letter = read_dead_letter(DEAD[heard.topic], heard.value, dict(heard.headers))
            name = letter.event.get("request_id") or letter.event.get("product_id") or "an event without a product"
            words = f"[red]{escape(letter.reason)}[/] {escape(str(name))}: {escape(letter.detail)}"
            out.print(words, highlight=False, soft_wrap=True)


@app.command()
def styles(kafka: KafkaOption = None) -> None:
    """The styles that people like, mined from what they did; each may be named in a request: --style NAME."""
    from backdrop.learned.styles import TOPIC, newest, table
    from backdrop.stack import kafka_client

    with told_plainly():
        liked = newest(kafka_client(kafka).listen([TOPIC]))
        if liked:
            out.print(table(liked))
        else:
            out.print("no style was mined yet: it takes engagement with options, and a release of `engaged`")


def _with(submissions: Submissions, product_id: str, asked: AskedScene) -> Submission:
    """The last submission with this request added, when the product is in it; else a submission of its own."""
    try:
        last = submissions.load()
    except BadRequest:
        return new_submission((SubmittedProduct(product_id=product_id, asked=(asked,)),))
    if product_id not in {product.product_id for product in last.products}:
        return new_submission((SubmittedProduct(product_id=product_id, asked=(asked,)),))
    products = tuple(
        product.model_copy(update={"asked": (*product.asked, asked)}) if product.product_id == product_id else product
        for product in last.products
    )
    return last.model_copy(update={"products": products})


def _say_submitted(submission: Submission) -> None:
    handed = [product for product in submission.products if product.refusal is None]
    scenes = sum(len(product.asked) for product in handed)
    out.print(f"submitted {len(handed)} photos, {scenes} scenes asked for; follow them with: backdrop watch")
    for product in submission.products:
        if product.refusal is not None:
            line = f"[yellow]not submitted[/] {escape(product.product_id)}: {escape(product.refusal.detail)}"
            out.print(line, highlight=False, soft_wrap=True)


def _say_summary(progress: SubmissionProgress) -> None:
    from backdrop.submitting.watching import made, refusals

    generated = sum(made(progress, product) for product in progress.submission.products)
    open_ones = progress.total - len(progress.answers)
    out.print(
        f"{generated} scenes made, {len(progress.answers) - generated} refused"
        + (f", {open_ones} not answered yet" if open_ones else "")
    )
    for product in progress.submission.products:
        why = refusals(progress, product)
        if why:
            out.print(f"  [yellow]{escape(product.product_id)}[/]: {escape(why)}", highlight=False, soft_wrap=True)


if __name__ == "__main__":
    sys.exit(app())
