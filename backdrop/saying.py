"""What every command has in common: where the stack is, and how a failure is told."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.console import Console

from shared.contracts.errors import BackdropError, BadRequest

err = Console(stderr=True)

KafkaOption = Annotated[
    str | None, typer.Option("--kafka", envvar="BACKDROP_KAFKA", help="host:port of Kafka  [default: 127.0.0.1:9092]")
]
S3Option = Annotated[
    str | None, typer.Option("--s3", envvar="BACKDROP_S3", help="host:port of MinIO  [default: 127.0.0.1:9000]")
]


@contextmanager
def told_plainly() -> Iterator[None]:
    """Every expected failure ends in one line on stderr and a status: 2 for how it was called, 1 for the rest."""
    try:
        yield
    except BadRequest as error:
        complain(error.message)
        raise typer.Exit(2) from error
    except ValidationError as error:  # of an option, or of a variable that settings read
        complain(_in_words(error))
        raise typer.Exit(2) from error
    except BackdropError as error:
        complain(error.message)
        raise typer.Exit(1) from error
    except OSError as error:
        complain(": ".join(str(part) for part in (error.filename, error.strerror or error) if part))
        raise typer.Exit(1) from error
    except KeyboardInterrupt as error:
        err.print("stopped; what was submitted goes on without you: backdrop watch", highlight=False)
        raise typer.Exit(130) from error


def complain(words: str) -> None:
    """In red, as they are: brackets in a file's name are no markup."""
    err.print(words, style="red", markup=False, highlight=False, soft_wrap=True)


def _in_words(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_context=False)[0]
    field = ".".join(str(part) for part in first["loc"])
    return f"`{field}` of {error.title}: {first['msg']}"
