"""What a Docker build would do, done into an empty folder: the Dockerfile's own RUN and COPY lines."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import yaml

from deploy.images.dockerfile import DOCKERFILE, Instruction, steps
from deploy.local.places import REPOSITORY
from deploy.local.processes import LocalStackError

INSTALL = "install.sh"
LIMIT_S = 3600.0


@dataclass(frozen=True)
class Image:
    """One image as the compose file builds it."""

    name: str
    target: str
    arguments: dict[str, str]


@dataclass(frozen=True)
class Built:
    """What came out: `python` with the dependencies, `app` as the image's working directory."""

    folder: Path

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.folder / "python" / "bin" / "python"

    @property
    def app(self) -> Path:
        """Its working directory."""
        return self.folder / "app"


def images() -> dict[str, Image]:
    """Every image of ours with Python in it."""
    services = yaml.safe_load((REPOSITORY / "docker-compose.yml").read_text())["services"]
    builds = {name: one["build"] for name, one in services.items() if one.get("build", {}).get("args")}
    return {name: Image(name, one["target"], _with_defaults(one["args"])) for name, one in builds.items()}


def _with_defaults(arguments: dict[str, str]) -> dict[str, str]:
    """`${NAME:-value}` of the compose file is its value here."""
    return {name: re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", value) for name, value in arguments.items()}


def build(image: Image, folder: Path) -> Built:
    """Every step of the image, into a folder that must not be there. Raises LocalStackError."""
    built = Built(folder)
    built.app.mkdir(parents=True)
    (built.app / "models").mkdir()
    _run([sys.executable, "-m", "venv", str(folder / "python")], built, {})
    for step in steps(DOCKERFILE.read_text(), image.target, image.arguments):
        if step.word == "COPY":
            _copy(step, built)
        elif step.word == "RUN" and INSTALL in step.rest:
            _run(_arguments(step), built, {"PYTHON": str(built.python), "BUNDLED": str(REPOSITORY / "models")})
    return built


def environment(image: Image) -> dict[str, str]:
    """The image's ENV lines."""
    given: dict[str, str] = {}
    for step in steps(DOCKERFILE.read_text(), image.target, image.arguments):
        if step.word == "ENV":
            given |= dict(pair.split("=", 1) for pair in shlex.split(step.rest))
    return given


def command(image: Image) -> list[str]:
    """The image's CMD."""
    last = [step for step in steps(DOCKERFILE.read_text(), image.target, {}) if step.word == "CMD"][-1]
    words: list[str] = json.loads(last.rest)
    return words


def megabytes(folder: Path) -> float:
    """All files of a folder."""
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


def _copy(step: Instruction, built: Built) -> None:
    *sources, target = step.rest.split()
    for source in sources:
        place = built.app / target / ("" if (REPOSITORY / source).is_dir() else Path(source).name)
        if (REPOSITORY / source).is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(REPOSITORY / source, place, dirs_exist_ok=True, ignore=ignored)
        else:
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(REPOSITORY / source, place)


def _arguments(step: Instruction) -> list[str]:
    """`sh install.sh …`, whichever way the line writes it."""
    words: list[str] = json.loads(step.rest) if step.rest.startswith("[") else shlex.split(step.rest)
    return ["sh", INSTALL, *words[words.index(INSTALL) + 1 :]]


def _run(words: list[str], built: Built, more: dict[str, str]) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | more
    done = subprocess.run(words, cwd=built.app, env=environment, capture_output=True, text=True, timeout=LIMIT_S)
    if done.returncode:
        raise LocalStackError(f"`{' '.join(words)}` failed:\n{(done.stdout + done.stderr)[-2000:]}")
