"""What every service reads from its environment: where Kafka and the blob store are, and how patient to be."""

from typing import Literal, TypeVar

from pydantic import Field, HttpUrl, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

Settings = TypeVar("Settings", bound=BaseSettings)
MOST_DOUBLINGS = 16  # a float holds no more than 1023 of them


class KafkaSettings(BaseSettings):
    """`KAFKA_*`. The defaults reach the local stack."""

    model_config = SettingsConfigDict(env_prefix="KAFKA_", extra="ignore", frozen=True)

    bootstrap_servers: str = Field(default="127.0.0.1:9092", description="host:port, several by comma")
    security: Literal["plaintext", "scram"] = Field(default="plaintext", description="scram: SASL_SSL, SCRAM-SHA-512")
    username: str = Field(default="", description="with scram")
    password: SecretStr = Field(default=SecretStr(""), description="with scram")
    ca_file: str | None = Field(
        default=None, description="certificate authority of the brokers; the system's if absent"
    )

    session_timeout_ms: int = Field(default=45_000, description="a worker silent for so long loses its partitions")
    heartbeat_interval_ms: int = Field(default=5_000, description="how often a worker says that it lives")
    max_poll_interval_ms: int = Field(default=1_800_000, description="the longest that one message may take")
    rebalance_timeout_ms: int = Field(default=60_000, description="how long workers may take to join a new round")
    request_timeout_ms: int = Field(default=30_000, description="for one request to a broker")
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
    wait_cap_s: float = Field(default=30.0, gt=0.0, description="the longest such pause")

    @property
    def waits_s(self) -> tuple[float, ...]:
        """Every pause that a message may have on T.retry, in seconds, ascending."""
        return tuple(sorted({*self.retry_delays_s, *self.not_yet_delays_s}))

    def pause_s(self, times: int) -> float:
        """How long to pause, in seconds, when a dependency was down so many times in a row already."""
        return min(self.wait_first_s * 2.0 ** min(times, MOST_DOUBLINGS), self.wait_cap_s)


class MinioSettings(BaseSettings):
    """`MINIO_*`: any S3 that honours `If-None-Match`. The defaults reach the local stack."""

    model_config = SettingsConfigDict(env_prefix="MINIO_", extra="ignore", frozen=True)

    endpoint: str = Field(default="127.0.0.1:9000", description="host:port")
    access_key: str = Field(default="backdrop", description="the service's user")
    secret_key: SecretStr = Field(default=SecretStr("backdrop-local"), description="its secret")
    bucket: str = Field(default="backdrop", min_length=3, description="one for each environment")
    secure: bool = Field(default=False, description="https")
    region: str = Field(default="us-east-1", description="as the store names it; MinIO takes any")
    connect_timeout_s: float = Field(default=3.0, description="to get a connection")
    read_timeout_s: float = Field(default=30.0, description="for each read of an answer")


class TracingSettings(BaseSettings):
    """`OTEL_*`, as OpenTelemetry names them: the few that switch tracing on; all others its SDK reads itself."""

    model_config = SettingsConfigDict(env_prefix="OTEL_", extra="ignore", frozen=True)

    sdk_disabled: bool = Field(default=False, description="no spans, whatever else is set")
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


def read_settings(kind: type[Settings]) -> Settings:
    """A group of settings from the environment. Ends the process, with every trouble in words, where one is wrong."""
    try:
        return kind()
    except ValidationError as error:
        raise SystemExit("\n".join([*troubles_of(kind, error), "docs/settings.md says what each may be"])) from None


def troubles_of(kind: type[BaseSettings], error: ValidationError) -> list[str]:
    """What is wrong, by the name of the variable; values are left out, as they may be secrets."""
    prefix = str(kind.model_config.get("env_prefix", ""))
    return [f"{prefix}{'_'.join(map(str, one['loc'])).upper()}: {one['msg']}" for one in error.errors()]
