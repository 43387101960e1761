"""What the documents say of the gateway is what it has."""

import json
import re
from pathlib import Path

from deploy.asyncapi import FLOW, GATEWAY, PLATFORM
from services.gateway.handlers import ALONE
from services.gateway.settings import GatewaySettings

DOCS = Path(__file__).resolve().parents[4] / "docs"
PAGE = (DOCS / "gateway.md").read_text()
PATHS = json.loads((DOCS / "openapi.json").read_text())["paths"]


def test_every_address_on_the_page_is_a_route() -> None:
    named = {one.rstrip("/") for one in re.findall(r"/v1/[a-z_{}/0-9-]+", PAGE)} - {"/v1/openapi"}
    known = [re.compile(re.sub(r"\{\w+\}", "[^/]+", path)) for path in PATHS]
    assert [one for one in named if not any(route.fullmatch(one) for route in known)] == [] and len(named) > 8


def test_every_setting_on_the_page_is_one() -> None:
    named = set(re.findall(r"GATEWAY_([A-Z_]+)", PAGE))
    assert {name.lower() for name in named} <= set(GatewaySettings.model_fields)


def test_letters_are_written_where_no_stage_would() -> None:
    alone = {topic for topic, (_, hears) in FLOW.items() if set(hears) <= {GATEWAY, PLATFORM}}
    assert {topic.name for topic in ALONE} == alone
