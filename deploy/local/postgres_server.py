"""PostgreSQL by the system's binaries, as one process with a cluster of its own."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import psycopg

from deploy.local.places import REPOSITORY, Places, outside
from deploy.local.ports import HOST
from deploy.local.preparing import appearing, run
from deploy.local.processes import LocalStackError, Process

ANOTHER_USER = ("postgres", "nobody")


def postgres(places: Places) -> Process:
    """A cluster of its own, by the system's binaries; never as root, which PostgreSQL refuses."""
    binaries, user = _postgres_binaries(), _other_user()
    data = _postgres_folder(places, user)
    if not (data / "PG_VERSION").exists():
        with appearing(data) as folder:  # its PG_VERSION comes first, and a half of it would never start
            _initialise(binaries, folder, places, user)
    port = places.postgres_port
    return Process(
        name="postgres",
        command=(
            str(binaries / "postgres"),
            "-D",
            str(data),
            "-h",
            HOST,
            "-p",
            str(port),
            "-c",
            "unix_socket_directories=",
            "-c",
            "fsync=off" if _throw_away(places) else "fsync=on",
        ),
        where=f"{HOST}:{port}/backdrop",
        port=port,
        ready=lambda: _no_database(places),
        user=user,
        folder=data,
    )


def create_database(places: Places) -> None:
    """The catalogue's database, unless it is there."""
    address = _postgres_address(places, "postgres")
    with psycopg.connect(address, autocommit=True) as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = 'backdrop'").fetchone() is None:
            connection.execute("CREATE DATABASE backdrop")


def _postgres_address(places: Places, database: str) -> str:
    return f"postgresql://{places.user}:{places.password}@{HOST}:{places.postgres_port}/{database}?connect_timeout=2"


def _postgres_binaries() -> Path:
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    folders = [folder for folder in (*reversed(installed), *_configured()) if (folder / "initdb").exists()]
    if not folders:
        raise LocalStackError("PostgreSQL's server is missing: apt-get install postgresql")
    return folders[0]


def _configured() -> Sequence[Path]:
    if shutil.which("pg_config") is None:
        return ()
    return (Path(subprocess.run(["pg_config", "--bindir"], capture_output=True, text=True).stdout.strip()),)


def _other_user() -> str | None:
    """Whom to run PostgreSQL as: ourselves, or somebody unprivileged when we are root."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    for name in ANOTHER_USER:
        if name in known:
            return name
    raise LocalStackError("PostgreSQL does not run as root and there is no user to run it as: adduser postgres")


def _postgres_folder(places: Places, user: str | None) -> Path:
    data = places.var / "postgres"
    if user is not None and not _reachable(data.parent):
        data = outside(places.var) / "postgres"
        data.parent.mkdir(parents=True, exist_ok=True, mode=0o755)
    return data


def _reachable(folder: Path) -> bool:
    """Whether everybody may walk to this folder."""
    folder.mkdir(parents=True, exist_ok=True)
    return all(parent.stat().st_mode & 0o001 for parent in (folder.resolve(), *folder.resolve().parents))


def _initialise(binaries: Path, data: Path, places: Places, user: str | None) -> None:
    if user is not None:
        shutil.chown(data, user)
    secret = data.parent / ".postgres-password"
    secret.write_text(places.password)
    if user is not None:
        shutil.chown(secret, user)
    command = (
        str(binaries / "initdb"),
        "-D",
        str(data),
        "-U",
        places.user,
        f"--pwfile={secret}",
        "-A",
        "scram-sha-256",
        "-E",
        "UTF8",
        "--locale=C.UTF-8",
        "--no-sync",
    )
    try:
        run(command, "initialising PostgreSQL", user=user, folder=data)
    finally:
        secret.unlink()


def _throw_away(places: Places) -> bool:
    return not places.var.is_relative_to(REPOSITORY)


def _no_database(places: Places) -> str | None:
    try:
        psycopg.connect(_postgres_address(places, "postgres")).close()
    except psycopg.OperationalError as error:
        return str(error).strip().splitlines()[-1]
    return None
