"""What the gateway reads from its environment (GATEWAY_*). Read by app.py, the migrations and the command line."""

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parents[2]


class GatewaySettings(BaseSettings):
    """`GATEWAY_*`. The defaults are for one machine."""

    model_config = SettingsConfigDict(env_prefix="GATEWAY_", extra="ignore", frozen=True)

    database: str = Field(default="sqlite:///var/gateway.sqlite", description="SQLAlchemy DSN")
    secret: SecretStr = Field(default=SecretStr(""), description="signs links, peppers keys; at least 32 characters")
    single_user: bool = Field(
        default=False, description="who comes from this very machine is in, without a key; everybody else needs one"
    )
    hosts: tuple[str, ...] = Field(
        default=("127.0.0.1", "localhost", "[::1]"),
        description="names under which pages reach this service; others may use keys, and have no page",
    )
    page: Path | None = Field(default=None, description="folder of the page, served at /; none when absent")
    samples: Path | None = Field(default=None, description="folder of sample photos, shown to who has none yet")
    plates: Path = Field(default=ROOT / "models" / "mini-plates", description="the named styles and their pictures")
    refiner: str = Field(default="", description="URL of a segmenter's /refine, which answers clicks on a mask")

    upload_mb: int = Field(default=50, ge=1, le=500, description="largest body of a request, megabytes")
    rate: float = Field(default=20.0, gt=0.0, description="requests a second of one key, on average")
    burst: int = Field(default=200, ge=1, description="requests of one key at once")
    products_a_day: int = Field(default=10_000, ge=0, description="photos a tenant may submit a day; 0: no limit")
    pictures_a_day: int = Field(default=20_000, ge=0, description="options a tenant may ask for a day; 0: no limit")
    uploads_a_day: int = Field(default=20_000, ge=0, description="masks and references the same; 0: no limit")
    pictures_at_once: int = Field(default=2, ge=1, description="pictures decoded at once, some 300 MB each at worst")
    bodies_mb: int = Field(default=200, ge=1, description="bodies of requests in memory at once, megabytes")
    link_s: int = Field(default=900, ge=60, description="seconds that links to pictures live")
    log_days: int = Field(default=14, ge=1, description="days for which events can be resumed")
    poll_s: float = Field(default=1.0, gt=0.0, description="pause between looks at what other replicas heard")
    pages: int = Field(default=1000, ge=1, description="event streams that may be open at once")

    probe_host: str = Field(default="127.0.0.1", description="where `/live`, `/ready` and `/metrics` are answered")
    probe_port: int = Field(default=8000, ge=0, le=65_535, description="port of these, apart from the API's")

    webhooks: int = Field(default=20, ge=1, description="webhooks of one tenant")
    webhook_private_hosts: tuple[str, ...] = Field(
        default=(),
        description="host names or networks of one's own that webhooks may point to, by http and any port too",
    )
    webhook_tries: int = Field(default=8, ge=1, description="tries of one delivery before it is dead")
    webhook_first_s: float = Field(default=5.0, gt=0.0, description="pause after the first failure; grows fivefold")
    webhook_cap_s: float = Field(default=6 * 3600.0, gt=0.0, description="the longest pause")
    webhook_timeout_s: float = Field(default=15.0, gt=0.0, description="for all of one delivery")
