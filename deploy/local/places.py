"""Where the local stack keeps its things and on which loopback ports it listens."""

import tempfile
from hashlib import sha256
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from deploy.credentials import CATALOGUE_ROLE, PROJECTION_DATABASE, PROJECTION_ROLE, Credentials, kept
from deploy.local.ports import HOST, free_ports

REPOSITORY = Path(__file__).resolve().parents[2]
SERVICES = ("segmenter", "captioner", "curator", "trainer", "inpainter")
GATEWAY = "gateway"  # in front of them: HTTP, where they speak Kafka alone
PROCESSES = (*SERVICES, GATEWAY)


class Places(BaseSettings):
    """`LOCAL_*`: folders and ports; the defaults agree with those of the services' settings."""

    model_config = SettingsConfigDict(env_prefix="LOCAL_", extra="ignore", frozen=True)

    var: Path = Field(default=REPOSITORY / "var", description="data, logs and process notes of this stack")
    servers: Path = Field(default=REPOSITORY / "var" / "servers", description="downloaded servers, reused for ever")
    kafka_port: int = 9092
    kafka_controller_port: int = 9093
    minio_port: int = 9000
    minio_console_port: int = 9001
    postgres_port: int = 5433
    prometheus_port: int = 9090
    segmenter_port: int = 8001
    captioner_port: int = 8002
    curator_port: int = 8003
    trainer_port: int = 8004
    inpainter_port: int = 8005
    gateway_port: int = Field(default=8080, description="its API and the studio")
    gateway_probe_port: int = 8006
    user: str = "backdrop"
    password: str = "backdrop-local"
    bucket: str = "backdrop"

    @property
    def logs(self) -> Path:
        """One file per process."""
        return self.var / "logs"

    @property
    def run(self) -> Path:
        """One note per running process."""
        return self.var / "run"

    @property
    def bootstrap_servers(self) -> str:
        """Where Kafka listens."""
        return f"{HOST}:{self.kafka_port}"

    @property
    def credentials(self) -> Credentials:
        """A secret for each service, made at the first start of this stack."""
        return kept(self.var / "credentials.json")

    @property
    def catalogue_dsn(self) -> str:
        """Where the catalogue is for the curator, whose own it is."""
        secret = self.credentials.catalogue_secret.get_secret_value()
        return f"postgresql+psycopg://{CATALOGUE_ROLE}:{secret}@{HOST}:{self.postgres_port}/backdrop"

    @property
    def projection_dsn(self) -> str:
        """Where the gateway's projection is for the gateway, whose own it is."""
        secret = self.credentials.secret("projection")
        return f"postgresql+psycopg://{PROJECTION_ROLE}:{secret}@{HOST}:{self.postgres_port}/{PROJECTION_DATABASE}"

    @property
    def postgres_dsn(self) -> str:
        """Where the catalogue is for the operator, who owns all of PostgreSQL, as SQLAlchemy wants it."""
        return f"postgresql+psycopg://{self.user}:{self.password}@{HOST}:{self.postgres_port}/backdrop"

    def service_port(self, service: str) -> int:
        """Where a service answers `/live`, `/ready` and `/metrics`."""
        return self.gateway_probe_port if service == GATEWAY else int(getattr(self, f"{service}_port"))


def apart(folder: Path) -> Places:
    """Places of a second stack beside the first: free ports, data in `folder`, the same downloaded servers."""
    names = [name for name in Places.model_fields if name.endswith("_port")]
    ports = dict(zip(names, free_ports(len(names)), strict=True))
    return Places.model_validate({"var": folder, **ports})


def outside(var: Path) -> Path:
    """A folder that an unprivileged server can reach when `var` lies under somebody's private home."""
    return Path(tempfile.gettempdir()) / f"backdrop-{sha256(str(var.resolve()).encode()).hexdigest()[:12]}"
