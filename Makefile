# On a fresh machine with Python >= 3.11 and make: `make refresh`, `make test`. Each sets up what it needs.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

FITS := import sys; sys.exit(not ((3,11) <= sys.version_info[:2] < (3,14)))
PYTHON ?= $(shell for v in python3.11 python3.12 python3.13 python3; do \
	command -v $$v >/dev/null 2>&1 && $$v -c '$(FITS)' 2>/dev/null && { command -v $$v; break; }; done)
NEED_PYTHON = @"$(PYTHON)" -c '$(FITS)' 2>/dev/null || { \
	echo "Python 3.11, 3.12 or 3.13 is needed and $(if $(PYTHON),$(PYTHON) is another,none was found): make PYTHON=/path/to/python3.12" >&2; exit 7; }
UV_VERSION := 0.13.9
# uv lives outside .venv: `uv sync` would prune it.
UV := $(or $(shell command -v uv 2>/dev/null),.tools/uv/bin/uv)
RUN := .venv/bin
export UV_PYTHON_DOWNLOADS := never
export CHOKEPOINT_DATA ?= $(CURDIR)/data
export DAGSTER_HOME := $(CHOKEPOINT_DATA)/dagster

.PHONY: help setup clients refresh test check lint lint-types lint-sql format site atlas dev serve status snapshot campaign bench bench-scale spark hooks clean

help:  ## Show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## */\t/' | expand -t 12

.tools/uv/bin/uv:
	$(NEED_PYTHON)
	@$(PYTHON) -m venv .tools/uv
	@.tools/uv/bin/pip install --quiet uv==$(UV_VERSION)

.venv/.synced: pyproject.toml uv.lock | $(filter .tools/%,$(UV))
	$(NEED_PYTHON)
	@echo "Installing the locked environment into .venv (once)"
	@$(UV) sync --frozen --quiet --python $(PYTHON)
	@touch $@

.tools/spark/.synced: pyproject.toml uv.lock | $(filter .tools/uv/%,$(UV))
	$(NEED_PYTHON)
	@command -v java >/dev/null || { echo "Java 17 or later is needed, from the system" >&2; exit 1; }
	@echo "Installing Spark into .tools/spark (once)"
	@UV_PROJECT_ENVIRONMENT=$(CURDIR)/.tools/spark $(UV) sync --frozen --quiet --only-group spark --python $(PYTHON)
	@touch $@

setup: .venv/.synced  ## Install the locked environment into .venv

clients: setup  ## Install what tests ask beside the locked environment: other DuckDB versions, validators, an S3 server, PostgreSQL, Spark, duckdb-wasm, R, Chromium
	@PYTHON=$(PYTHON) scripts/clients
	@command -v chromium chromium-browser google-chrome >/dev/null || \
		{ apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium; }
	@command -v Rscript >/dev/null || { apt-get update -qq && apt-get install -y -qq --no-install-recommends r-base-core; }
	@command -v npm >/dev/null || { apt-get update -qq && apt-get install -y -qq --no-install-recommends nodejs npm; }
	@ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null || \
		{ apt-get update -qq && apt-get install -y -qq --no-install-recommends postgresql; }
	@command -v java >/dev/null || { apt-get update -qq && apt-get install -y -qq --no-install-recommends default-jre-headless; }
	@$(MAKE) --no-print-directory .tools/spark/.synced
	@command -v systemd-analyze >/dev/null || { apt-get update -qq && apt-get install -y -qq --no-install-recommends systemd; }
	@scripts/duckdb-wasm

refresh: setup  ## Build, check and publish a release (offline, from the embedded snapshot)
	@$(RUN)/chokepoint refresh

test: setup  ## Lint, types and every test
	@$(MAKE) --no-print-directory lint
	@$(RUN)/pytest -n auto --dist loadfile --no-loadscope-reorder --max-worker-restart 0

lint: setup  ## Ruff, pyright, SQL and the layers of imports
	@$(RUN)/ruff check .
	@$(RUN)/ruff format --check .
	@$(RUN)/lint-imports
	@$(MAKE) --no-print-directory --jobs 2 lint-types lint-sql

lint-types: setup
	@$(RUN)/basedpyright --level error

lint-sql: setup
	@$(RUN)/sqlfluff lint dbt/models --processes 2 --disable-progress-bar

format: setup  ## Format Python, and the SQL that you changed
	@$(RUN)/ruff check --fix .
	@$(RUN)/ruff format .
	@{ git diff --name-only --diff-filter=d HEAD -- 'dbt/models/*.sql'; \
		git ls-files --others --exclude-standard -- 'dbt/models/*.sql'; } | xargs -r $(RUN)/sqlfluff fix --disable-progress-bar

site: setup  ## Build the documentation as a searchable site, in data/site
	@$(RUN)/python scripts/build_site.py

atlas: setup  ## Open the atlas of the release in a browser
	@$(RUN)/chokepoint atlas

# HOST and PORT count only on the command line: shells and package managers export their own.
given = $(if $(filter command,$(origin $(1))), $(2) $($(1)))
WHERE = $(call given,HOST,--host)$(call given,PORT,--port)

dev: setup  ## Dagster UI and daemon for development; HOST=127.0.0.1 PORT=3000
	@$(RUN)/chokepoint serve --development$(WHERE)

serve: setup  ## Dagster UI and daemon with sensors and schedules on; HOST=127.0.0.1 PORT=3000
	@$(RUN)/chokepoint serve$(WHERE)

status: setup  ## What is published
	@$(RUN)/chokepoint status

snapshot: setup  ## Compile the embedded tables from CHOKEPOINT_FILES
	@$(RUN)/chokepoint snapshot

campaign: setup  ## Kill it, cut its power, damage its files, thousands of times: an hour and a half. SHARE=0.1 is a tenth
	@$(RUN)/python -m tests.campaign$(call given,SHARE,--share)

bench: setup  ## Benchmarks, as ratios to baselines of the same run
	@$(RUN)/python -m benchmarks

bench-scale: setup  ## What the trade models cost at 10 and 100 million flows: an hour, 40 GB of disk
	@$(RUN)/python -m benchmarks scale

spark: setup .tools/spark/.synced  ## Build the models on Spark too, and compare them with DuckDB's: docs/spark.md says how far that goes
	@$(RUN)/python scripts/compare_engines.py

hooks: setup  ## Install the hooks: a five-second look at a commit, and at its subject
	@for hook in pre-commit commit-msg; do ln -sf "$(CURDIR)/scripts/$$hook" "$$(git rev-parse --git-path hooks)/$$hook"; done

clean:  ## Remove the environment; with DATA=yes the folder data too
	rm -rf .venv .tools$(if $(filter yes,$(call given,DATA)), data)
