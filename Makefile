# `make demo` shows the engine at work, `make test` runs everything that must pass, `make bench` measures,
# `make fuzz` looks for five minutes for bytes that the HTTP transports do not expect, `make pythons` runs the tests on
# every Python that pyproject.toml names and that is found here. `make test PYTHON=python3.13` takes another Python.
PYTHON ?= python3
PYTHONS ?= $(shell sed -n 's/.*Programming Language :: Python :: \(3\.[0-9]*\)".*/python\1/p' pyproject.toml)
# One environment for each Python: one that is there is never taken over by another.
VENV := .venv$(if $(filter-out python3,$(PYTHON)),-$(subst /,-,$(PYTHON:/%=%)))
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
INSTALLED_DEV := $(VENV)/.installed-dev

.PHONY: demo test lint types unit pythons bench fuzz clean

demo: $(INSTALLED)
	$(BIN)/myelin demo

test: lint types unit

lint: $(INSTALLED_DEV)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(INSTALLED_DEV)
	$(BIN)/mypy

unit: $(INSTALLED_DEV)
	$(BIN)/pytest

pythons:
	@passed= failed= missing=; for python in $(PYTHONS); do \
	  if $$python --version >/dev/null 2>&1; then \
	    echo "$$python"; $(MAKE) --no-print-directory unit PYTHON=$$python && passed="$$passed $$python" || failed="$$failed $$python"; \
	  else missing="$$missing $$python"; fi; \
	done; \
	echo "passed:$${passed:- none}; failed:$${failed:- none}; not found here:$${missing:- none}"; \
	test -n "$$passed" && test -z "$$failed"

bench: $(INSTALLED_DEV)
	$(BIN)/python -m bench

fuzz: $(INSTALLED_DEV)
	end=$$(($$(date +%s) + 300)); while [ $$(date +%s) -lt $$end ]; do \
	  $(BIN)/pytest -x --hypothesis-profile=search tests/transports/test_fuzz_*.py || exit 1; \
	done

$(INSTALLED): pyproject.toml
	@echo "Installing Myelin and what it needs into $(VENV); this happens once and may take a minute."
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --editable .
	touch $@

$(INSTALLED_DEV): pyproject.toml
	@echo "Installing Myelin and its tools for developers into $(VENV); this happens once and may take some minutes."
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@ $(INSTALLED)

clean:
	rm -rf .venv .venv-* build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
