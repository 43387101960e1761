"""A worker for the work there is: python -m services.trainer [--port 8000]. What a Kubernetes job runs.

It is the whole service, with `/live`, `/ready` and `/metrics`, and ends with 0 once nothing is left to do. A SIGTERM
saves the running job's state and ends it by that signal, so that whoever runs it knows to start another.
"""

import argparse
from collections.abc import Callable
from typing import Any

import uvicorn

from services.trainer.app import create_app

Leave = Callable[[], None]


def main(arguments: list[str] | None = None) -> None:
    """Run until nothing is left to do, or until told to stop."""
    parser = argparse.ArgumentParser(prog="python -m services.trainer", description=__doc__.splitlines()[0])
    parser.add_argument("--host", default="0.0.0.0")
    parser.add_argument("--port", type=int, default=8000)
    options = parser.parse_args(arguments)
    serve(create_app, options.host, options.port)


def serve(create: Callable[[Leave], Any], host: str, port: int) -> None:
    """Serve an ASGI application that may leave by itself. A signal lets it end, and then ends the process by itself."""
    server = uvicorn.Server(uvicorn.Config("", host=host, port=port, log_config=None))

    def leave() -> None:
        server.should_exit = True

    server.config.app = create(leave)
    server.run()


if __name__ == "__main__":
    main()
