# The first Python from 3.11 on that is found; or `make PYTHON=...`.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
PY := $(BIN)/python
STAMP := $(VENV)/.stamp
RESOLVE := --override dev/overrides.txt --constraint dev/constraints.txt
TESTS ?= tests

# Without its bytecode, importing Airflow costs three times as much, in every process.
unexport PYTHONDONTWRITEBYTECODE
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help env demo test test-airflow test-kfp cluster docker nightly check fix bench docs airflow screenshots pins clean

help:  ## Show this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-13s %s\n", $$1, $$2}'

env: $(STAMP)  ## Make or update the environment in .venv (every target does it first)

$(STAMP): pyproject.toml dev/constraints.txt dev/overrides.txt
	@test -n "$(PYTHON)" || { echo "make: no Python 3.11 or newer found; name one: make PYTHON=..." >&2; exit 1; }
	@test -x $(PY) || $(PYTHON) -m venv $(VENV)
	$(PY) -m pip install --quiet --constraint dev/constraints.txt uv
	$(BIN)/uv pip install --quiet --python $(PY) --compile-bytecode $(RESOLVE) \
		--requirements pyproject.toml --all-extras --group dev --editable .
	@touch $@

demo: $(STAMP)  ## One pipeline on every runtime, side by side
	@$(PY) examples/demo.py

# Files in their order: else those of few tests come last, and one that takes long is waited for.
test: $(STAMP)  ## All tests, two at a time (TESTS=tests/unit for some)
	$(PY) -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(TESTS)

test-airflow: $(STAMP)  ## The tests of Airflow with another release of it (VERSION=3.1.8, 3.2.2)
	@dev/test_airflow.sh $(VERSION)

test-kfp: $(STAMP)  ## Whether another release of KFP's SDK takes what we compile (VERSION=2.14.6)
	@dev/test_kfp.sh $(VERSION)

cluster: $(STAMP)  ## A real Kubernetes and S3, and the tests that need them (PROGRAMS=all for more)
	$(PY) dev/cluster test

docker: $(STAMP)  ## Images built and run by a real Docker engine, the one here or one of its own
	$(PY) dev/cluster docker

nightly: $(STAMP)  ## Thousands of generated programs, some of them on every engine
	$(PY) -m pytest -m nightly -o faulthandler_timeout=7200 tests/property

check: $(STAMP)  ## Lint, format, types and layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fix: $(STAMP)  ## Repair what lint and format can repair
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(STAMP)  ## Measure build, plan, compile, start-up and map times
	@$(PY) dev/bench.py

docs: $(STAMP)  ## Rewrite the generated pages: parity table, capabilities, KFP's pipelines, schema, reference
	$(PY) dev/parity_docs.py
	$(PY) dev/capability_docs.py
	$(PY) dev/kfp_public_docs.py
	$(PY) dev/schema_docs.py
	$(PY) dev/api_docs.py

airflow: $(STAMP)  ## A local Airflow with the examples, on port 8080 (Ctrl-C ends it)
	@bash dev/airflow.sh

screenshots: $(STAMP)  ## The docs' pictures of the UI, of a real Airflow (needs chromium)
	$(PY) dev/screenshots/take.py

pins: $(STAMP)  ## Resolve dev/constraints.txt anew
	$(BIN)/uv pip compile --quiet --upgrade --universal --no-header --no-annotate \
		--all-extras --group dev --override dev/overrides.txt \
		--output-file dev/constraints.txt pyproject.toml

clean:  ## Remove what was built, the environment included
	rm -rf $(VENV) $(VENV)-airflow-* build dist .airflow .dagger .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
