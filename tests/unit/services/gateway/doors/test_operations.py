"""For operators and curators: models and their roll-back, verdicts, datasets, trainings, styles."""

import json
from typing import Any

from shared.contracts import events as e
from shared.contracts.blobs import BlobRef
from shared.contracts.topics import ROLLBACK_REQUESTED
from tests.unit.services.gateway.conftest import House, photo

WEIGHTS = BlobRef(bucket="backdrop", key="models/mini/a/w", sha256="0" * 64, size=1)


def promoted(revision: str, sequence: int) -> e.ModelPromoted:
    facts: dict[str, Any] = {"stage": "product", "base": "sd", "weights": WEIGHTS, "metrics": {"fid": 2.0}}
    return e.ModelPromoted(model="mini", revision=revision, sequence=sequence, **facts)


async def test_models_are_listed_and_rolled_back_by_operators(house: House) -> None:
    await house.say(promoted("a", 1), promoted("b", 2))
    client = house.client("read", "operate")
    models = (await client.get("/v1/models")).json()
    assert [(one["revision"], one["promoted"], one["metrics"]) for one in models] == [
        ("b", True, {"fid": 2.0}),
        ("a", False, {"fid": 2.0}),
    ]
    assert (await client.post("/v1/models/mini/rollback", json={"revision": "a"})).status_code == 202
    (asked,) = house.log.events(ROLLBACK_REQUESTED.name, e.RollbackRequested)
    assert (asked.model, asked.revision) == ("mini", "a")
    assert (await client.post("/v1/models/mini/rollback", json={"revision": "c"})).status_code == 404
    assert (await house.client("read").post("/v1/models/mini/rollback", json={"revision": "a"})).status_code == 403


async def test_operators_see_what_a_revision_paints_beside_the_one_before(house: House) -> None:
    facts: dict[str, Any] = {
        "stage": "product",
        "base": "sd",
        "weights": WEIGHTS,
        "dataset": "d",
        "dataset_version": "1",
    }
    await house.say(e.ModelTrained(model="mini", revision="a", job_id="job-1", **facts), promoted("b", 2))
    house.blobs.put("models/mini/a/exam/job-1.png", b"a sheet", "image/png")
    client = house.client("read", "operate")
    assert [one["job_id"] for one in (await client.get("/v1/models")).json()] == [None, "job-1"]
    sheet = await client.get("/v1/models/mini/revisions/a/sheet")
    assert (sheet.content, sheet.headers["content-type"]) == (b"a sheet", "image/png")
    await house.say(e.ModelTrained(model="mini", revision="c", job_id="job-3", **facts))
    for without in ("b", "c"):
        answer = await client.get(f"/v1/models/mini/revisions/{without}/sheet")
        assert (answer.status_code, answer.json()["reason"]) == (404, "sheet_unknown")
    assert (await house.client("read").get("/v1/models/mini/revisions/a/sheet")).status_code == 403


async def test_the_curators_verdicts_have_reasons_and_pictures(house: House) -> None:
    captioned = house.captioned("mug")
    kept = {"product_id": "mug", "image_sha256": captioned.image.sha256, "verdict": "kept", "reason": "kept"}
    dropped = {"product_id": "jug", "image_sha256": "1" * 64, "verdict": "dropped", "reason": "blur"}
    await house.say(captioned, e.SampleCurated(**kept), e.SampleCurated(**dropped, scores={"sharpness": 3.0}))
    client = house.client("read")
    said = (await client.get("/v1/curation/samples?verdict=kept")).json()["items"]
    assert [one["product_id"] for one in said] == ["mug"] and said[0]["picture"]["sha256"] == captioned.image.sha256
    assert (await client.get("/v1/curation/reasons")).json() == {"kept": 1, "blur": 1}
    blurred = (await client.get("/v1/curation/samples?reason=blur")).json()["items"]
    assert blurred[0]["scores"] == {"sharpness": 3.0} and blurred[0]["picture"] is None


