"""docs/settings.md from the settings classes themselves: every variable, its default, its meaning, its limits.

python -m deploy.settings_reference writes the page; a test fails where it is stale or a variable says nothing.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined
from pydantic_settings import BaseSettings

from services.captioner.settings import CaptionerSettings
from services.curator.settings import CuratorSettings
from services.gateway.settings import GatewaySettings
from services.inpainter.settings import InpainterSettings
from services.segmenter.settings import SegmenterSettings
from services.trainer.settings import TrainerSettings
from shared.runtime.settings import FetchSettings, KafkaSettings, MinioSettings, TracingSettings

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "settings.md"

SHARED: Mapping[str, type[BaseSettings]] = {
    "Kafka": KafkaSettings,
    "Blob store": MinioSettings,
    "Web": FetchSettings,
    "Tracing": TracingSettings,
}
SERVICES: Mapping[str, type[BaseSettings]] = {
    "segmenter": SegmenterSettings,
    "captioner": CaptionerSettings,
    "curator": CuratorSettings,
    "trainer": TrainerSettings,
    "inpainter": InpainterSettings,
    "gateway": GatewaySettings,
}
SIGNS = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<"}
HEAD = """# Settings

Written by `make schemas` from the settings classes. Every service reads its own group and the shared ones from the
environment when it starts, and ends with the variable's name where one is wrong; `backdrop doctor` reads them all.
Lists and tables are JSON: `["a", "b"]`. `none` is an empty value.
"""


def page() -> str:
    """The whole page, as Markdown."""
    groups = {**SHARED, **{f"The {name}": kind for name, kind in SERVICES.items()}}
    return "\n".join([HEAD, *(part for title, kind in groups.items() for part in _group(title, kind))])


def _group(title: str, kind: type[BaseSettings]) -> Iterator[str]:
    yield f"## {title}\n\n| variable | default | meaning |\n|---|---|---|"
    prefix = str(kind.model_config.get("env_prefix", ""))
    for name, field in kind.model_fields.items():
        yield f"| `{prefix}{name.upper()}` | {_default(field)} | {_meaning(field)} |"
    yield ""


def _default(field: FieldInfo) -> str:
    """As one would write it; what is worked out at start, and secrets, are words."""
    if isinstance(field.default, SecretStr):
        return "a local one, for trying out" if field.default.get_secret_value() else "none"
    if field.default is PydanticUndefined:
        return "worked out at start"
    return _text(field.default)


def _text(value: Any) -> str:
    if value is None or value in ((), {}, ""):
        return "none"
    if isinstance(value, tuple):
        return f"`[{', '.join(_item(item) for item in value)}]`"
    return f"`{str(value).replace(f'{ROOT}/', '')}`" if not isinstance(value, bool) else f"`{str(value).lower()}`"


def _item(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)


def _meaning(field: FieldInfo) -> str:
    """The description, and the limits that the class holds it to."""
    found = ((sign, getattr(rule, name, None)) for rule in field.metadata for name, sign in SIGNS.items())
    limits = [f"{sign} {value}" for sign, value in found if value is not None]
    return (field.description or "") + (f" ({', '.join(limits)})" if limits else "")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
