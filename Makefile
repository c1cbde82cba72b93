# Every target sets up what it needs in .venv; nothing but Python 3.11+ and make has to be there.

PYTHON ?= python3
BIN := .venv/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

.PHONY: help plan test lint lab bench clean

help:
	@echo "make plan   solve the Korea case and write its tables and report to results/korea"
	@echo "make test   run all tests"
	@echo "make lint   run the linters and the type checker"
	@echo "make lab    open JupyterLab on the notebooks"
	@echo "make bench  run the timed comparisons"
	@echo "make clean  remove the environment and caches"

plan: .venv/core
	$(BIN)/optimizer solve inputs/korea --out results/korea

test: .venv/full
	$(BIN)/python -m pytest -q -n 2 --dist worksteal

lint: .venv/full
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/codespell

lab: .venv/full
	$(BIN)/optimizer lab

bench: .venv/bench
	$(BIN)/python -m benchmarks

.venv/bench: .venv/full
	$(INSTALL) --editable '.[lab,dev,bench]'
	@touch $@

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis

.venv/core: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "This project needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version 2>&1)."; \
		  echo "Name a newer one: make PYTHON=python3.12 plan"; exit 1; }
	$(PYTHON) -m venv .venv
	$(INSTALL) --editable .
	@touch $@

.venv/full: .venv/core
	$(INSTALL) --editable '.[lab,dev]'
	@touch $@
