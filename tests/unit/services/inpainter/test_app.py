"""The service assembled over the bundled models."""

from services.inpainter.app import assemble
from services.inpainter.settings import InpainterSettings
from shared.contracts.events import BackgroundGenerated, Scene
from tests.fakes.blobs import MemoryBlobs
from tests.fakes.image_fetcher import FakeImageFetcher
from tests.unit.services.inpainter.conftest import Studio


def test_the_bundled_models_paint_a_product() -> None:
    blobs = MemoryBlobs()
    service = assemble(InpainterSettings(side=64, steps=1, judge_gate=0.0), blobs, FakeImageFetcher())
    (outcome,) = service.paint.product(Studio(blobs=blobs).captioned(Scene(prompt="on an oak table, brick wall")))
    assert isinstance(outcome, BackgroundGenerated)
    assert outcome.images[0].model == "mini-inpainter@base"
    assert outcome.images[0].plate is not None
