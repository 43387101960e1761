"""A Dockerfile's stages, as far as ours go: what each is built from and which instructions it has."""

import re
from dataclasses import dataclass
from pathlib import Path

DOCKERFILE = Path(__file__).resolve().parents[1] / "Dockerfile"


@dataclass(frozen=True)
class Instruction:
    """`RUN`, `COPY` and so on, with what follows on one line."""

    word: str
    rest: str


@dataclass(frozen=True)
class BuildStage:
    """From what, and the instructions that follow."""

    base: str
    instructions: tuple[Instruction, ...]


def stages(text: str) -> dict[str, BuildStage]:
    """By name, in the order of the file."""
    found: dict[str, BuildStage] = {}
    name = ""
    for one in _instructions(text):
        if one.word == "FROM":
            base, _, name = one.rest.partition(" AS ")
            found[name] = BuildStage(base, ())
        elif name:
            found[name] = BuildStage(found[name].base, (*found[name].instructions, one))
    return found


def steps(text: str, target: str, arguments: dict[str, str]) -> list[Instruction]:
    """All instructions of a target, those of what it is built from first, with arguments or their defaults put in."""
    known, found, name, given = stages(text), list[Instruction](), target, _defaults(text) | arguments
    while name in known:
        found = [*known[name].instructions, *found]
        name = filled(known[name].base, given)
    return [Instruction(one.word, filled(one.rest, given)) for one in found]


def _defaults(text: str) -> dict[str, str]:
    arguments = (one.rest.partition("=") for one in _instructions(text) if one.word == "ARG" and "=" in one.rest)
    return {name: value.strip('"') for name, _, value in arguments}


def filled(text: str, arguments: dict[str, str]) -> str:
    """`${NAME}` becomes its value where there is one."""
    return re.sub(r"\$\{(\w+)\}", lambda match: arguments.get(match[1], match[0]), text)


def _instructions(text: str) -> list[Instruction]:
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ")
    return [Instruction(*line.split(maxsplit=1)) for line in joined.splitlines()]
