"""Whether the curator's database answers and its tables are the newest."""

from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import make_url

from deploy.doctor.findings import Diagnosis
from services.curator.migrations import revisions
from shared.contracts.errors import DependencyDown

MIGRATE = "python -m deploy.provision"


def check_catalogue(database: str) -> Iterator[Diagnosis]:
    """`database`: an SQLAlchemy DSN."""
    if _is_new_file(database):
        yield Diagnosis("catalogue", said="a new SQLite file, made when the curator starts")
        return
    try:
        there, newest = revisions(database)
    except DependencyDown as error:
        yield Diagnosis("catalogue", trouble=error.message, remedy="start the database, or set CURATOR_DATABASE")
        return
    if there == newest:
        yield Diagnosis("catalogue", said=f"its tables are at {newest}")
    else:
        trouble = f"its tables are at {there or 'nothing'}, this version wants {newest}"
        yield Diagnosis("catalogue", trouble=trouble, remedy=MIGRATE)


def _is_new_file(database: str) -> bool:
    url = make_url(database)
    return url.get_backend_name() == "sqlite" and not Path(str(url.database)).exists()
