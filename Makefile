# Needs Python 3.11 or newer and make. `make help` lists the targets.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
DEMO := examples/sales.dsp

# Compiled bytecode makes every start of dsp about three times faster.
unexport PYTHONDONTWRITEBYTECODE
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help install demo test lint types pytest peers bench clean

help:  ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## */\t/' | sort | expand -t 12

install: $(STAMP)  ## create .venv and install dsp with everything pinned

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	|| { echo "dsp needs Python 3.11 or newer, and $(PYTHON) is not." \
	"Name one: make PYTHON=/path/to/python3.11 ..." >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -qq --compile -c constraints.txt -e '.[dev,server]'
	@touch $@

demo: $(STAMP)  ## analyze examples/sales.parquet and say where the dashboard is
	$(BIN)/dsp analyze examples/sales.parquet --target revenue --time order_date -o $(DEMO)
	@echo
	@echo "Dashboard: $(CURDIR)/$(DEMO)/dashboard.html"
	@echo "Next:      $(BIN)/dsp show $(DEMO) insights"

test: lint types pytest  ## run every check and every test

lint: $(STAMP)  ## style, spelling and the walls between rooms
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/codespell
	$(BIN)/lint-imports

types: $(STAMP)  ## mypy in strict mode
	$(BIN)/mypy

pytest: $(STAMP)  ## tests and doctests
	$(BIN)/python -m pytest --doctest-modules dsp tests

peers: $(STAMP)  ## install the profilers that benchmarks compare with, each on its own
	$(BIN)/python benchmarks/peers/install.py

bench: $(STAMP)  ## run the benchmarks (several minutes)
	$(BIN)/python benchmarks/startup.py
	$(BIN)/python benchmarks/stages.py --rows 100000 1000000
	$(BIN)/python benchmarks/job.py --rows 100000
	$(BIN)/python benchmarks/profile.py --rows 100000 1000000

clean:  ## remove what the targets above made
	rm -rf $(VENV) $(DEMO) build dist benchmarks/out benchmarks/peers/.venv-* \
	.mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
