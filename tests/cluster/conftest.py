"""A control plane for the tests of a file; where its programs were not built the tests are skipped, on CI they fail."""

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from deploy.cluster import binaries, running
from deploy.cluster.control_plane import Cluster
from deploy.cluster.rendering import MANIFESTS
from deploy.local.processes import LocalStackError
from tests.missing import missing

Combine = Callable[..., Path]


def built(names: Iterable[str]) -> None:
    """Go on only with these programs."""
    try:
        running.need_built(names)
    except LocalStackError as error:
        missing(str(error))


@pytest.fixture(scope="module")
def bare_cluster() -> Iterator[Cluster]:
    """An API server that knows our kinds, in a few seconds."""
    built(binaries.FOR_MANIFESTS)
    with running.bare() as cluster:
        yield cluster


@pytest.fixture(scope="module")
def whole_cluster() -> Iterator[Cluster]:
    """A control plane with KEDA and pretended nodes."""
    built(binaries.PACKAGES)
    with running.whole() as cluster:
        yield cluster


@pytest.fixture
def combined(tmp_path: Path) -> Combine:
    """A kustomization of one overlay with options on top, as an operator would write it."""

    def make(overlay: str, *components: str) -> Path:
        root = os.path.relpath(MANIFESTS, tmp_path)
        lines = [f"resources: [{root}/overlays/{overlay}]"]
        lines += (
            [f"components: [{', '.join(f'{root}/components/{name}' for name in components)}]"] if components else []
        )
        (tmp_path / "kustomization.yaml").write_text("\n".join(lines) + "\n")
        return tmp_path

    return make
