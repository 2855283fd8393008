# Every task of the project. `make` alone lists them.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

ENVIRONMENT := .venv
BIN := $(ENVIRONMENT)/bin
# The first of these that is Python 3.11 or newer and can make virtual environments.
PYTHON ?= $(shell for python in python3.11 python3.12 python3.13 python3; do \
	"$$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& command -v "$$python" && break; done)
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input --quiet
LOCKS := deploy/locks
PYTEST_ARGUMENTS ?=

.PHONY: help
help: ## list these tasks
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: setup
setup: $(ENVIRONMENT)/.development ## set up everything for work on the project, in .venv

.PHONY: demo
demo: $(ENVIRONMENT)/.serving ## gateway, hospital PACS and photos, in a few minutes; stays up for the browser (DEMO_EXIT=1: ends)
	@$(BIN)/python -m deploy.demo $(if $(DEMO_EXIT),--exit)

.PHONY: test
test: setup ## the tests: units, real databases and associations, real peers
	$(BIN)/pytest -m "not long" $(PYTEST_ARGUMENTS)

.PHONY: test-long
test-long: setup ## what CI has no time for: long fault runs, fuzzing, full training
	$(BIN)/pytest -m long --timeout 3600 $(PYTEST_ARGUMENTS)

.PHONY: lint
lint: setup ## style, format and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

.PHONY: format
format: setup ## put the code into its format
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

.PHONY: bench
bench: setup ## measure: one photo from POST to answer, and judged, each beside its floor
	$(BIN)/python -m tests.bench.intake
	$(BIN)/python -m tests.bench.inference

.PHONY: viewer
viewer: $(ENVIRONMENT)/.serving ## OHIF in var/viewer, to be served at /viewer by [http] viewer (needs npm; 60 MB)
	@$(BIN)/python -m deploy.viewer

.PHONY: peers
peers: ## install Orthanc, DCMTK, dciodvfy, PostgreSQL, chromium, npm for the tests (Debian, Ubuntu; asks for root)
	deploy/install-peers.sh

.PHONY: lock
lock: python ## resolve the dependencies anew and write deploy/locks
	$(PYTHON) deploy/lock.py

.PHONY: clean
clean: ## remove the virtual environment, caches and var
	rm -rf $(ENVIRONMENT) .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info build dist var
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: python
python:
	@test -n "$(PYTHON)" || { echo "Needs Python 3.11 or newer with venv (Debian, Ubuntu: apt install python3 python3-venv)." >&2; exit 1; }

# What serving needs; the demonstration runs on it. No torch.
$(ENVIRONMENT)/.serving: pyproject.toml $(LOCKS)/serve.txt | python
	$(PYTHON) -m venv $(ENVIRONMENT)
	$(PIP) install -r $(LOCKS)/serve.txt
	$(PIP) install --no-deps --editable .
	touch $@

# torch by itself and first: machines without its index have it as a local file. Not compiled ahead: it is large.
$(ENVIRONMENT)/.development: $(ENVIRONMENT)/.serving $(LOCKS)/dev.txt $(LOCKS)/train.txt
	$(PIP) install --no-compile torch==2.13.0
	$(PIP) install --no-compile -r $(LOCKS)/dev.txt -r $(LOCKS)/train.txt
	touch $@
