"""What the embedded stack reads from its environment besides its services' settings."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class EmbeddedSettings(BaseSettings):
    """`EMBEDDED_*`."""

    model_config = SettingsConfigDict(env_prefix="EMBEDDED_", extra="ignore", frozen=True)

    metrics_port: int | None = Field(
        default=None, ge=1, le=65_535, description="answer /metrics of all services there, on loopback alone"
    )
