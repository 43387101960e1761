"""Run the migrations."""

from services.curator.migrations import upgrade

upgrade()
