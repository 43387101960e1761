"""What the doctor says of an installation, part by part, and that it ends."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.doctor.__main__ import line, main
from deploy.doctor.bucket import check_bucket
from deploy.doctor.catalogue import check_catalogue
from deploy.doctor.findings import Diagnosis, examine
from deploy.doctor.kafka import check_kafka, check_width
from deploy.doctor.models import check_models
from deploy.doctor.settings import check_settings
from services.curator.migrations import upgrade
from services.segmenter.settings import SegmenterSettings
from shared.contracts.blobs import BlobRef
from shared.runtime.settings import KafkaSettings
from tests.fakes.blobs import MemoryBlobs

ROOT = Path(__file__).parents[4]


def troubles(found: Iterator[Diagnosis]) -> list[str]:
    return [one.trouble for one in found if one.trouble is not None]


def test_a_wrong_variable_is_named_and_its_value_kept_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEGMENTER_THREADS", "s3cret")
    (trouble,) = troubles(check_settings([SegmenterSettings, KafkaSettings]))
    assert trouble.startswith("SEGMENTER_THREADS: ")
    assert "s3cret" not in trouble


def test_a_broker_that_is_not_there_is_said_with_the_variable_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deploy.doctor.kafka.PATIENCE_MS", 300)
    (found,) = check_kafka(KafkaSettings(bootstrap_servers="127.0.0.1:1"), {})
    assert "127.0.0.1:1 does not answer" in str(found.trouble)
    assert "KAFKA_BOOTSTRAP_SERVERS" in found.remedy


def test_more_replicas_than_partitions_are_told_with_how_many_can_work() -> None:
    partitions = {"product.submitted.v1": 12, "product.captioned.v1": 12, "background.requested.v1": 6}
    assert troubles(check_width(partitions, {"segmenter": 12, "inpainter": 6})) == []
    (trouble,) = troubles(check_width(partitions, {"inpainter": 7}))
    assert trouble == "background.requested.v1 has 6 partitions, so 7 of the inpainter cannot all work"


def test_what_every_replica_hears_limits_nobody() -> None:
    assert troubles(check_width({"model.promoted.v1": 1}, {"inpainter": 8})) == []


class Careless(MemoryBlobs):
    """A store that ignores If-None-Match."""

    def put_if_absent(self, key: str, data: bytes, content_type: str) -> bool:
        self.put(key, data, content_type)
        return True


def test_a_store_that_ignores_conditions_is_found_out() -> None:
    assert "ignores If-None-Match" in troubles(check_bucket(Careless(), trouble=None))[0]
    assert troubles(check_bucket(MemoryBlobs(), trouble=None)) == []


def test_a_store_examined_twice_is_still_well() -> None:
    blobs = MemoryBlobs()
    assert troubles(check_bucket(blobs, trouble=None)) == troubles(check_bucket(blobs, trouble=None)) == []
    assert isinstance(blobs.find("jobs/doctor/probe.json"), BlobRef)


def test_a_missing_bucket_is_told_and_not_written_to() -> None:
    blobs = MemoryBlobs()
    found = list(check_bucket(blobs, trouble="the bucket backdrop does not exist: provision it"))
    assert [one.trouble for one in found] == ["the bucket backdrop does not exist: provision it"]
    assert "deploy.provision" in found[0].remedy
    assert blobs.find("jobs/doctor/probe.json") is None


def test_tables_of_an_older_version_want_to_be_migrated(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'catalogue.sqlite'}"
    assert troubles(check_catalogue(database)) == []  # a new file is made at the first start
    assert not (tmp_path / "catalogue.sqlite").exists()
    (tmp_path / "catalogue.sqlite").touch()
    (trouble,) = troubles(check_catalogue(database))
    assert trouble.startswith("its tables are at nothing, this version wants ")
    upgrade(database)
    assert troubles(check_catalogue(database)) == []


def test_a_database_that_does_not_answer_is_told() -> None:
    (found,) = check_catalogue("postgresql+psycopg://curator@127.0.0.1:1/curator")
    assert "does not answer" in str(found.trouble)
    assert "CURATOR_DATABASE" in found.remedy


def test_a_model_folder_that_is_missing_or_of_another_layout_is_told_by_its_variable(tmp_path: Path) -> None:
    (tmp_path / "unet").mkdir()
    lacking = troubles(check_models({"INPAINTER_MODEL": str(tmp_path), "INPAINTER_PLATES": str(tmp_path / "none")}))
    assert lacking[0].endswith("lacks model_index.json, unet/config.json, vae/config.json")
    assert lacking[1] == f"INPAINTER_PLATES={tmp_path / 'none'} does not exist"


def test_a_checkpoint_that_does_not_inpaint_is_told(tmp_path: Path) -> None:
    for name, config in {"model_index.json": {}, "unet/config.json": {"in_channels": 4}, "vae/config.json": {}}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(json.dumps(config))
    (trouble,) = troubles(check_models({"INPAINTER_MODEL": str(tmp_path)}))
    assert trouble.endswith("takes 4 channels, an inpainting model takes 9")


def test_a_hub_id_is_left_to_the_service() -> None:
    (found,) = check_models({"CAPTIONER_MODEL": "someone/a-captioner"})
    assert found.well and "hub id" in found.said


def test_the_bundled_models_are_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    bundled = {
        "INPAINTER_MODEL": "mini-inpainter",
        "INPAINTER_PLATES": "mini-plates",
        "CAPTIONER_MODEL": "mini-captioner",
    }
    assert troubles(check_models({name: f"models/{place}" for name, place in bundled.items()})) == []


def test_a_check_that_breaks_off_is_a_finding_and_the_next_part_is_asked() -> None:
    def broken() -> Iterator[Diagnosis]:
        yield Diagnosis("kafka", said="answers")
        raise RuntimeError("the cable fell out")

    found = list(examine("kafka", broken))
    assert [one.well for one in found] == [True, False]
    assert found[1].trouble == "RuntimeError: the cable fell out"


def test_a_line_says_the_trouble_and_the_way_out() -> None:
    assert line(Diagnosis("bucket", said="there")) == "  ok     bucket: there"
    assert (
        line(Diagnosis("kafka", trouble="silent", remedy="start it")) == "  WRONG  kafka: silent\n         -> start it"
    )


def test_the_status_is_one_while_something_is_wrong(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    assert main(["--only", "models"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "all is well"
    monkeypatch.setenv("SEGMENTER_MODEL", "/nowhere")
    assert main(["--only", "models"]) == 1
    assert "SEGMENTER_MODEL=/nowhere does not exist" in capsys.readouterr().out


def test_replicas_of_an_unknown_service_are_refused_with_the_names_there_are(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        main(["--replicas", "painter=3"])
    assert "segmenter, captioner, curator, trainer, inpainter, gateway" in capsys.readouterr().err
