"""A gateway over HTTP: `Client` and `AsyncClient`, what they answer, and the errors they raise."""

from backdrop.gateway.async_client import AsyncClient
from backdrop.gateway.client import Client
from backdrop.gateway.patience import Patience
from backdrop.gateway.problems import NotReady, Refused
from shared.contracts.errors import BackdropError, DependencyDown
from shared.contracts.events import ImageSource, Placement, Scene

__all__ = [
    "AsyncClient", "BackdropError", "Client", "DependencyDown", "ImageSource", "NotReady", "Patience", "Placement",
    "Refused", "Scene",
]  # fmt: skip
