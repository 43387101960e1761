"""What a cluster for tests is made of, where nothing runs: programs by their versions, nodes, how KEDA is announced."""

import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from deploy.cluster import binaries, certificates, running
from deploy.cluster.control_plane import Cluster, Ports
from deploy.cluster.keda import WEBHOOKS, registration
from deploy.cluster.pretended import PODS, node
from deploy.local.places import Places
from deploy.local.processes import LocalStackError
from tests.missing import needs

COUNT = len(Ports.__dataclass_fields__)


def test_programs_are_kept_by_the_versions_they_are_built_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(binaries.MODULE, tmp_path / "module")
    monkeypatch.setattr(binaries, "MODULE", tmp_path / "module")
    before = binaries.fingerprint()
    (tmp_path / "module" / "go.sum").write_text("another version")
    assert before != binaries.fingerprint() and binaries.fingerprint() == binaries.fingerprint()


def test_every_program_is_a_tool_of_the_module() -> None:
    text = (binaries.MODULE / "go.mod").read_text()
    listed = text.partition("tool (")[2].partition(")")[0].split()
    assert set(listed) == set(binaries.PACKAGES.values())
    assert set(binaries.FOR_MANIFESTS) < set(binaries.PACKAGES)


def test_what_was_not_built_is_said_with_the_command_that_builds_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    binaries.path_of("etcd").parent.mkdir(parents=True)
    binaries.path_of("etcd").touch()
    with pytest.raises(
        LocalStackError, match=r"^kubectl, kube-apiserver: not built yet \(python -m deploy\.cluster build"
    ):
        running.need_built(["kubectl", "etcd", "kube-apiserver"])
    running.need_built(["etcd"])


def test_a_node_of_a_pool_keeps_everybody_else_off_its_cards() -> None:
    made = node("gpu-1", pool="inpainter", gpus=4)
    assert made["metadata"]["labels"]["backdrop/pool"] == "inpainter"
    assert {(taint["key"], taint["effect"]) for taint in made["spec"]["taints"]} == {
        ("nvidia.com/gpu", "NoSchedule"),
        ("backdrop/pool", "NoSchedule"),
    }
    assert made["status"]["allocatable"]["nvidia.com/gpu"] == "4"
    plain = node("cpu-1")
    assert plain["spec"]["taints"] == [] and "nvidia.com/gpu" not in plain["status"]["capacity"]


def test_pretended_pods_have_a_stage_for_each_end() -> None:
    stages = {stage["metadata"]["name"]: stage["spec"] for stage in yaml.safe_load_all(PODS.read_text())}
    assert set(stages) == {"pod-finish", "job-pod-stop", "job-pod-delete", "pod-delete"}
    assert "exitCode: 143" in stages["job-pod-stop"]["next"]["statusTemplate"]


@needs("openssl")  # comes with PostgreSQL
def test_the_api_server_trusts_keda_by_certificates_of_this_cluster_alone(tmp_path: Path) -> None:
    made = certificates.made(tmp_path / "certificates", "https://127.0.0.1:1")
    leaf, _ = made.of("tls")
    done = subprocess.run(["openssl", "verify", "-CAfile", made.of("ca")[0], leaf], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    cluster = Cluster(Places(var=tmp_path), Ports(*range(1, COUNT + 1)), made)
    announced = list(yaml.safe_load_all(registration(cluster)))
    (hooks,) = (one["webhooks"] for one in announced if one["kind"] == "ValidatingWebhookConfiguration")
    assert [hook["rules"][0]["resources"] for hook in hooks] == [[f"{kind}s"] for kind in WEBHOOKS]
    (service,) = (one["spec"]["service"] for one in announced if one["kind"] == "APIService")
    assert service["port"] == cluster.ports.adapter
    assert made.of("ca")[0].read_text().startswith("-----BEGIN CERTIFICATE")
