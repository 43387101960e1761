"""Every request that a client can send is one that the gateway's OpenAPI document has, and so is all that it reads."""

import inspect
import json
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import jsonschema
import pytest
from pydantic import BaseModel

from backdrop.gateway import Client, Scene, answers, flows
from backdrop.gateway.calls import hooks, photos, scenes, shelves
from backdrop.gateway.requests import Answer, Call, Form, Raw, Request
from shared.contracts.errors import BadRequest
from tests.unit.backdrop.gateway.samples import BACKGROUND, OPTION, PICTURE

ROOT = Path(__file__).resolve().parents[4]
DOCUMENT: dict[str, Any] = json.loads((ROOT / "docs" / "openapi.json").read_text())
SCENE = Scene(prompt="on oak", count=2)
CALLS: dict[str, Call[Any]] = {
    "submit": photos.submit(b"png", mask=b"png", title="Mug", promoted=True, scenes=[SCENE]),
    "submit_url": photos.submit("https://shop.example/mug.jpg", mask="https://shop.example/m.png", scenes=[SCENE]),
    "product": photos.product("mug"),
    "products": photos.products(stage="captioned", title="mug", cursor="abc"),
    "withdraw": photos.withdraw("mug"),
    "mask": photos.mask("mug"),
    "put_mask": photos.put_mask("mug", b"png"),
    "propose_mask": photos.propose_mask("mug", keep=[(0.5, 0.5)], drop=[(0.1, 0.9)]),
    "ask": scenes.ask("mug", SCENE),
    "ask_many": scenes.ask_many(["mug", "cup"], SCENE),
    "background": scenes.background("mug", "r1"),
    "backgrounds": scenes.backgrounds("mug", cursor="abc"),
    "refer": scenes.refer(b"png"),
    "download": scenes.download(BACKGROUND, OPTION, format="webp", slot="square"),
    "picture": scenes.picture(PICTURE, size=160),
    "review": scenes.review(BACKGROUND, OPTION, background_defect=True),
    "engage": scenes.engage(BACKGROUND, OPTION, "pick"),
    "session": shelves.session(),
    "styles": shelves.styles(),
    "slots": shelves.slots(),
    "models": shelves.models(),
    "add_webhook": hooks.add_webhook("https://shop.example/hook", ["backdrop.BackgroundGenerated"]),
    "webhooks": hooks.webhooks(),
    "webhook": hooks.webhook("w1"),
    "change_webhook": hooks.change_webhook("w1", active=False),
    "remove_webhook": hooks.remove_webhook("w1"),
    "deliveries": hooks.deliveries("w1"),
    "replay_webhook": hooks.replay_webhook("w1"),
}
PARTS = {"AskedMany": "AskedReply", "BackgroundReply": "BackgroundReply", "Mask": "MaskReply", "Refusal": "Refusal"}
AS_THEY_ARE = {"Picture", "Refusal", "Counts", "Votes", "Met", "Asked", "Done"}


def requests() -> dict[str, Request]:
    """Everything that is ever sent: calls, and the stream that flows open."""
    return {name: call.request for name, call in CALLS.items()} | {"events": flows._stream("mug", "7")}


def functions(*modules: ModuleType) -> Iterator[str]:
    for module in modules:
        for name, made in vars(module).items():
            if inspect.isfunction(made) and made.__module__ == module.__name__ and not name.startswith("_"):
                yield name


def test_no_call_is_left_out_here() -> None:
    assert {name.removesuffix("_url") for name in CALLS} == set(functions(photos, scenes, shelves, hooks))
    assert set(functions(photos, scenes, shelves, hooks)) <= set(vars(Client))


@pytest.mark.parametrize("name", requests())
def test_its_path_method_and_parameters_are_documented(name: str) -> None:
    request = requests()[name]
    operation = DOCUMENT["paths"][request.route][request.method.lower()]
    known = {(one["in"], one["name"]) for one in operation.get("parameters", ())}
    assert {("path", one) for one in request.names} == {one for one in known if one[0] == "path"}
    assert {("query", one) for one in request.query} <= known
    assert set(request.headers) <= {"Idempotency-Key", "Accept", *(one for where, one in known if where == "header")}
    needed = {one["name"] for one in operation.get("parameters", ()) if one.get("required") and one["in"] == "query"}
    assert needed <= set(request.query)


