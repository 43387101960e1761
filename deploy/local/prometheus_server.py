"""Prometheus by the system's package, when there is one."""

import shutil

from deploy.local.places import PROCESSES, REPOSITORY, Places
from deploy.local.ports import HOST
from deploy.local.preparing import not_ok
from deploy.local.processes import Process


def prometheus(places: Places) -> Process | None:
    """The system's Prometheus over this stack; None when it is not installed, as it is only for looking."""
    binary = shutil.which("prometheus")
    if binary is None:
        return None
    data = places.var / "prometheus"
    data.mkdir(parents=True, exist_ok=True)
    configuration = data / "prometheus.yml"
    configuration.write_text(_scraping(places))
    address = f"{HOST}:{places.prometheus_port}"
    return Process(
        name="prometheus",
        command=(
            binary,
            f"--config.file={configuration}",
            f"--storage.tsdb.path={data / 'data'}",
            f"--web.listen-address={address}",
            "--storage.tsdb.retention.time=2d",
            "--enable-feature=exemplar-storage",
        ),
        where=f"http://{address}",
        port=places.prometheus_port,
        ready=lambda: not_ok(f"http://{address}/-/ready"),
    )


def _scraping(places: Places) -> str:
    """The committed configuration with this machine's addresses in place of the containers' names."""
    text = (REPOSITORY / "deploy" / "prometheus" / "prometheus.yml").read_text()
    for service in PROCESSES:
        text = text.replace(f"{service}:8000", f"{HOST}:{places.service_port(service)}")
    for rules in ("recording.yml", "alerts.yml"):
        text = text.replace(f"- {rules}", f"- {REPOSITORY / 'deploy' / 'prometheus' / rules}")
    return text
