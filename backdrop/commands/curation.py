"""`backdrop datasets` and `backdrop curate`: what was released, from what, and why photos were left out."""

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from backdrop.saying import KafkaOption, S3Option, told_plainly

datasets = typer.Typer(no_args_is_help=True, help="Released datasets: list, show, diff, verify, rebuild.")
curate = typer.Typer(no_args_is_help=True, help="What the curator made of the photos.")
out = Console()

Name = Annotated[str, typer.Argument(help="product, engaged or judge")]


@datasets.command("list")
def list_datasets(kafka: KafkaOption = None) -> None:
    """Every version that was announced."""
    from backdrop.learned.datasets import RELEASES, listed, releases
    from backdrop.stack import kafka_client

    with told_plainly():
        out.print(listed(releases(kafka_client(kafka).listen([RELEASES]))))


@datasets.command()
def show(
    name: Name,
    version: Annotated[str | None, typer.Argument(help="the newest when absent")] = None,
    kafka: KafkaOption = None,
    s3: S3Option = None,
) -> None:
    """Counts, rules, removals, and the models that learned from what was removed."""
    from backdrop.learned.datasets import RELEASES, TRAININGS, manifest, releases, told, trainings
    from backdrop.learned.removed import learned_from_removed
    from backdrop.stack import blob_store, kafka_client

    with told_plainly():
        client, blobs = kafka_client(kafka), blob_store(s3)
        found = releases(client.listen([RELEASES]))
        one = manifest(found, blobs, name, version)
        trained = trainings(client.listen([TRAININGS]))
        for line in [*told(one), *learned_from_removed(one, trained, blobs)]:
            out.print(line, highlight=False, soft_wrap=True, markup=False)


@datasets.command()
def diff(name: Name, old: str, new: str, kafka: KafkaOption = None, s3: S3Option = None) -> None:
    """What changed from one version to another."""
    from backdrop.learned.datasets import RELEASES, differences, manifest, releases
    from backdrop.stack import blob_store, kafka_client

    with told_plainly():
        blobs = blob_store(s3)
        found = releases(kafka_client(kafka).listen([RELEASES]))
        for line in differences(*(manifest(found, blobs, name, version) for version in (old, new))):
            out.print(line, highlight=False, soft_wrap=True, markup=False)


@datasets.command()
def verify(name: Name, version: str, kafka: KafkaOption = None, s3: S3Option = None) -> None:
    """Whether every shard is still the bytes that the manifest names; status 1 when one is not."""
    from backdrop.learned.datasets import RELEASES, manifest, releases, verified
    from backdrop.stack import blob_store, kafka_client

    with told_plainly():
        blobs = blob_store(s3)
        found = releases(kafka_client(kafka).listen([RELEASES]))
        one = manifest(found, blobs, name, version)
        broken = verified(one, blobs)
        for line in broken or [f"all {len(one.shards)} shards are what the manifest names"]:
            out.print(line, highlight=False, soft_wrap=True, markup=False)
        if broken:
            raise typer.Exit(1)


@curate.command()
def report(kafka: KafkaOption = None) -> None:
    """How many photos were kept, and how many each rule left out."""
    from backdrop.learned.datasets import VERDICTS, verdicts
    from backdrop.stack import kafka_client

    with told_plainly():
        shown = Table("reason", "photos", box=None, pad_edge=False)
        for reason, count in verdicts(kafka_client(kafka).listen([VERDICTS])).items():
            shown.add_row(reason, str(count))
        out.print(shown)
