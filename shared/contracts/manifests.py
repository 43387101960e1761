"""What a request came to, as it is stored: the inpainter writes it, the curator reads it. It is parsed for ever."""

from pydantic import BaseModel, ConfigDict

from shared.contracts.blobs import background_prefix
from shared.contracts.events import BackgroundGenerated, BackgroundRejected


class RequestManifest(BaseModel):
    """The commit point of a request: what was announced, so that a redelivery announces the same. Holds one of both."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    generated: BackgroundGenerated | None = None
    rejected: BackgroundRejected | None = None

    @classmethod
    def of(cls, outcome: BackgroundGenerated | BackgroundRejected) -> "RequestManifest":
        """The manifest of an outcome."""
        if isinstance(outcome, BackgroundGenerated):
            return cls(generated=outcome)
        return cls(rejected=outcome)

    @property
    def outcome(self) -> BackgroundGenerated | BackgroundRejected:
        """The event to announce."""
        outcome = self.generated or self.rejected
        assert outcome is not None, "a manifest holds one of the two"
        return outcome


def manifest_key(request_id: str) -> str:
    """Where the manifest of a request is."""
    return background_prefix(request_id) + "manifest.json"
