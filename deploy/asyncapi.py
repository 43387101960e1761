"""Write what the code says of its edges: JSON Schemas, AsyncAPI 3 and OpenAPI 3.1. `python -m deploy.asyncapi`."""

import json
import sys
from pathlib import Path
from typing import Any

import yaml

from deploy import openapi
from deploy.schemas import EVENTS, breaks, path_of, schema_of
from shared.contracts.events import KEY_FIELDS
from shared.contracts.topics import TOPICS, Topic

GOLDEN = Path(__file__).resolve().parents[1] / "tests" / "golden" / "events"
PLATFORM = "ad-platform"
GATEWAY = "gateway"
OPERATOR = "operator"

# topic -> (who says it, who hears it); tests hold the services' handlers against it. The gateway hears all of them.
FLOW: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "product.submitted.v1": ((PLATFORM, GATEWAY), ("segmenter", GATEWAY)),
    "product.segmented.v1": (("segmenter",), ("captioner", GATEWAY)),
    "product.captioned.v1": (("captioner",), ("curator", "inpainter", GATEWAY)),
    "product.engaged.v1": ((PLATFORM, GATEWAY), ("curator", GATEWAY)),
    "product.withdrawn.v1": ((PLATFORM, GATEWAY), ("curator", GATEWAY)),
    "sample.curated.v1": (("curator",), (GATEWAY,)),
    "style.mined.v1": (("curator",), ("inpainter", GATEWAY)),
    "dataset.released.v1": (("curator",), (GATEWAY,)),
    "training.requested.v1": ((OPERATOR, "curator"), ("trainer", GATEWAY)),
    "training.progressed.v1": (("trainer",), (GATEWAY,)),
    "training.failed.v1": (("trainer",), (GATEWAY,)),
    "model.trained.v1": (("trainer",), (GATEWAY,)),
    "model.promoted.v1": (("trainer",), ("inpainter", GATEWAY)),
    "rollback.requested.v1": ((OPERATOR, GATEWAY), ("trainer", GATEWAY)),
    "background.requested.v1": ((PLATFORM, GATEWAY), ("inpainter", GATEWAY)),
    "background.generated.v1": (("inpainter",), (PLATFORM, GATEWAY)),
    "background.rejected.v1": (("inpainter",), (PLATFORM, GATEWAY)),
    "background.reviewed.v1": ((PLATFORM, GATEWAY), ("curator", GATEWAY)),
}

HEADERS: dict[str, Any] = {
    "type": "object",
    "required": ["ce_specversion", "ce_id", "ce_type", "ce_source", "content-type"],
    "properties": {
        "ce_specversion": {"const": "1.0"},
        "ce_id": {"type": "string", "description": "depends on the content alone: deduplicate on it"},
        "ce_type": {"type": "string"},
        "ce_source": {"type": "string", "examples": ["backdrop/segmenter"]},
        "ce_time": {"type": "string", "format": "date-time"},
        "content-type": {"const": "application/json"},
        "traceparent": {"type": "string", "description": "W3C Trace Context"},
        "ce_submittedtime": {
            "type": "string",
            "format": "date-time",
            "description": "when the product or request was submitted that this came of; an extension, may be ignored",
        },
    },
}


class Plain(yaml.SafeDumper):
    """YAML without anchors: parts that are equal are written out."""

    def ignore_aliases(self, data: Any) -> bool:
        """Always."""
        return True


def main() -> int:
    """Write every document, unless that would break those who read the committed ones."""
    broken = [
        f"{topic.name}: {problem}"
        for topic in TOPICS
        if path_of(topic).exists()
        for problem in breaks(json.loads(path_of(topic).read_text()), schema_of(topic))
    ]
    for problem in broken:
        print(problem, file=sys.stderr)
    if broken:
        print("Events only grow: give the changed event a new topic (.v2).", file=sys.stderr)
        return 1
    for path, text in documents().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    print(f"{len(TOPICS)} schemas and asyncapi.yaml in {EVENTS}; {openapi.DOCUMENT}")
    return 0


def documents() -> dict[Path, str]:
    """Every committed document with the text the code gives it."""
    schemas = {path_of(topic): json.dumps(schema_of(topic), indent=2, ensure_ascii=False) + "\n" for topic in TOPICS}
    text = yaml.dump(asyncapi(), Dumper=Plain, sort_keys=False, allow_unicode=True, width=120)
    return {
        **schemas,
        EVENTS / "asyncapi.yaml": f"# Written by `make schemas`.\n{text}",
        openapi.DOCUMENT: openapi.text(),
    }


def asyncapi() -> dict[str, Any]:
    """The AsyncAPI 3.0 document."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Backdrop",
            "version": "1",
            "description": "Puts a product photo into a new scene and leaves the product untouched to the pixel. "
            "Every topic T has T.retry (delayed second chances) and T.dead (with the reason in the headers).",
        },
        "defaultContentType": "application/json",
        "servers": {"local": {"host": "localhost:9092", "protocol": "kafka"}},
        "channels": {topic.name: _channel(topic) for topic in TOPICS},
        "operations": dict(pair for topic in TOPICS for pair in _operations(topic)),
        "components": {"messages": {topic.event.__name__: _message(topic) for topic in TOPICS}},
    }


def _channel(topic: Topic) -> dict[str, Any]:
    name = topic.event.__name__
    cleanup = "compact" if topic.compacted else "delete"
    return {
        "address": topic.name,
        "description": _summary(topic),
        "messages": {name: {"$ref": f"#/components/messages/{name}"}},
        "bindings": {
            "kafka": {
                "topic": topic.name,
                "partitions": topic.partitions,
                "topicConfiguration": {"cleanup.policy": [cleanup], "retention.ms": topic.retention_ms},
                "bindingVersion": "0.5.0",
            }
        },
    }


def _operations(topic: Topic) -> list[tuple[str, dict[str, Any]]]:
    says, hears = FLOW[topic.name]
    channel = {"$ref": f"#/channels/{topic.name}"}
    sends = [(f"{who}.send.{topic.name}", {"action": "send", "channel": channel}) for who in says]
    receives = [(f"{who}.receive.{topic.name}", {"action": "receive", "channel": channel}) for who in hears]
    return sends + receives


def _message(topic: Topic) -> dict[str, Any]:
    name = topic.event.__name__
    key = KEY_FIELDS[name]
    return {
        "name": name,
        "summary": _summary(topic),
        "contentType": "application/json",
        "headers": HEADERS,
        "payload": {"$ref": f"./schemas/{topic.name}.json"},
        "bindings": {"kafka": {"key": {"type": "string", "description": key}, "bindingVersion": "0.5.0"}},
        "examples": [{"payload": json.loads((GOLDEN / f"{name}.json").read_text())}],
    }


def _summary(topic: Topic) -> str:
    return (topic.event.__doc__ or "").strip().splitlines()[0]


if __name__ == "__main__":
    raise SystemExit(main())
