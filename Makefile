# `make demo` shows the engine at work, `make test` runs everything that must pass, `make bench` measures,
# `make fuzz` looks for five minutes for bytes that the HTTP transports do not expect.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
INSTALLED_DEV := $(VENV)/.installed-dev

.PHONY: demo test lint types unit bench fuzz clean

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

bench: $(INSTALLED_DEV)
	$(BIN)/python -m bench

fuzz: $(INSTALLED_DEV)
	end=$$(($$(date +%s) + 300)); while [ $$(date +%s) -lt $$end ]; do \
	  $(BIN)/pytest -x --hypothesis-profile=search tests/transports/test_fuzz_*.py || exit 1; \
	done

$(INSTALLED): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --editable .
	touch $@

$(INSTALLED_DEV): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@ $(INSTALLED)

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
