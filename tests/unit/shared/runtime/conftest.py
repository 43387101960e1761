"""What several tests of the runtime need: logging as a service has it."""

import io
import logging
from collections.abc import Iterator

import pytest
import structlog

from shared.runtime.telemetry.logs import configure_logs


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """Logging set up as a service has it, and put back afterwards."""
    root, configured = logging.getLogger(), structlog.get_config()
    handlers, level = root.handlers, root.level
    structlog.reset_defaults()
    logging.getLogger("backdrop.kafka").filters.clear()
    stream = io.StringIO()
    configure_logs(service="segmenter", stream=stream)
    yield stream
    root.handlers, root.level = handlers, level
    structlog.configure(**configured)
