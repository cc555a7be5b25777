# setup makes .venv; everything else goes through it.
PYTHON ?= python3
PORT ?= 8000
VENV := .venv
RUN := $(VENV)/bin
# The tests that need no house, or a small one: together under a minute. `make test` runs all.
QUICK := $(addprefix tests/,architecture audit deploy keys proposals protocol relay rules scheduling web)

.PHONY: setup demo test check lock

setup: $(VENV)/ready

# The lock names every package by hash; the project itself comes without dependencies of its own.
$(VENV)/ready: requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(RUN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(RUN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

demo: setup
	$(RUN)/contact-service demo --port $(PORT)

test: setup
	$(RUN)/python .ci/tests.py

check: setup
	$(RUN)/ruff format --check contact_service tests web deploy .ci
	$(RUN)/ruff check contact_service tests web deploy .ci
	$(RUN)/mypy
	$(RUN)/lint-imports
	$(RUN)/python web/typecheck.py
	$(RUN)/python -m pytest -q -n 2 -m "not slow and not browser and not postgresql" $(QUICK)

# For maintainers: choose versions anew.
lock:
	uv pip compile --quiet --universal --all-extras --generate-hashes --no-emit-index-url --no-annotate --no-header \
	  --python-version 3.11 pyproject.toml .ci/build.in -o requirements.lock
