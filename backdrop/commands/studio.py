"""`backdrop studio`: the page where a brand makes backgrounds, with everything behind it in this process."""

from pathlib import Path
from typing import Annotated

import typer

from backdrop.demo.command import quiet_libraries
from backdrop.saying import told_plainly
from deploy.embedded.beginning import check_free, check_writable
from deploy.embedded.stopping import leave_on_signals

STATE = Path("var/studio")


def studio(
    state: Annotated[Path, typer.Option(help="folder of all that is kept; a later start goes on from it")] = STATE,
    port: Annotated[int, typer.Option(min=1, max=65_535, help="where the page is, on this machine alone")] = 8080,
) -> None:
    """Serve the studio without any server, until Ctrl-C."""
    leave_on_signals("stopped before it was up")
    with told_plainly():
        check_writable(state, "--state")
        check_free(port)
    try:
        quiet_libraries()
        from deploy.embedded.studio import run  # torch comes in here, after the arguments are known to be right
    except ModuleNotFoundError as error:
        typer.echo(
            f"`{error.name}` is not installed, which the studio needs: pip install 'backdrop[embedded]'", err=True
        )
        raise typer.Exit(1) from error
    run(state, port)
