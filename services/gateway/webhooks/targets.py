"""How a webhook's target is reached, as a port: addresses are checked before and at every delivery."""

from collections.abc import Mapping
from typing import Protocol


class Targets(Protocol):
    """Delivers to the public web alone."""

    def check(self, url: str) -> None:
        """Raise BadRequest, in words, when nothing may be sent there; Transient when its name does not resolve now."""
        ...

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        """The status that the target answers. Raises BadRequest or Transient; redirects are not followed."""
        ...
