"""A foreign ad platform: knows topic names and JSON from the documentation, and not one line of our code."""

import functools
import hashlib
import io
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
from kafka import KafkaConsumer, KafkaProducer
from minio import Minio
from PIL import Image

ANSWERS = ("background.generated.v1", "background.rejected.v1", "product.submitted.v1.dead")


class AdPlatform:
    """Submits products, reads answers, fetches pictures."""

    def __init__(self, *, bootstrap: str, endpoint: str, access_key: str, secret_key: str, bucket: str) -> None:
        self.producer = KafkaProducer(bootstrap_servers=bootstrap, acks="all")
        self.consumer = KafkaConsumer(
            *ANSWERS,
            bootstrap_servers=bootstrap,
            group_id="ad-platform",
            auto_offset_reset="earliest",
            metadata_max_age_ms=1_000,  # topics that its first question misses are asked for again
        )
        self.store = Minio(endpoint, access_key=access_key, secret_key=secret_key, secure=False)
        self.bucket = bucket
        self.ours: set[bytes] = set()  # others submit to the same stack; their answers are not for us

    def upload(self, key: str, data: bytes) -> None:
        """Put bytes where the services find them."""
        self.store.put_object(
            bucket_name=self.bucket, object_name=key, data=io.BytesIO(data), length=len(data), content_type="image/png"
        )

    def publish(self, topic: str, key: str, message: Any) -> None:
        """Plain JSON, or whatever bytes somebody's bug may send."""
        body = message if isinstance(message, bytes) else json.dumps(message).encode()
        self.ours.add(key.encode())
        self.producer.send(topic, key=key.encode(), value=body).get(timeout=120)

    def answers(self, count: int, *, timeout_s: float) -> list[tuple[str, dict[str, Any], dict[str, str]]]:
        """The next answers as topic, JSON and headers; fewer when the time is up."""
        read: list[tuple[str, dict[str, Any], dict[str, str]]] = []
        end = time.monotonic() + timeout_s
        while len(read) < count and time.monotonic() < end:
            for record in self.heard():
                headers = {name: value.decode() for name, value in record.headers}
                read.append((record.topic, json.loads(record.value), headers))
        return read

    def heard(self) -> list[Any]:
        """What has arrived about our own products, within half a second."""
        batches = self.consumer.poll(timeout_ms=500).values()
        return [record for records in batches for record in records if record.key in self.ours]

    def fetch(self, reference: dict[str, Any]) -> bytes:
        """The bytes a reference names, checked against its hash."""
        response = self.store.get_object(bucket_name=reference["bucket"], object_name=reference["key"])
        try:
            data = response.read()
        finally:
            response.close()
            response.release_conn()
        assert hashlib.sha256(data).hexdigest() == reference["sha256"]
        assert len(data) == reference["size"]
        return data

    def close(self) -> None:
        """Leave."""
        self.consumer.close()
        self.producer.close(timeout=5)


def pixels(data: bytes) -> np.ndarray:
    """A picture as an array."""
    return np.asarray(Image.open(io.BytesIO(data)))


def packshot(seed: int) -> bytes:
    """A striped box with its shadow on white, 320 x 400, as PNG."""
    rng = np.random.default_rng(seed)
    picture = np.full((400, 320, 3), 255, np.uint8)
    picture[330:338, 90:240] = 225
    picture[120:332, 90:230] = rng.integers(20, 120, 3)
    picture[180:230, 90:230] = rng.integers(120, 220, 3)
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "PNG")
    return buffer.getvalue()


@contextmanager
def web_shop(folder: Path) -> Iterator[str]:
    """A shop's web server over a folder; yields its address."""
    handler = functools.partial(_QuietHandler, directory=str(folder))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join(timeout=5)
        server.server_close()


class _QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *arguments: object) -> None:
        """Say nothing."""
