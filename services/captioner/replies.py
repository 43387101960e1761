"""What a visual language model replied, made fit for an event: one clean sentence, or a list of ideas. Pure."""

import json
import re
from typing import get_args

from shared.contracts.events import SceneIdea
from shared.contracts.vocabulary import View

LONGEST = 400  # characters; a model that rambles is cut at a sentence's end
MOST_IDEAS = 12
LONGEST_REPLY = 8_000  # characters that are searched for ideas
PREAMBLE = re.compile(
    r"^(?:sure|certainly|of course|here (?:is|are)|answer|caption|description|assistant)\b[^:\n]*[:,!]\s*", re.I
)


def sentence(reply: str) -> str | None:
    """The reply without preamble, mark-up, quotes and line breaks; None when nothing is left."""
    text = PREAMBLE.sub("", " ".join(re.sub(r"[*_`#]+", "", reply).split())).strip(" \"'")
    text = re.sub(r"\s+([,.;!?])", r"\1", text)
    if len(text) > LONGEST:
        text = text[:LONGEST].rsplit(". ", 1)[0]
    return text if re.search(r"[a-zA-Z]{2}", text) else None


def scene_ideas(reply: str) -> tuple[SceneIdea, ...]:
    """Ideas from a JSON list of {"prompt", "view"} or from numbered or dashed lines; empty when it is neither."""
    read = reply[:LONGEST_REPLY]
    found = _from_json(read) or _from_lines(read)
    distinct = {idea.prompt.lower(): idea for idea in reversed(found)}
    return tuple(reversed(distinct.values()))[:MOST_IDEAS]


def _from_json(reply: str) -> list[SceneIdea]:
    match = re.search(r"\[.*\]", reply, re.DOTALL)
    try:
        rows = json.loads(match.group()) if match else []
    except (ValueError, RecursionError):  # no JSON, a number of 5,000 digits, lists in lists in lists
        return []
    texts = [(row.get("prompt"), row.get("view")) if isinstance(row, dict) else (row, None) for row in rows]
    return [idea for text, view in texts if isinstance(text, str) and (idea := _idea(text, view))]


def _from_lines(reply: str) -> list[SceneIdea]:
    lines = re.findall(r"^[ \t]*(?:\d{1,2}[.)]|[-*•])[ \t]+(\S.*)$", reply, re.MULTILINE)
    ideas = []
    for line in lines:
        view = re.search(rf"[\[(]({'|'.join(get_args(View))})[\])]", line)
        idea = _idea(re.sub(r"[\[(]\w+[\])]", "", line), view.group(1) if view else None)
        ideas += [idea] if idea else []
    return ideas


def _idea(text: str, view: object) -> SceneIdea | None:
    prompt = sentence(text)
    if not prompt or not 2 <= len(prompt.split()) <= 60:
        return None
    return SceneIdea.model_validate(
        {"prompt": prompt.rstrip("."), "view": view if view in get_args(View) else "standing"}
    )
