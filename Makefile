# Every target sets up .venv by itself, once; a change of pyproject.toml or
# constraints.txt sets it up again.
PYTHON ?= python3
# The place to take torch from, such as a CPU-only index, if not the default one.
TORCH_INDEX ?=
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

export TOKENIZERS_PARALLELISM ?= true

.PHONY: help setup run test test-slow lab build bench gpu-check lint clean

help:
	@echo "make run        run the course's lessons, results in build/"
	@echo "make test       lint and fast tests, about 10 minutes on 2 cores"
	@echo "make test-slow  the long tests"
	@echo "make lab        open the course in JupyterLab"
	@echo "make build      source/ -> notebooks/, exercises/, solutions/"
	@echo "make bench      speed, against the usual ways"
	@echo "make gpu-check  speed and tests on this machine's GPU"

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed: make run PYTHON=python3.12"; exit 1; }
	@echo "Setting up $(VENV): a few hundred MB of downloads, once."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --upgrade pip
	@echo "  1/2 torch"
	@$(BIN)/python -m pip install --quiet $(if $(TORCH_INDEX),--index-url $(TORCH_INDEX)) \
	  "$$(grep '^torch==' constraints.txt)"
	@echo "  2/2 the course and its tools"
	@$(BIN)/python -m pip install --quiet -c constraints.txt -e ".[dev]"
	@touch $(READY)

setup: $(READY)

run: $(READY)
	@$(BIN)/course run

test: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-logo
	$(BIN)/mypy
	$(BIN)/course build --check
	$(BIN)/python -m pytest -m "not slow" -n 2 --dist worksteal

test-slow: $(READY)
	$(BIN)/python -m pytest -m "slow and not alone" --timeout 2400 -n 2 --dist loadfile
	$(BIN)/python -m pytest -m "slow and alone" --timeout 2400

lab: $(READY)
	$(BIN)/jupyter lab notebooks

build: $(READY)
	@$(BIN)/course build

bench: $(READY)
	@$(BIN)/course bench

gpu-check: $(READY)
	@$(BIN)/python -m scripts.gpu_check

lint: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf build dist .pytest_cache .ruff_cache
