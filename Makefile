# One command per habit, the same for people, hooks and CI. `make` alone lists them.
.DEFAULT_GOAL := help
SHELL := bash

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/installed
SCENES_BIN := bundled/studio/.venv/bin
SCENES_STAMP := bundled/studio/.venv/installed

PHOTOS ?=
OUT ?=
PROMPTS ?=
PORT ?=
STATE ?=
SMALL ?=
MUST_COVER := shared/runtime/*,shared/runtime/**/*,services/*/core.py,services/*/rules.py,services/curator/engagement.py
# more workers than cores: tests of real servers wait for seconds, while others compute
JOBS ?= $(shell $(PYTHON) -c 'import os; print(min(4, len(os.sched_getaffinity(0)) + 2))')
# services, commands and workers of the tests are many processes: what was compiled once is not compiled by each of them
unexport PYTHONDONTWRITEBYTECODE

.PHONY: dashboards help setup demo studio demo-taste test test-full coverage mutation check format manifests-check cluster-test images-check up down logs status bench schemas docs scenes family clean

help: ## list the commands
	@grep -hE '^[a-z][a-z-]*:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

setup: $(STAMP) ## install everything into .venv

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Backdrop needs Python 3.11 or newer: apt-get install python3.11-venv, or set PYTHON=…")'
	@echo "Installing into $(VENV) (a few minutes the first time) …"
	@began=$$SECONDS && $(PYTHON) -m venv $(VENV) \
	  && $(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]' \
	  && printf 'Installed in %d:%02d\n' $$(((SECONDS - began) / 60)) $$(((SECONDS - began) % 60))
	@touch $@

demo: setup ## product photos in, new backgrounds out: make demo [PHOTOS=folder] [OUT=folder] [PROMPTS=file]
	@$(BIN)/python -m backdrop.cli demo $(if $(PHOTOS),--photos '$(PHOTOS)') $(if $(OUT),--out '$(OUT)') $(if $(PROMPTS),--prompts '$(PROMPTS)')

demo-taste: setup ## simulated people click, the pictures follow their taste: make demo-taste [SEED=1] [ROUNDS=7] [OUT=folder]
	@$(BIN)/python -m benchmarks.taste $(if $(SEED),--seed $(SEED)) $(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(OUT),--out '$(OUT)')

studio: setup ## the page where a brand makes backgrounds, without any server: make studio [PORT=8080] [STATE=folder]
	@$(BIN)/python -m backdrop.cli studio $(if $(PORT),--port '$(PORT)') $(if $(STATE),--state '$(STATE)')

test: setup ## all tests but those that take minutes, in any order and on every core, against real Kafka, MinIO and PostgreSQL where they can run
	@$(BIN)/python -m pytest --numprocesses $(JOBS) --no-loadscope-reorder $(ARGS)

test-full: setup ## the same, and those that take minutes
	@$(MAKE) --no-print-directory test ARGS="-m 'not cluster' $(ARGS)"

coverage: setup ## the tests, and which branches none of them takes: out/coverage/index.html
	@$(MAKE) --no-print-directory test ARGS='--cov --cov-report=html:out/coverage --cov-report= $(ARGS)'
	@$(BIN)/coverage report --skip-covered
	@echo 'What must be at 95 % with its branches: the runtime, cores and rules'
	@$(BIN)/coverage report --include='$(MUST_COVER)' --fail-under=95

mutation: setup ## change rules, cores and runtime here and there, list what no test noticed (hours): make mutation [ONLY='shared.runtime.records*']
	@$(BIN)/mutmut run --max-children $(JOBS) $(if $(ONLY),'$(ONLY)')
	@$(BIN)/mutmut results

check: setup ## format, lint, types, layering
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: setup ## rewrite the code in the house style
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

manifests-check: setup ## every Kubernetes overlay and option, asked of a real API server by strict dry-run
	@$(BIN)/python -m deploy.cluster build --for-manifests
	@$(BIN)/python -m pytest -n 0 -q -m cluster tests/cluster/test_manifests.py

