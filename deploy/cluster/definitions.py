"""The kinds our manifests use beside Kubernetes' own (KEDA, Prometheus operator, Strimzi), and KWOK's node stages."""

import json
import shutil
import subprocess
from pathlib import Path

from deploy.cluster.binaries import MODULE, cache
from deploy.local.preparing import need, run
from deploy.local.processes import LocalStackError

KEDA, KWOK = "github.com/kedacore/keda/v2", "sigs.k8s.io/kwok"
MONITORING = "github.com/prometheus-operator/prometheus-operator@v0.92.1"
MONITORING_SUM = "h1:rHWuFo6SVya4FBSCNg2DCzyc4xAv54zk3eDTzp5mQZc="
STRIMZI_POM = Path(__file__).resolve().parent / "strimzi" / "pom.xml"
STRIMZI = {
    "kafka": "io.strimzi.api.kafka.model.kafka.Kafka",
    "kafkanodepool": "io.strimzi.api.kafka.model.nodepool.KafkaNodePool",
    "kafkauser": "io.strimzi.api.kafka.model.user.KafkaUser",
}
KEDAS = ("scaledobjects", "scaledjobs", "triggerauthentications", "clustertriggerauthentications")
EVENTS = ("cloudeventsources", "clustercloudeventsources")  # the operator watches them, whether used or not
MONITORINGS = ("podmonitors", "prometheusrules")
STAGES = ("node/fast/node-initialize", "node/heartbeat-with-lease/node-heartbeat-with-lease", "pod/fast/pod-ready")


def kinds() -> Path:
    """A folder with one file for each custom kind, fetched when it is not there. Raises LocalStackError."""
    folder = cache() / "kinds"
    if not folder.exists():
        unfinished = _emptied(folder.with_suffix(".new"))
        _from_keda(unfinished)
        _from_monitoring(unfinished)
        _from_strimzi(unfinished)
        unfinished.rename(folder)
    return folder


def stages() -> Path:
    """A folder with how pretended nodes live. Raises LocalStackError."""
    folder = cache() / "stages"
    if not folder.exists():
        unfinished = _emptied(folder.with_suffix(".new"))
        for name in STAGES:
            shutil.copy(_module(KWOK) / "kustomize" / "stage" / f"{name}.yaml", unfinished)
        unfinished.rename(folder)
    return folder


def _from_keda(folder: Path) -> None:
    bases = _module(KEDA) / "config" / "crd" / "bases"
    for name in KEDAS:
        shutil.copy(bases / f"keda.sh_{name}.yaml", folder)
    for name in EVENTS:
        shutil.copy(bases / f"eventing.keda.sh_{name}.yaml", folder)


def _from_monitoring(folder: Path) -> None:
    told = json.loads(_said("go", "mod", "download", "-json", MONITORING))
    if told["Sum"] != MONITORING_SUM:
        raise LocalStackError(f"{MONITORING} has the sum {told['Sum']}, should be {MONITORING_SUM}")
    for name in MONITORINGS:
        file = f"monitoring.coreos.com_{name}.yaml"
        shutil.copy(Path(told["Dir"]) / "example" / "prometheus-operator-crd" / file, folder)


def _from_strimzi(folder: Path) -> None:
    """Strimzi publishes no files of its kinds where we look, but the program that writes them."""
    need("java", "a Java 17 runtime: apt-get install openjdk-17-jre-headless")
    need("mvn", "Maven: apt-get install maven")
    jars = folder / "jars"
    goal = ("dependency:copy-dependencies", f"-DoutputDirectory={jars}")
    run(("mvn", "-q", "-B", "-f", str(STRIMZI_POM), *goal), "fetching Strimzi's kinds with Maven")
    writer = ("java", "-cp", f"{jars}/*", "io.strimzi.crdgenerator.CrdGenerator", "--yaml")
    wanted = [f"{kind}={folder / f'strimzi_{name}.yaml'}" for name, kind in STRIMZI.items()]
    run((*writer, *wanted), "writing Strimzi's kinds")
    shutil.rmtree(jars)


def _module(path: str) -> Path:
    run(("go", "mod", "download", path), f"fetching {path}", folder=MODULE)
    return Path(_said("go", "list", "-m", "-f", "{{.Dir}}", path).strip())


def _said(*command: str) -> str:
    need(command[0], "Go: see the version in deploy/cluster/binaries/go.mod")
    done = subprocess.run(command, cwd=MODULE, capture_output=True, text=True, timeout=600)
    if done.returncode:
        raise LocalStackError(f"{' '.join(command)} failed:\n{done.stderr[-2000:]}")
    return done.stdout


def _emptied(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder
