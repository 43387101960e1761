"""What counts as breaking an event."""

from typing import Any

import pytest

from deploy.schemas import breaks

OLD: dict[str, Any] = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "maxLength": 10},
        "count": {"type": "integer", "minimum": 0},
        "side": {"enum": ["left", "right"]},
        "part": {"$ref": "#/$defs/Part"},
        "maybe": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "many": {"type": "array", "items": {"$ref": "#/$defs/Part"}},
    },
    "required": ["name"],
    "$defs": {"Part": {"type": "object", "properties": {"x": {"type": "number"}}}},
}


def changed(**changes: Any) -> dict[str, Any]:
    return OLD | {"properties": OLD["properties"] | changes}


@pytest.mark.parametrize(
    "new",
    [
        OLD,
        changed(more={"type": "string"}),
        changed(name={"type": "string", "maxLength": 20, "description": "longer now"}),
        changed(name={"type": "string"}),
        changed(side={"enum": ["left", "right", "top"]}),
        changed(count={"anyOf": [{"type": "integer", "minimum": 0}, {"type": "null"}]}),
        OLD | {"required": []},
        OLD | {"$defs": {"Part": {"type": "object", "properties": {"x": {"type": "number"}, "y": {"type": "number"}}}}},
    ],
)
def test_growing_is_allowed(new: dict[str, Any]) -> None:
    assert breaks(OLD, new) == []


@pytest.mark.parametrize(
    ("new", "words"),
    [
        (OLD | {"properties": {"name": {"type": "string", "maxLength": 10}}}, "count: is gone"),
        (OLD | {"required": ["name", "count"]}, "count: is now required"),
        (changed(name={"type": "integer"}), "name: was string"),
        (changed(name={"type": "string", "maxLength": 5}), "name: maxLength is narrower"),
        (changed(name={"type": "string", "maxLength": 10, "pattern": "^a"}), "name: pattern"),
        (changed(count={"type": "integer", "minimum": 1}), "count: minimum is narrower"),
        (changed(side={"enum": ["left"]}), "side: no longer allows right"),
        (changed(maybe={"type": "string"}), "maybe: was null"),
        (OLD | {"$defs": {"Part": {"type": "object", "properties": {}}}}, "part.x: is gone"),
        (changed(many={"type": "array", "items": {"type": "string"}}), "many[]: was object"),
    ],
)
def test_taking_away_is_not(new: dict[str, Any], words: str) -> None:
    assert any(words in problem for problem in breaks(OLD, new)), breaks(OLD, new)
