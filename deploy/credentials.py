"""One secret per service, and one for the owner of the catalogue: made at the first start, kept beside the data."""

import json
import os
import secrets
from pathlib import Path

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

CATALOGUE_ROLE = "curator"


class Credentials(BaseSettings):
    """`BACKDROP_*_SECRET`: with them provisioning makes a user for each service, who may do what that service does.

    The name of each user of the blob store is the service's; PostgreSQL's role is `curator`.
    """

    model_config = SettingsConfigDict(env_prefix="BACKDROP_", extra="ignore", frozen=True)

    segmenter_secret: SecretStr
    captioner_secret: SecretStr
    curator_secret: SecretStr
    trainer_secret: SecretStr
    inpainter_secret: SecretStr
    client_secret: SecretStr
    catalogue_secret: SecretStr

    def secret(self, service: str) -> str:
        """The password of a service's user in the blob store."""
        return str(getattr(self, f"{service}_secret").get_secret_value())

    def as_environment(self) -> dict[str, str]:
        """The variables from which these settings can be read again."""
        return {f"BACKDROP_{name.upper()}": getattr(self, name).get_secret_value() for name in type(self).model_fields}


def kept(path: Path) -> Credentials:
    """Those in the file; made, and readable by its owner alone, when there is none."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        made = {name: secrets.token_hex(20) for name in Credentials.model_fields}
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(made, file, indent=1)
    return Credentials(**json.loads(path.read_text()))


def given() -> Credentials | None:
    """Those of the environment; None when it has none, as where an operator grants rights by other means."""
    return Credentials() if f"BACKDROP_{next(iter(Credentials.model_fields)).upper()}" in os.environ else None
