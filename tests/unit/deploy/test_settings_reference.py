"""docs/settings.md is what the settings classes say."""

import pytest
from pydantic_settings import BaseSettings

from deploy.settings_reference import PAGE, SERVICES, SHARED, page

GROUPS = (*SHARED.values(), *SERVICES.values())


def test_the_committed_page_is_not_stale() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run `make schemas` and commit docs/settings.md"


@pytest.mark.parametrize("kind", GROUPS, ids=lambda kind: kind.__name__)
def test_every_variable_says_what_it_means(kind: type[BaseSettings]) -> None:
    assert [name for name, field in kind.model_fields.items() if not field.description] == []


def test_a_row_names_the_variable_its_default_and_its_limits() -> None:
    assert (
        "| `SEGMENTER_LEAST_CONFIDENCE` | `0.35` | a mask below it is refused (≥ 0.0, ≤ 1.0) |" in page().splitlines()
    )
    assert "| `KAFKA_RETRY_DELAYS_S` | `[30.0, 120.0, 600.0]` | one round on T.retry each |" in page().splitlines()


def test_no_secret_and_no_folder_of_this_machine_is_on_the_page() -> None:
    assert "backdrop-local" not in page()
    assert "`models/mini-segmenter`" in page()
