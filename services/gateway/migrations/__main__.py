"""Run the migrations."""

from services.gateway.migrations import upgrade

upgrade()
