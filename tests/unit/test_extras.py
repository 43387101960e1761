"""Each role's extra holds everything that its code imports, and the client imports none of the heavy ones."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OURS = ("backdrop", "services", "shared", "deploy", "bundled")
NOT_THE_CLIENTS = ("torch", "cv2", "transformers", "diffusers", "faststream", "aiokafka", "sqlalchemy", "services")
ROOMS = {
    "client": "backdrop",
    "segmenter": "services/segmenter",
    "captioner": "services/captioner",
    "curator": "services/curator",
    "trainer": "services/trainer",
    "inpainter": "services/inpainter",
    "operator": "deploy",
}
LAZY = {"client": {"cv2"}}  # of shared/contracts/images.py: how services read their outputs back
OPTIONAL = {"opentelemetry"}  # the extra `tracing`, imported where an endpoint is set
# opened by one command or setting each, which says what to install
EMBEDDED = (
    "backdrop/demo",
    "backdrop/commands/studio.py",
    "backdrop/commands/doctor.py",
    "backdrop/commands/planning.py",
    "backdrop/commands/rebuilding.py",
    "deploy/embedded",
    "services/curator/model",
    "services/curator/datasets/on_ray.py",
)


@cache
def project() -> dict[str, list[str]]:
    read = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return {"": read["dependencies"], **read["optional-dependencies"]}


def declared(extra: str) -> Iterator[str]:
    """Names of the distributions that an extra asks for by name, those of extras it includes among them."""
    for requirement in project()[extra]:
        name, included = re.match(r"([\w.-]+)(?:\[([\w,]+)\])?", requirement).groups()  # type: ignore[union-attr]
        if name == "backdrop":
            for one in included.split(","):
                yield from declared(one)
        else:
            yield name.lower()


def imported(entrances: list[Path]) -> dict[str, set[str]]:
    """Top-level modules from elsewhere that these files and ours beneath them import, with who imports them."""
    todo, seen, foreign = list(entrances), set[Path](), dict[str, set[str]]()
    while todo:
        path = todo.pop()
        if path in seen or any(path.is_relative_to(ROOT / room) for room in EMBEDDED):
            continue
        seen.add(path)
        for name in _names(path):
            top = name.partition(".")[0]
            if top in OURS:
                place = ROOT.joinpath(*name.split("."))
                todo += [one for one in (place.with_suffix(".py"), place / "__init__.py") if one.exists()]
            elif top not in sys.stdlib_module_names:
                foreign.setdefault(top, set()).add(str(path.relative_to(ROOT)))
    return foreign


@cache
def _names(path: Path) -> tuple[str, ...]:
    return tuple(_named(path))


def _named(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@cache
def homes() -> Mapping[str, list[str]]:
    """Which distributions bring a top-level module."""
    return metadata.packages_distributions()


@cache
def required_by(distribution: str) -> frozenset[str]:
    """What a distribution always brings along."""
    needed = metadata.requires(distribution) or []
    plain = [line for line in needed if "extra ==" not in line]
    return frozenset(re.match(r"[\w.-]+", line).group().lower() for line in plain)  # type: ignore[union-attr]


def brought(extra: str) -> set[str]:
    """Distributions that come with an extra: the declared, and what those always bring along themselves."""
    named = {*declared(""), *declared(extra)}
    direct = {other for name in named for other in required_by(name)}
    return {_normal(name) for name in named | direct | ({"aiokafka"} if "faststream" in named else set())}


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize("role", ROOMS)
def test_what_a_role_imports_comes_with_its_extra(role: str) -> None:
    files = [*(ROOT / ROOMS[role]).rglob("*.py")]
    missing = {
        module: where
        for module, where in imported(files).items()
        if module not in LAZY.get(role, set()) | OPTIONAL
        and not {_normal(home) for home in homes().get(module, [module])} & brought(role)
    }
    assert missing == {}


def test_a_module_that_no_extra_brings_would_be_found(tmp_path: Path) -> None:
    assert "torch" in imported([ROOT / "services/segmenter/model.py"])
    assert "torch" not in brought("curator") and "torch" not in brought("client")


def test_the_command_line_starts_without_any_heavy_library() -> None:
    code = (
        "import sys\nfrom backdrop.cli import app\n"
        "for words in ([], ['submit'], ['demo']):\n"
        "    try:\n        app([*words, '--help'])\n    except SystemExit as end:\n        assert end.code == 0\n"
        f"print('HEAVY', *[name for name in {NOT_THE_CLIENTS} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=100)
    assert done.stdout.splitlines()[-1].split() == ["HEAVY"], done.stderr


MODULES = (
    "client",
    "gateway",
    "submitting.handover",
    "output.gallery",
    "output.results",
    "stack",
    "submitting.watching",
)


def test_no_room_of_the_client_imports_a_heavy_library() -> None:
    code = f"""
import importlib, sys
for module in {MODULES}:
    importlib.import_module("backdrop." + module)
    print(*[module + " imports " + name for name in {NOT_THE_CLIENTS} if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=100)
    assert (done.returncode, done.stdout.split()) == (0, []), done.stdout + done.stderr
