"""JSON logs with service, topic, key and trace id: one line, one fact, from our code and from libraries alike."""

import logging
import sys
from typing import TextIO

import structlog
from structlog.typing import Processor

from shared.runtime.in_hand import in_hand
from shared.runtime.telemetry.redaction import redacted, redacted_value

# without local variables: among them are settings, connections and photos
TRACEBACKS = structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False))
QUIET = ("aiokafka", "uvicorn.access", "httpx", "urllib3", "PIL", "alembic")


def configure_logs(*, service: str, level: int = logging.INFO, stream: TextIO | None = None) -> None:
    """Send all logging of this process to `stream` (stdout) as JSON lines. Called once, by whoever owns the process."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        name_the_message,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    handler = logging.StreamHandler(stream or sys.stdout)
    handler.setFormatter(_json_formatter(service, shared))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    _hand_over("uvicorn", "uvicorn.error", "uvicorn.access", "faststream")
    logging.getLogger("backdrop.kafka").addFilter(_says_something_new)


def _json_formatter(service: str, shared: list[Processor]) -> structlog.stdlib.ProcessorFormatter:
    def name_the_service(
        _logger: object, _method: str, event: structlog.typing.EventDict
    ) -> structlog.typing.EventDict:
        event.setdefault("service", service)
        return event

    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            name_the_service,
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            TRACEBACKS,
            hide_secrets,
            structlog.processors.JSONRenderer(),
        ],
    )


def name_the_message(_logger: object, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Every line that is written while a message is in hand says which one."""
    hop = in_hand.get()
    return event if hop is None else {**hop.facts, **event}


def hide_secrets(_logger: object, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """The last thing that happens to a line: whatever library wrote it, no password or signature leaves with it."""
    return {redacted(str(name)): redacted_value(value, str(name)) for name, value in event.items()}


def _says_something_new(record: logging.LogRecord) -> bool:
    """FastStream warns at every start that topics are not made on the fly; that is meant."""
    return not record.getMessage().startswith("Auto create topics is disabled")


def _hand_over(*names: str) -> None:
    """Libraries that print in their own format log through the root instead."""
    for name in names:
        logger = logging.getLogger(name)
        logger.handlers = []
        logger.propagate = True
