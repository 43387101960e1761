"""What a brand asks for: a file of prompts, and the scenes that each photo gets."""

from pathlib import Path

from shared.contracts.errors import BadRequest
from shared.contracts.events import Scene

MAX_PROMPT = 1000  # characters, as Scene.prompt
MAX_SCENES = 32  # as ProductSubmitted.scenes


def read_prompts(path: Path) -> tuple[str, ...]:
    """One prompt a line; blank lines and lines that begin with # are skipped.

    Raises BadRequest: `prompts_missing`, `prompts_not_text`, `prompts_empty`, `prompt_too_long`, `too_many_prompts`.
    """
    if not path.is_file():
        raise BadRequest("prompts_missing", f"there is no prompts file {path}")
    try:
        lines = [line.strip() for line in path.read_text(encoding="utf-8-sig").splitlines()]
    except UnicodeDecodeError as error:
        raise BadRequest("prompts_not_text", f"{path} is not a text file in UTF-8") from error
    prompts = tuple(line for line in lines if line and not line.startswith("#"))
    _check(prompts, path)
    return prompts


def _check(prompts: tuple[str, ...], path: Path) -> None:
    if not prompts:
        raise BadRequest("prompts_empty", f"{path} holds no prompt: write one a line")
    too_long = next((prompt for prompt in prompts if len(prompt) > MAX_PROMPT), None)
    if too_long is not None:
        raise BadRequest("prompt_too_long", f"{path}: “{too_long[:40]}…” is longer than {MAX_PROMPT} characters")
    if len(prompts) > MAX_SCENES:
        raise BadRequest("too_many_prompts", f"{path} holds {len(prompts)} prompts; a photo takes {MAX_SCENES} at most")


def scenes_for(
    prompts: tuple[str, ...], *, at_least: int, count: int = 1, seed: int | None = None
) -> tuple[Scene, ...]:
    """A scene for each prompt, topped up to `at_least` with the system's own ideas; `count` images each."""
    wanted = [Scene(prompt=prompt, count=count, seed=seed) for prompt in prompts]
    ideas = [Scene(count=count, seed=seed)] * max(0, at_least - len(wanted))
    return (*wanted, *ideas)
