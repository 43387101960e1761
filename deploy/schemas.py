"""JSON Schemas of the events as committed in docs/events/schemas, and what would break those who read them."""

from pathlib import Path
from typing import Any

from shared.contracts.topics import Topic

Schema = dict[str, Any]

EVENTS = Path(__file__).resolve().parents[1] / "docs" / "events"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems")
LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems")


def path_of(topic: Topic) -> Path:
    """Where the schema of a topic's event is committed."""
    return EVENTS / "schemas" / f"{topic.name}.json"


def schema_of(topic: Topic) -> Schema:
    """The schema as the code has it now."""
    return {"$schema": DIALECT, **topic.event.model_json_schema()}


def breaks(old: Schema, new: Schema) -> list[str]:
    """Why a message written or read by the old schema may fail with the new one; empty when it only grew."""
    return _breaks(old, new, old, new, at="")


def _breaks(old: Schema, new: Schema, old_root: Schema, new_root: Schema, at: str) -> list[str]:
    old_kinds, new_kinds = _kinds(old, old_root), _kinds(new, new_root)
    problems = [
        f"{at or 'event'}: was {kind}, is {' or '.join(new_kinds)}" for kind in old_kinds if kind not in new_kinds
    ]
    for kind in [kind for kind in old_kinds if kind in new_kinds]:
        problems += _narrowed(old_kinds[kind], new_kinds[kind], at)
        problems += _fields(old_kinds[kind], new_kinds[kind], old_root, new_root, at)
        if "items" in old_kinds[kind] and "items" in new_kinds[kind]:
            items = (old_kinds[kind]["items"], new_kinds[kind]["items"])
            problems += _breaks(*items, old_root, new_root, f"{at}[]")
    return problems


def _fields(old: Schema, new: Schema, old_root: Schema, new_root: Schema, at: str) -> list[str]:
    theirs, ours = old.get("properties", {}), new.get("properties", {})
    within = f"{at}." if at else ""
    problems = [f"{within}{name}: is gone" for name in theirs if name not in ours]
    added = set(new.get("required", ())) - set(old.get("required", ()))
    problems += [f"{within}{name}: is now required" for name in sorted(added)]
    for name in theirs.keys() & ours.keys():
        problems += _breaks(theirs[name], ours[name], old_root, new_root, within + name)
    return sorted(problems)


def _narrowed(old: Schema, new: Schema, at: str) -> list[str]:
    problems = [f"{at}: {rule} is narrower" for rule in UPPER if rule in new and new[rule] < old.get(rule, 1e308)]
    problems += [f"{at}: {rule} is narrower" for rule in LOWER if rule in new and new[rule] > old.get(rule, -1e308)]
    if "pattern" in new and new["pattern"] != old.get("pattern"):
        problems.append(f"{at}: pattern is {new['pattern']}, was {old.get('pattern')}")
    lost = _values(old) - _values(new) if _values(new) else set()
    problems += [f"{at}: no longer allows {value}" for value in sorted(lost)]
    if _values(new) and not _values(old):
        problems.append(f"{at}: was open, now allows only {sorted(_values(new))}")
    return problems


def _values(schema: Schema) -> set[str]:
    return {str(value) for value in [*schema.get("enum", ()), *([schema["const"]] if "const" in schema else ())]}


def _kinds(schema: Schema, root: Schema) -> dict[str, Schema]:
    """The alternatives of a schema by JSON type, references followed."""
    if "$ref" in schema:
        return _kinds(root["$defs"][schema["$ref"].rsplit("/", 1)[1]], root)
    if "anyOf" in schema:
        return {kind: one for alternative in schema["anyOf"] for kind, one in _kinds(alternative, root).items()}
    return {str(schema.get("type", "string" if _values(schema) else "anything")): schema}
