# Each target works on a fresh machine that has make and Python 3.11 or newer, and nothing else.

NEW_ENOUGH := -c 'import sys; sys.exit(sys.version_info < (3, 11))'
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$python" $(NEW_ENOUGH) 2>/dev/null && echo "$$python" && break; done)
VENV := .venv
BIN := $(VENV)/bin
# How many processes share the tests, more than there are cores: many wait for what must happen. WORKERS=0 runs them in one.
WORKERS ?= 6
# What else pytest is told, for example `make test PYTEST="-k window"`.
PYTEST ?=

# Tests start dozens of Pythons, and each would compile the program anew.
unexport PYTHONDONTWRITEBYTECODE

RUN := $(VENV)/.run
DEV := $(VENV)/.dev
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: demo test check bench soak pictures lint format requirements coverage-of-requirements clean

## the bridge beside stand-ins of Slack and Meta; prints one address to open
demo: $(RUN)
	$(BIN)/threadbridge demo $(DEMO)

## every test; what fails among the others is named, and run once more by itself: it fails there, or it is a race to look into
test: $(DEV)
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(PYTEST) || { \
		echo "Once more, one at a time: what failed above." >&2; \
		$(BIN)/python -m pytest --last-failed --last-failed-no-failures none $(PYTEST); }

## what a change must pass
check: lint test

lint: $(DEV)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

format: $(DEV)
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench: $(DEV)
	$(BIN)/python -m bench $(BENCH)

## minutes of killing the service and looking for what was lost or sent twice, and simulated years of two hundred accounts
soak: $(DEV)
	$(BIN)/python -m pytest -m soak --timeout 1200 $(PYTEST)

## the pictures of docs/images, from the demo; needs a Chromium
pictures: $(DEV)
	$(BIN)/python -m tests.browser.sheets
	$(BIN)/python -m tests.browser.screens
	$(BIN)/python -m tests.browser.connecting

## pin anew what pyproject.toml asks for
requirements:
	$(PYTHON) -m venv $(VENV)-pins
	$(VENV)-pins/bin/python -m pip install --quiet pip-tools==7.6.2
	sh requirements/pin $(VENV)-pins/bin/pip-compile $(PINS)

## each requirement with the tests that prove it, or why it is not there
coverage-of-requirements: $(DEV)
	@$(BIN)/python -m tests.requirements

clean:
	rm -rf $(VENV) $(VENV)-pins build dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find bench bridge tests -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

$(VENV)/pyvenv.cfg:
	@test -n "$(PYTHON)" && $(PYTHON) $(NEW_ENOUGH) \
		|| { echo "Python 3.11 or newer is needed; where it is: make $(MAKECMDGOALS) PYTHON=/path/to/python3" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

$(RUN): requirements/run.txt pyproject.toml | $(VENV)/pyvenv.cfg
	$(INSTALL) --require-hashes -r requirements/run.txt
	$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

# All of it at once, so that a fresh `make test` asks the index only once.
$(DEV): requirements/dev.txt pyproject.toml | $(VENV)/pyvenv.cfg
	$(INSTALL) --require-hashes -r requirements/dev.txt
	$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $(RUN) $@
