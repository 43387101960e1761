"""`backdrop datasets rebuild`: a released version made again from its manifest."""

from typing import Annotated

import typer
from rich.console import Console

from backdrop.saying import told_plainly

out = Console()


def rebuild(
    name: Annotated[str, typer.Argument(help="product, engaged or judge")],
    version: Annotated[str, typer.Argument(help="as `backdrop datasets list` names it")],
    check: Annotated[bool, typer.Option("--check", help="say what comes out, write nothing")] = False,
) -> None:
    """Make every shard of a version again, byte for byte, and put back what the store has lost.

    Reads the curator's environment (CURATOR_DATABASE, MINIO_…). A product that was withdrawn since is not brought back.
    """
    try:
        from services.curator.app import rebuild_now
    except ModuleNotFoundError as error:
        typer.echo(f"this wants {error.name}: pip install 'backdrop[curator]'", err=True)
        raise typer.Exit(2) from error
    with told_plainly():
        for line in rebuild_now(name, version, write=not check):
            out.print(line, highlight=False, soft_wrap=True, markup=False)
