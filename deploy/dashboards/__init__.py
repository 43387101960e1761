"""Grafana's dashboards as small Python: what is shown and why. `python -m deploy.dashboards` writes their JSON."""
