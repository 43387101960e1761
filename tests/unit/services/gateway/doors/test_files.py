"""Styles with their example pictures, sample photos to try them with, and the files of the page."""

import json
from pathlib import Path

import pytest

from tests.unit.services.gateway.conftest import House, photo

SAMPLES = Path(__file__).resolve().parents[5] / "samples" / "photos"
PAGE = Path(__file__).resolve().parents[5] / "services" / "gateway" / "page"
PLATE = {"id": "oak-1", "style": "oak", "file": "oak-1.png", "width": 64, "height": 64, "surface_line": 0.6}


async def test_a_style_shows_its_plates_and_where_their_surface_ends(house: House) -> None:
    folder = house.parts.gateway.styles.folder
    (folder / "plates.json").write_text(json.dumps({"plates": [PLATE, {**PLATE, "id": "oak-2", "file": "gone.png"}]}))
    (folder / "oak-1.png").write_bytes(photo())
    (style,) = (await house.client("read").get("/v1/styles")).json()
    assert style["plates"] == [
        {
            "url": "/v1/styles/pictures/oak-1.png",
            "width": 64,
            "height": 64,
            "surface_line": 0.6,
            "camera_elevation_deg": 10.0,
        }
    ]
    assert style["pictures"] == [style["plates"][0]["url"]]


@pytest.mark.parametrize("house", [{"samples": SAMPLES}], indirect=True)
async def test_sample_photos_are_listed_and_given_and_nothing_else_of_their_folder(house: House) -> None:
    client = house.client("read")
    samples = {one["name"]: one for one in (await client.get("/v1/samples")).json()}
    mug = samples["mug-terracotta.jpg"]
    assert (mug["title"], mug["category"]) == ("Terracotta stoneware mug", "Kitchen")
    assert (await client.get(mug["url"])).content == (SAMPLES / "mug-terracotta.jpg").read_bytes()
    assert (await client.get(mug["mask_url"])).content == (SAMPLES / "masks" / "mug-terracotta.png").read_bytes()
    assert samples["perfume-amber.jpg"]["mask_url"] is None
    for name in ("products.jsonl", "../lessons/products.jsonl", "%2e%2e/photos/products.jsonl"):
        assert (await client.get(f"/v1/samples/{name}")).status_code == 404


async def test_where_the_operator_gives_no_samples_the_list_is_empty(house: House) -> None:
    assert (await house.client("read").get("/v1/samples")).json() == []


@pytest.mark.parametrize("house", [{"page": PAGE}], indirect=True)
async def test_the_words_of_the_page_come_packed_its_fonts_as_they_are_and_nothing_twice(house: House) -> None:
    client = house.client()
    script, font = ((PAGE / name).read_bytes() for name in ("js/main.js", "fonts/geist.woff2"))
    packed = await client.get("/js/main.js", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip" and "accept-encoding" in packed.headers["vary"].lower()
    assert packed.content == script
    plain = await client.get("/js/main.js", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers and plain.content == script
    face = await client.get("/fonts/geist.woff2", headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in face.headers and face.content == font
    known = {"Accept-Encoding": "gzip", "If-None-Match": packed.headers["etag"]}
    assert (await client.get("/js/main.js", headers=known)).status_code == 304
