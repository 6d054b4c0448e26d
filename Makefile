# Every target sets up .venv by itself, once; a change of pyproject.toml or
# constraints.txt sets it up again.
PYTHON ?= python3
# The place to take torch from, such as a CPU-only index, if not the default one.
TORCH_INDEX ?=
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
LOWEST := .venv-lowest

export TOKENIZERS_PARALLELISM ?= true
# The tests start hundreds of processes: what they import is compiled once.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup run test test-slow test-long test-lowest test-wheel coverage lab build book bench \
  gpu-check lint clean

help:
	@echo "make setup       .venv with everything; the others do it by themselves"
	@echo "make run         run the course's lessons, results in build/"
	@echo "make test        lint and fast tests, about 5 minutes on 2 cores"
	@echo "make test-slow   the slow tests"
	@echo "make test-long   trainings of minutes, and more seeds"
	@echo "make coverage    fast tests, and the share of lines they run"
	@echo "make test-lowest fast tests at the lowest versions that are allowed"
	@echo "make test-wheel  fast tests of the built wheel, without the checkout"
	@echo "make lab         open the course in JupyterLab"
	@echo "make book        the course as a static site, in build/book"
	@echo "make build       source/ -> notebooks/, exercises/, solutions/"
	@echo "make bench       speed, against the usual ways"
	@echo "make gpu-check   speed and tests on this machine's GPU"
	@echo "make lint        mend style, and format"
	@echo "make clean       remove what was built, but not .venv"

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed: make run PYTHON=python3.12"; exit 1; }
	@$(PYTHON) scripts/set_up.py $(VENV) --index "$(TORCH_INDEX)"
	@touch $(READY)

setup: $(READY)

run: $(READY)
	@$(BIN)/course run

test: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-logo
	$(BIN)/mypy
	$(BIN)/python -m pytest -m "not slow" -n 2 --dist worksteal --durations 20

test-slow: $(READY)
	$(BIN)/python -m pytest -m "slow and not alone and not long" --timeout 2400 \
	  -n 2 --dist loadfile --durations 40
	$(BIN)/python -m pytest -m "slow and alone and not long" --timeout 2400 --durations 20

test-long: $(READY)
	$(BIN)/python -m pytest -m long --timeout 2400 -n 2 --dist loadfile --durations 20

coverage: $(READY)
	$(BIN)/python -m pytest -m "not slow" -n 2 --dist worksteal --cov

# torch stays as it is: its lowest version is a download of its own.
$(LOWEST)/.ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv --clear $(LOWEST)
	$(LOWEST)/bin/python -m pip install --quiet --upgrade pip uv
	$(LOWEST)/bin/python -m pip install --quiet \
	  $(if $(TORCH_INDEX),--index-url $(TORCH_INDEX)) "$$(grep '^torch==' constraints.txt)"
	$(LOWEST)/bin/python -m pip freeze | grep '^torch[ =]' > $(LOWEST)/torch.txt
	$(LOWEST)/bin/uv pip install --python $(LOWEST)/bin/python \
	  $(if $(TORCH_INDEX),--index $(TORCH_INDEX)) --resolution lowest-direct \
	  --override $(LOWEST)/torch.txt --editable ".[dev]"
	@touch $@

test-lowest: $(LOWEST)/.ready
	$(LOWEST)/bin/python -m pytest -m "not slow" -n 2 --dist worksteal

test-wheel: $(READY)
	$(BIN)/python -m scripts.wheel_check --index "$(TORCH_INDEX)"

lab: $(READY)
	@$(BIN)/course lab

build: $(READY)
	@$(BIN)/course build

book: $(READY)
	@$(BIN)/course book

bench: $(READY)
	@$(BIN)/course bench

gpu-check: $(READY)
	@$(BIN)/python -m scripts.gpu_check

lint: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf build dist .import_linter_cache .pytest_cache .ruff_cache .mypy_cache
