"""The Kafka edge, on FastStream's in-memory broker."""

from faststream.kafka import KafkaBroker, TestKafkaBroker

from services.captioner.core import CaptionProduct
from services.captioner.handlers import subscribe
from shared.contracts.blobs import BlobRef
from shared.contracts.events import ProductCaptioned, ProductFacts, ProductSegmented, Segmentation
from tests.fakes.blobs import MemoryBlobs
from tests.fakes.vision_language_model import ScriptedVisionLanguageModel


async def test_a_segmented_product_comes_out_captioned_under_its_own_key() -> None:
    broker, heard = KafkaBroker(), []
    subscribe(broker, CaptionProduct(ScriptedVisionLanguageModel(), MemoryBlobs()))

    @broker.subscriber("product.captioned.v1", group_id="test")
    async def listen(event: ProductCaptioned) -> None:
        heard.append(event)

    refused = Segmentation(segmenter="s", refusal="no_product")
    image = BlobRef(bucket="backdrop", key="images/x", sha256="0" * 64, size=1)
    async with TestKafkaBroker(broker) as running:
        event = ProductSegmented(product_id="p1", image=image, facts=ProductFacts(), segmentation=refused)
        await running.publish(event, "product.segmented.v1", key=b"p1")
    assert [(event.product_id, event.caption) for event in heard] == [("p1", None)]
