"""One secret per service, and those of the databases: made at the first start, kept beside the data."""

import json
import os
import secrets
from pathlib import Path

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

CATALOGUE_ROLE = "curator"
PROJECTION_ROLE = PROJECTION_DATABASE = "gateway"


class Credentials(BaseSettings):
    """`BACKDROP_*_SECRET`: with them provisioning makes a user for each service, who may do what that service does.

    The name of each user of the blob store is the service's; PostgreSQL's roles are `curator` and `gateway`. With
    `signing_secret` the gateway signs links and peppers keys.
    """

    model_config = SettingsConfigDict(env_prefix="BACKDROP_", extra="ignore", frozen=True)

    segmenter_secret: SecretStr
    captioner_secret: SecretStr
    curator_secret: SecretStr
    trainer_secret: SecretStr
    inpainter_secret: SecretStr
    client_secret: SecretStr
    catalogue_secret: SecretStr
    gateway_secret: SecretStr | None = None  # a stack may do without a gateway
    projection_secret: SecretStr | None = None
    signing_secret: SecretStr | None = None

    def secret(self, service: str) -> str:
        """The password of a service's user in the blob store, of a database's role, or what the gateway signs with."""
        secret: SecretStr | None = getattr(self, f"{service}_secret")
        return "" if secret is None else secret.get_secret_value()

    def as_environment(self) -> dict[str, str]:
        """The variables from which these settings can be read again."""
        names = [name for name in type(self).model_fields if getattr(self, name) is not None]
        return {f"BACKDROP_{name.upper()}": getattr(self, name).get_secret_value() for name in names}


def kept(path: Path) -> Credentials:
    """Those in the file, readable by its owner alone; what is not there yet, as after an update, is made."""
    known = json.loads(path.read_text()) if path.exists() else {}
    missing = {name: secrets.token_hex(20) for name in Credentials.model_fields if name not in known}
    if missing:
        path.parent.mkdir(parents=True, exist_ok=True)
        writing = path.with_suffix(".writing")
        with os.fdopen(os.open(writing, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump({**known, **missing}, file, indent=1)
        writing.replace(path)
    return Credentials(**{**known, **missing})


def given() -> Credentials | None:
    """Those of the environment; None when it has none, as where an operator grants rights by other means."""
    return Credentials() if f"BACKDROP_{next(iter(Credentials.model_fields)).upper()}" in os.environ else None
