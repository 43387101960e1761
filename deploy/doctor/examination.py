"""Which parts an installation has, and the check of each over the settings of this environment."""

from collections.abc import Iterator, Mapping
from functools import partial

from deploy.doctor.bucket import check_bucket
from deploy.doctor.catalogue import check_catalogue
from deploy.doctor.findings import Check, Diagnosis, examine
from deploy.doctor.kafka import check_kafka
from deploy.doctor.models import check_models
from deploy.doctor.settings import check_settings
from deploy.settings_reference import SERVICES, SHARED
from services.captioner.settings import CaptionerSettings
from services.curator.settings import CuratorSettings
from services.inpainter.settings import InpainterSettings
from services.segmenter.settings import SegmenterSettings
from shared.runtime.minio_blobs import MinioBlobs
from shared.runtime.settings import KafkaSettings, MinioSettings

GROUPS = (*SHARED.values(), *SERVICES.values())
PARTS = ("settings", "kafka", "bucket", "catalogue", "models")


def findings(replicas: Mapping[str, int], *, only: str | None = None) -> Iterator[Diagnosis]:
    """Part by part; a part that breaks off does not keep the others from being asked."""
    for part, check in _checks(replicas).items():
        if only in (None, part):
            yield from examine(part, check)


def _checks(replicas: Mapping[str, int]) -> dict[str, Check]:
    return {
        "settings": partial(check_settings, GROUPS),
        "kafka": lambda: check_kafka(KafkaSettings(), replicas),
        "bucket": _bucket,
        "catalogue": lambda: check_catalogue(CuratorSettings().database),
        "models": lambda: check_models(_models()),
    }


def _bucket() -> Iterator[Diagnosis]:
    blobs = MinioBlobs(MinioSettings())
    return check_bucket(blobs, trouble=blobs.trouble())


def _models() -> dict[str, str]:
    painting = InpainterSettings()
    return {
        "SEGMENTER_MODEL": SegmenterSettings().model,
        "CAPTIONER_MODEL": CaptionerSettings().model,
        "INPAINTER_MODEL": painting.model,
        "INPAINTER_PLATES": str(painting.plates),
        "INPAINTER_JUDGE": str(painting.judge),
        "INPAINTER_PROBE": str(painting.probe),
    }
