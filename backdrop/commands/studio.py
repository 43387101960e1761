"""`backdrop studio`: the page where a brand makes backgrounds, with everything behind it in this process."""

from pathlib import Path
from typing import Annotated

import typer

from backdrop.demo.command import quiet_libraries
from shared.contracts.errors import BadRequest

STATE = Path("var/studio")


def studio(
    state: Annotated[Path, typer.Option(help="folder of all that is kept; a later start goes on from it")] = STATE,
    port: Annotated[int, typer.Option(min=1, max=65_535, help="where the page is, on this machine alone")] = 8080,
) -> None:
    """Serve the studio without any server, until Ctrl-C."""
    try:
        quiet_libraries()
        from deploy.embedded.studio import run  # torch comes in here, after the arguments are known to be right
    except ModuleNotFoundError as error:
        typer.echo(
            f"`{error.name}` is not installed, which the studio needs: pip install 'backdrop[embedded]'", err=True
        )
        raise typer.Exit(1) from error
    try:
        run(state, port)
    except BadRequest as error:
        typer.echo(error.message, err=True)
        raise typer.Exit(2) from error
