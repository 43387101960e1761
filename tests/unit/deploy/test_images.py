"""The Dockerfile keeps its rules, and the check that stands in for a build runs its very lines."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.images import building
from deploy.images.dockerfile import DOCKERFILE, Instruction, stages, steps
from deploy.local.places import PROCESSES, REPOSITORY
from tests.missing import on_ci

FILE = DOCKERFILE.read_text()
HADOLINT = Path(sys.executable).with_name("hadolint")
OURS = (*PROCESSES, "provision")


def words(step: Instruction) -> str:
    return " ".join(json.loads(step.rest)) if step.rest.startswith("[") else step.rest


def test_a_target_has_the_steps_of_what_it_is_built_from_first_with_the_arguments_put_in() -> None:
    text = """
ARG VARIANT=b
FROM python:3.11 AS with-a
# a comment
RUN one && \\
    two
FROM with-${VARIANT} AS service
ARG OTHER=""
ARG SERVICE
COPY ${WHAT}/ there/${OTHER}
"""
    assert steps(text, "service", {"VARIANT": "a", "WHAT": "here"}) == [
        Instruction("RUN", "one &&      two"),
        Instruction("ARG", 'OTHER=""'),
        Instruction("ARG", "SERVICE"),
        Instruction("COPY", "here/ there/"),
    ]


@pytest.mark.parametrize("name", PROCESSES)
def test_an_image_installs_torch_first_and_its_own_role_alone(name: str) -> None:
    image = building.images()[name]
    installs = [words(step) for step in steps(FILE, image.target, image.arguments) if "install.sh" in step.rest]
    variant = "none" if name in ("curator", "gateway") else "cuda"
    assert image.arguments["VARIANT"] == variant
    torch = [] if variant == "none" else ["sh install.sh torch cuda"]
    runs = [one for one in installs if one.startswith("sh ")]
    assert runs == [*torch, f"sh install.sh role {name}"]


@pytest.mark.parametrize("name", PROCESSES)
def test_an_image_holds_the_code_of_its_service_and_of_no_other(name: str) -> None:
    image = building.images()[name]
    copied = [step.rest for step in steps(FILE, image.target, image.arguments) if step.word == "COPY"]
    code = [one.split()[0] for one in copied if "pyproject" not in one]
    assert code == ["shared/", "services/__init__.py", f"services/{name}/"]


@pytest.mark.parametrize("name", PROCESSES)
def test_an_image_starts_what_its_service_is(name: str, tmp_path: Path) -> None:
    for program in ("uvicorn", "faststream"):
        (tmp_path / program).write_text('#!/bin/sh\necho "${0##*/} $*"\n')
        (tmp_path / program).chmod(0o755)
    image = building.images()[name]
    own = building.environment(image) | {"PATH": f"{tmp_path}:{os.defpath}"}
    started = subprocess.run(
        building.command(image), env=own, capture_output=True, text=True, check=True
    ).stdout.strip()
    program, port = ("uvicorn", 8080) if name == "gateway" else ("faststream run", 8000)
    assert started == f"{program} services.{name}.app:create_app --factory --host 0.0.0.0 --port {port}"


@pytest.mark.parametrize("name", OURS)
def test_an_image_runs_as_nobody_in_particular_and_says_whether_it_is_well(name: str) -> None:
    image = building.images()[name]
    own = [(step.word, step.rest) for step in steps(FILE, image.target, image.arguments)]
    assert ("USER", "10001:10001") in own
    assert [rest for word, rest in own if word == "HEALTHCHECK"][-1].startswith(
        "--interval" if name in PROCESSES else "NONE"
    )
    assert (("VOLUME", "/models") in own) == (name in PROCESSES)


def test_bases_are_pinned_to_a_version() -> None:
    (python,) = (line.partition("=")[2] for line in FILE.splitlines() if line.startswith("ARG PYTHON_IMAGE="))
    known = stages(FILE)
    foreign = {stage.base for stage in known.values()} - set(known) - {"with-${VARIANT}"}
    tags = {base.replace("${PYTHON_IMAGE}", python).partition(":")[2] for base in foreign}
    assert len(tags) == 3 and all(re.search(r"\d+\.\d+|\d{8}", tag) for tag in tags)


def test_whatever_is_installed_is_held_by_the_constraints() -> None:
    script = (DOCKERFILE.parent / "images" / "install.sh").read_text()
    assert script.count("-m pip install") == 1 and "--constraint constraints.txt" in script
    runs = [words(step) for stage in stages(FILE).values() for step in stage.instructions if step.word == "RUN"]
    assert len(runs) > 5 and not any("pip" in run.split() for run in runs)


def test_the_install_script_says_what_it_does_not_know_and_what_the_cpu_variant_lacks(tmp_path: Path) -> None:
    script = str(DOCKERFILE.parent / "images" / "install.sh")
    for arguments, complaint in ((["nothing"], "no such thing"), (["torch", "cpu"], "PyTorch's own index")):
        environment = {name: value for name, value in os.environ.items() if name != "TORCH_INDEX"}
        done = subprocess.run(["sh", script, *arguments], capture_output=True, text=True, cwd=tmp_path, env=environment)
        assert done.returncode != 0 and complaint in done.stderr


@pytest.mark.skipif(not (HADOLINT.exists() or on_ci()), reason="hadolint is not installed on this machine")
def test_hadolint_has_nothing_to_say() -> None:
    done = subprocess.run([HADOLINT, DOCKERFILE], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")


def test_docker_is_shown_no_more_than_images_are_made_of() -> None:
    ignored = (REPOSITORY / ".dockerignore").read_text().split()
    assert {".git", ".venv", "tests", "docs", "out", "var"} <= set(ignored)
