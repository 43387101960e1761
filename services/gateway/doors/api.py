"""All doors in one FastAPI application."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

from fastapi import FastAPI
from starlette.middleware import Middleware

from services.gateway.doors.backgrounds import BackgroundDoor
from services.gateway.doors.batches import BatchDoor
from services.gateway.doors.entry.access import Access
from services.gateway.doors.entry.sizes import BodyLimit
from services.gateway.doors.events import EventDoor
from services.gateway.doors.exports import ExportDoor
from services.gateway.doors.files import FileDoor
from services.gateway.doors.operations import CurationDoor, OperationsDoor
from services.gateway.doors.page import Guarded, page_files
from services.gateway.doors.problems import install
from services.gateway.doors.products import ProductDoor
from services.gateway.doors.session import SessionDoor
from services.gateway.doors.webhooks import WebhookDoor
from services.gateway.gateway import Gateway

MEGABYTE = 1_000_000

Lifespan = Callable[[Any], AbstractAsyncContextManager[None]]


def make_api(
    gateway: Gateway, access: Access, *, upload_mb: int = 50, bodies_mb: int = 200, lifespan: Lifespan | None = None
) -> FastAPI:
    """The application."""
    app = FastAPI(
        title="Backdrop",
        version="1",
        openapi_url="/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        description="Puts a product photo into a new scene and leaves the product untouched to the pixel.",
        lifespan=lifespan,
        middleware=[
            Middleware(Guarded),
            Middleware(BodyLimit, most=upload_mb * MEGABYTE, together=max(bodies_mb, upload_mb) * MEGABYTE),
        ],
        generate_unique_id_function=lambda route: f"{route.tags[0]}-{route.name}".replace("_", "-"),
        separate_input_output_schemas=False,
    )
    app.state.access = access
    install(app)
    doors = (ProductDoor, BackgroundDoor, FileDoor, EventDoor, ExportDoor, BatchDoor, OperationsDoor, CurationDoor,
             WebhookDoor)  # fmt: skip
    for door in doors:
        app.include_router(door(gateway).router())
    app.include_router(SessionDoor(gateway, access).router())
    if gateway.page is not None:
        app.mount("/", page_files(gateway.page))
    return app
