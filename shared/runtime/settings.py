"""What every service reads from its environment: where Kafka and the blob store are, and how patient to be."""

from typing import Literal

from pydantic import Field, HttpUrl, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

MOST_DOUBLINGS = 16  # a float holds no more than 1023 of them


class KafkaSettings(BaseSettings):
    """`KAFKA_*`. The defaults reach the local stack."""

    model_config = SettingsConfigDict(env_prefix="KAFKA_", extra="ignore", frozen=True)

    bootstrap_servers: str = "127.0.0.1:9092"
    security: Literal["plaintext", "scram"] = Field(default="plaintext", description="scram: SASL_SSL, SCRAM-SHA-512")
    username: str = ""
    password: SecretStr = SecretStr("")
    ca_file: str | None = Field(
        default=None, description="certificate authority of the brokers; the system's if absent"
    )

    session_timeout_ms: int = 45_000
    heartbeat_interval_ms: int = 5_000
    max_poll_interval_ms: int = 1_800_000
    rebalance_timeout_ms: int = 60_000
    request_timeout_ms: int = 30_000
    graceful_timeout_s: float = Field(default=60.0, description="how long a stop waits for the message in hand")

    tries: int = Field(default=3, ge=1, description="tries in place before the retry topic")
    try_delay_s: float = Field(
        default=1.0, ge=0.0, description="before the second try; four times more before each next"
    )
    retry_delays_s: tuple[float, ...] = Field(default=(30.0, 120.0, 600.0), description="one round on T.retry each")
    not_yet_delays_s: tuple[float, ...] = Field(
        default=(2.0, 8.0, 30.0), description="the same for what waits for another message, such as its product"
    )
    max_kills: int = Field(
        default=2, ge=2, description="dead letter for what was in hand so often when its worker died; one may be chance"
    )
    wait_first_s: float = Field(default=0.5, gt=0.0, description="first pause while a dependency is down; doubles")
    wait_cap_s: float = Field(default=30.0, gt=0.0)

    def pause_s(self, times: int) -> float:
        """How long to pause, in seconds, when a dependency was down so many times in a row already."""
        return min(self.wait_first_s * 2.0 ** min(times, MOST_DOUBLINGS), self.wait_cap_s)


class MinioSettings(BaseSettings):
    """`MINIO_*`: any S3 that honours `If-None-Match`. The defaults reach the local stack."""

    model_config = SettingsConfigDict(env_prefix="MINIO_", extra="ignore", frozen=True)

    endpoint: str = Field(default="127.0.0.1:9000", description="host:port")
    access_key: str = "backdrop"
    secret_key: SecretStr = SecretStr("backdrop-local")
    bucket: str = Field(default="backdrop", min_length=3)
    secure: bool = False
    region: str = "us-east-1"
    connect_timeout_s: float = 3.0
    read_timeout_s: float = 30.0


class TracingSettings(BaseSettings):
    """`OTEL_*`, as OpenTelemetry names them: the few that switch tracing on; all others its SDK reads itself."""

    model_config = SettingsConfigDict(env_prefix="OTEL_", extra="ignore", frozen=True)

    sdk_disabled: bool = False
    exporter_otlp_endpoint: HttpUrl | None = Field(
        default=None, description="such as http://collector:4318; no spans without it"
    )
    exporter_otlp_traces_endpoint: HttpUrl | None = Field(
        default=None, description="the same for traces alone, with its path"
    )

    @property
    def endpoint(self) -> str | None:
        """Where spans go; None: nowhere."""
        if self.sdk_disabled:
            return None
        if self.exporter_otlp_traces_endpoint is not None:
            return str(self.exporter_otlp_traces_endpoint)
        base = self.exporter_otlp_endpoint
        return None if base is None else f"{str(base).rstrip('/')}/v1/traces"


class FetchSettings(BaseSettings):
    """`FETCH_*`: which pictures are fetched by URL, by every service that follows one."""

    model_config = SettingsConfigDict(env_prefix="FETCH_", extra="ignore", frozen=True)

    private_hosts: tuple[str, ...] = Field(
        default=(),
        description="host names or networks of one's own that image URLs may point to, by http and any port too",
    )
    hosts: tuple[str, ...] = Field(
        default=(), description="when not empty, the only hosts fetched from; `.example.com` means all under it as well"
    )
    http: bool = Field(default=False, description="fetch http:// from the public web as well, not https:// alone")
    ports: tuple[int, ...] = Field(default=(), description="ports besides 443, and 80 with http")
    timeout_s: float = Field(default=20.0, gt=0.0, description="for all of one fetch, redirects included")
