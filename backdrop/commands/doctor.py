"""`backdrop doctor`: what ails the installation that this environment names, and what to do about it."""

from typing import Annotated

import typer

ReplicasOption = Annotated[
    list[str] | None, typer.Option("--replicas", help="how many of a service shall work, as segmenter=8; repeatable")
]
OnlyOption = Annotated[str | None, typer.Option(help="ask one part: settings, kafka, bucket, catalogue or models")]


def doctor(replicas: ReplicasOption = None, only: OnlyOption = None) -> None:
    """Examine a whole installation: settings, Kafka and its topics, bucket, database, models."""
    try:
        from deploy.doctor.__main__ import main
    except ModuleNotFoundError as error:
        typer.echo(f"this wants the services' settings and {error.name}: pip install 'backdrop[all]'", err=True)
        raise typer.Exit(2) from error
    arguments = [part for one in replicas or () for part in ("--replicas", one)]
    raise typer.Exit(main([*arguments, *(("--only", only) if only else ())]))
