"""What each role's extra brings to the disk, by the files of the environment that runs this.

    python -m benchmarks.install_sizes

For each extra of pyproject.toml: its distributions, and theirs, as pip installs them here, compiled files included.
"""

import tomllib
from collections.abc import Iterator
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

PYPROJECT = Path(__file__).resolve().parents[1] / "pyproject.toml"
ROLES = (
    "client",
    "segmenter",
    "captioner",
    "curator",
    "trainer",
    "inpainter",
    "embedded",
    "operator",
    "ray",
    "ocr",
    "all",
)


def main() -> None:
    """Print a table."""
    project = tomllib.loads(PYPROJECT.read_text())["project"]
    print("| extra | distributions | MB | of it torch and what it brings |\n|---|---|---|---|")
    torch = _closure([Requirement("torch")], project)
    for role in ROLES:
        found = _closure([Requirement(f"backdrop[{role}]")], project)
        heavy = sum(map(_megabytes, found & torch)) if "torch" in found else 0
        print(f"| `{role}` | {len(found)} | {sum(map(_megabytes, found)):.0f} | {heavy:.0f} |")


def _closure(wanted: list[Requirement], project: dict[str, Any]) -> set[str]:
    """Names of everything that these requirements need here."""
    todo, seen = list(wanted), set[tuple[str, frozenset[str]]]()
    while todo:
        one = todo.pop()
        key = (one.name.lower().replace("_", "-"), frozenset(one.extras))
        if key not in seen:
            seen.add(key)
            todo += _needs(one, project)
    return {name for name, _ in seen} - {"backdrop"}


def _needs(one: Requirement, project: dict[str, Any]) -> Iterator[Requirement]:
    if one.name == "backdrop":
        optional = project["optional-dependencies"]
        lines = [*project["dependencies"], *(line for extra in one.extras for line in optional[extra])]
        yield from map(Requirement, lines)
        return
    for line in metadata.requires(one.name) or ():
        found = Requirement(line)
        if found.marker is None or any(found.marker.evaluate({"extra": extra}) for extra in (*one.extras, "")):
            yield found


@cache
def _megabytes(name: str) -> float:
    files = (Path(str(file.locate())) for file in metadata.files(name) or ())
    return sum(path.stat().st_size for path in files if path.is_file()) / 1e6


if __name__ == "__main__":
    main()
