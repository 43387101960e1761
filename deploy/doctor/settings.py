"""Whether every service could read its settings from this environment."""

from collections.abc import Iterable, Iterator

from pydantic import ValidationError
from pydantic_settings import BaseSettings

from deploy.doctor.findings import Diagnosis
from shared.runtime.settings import troubles_of

PAGE = "docs/settings.md lists every variable with its meaning"


def check_settings(classes: Iterable[type[BaseSettings]]) -> Iterator[Diagnosis]:
    """One finding for each variable that is wrong, or one that all of a group are right."""
    for one in classes:
        part = f"settings {one.model_config.get('env_prefix', '')}*"
        try:
            one()
        except ValidationError as error:
            for trouble in troubles_of(one, error):
                yield Diagnosis(part, trouble=trouble, remedy=PAGE)
        else:
            yield Diagnosis(part, said="readable")
