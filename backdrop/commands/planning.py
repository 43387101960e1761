"""`backdrop plan`: how many replicas, partitions and gigabytes a load wants, and what that costs."""

import typer

FORWARD = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}


def plan(context: typer.Context) -> None:
    """Size an installation: --products-per-day 100000 --times times.json (--help lists all)."""
    try:
        from deploy.capacity.__main__ import main
    except ModuleNotFoundError as error:
        typer.echo(f"this wants {error.name}: pip install 'backdrop[operator]'", err=True)
        raise typer.Exit(2) from error
    raise typer.Exit(main(context.args))
