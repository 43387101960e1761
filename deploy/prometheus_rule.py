"""The recording rules and alerts as the Prometheus operator takes them: `python -m deploy.prometheus_rule`."""

from pathlib import Path
from typing import Any

import yaml

DEPLOY = Path(__file__).resolve().parent
RULES = tuple(DEPLOY / "prometheus" / name for name in ("recording.yml", "alerts.yml"))
MANIFEST = DEPLOY / "k8s" / "components" / "monitoring" / "rules.yaml"
SIGN = "# Made from deploy/prometheus/recording.yml and alerts.yml by `make schemas`.\n"


class Blocks(yaml.SafeDumper):
    """Keeps expressions of several lines readable."""


Blocks.add_representer(
    str,
    lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None),
)


def manifest() -> str:
    """The PrometheusRule as it lies beside the PodMonitor."""
    groups = [group for file in RULES for group in yaml.safe_load(file.read_text())["groups"]]
    rule: dict[str, Any] = {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": {"name": "backdrop", "namespace": "backdrop"},
        "spec": {"groups": groups},
    }
    return SIGN + yaml.dump(rule, Dumper=Blocks, sort_keys=False, allow_unicode=True, width=120)


if __name__ == "__main__":
    MANIFEST.write_text(manifest())