cluster-test: setup ## the GPU overlay on a real control plane with KEDA, Kafka and pretended GPU nodes (its programs are built once)
	@$(BIN)/python -m deploy.cluster build
	@$(BIN)/python -m pytest -n 0 -q -s -m cluster tests/cluster/test_scaling.py

images-check: setup ## each image's own steps into an empty folder, its service started from there, its size and contents: make images-check [NAMES=curator]
	@$(BIN)/python -m deploy.images check $(NAMES)

up: setup ## start the stack: Docker when a daemon answers, local processes otherwise
	@$(BIN)/python -m deploy.local up

down: setup ## stop what `make up` started
	@$(BIN)/python -m deploy.local down

status: setup ## what is up, and how far each stage lags
	@$(BIN)/python -m deploy.local status

logs: setup ## follow the logs: make logs [NAME=segmenter]
	@$(BIN)/python -m deploy.local logs $(NAME)

bench: setup ## run the benchmarks: make bench [CATALOGUE=folder with photos and masks]; the event rate starts a Kafka of its own
	@$(BIN)/python -m benchmarks.models.inpainting
	@$(BIN)/python -m benchmarks.models.variety
	@$(BIN)/python -m benchmarks.quick_renderer
	@$(if $(CATALOGUE),$(BIN)/python -m benchmarks.models.segmentation --catalogue '$(CATALOGUE)',echo 'mask quality: skipped, give CATALOGUE=<folder with products.jsonl, images and masks>')
	@$(BIN)/python -m benchmarks.event_rate

dashboards: setup ## every dashboard as a picture, from a stack that goes through work and faults (minutes): make dashboards [OUT=folder]
	@DASHBOARD_PICTURES='$(or $(OUT),docs/pictures/dashboards)' $(BIN)/python -m pytest -n 0 -m slow -p no:randomly tests/e2e/test_watched.py

schemas: setup ## write what follows from the code anew: JSON Schemas, AsyncAPI, OpenAPI, reference, settings, metrics, dashboards, alerts of the cluster, rights in Kafka
	@$(BIN)/python -m deploy.asyncapi
	@$(BIN)/python -m deploy.settings_reference
	@$(BIN)/python -m deploy.kafka_rights
	@$(BIN)/python -m deploy.metrics_page
	@$(BIN)/python -m deploy.reference_page
	@$(BIN)/python -m deploy.dashboards
	@$(BIN)/python -m deploy.prometheus_rule

docs: setup ## the documentation as a site that needs nothing from the web, every link in it followed: out/site/index.html
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build

$(SCENES_STAMP): bundled/studio/constraints.txt
	@$(PYTHON) -m venv bundled/studio/.venv
	@$(SCENES_BIN)/pip install --quiet --disable-pip-version-check -r bundled/studio/constraints.txt
	@touch $@

scenes: $(SCENES_STAMP) ## draw training scenes: make scenes COUNT=100 OUT=folder [SEED=1] [WORKERS=2] [KIND=scenes] [SURFACE=marble]
	@$(SCENES_BIN)/python -m bundled.studio $(if $(KIND),--kind $(KIND)) $(if $(COUNT),--count $(COUNT)) $(if $(OUT),--out '$(OUT)') $(if $(SEED),--seed $(SEED)) $(if $(WORKERS),--workers $(WORKERS)) \
	  $(if $(SURFACE),--surface '$(SURFACE)') $(if $(BACKDROP),--backdrop '$(BACKDROP)') $(if $(PRODUCT),--product '$(PRODUCT)') $(if $(SPLIT),--split '$(SPLIT)')

family: setup $(SCENES_STAMP) ## make the bundled weights anew, by the commands of those that are committed (hours; resumable): make family [OUT=out/family] [SMALL=1]
	@SMALL='$(SMALL)' PYTHON=$(BIN)/python bundled/family.sh $(if $(OUT),'$(OUT)')

clean: ## delete caches and outputs, keep the environment and the servers
	@rm -rf out mutants .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
