"""Secrets are made once, for their owner's eyes only, and travel as variables."""

import json
from pathlib import Path

import pytest

from deploy import policies
from deploy.credentials import Credentials, given, kept


def test_they_are_made_once_and_found_again(tmp_path: Path) -> None:
    path = tmp_path / "var" / "credentials.json"
    made = kept(path)
    assert kept(path) == made
    assert path.stat().st_mode & 0o777 == 0o600


def test_after_an_update_only_what_is_new_is_made(tmp_path: Path) -> None:
    path = tmp_path / "credentials.json"
    made = kept(path).as_environment()
    known = json.loads(path.read_text())
    del known["signing_secret"]
    path.write_text(json.dumps(known))
    again = kept(path).as_environment()
    assert again.pop("BACKDROP_SIGNING_SECRET") != made.pop("BACKDROP_SIGNING_SECRET") and again == made
    assert path.stat().st_mode & 0o777 == 0o600


def test_no_two_services_and_no_two_stacks_share_a_secret(tmp_path: Path) -> None:
    made = [*kept(tmp_path / "a.json").as_environment().values(), *kept(tmp_path / "b.json").as_environment().values()]
    assert len(set(made)) == len(made) == 20
    assert all(len(secret) == 40 for secret in made)


def test_each_service_with_a_policy_has_a_secret(tmp_path: Path) -> None:
    credentials = kept(tmp_path / "credentials.json")
    assert all(credentials.secret(service) for service in policies.READS)


def test_what_is_given_as_variables_is_read_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = kept(tmp_path / "credentials.json")
    for name, secret in made.as_environment().items():
        monkeypatch.setenv(name, secret)
    assert given() == made


def test_without_variables_none_are_given(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Credentials.model_fields:
        monkeypatch.delenv(f"BACKDROP_{name.upper()}", raising=False)
    assert given() is None


def test_a_secret_does_not_show_in_what_is_printed(tmp_path: Path) -> None:
    made = kept(tmp_path / "credentials.json")
    assert made.secret("trainer") not in repr(made)
