# Every command of the project; `make` lists them.

PYTHON ?= python3
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help setup dev demo check test e2e record bench

help: ## List the commands
	@awk 'BEGIN {FS = ":.*## "} /^[a-z0-9-]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.venv/runtime.stamp: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; set PYTHON=python3.12, say")'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $@

.venv/dev.stamp: requirements-dev.lock .venv/runtime.stamp
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.lock
	@touch $@

.PHONY: web
web: .venv/runtime.stamp
	@$(BIN)/python tools/web.py

setup: .venv/dev.stamp web ## Install everything for work on the code
	@echo "Ready. Try: make demo, make check, make test"

dev: .venv/runtime.stamp web ## Run the service on ./var, with readable logs
	@$(BIN)/callcenter serve

demo: .venv/runtime.stamp web ## Run the service with a simulated PBX and made-up customers
	@$(BIN)/callcenter demo

check: setup ## Lint, types, import contract, documents, translations
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python tools/i18n.py check
	@$(BIN)/pytest -q tests/docs

test: setup ## Run every test; what is not installed is skipped, by name
	@PYTHONASYNCIODEBUG=1 $(BIN)/pytest -n auto -m "not e2e"
	@PYTHONASYNCIODEBUG=1 $(BIN)/pytest -n auto --dist loadfile -m e2e --ignore tests/e2e
	@PYTHONASYNCIODEBUG=1 $(BIN)/pytest -n 3 --maxschedchunk 1 tests/e2e

e2e: setup ## Run only the tests on a real Asterisk and in a real browser
	@PYTHONASYNCIODEBUG=1 $(BIN)/pytest -n auto --dist loadfile -m e2e --ignore tests/e2e
	@PYTHONASYNCIODEBUG=1 $(BIN)/pytest -n 3 --maxschedchunk 1 tests/e2e

record: setup ## Play the recorded flows anew on a real Asterisk (FLOWS="name ...": these)
	@$(BIN)/python -m tests.e2e.flows.record $(FLOWS)

bench: setup ## Measure what the product claims
	@$(BIN)/callcenter bench
