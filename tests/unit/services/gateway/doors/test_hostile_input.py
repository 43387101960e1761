"""What strangers send on purpose: each gets an answer that names what is wrong, and never an error of ours."""

import pytest

from shared.contracts.errors import DependencyDown
from tests.unit.services.gateway.conftest import House


async def test_a_signature_of_other_letters_is_a_wrong_one(house: House) -> None:
    link = await house.client().get("/v1/files/images/x.png", params={"until": 9_999_999_999, "signature": "\xe9"})
    assert (link.status_code, link.json()["reason"]) == (403, "link_invalid")
    house.client("read")
    (key,) = house.parts.store.all_keys()
    page = house.client()
    forged = f"backdrop_session={key.key_id}.9999999999.\xe9".encode("latin-1")
    answer = await page.get("/v1/products", headers={"Cookie": forged})
    assert (answer.status_code, answer.json()["reason"]) == (401, "session_over")


async def test_an_outage_tells_strangers_nothing_of_who_is_down(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*_: object) -> None:
        raise DependencyDown("projection_down", 'connection to "10.0.3.4" failed for user "gateway"')

    monkeypatch.setattr(house.parts.store, "key", down)
    answer = await house.client(Authorization=f"Bearer bk_{'0' * 12}_{'0' * 64}").get("/v1/products")
    assert (answer.status_code, answer.json()["reason"]) == (503, "projection_down")
    assert "10.0.3.4" not in answer.text and "gateway" not in answer.json()["detail"].replace("this gateway", "")