async def test_datasets_and_trainings_are_seen(house: House) -> None:
    await house.say(
        e.DatasetReleased(dataset="product", version="7", manifest=WEIGHTS, samples=3, counts={"kept": 3}),
        e.TrainingProgressed(job_id="j", stage="product", step=3, steps=9, loss=0.5, samples_per_s=1.0),
        e.TrainingFailed(job_id="k", stage="product", reason="no_data", detail="there are no samples"),
    )
    client = house.client("read")
    assert (await client.get("/v1/curation/datasets")).json()[0]["counts"] == {"kept": 3}
    trainings = {one["job_id"]: one for one in (await client.get("/v1/trainings")).json()}
    assert trainings["j"]["step"] == 3 and trainings["k"]["failure"]["detail"] == "there are no samples"


async def test_styles_come_with_pictures_the_mined_ones_first(house: House) -> None:
    plates = house.parts.gateway.styles.folder
    (plates / "oak-1.png").write_bytes(photo())
    plate = {"id": "oak-1", "style": "oak", "file": "oak-1.png", "width": 64, "height": 64, "words": ["oak", "warm"]}
    (plates / "plates.json").write_text(json.dumps({"plates": [plate, {**plate, "id": "x", "file": "missing.png"}]}))
    evidence = {"pictures": 3, "lift": 2.0, "dataset_version": "1"}
    example = {"product_id": "mug", "image": house.put("images/mug.png", photo()), "score": 1.0}
    mined = {
        "style": "morning light",
        "revision": 1,
        "words": ("morning",),
        "evidence": evidence,
        "examples": (example,),
    }
    await house.say(e.StyleMined.model_validate(mined))
    client = house.client("read")
    styles = (await client.get("/v1/styles")).json()
    assert [(one["name"], one["mined"]) for one in styles] == [("morning light", True), ("oak", False)]
    for address in (*styles[0]["pictures"], *styles[1]["pictures"], styles[1]["pictures"][0] + "?size=160"):
        assert (await client.get(address)).status_code == 200, address
    other = (await house.client("read", tenant="acme").get("/v1/styles")).json()
    assert [one["pictures"] for one in other] == [[], styles[1]["pictures"]]  # a mug of another tenant's stays there
    assert (await client.get("/v1/styles/pictures/..%2Fplates.json")).status_code == 404
    assert (await client.get("/v1/styles/pictures/oak-1.png?size=7")).status_code == 404


async def test_what_concerns_all_tenants_needs_the_operators_scope(house: House) -> None:
    client = house.client("read", "submit", "review")
    for path in ("/v1/operations", "/v1/operations/dead-letters"):
        answer = await client.get(path)
        assert (answer.status_code, answer.json()["reason"]) == (403, "scope_missing"), path


async def test_a_tenants_admin_manages_its_own_webhooks_and_sees_no_other_tenants_letters(house: House) -> None:
    house.log.append("background.requested.v1.dead", b"other::mug", b"{}", [("x-reason", b"poison")])
    await house.log.settled()
    (letter,) = house.parts.store.dead_letters(limit=9, cursor=None).items
    admin = house.client("admin", tenant="acme")
    for path in ("/v1/operations", "/v1/operations/dead-letters"):
        assert (await admin.get(path)).status_code == 403, path
    assert (await admin.post(f"/v1/operations/dead-letters/{letter.place}/replay")).status_code == 403
    assert (await admin.post("/v1/models/mini/rollback", json={"revision": "a"})).status_code == 403
    assert (await admin.get("/v1/session")).json()["scopes"] == ["admin", "read", "review", "submit"]
    assert (await admin.get("/v1/webhooks")).status_code == 200
    assert (await house.client("admin").get("/v1/operations/dead-letters")).json()["items"][0]["key"] == "other::mug"


async def test_an_event_that_cannot_be_read_has_one_letter_that_of_the_stage_whose_it_is(house: House) -> None:
    for topic in ("product.submitted.v1", "training.progressed.v1"):
        house.log.append(topic, b"mug", b"{", [])
    await house.say(house.captioned("jug"))
    assert house.log.said("product.submitted.v1.dead") == []
    assert len(house.log.said("training.progressed.v1.dead")) == 1  # no stage hears these
    assert (await house.client("read").get("/v1/products/jug")).status_code == 200
