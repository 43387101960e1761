"""A worker for the work there is: python -m services.trainer [--port 8000]. What a Kubernetes job runs.

It is the whole service, with `/live`, `/ready` and `/metrics`, and ends with 0 once nothing is left to do. A SIGTERM
saves the running job's state and ends it by that signal, so that whoever runs it knows to start another.
"""

import argparse

import uvicorn

from services.trainer.app import create_app


def main(arguments: list[str] | None = None) -> None:
    """Run until nothing is left to do, or until told to stop."""
    parser = argparse.ArgumentParser(prog="python -m services.trainer", description=__doc__.splitlines()[0])
    parser.add_argument("--host", default="0.0.0.0")
    parser.add_argument("--port", type=int, default=8000)
    options = parser.parse_args(arguments)
    server = uvicorn.Server(uvicorn.Config("", host=options.host, port=options.port, log_config=None))

    def leave() -> None:
        server.should_exit = True

    server.config.app = create_app(leave)
    server.run()


if __name__ == "__main__":
    main()