@pytest.mark.parametrize("name", [name for name, request in requests().items() if request.body])
def test_its_body_is_of_a_documented_kind_and_fits_its_schema(name: str) -> None:
    request = requests()[name]
    content = DOCUMENT["paths"][request.route][request.method.lower()]["requestBody"]["content"]
    if isinstance(request.body, Form):
        properties = content["multipart/form-data"]["schema"]["properties"]
        assert {*request.body.words, *request.body.files} <= set(properties)
        return
    assert isinstance(request.body, Raw)
    assert request.body.kind in content
    if request.body.kind == "application/json":
        schema = {**content["application/json"]["schema"], "components": DOCUMENT["components"]}
        jsonschema.Draft202012Validator(schema).validate(json.loads(request.body.content))


def test_what_is_documented_would_be_missed() -> None:
    schema = DOCUMENT["paths"][scenes.MANY]["post"]["requestBody"]["content"]["application/json"]["schema"]
    wrong = {"products": ["mug"]}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator({**schema, "components": DOCUMENT["components"]}).validate(wrong)


def replies() -> dict[str, type[BaseModel]]:
    return {one.__name__: one for one in answers.Reply.__subclasses__() if one is not answers.Page}


def documented(name: str) -> dict[str, Any]:
    schemas = DOCUMENT["components"]["schemas"]
    named = name if name in AS_THEY_ARE else PARTS.get(name, f"{name}Reply")
    found: dict[str, Any] = schemas[named]
    return found


@pytest.mark.parametrize("name", replies())
def test_all_that_the_gateway_says_is_read_and_nothing_else(name: str) -> None:
    schema = documented(name)
    assert set(replies()[name].model_fields) == set(schema["properties"])


@pytest.mark.parametrize("name", replies())
def test_what_may_be_absent_is_known_to_be(name: str) -> None:
    schema = documented(name)
    may = {field for field, one in schema["properties"].items() if {"type": "null"} in one.get("anyOf", ())}
    ours = replies()[name].model_json_schema()["properties"]
    assert {field for field, one in ours.items() if {"type": "null"} in one.get("anyOf", ())} == may


def test_names_with_slashes_and_questions_stay_one_part_of_the_path() -> None:
    assert photos.product("a/b?c #ü").request.path == "/v1/products/a%2Fb%3Fc%20%23%C3%BC"


def test_what_is_not_said_is_not_sent() -> None:
    assert scenes.ask("mug").request.body == Raw(content=b"{}")
    body = photos.submit("https://shop.example/mug.jpg").request.body
    assert body == Raw(content=b'{"url":"https://shop.example/mug.jpg"}')


def test_each_request_that_makes_something_has_a_key_of_its_own() -> None:
    first, second = scenes.ask("mug").request, scenes.ask("mug").request
    assert first.headers["Idempotency-Key"] != second.headers["Idempotency-Key"]
    assert scenes.ask("mug", idempotency_key="mine").request.headers == {"Idempotency-Key": "mine"}


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadRequest, match=r"mug\.jpg cannot be read: No such file"):
        photos.submit(tmp_path / "mug.jpg")


def test_photo_and_mask_come_the_same_way() -> None:
    with pytest.raises(BadRequest, match="by URL too"):
        photos.submit("https://shop.example/mug.jpg", mask=b"png")
    with pytest.raises(BadRequest, match="a Path or bytes"):
        photos.submit(b"png", mask="https://shop.example/mask.png")


def test_a_link_that_leads_elsewhere_is_not_followed() -> None:
    for url in ("https://evil.example/v1/files/a", "/v1/session"):
        with pytest.raises(BadRequest, match="does not lead to the gateway"):
            scenes.picture(PICTURE.model_copy(update={"url": url}))


def test_an_answer_of_another_server_is_called_unreadable() -> None:
    with pytest.raises(Exception, match="no Backdrop gateway") as caught:
        photos.product("mug").read(Answer(status=200, body=b"<html>welcome</html>"))
    assert caught.value.reason == "answer_unreadable"  # type: ignore[attr-defined]
