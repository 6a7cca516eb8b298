# Two commands do everything: `make run` and `make test`. Both install what is missing.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DATA ?= ../shared/conformance

.PHONY: run test bench lint docs messages lock pictures example clean system

run: $(VENV)/.run
	$(BIN)/python tools/run_example.py

test: $(VENV)/.dev system
	sh tools/check.sh

bench: $(VENV)/.dev
	$(BIN)/python bench/run.py

lint: $(VENV)/.dev
	sh tools/lint.sh

docs: $(VENV)/.dev
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict -d site

# Gathers the messages of the code into the catalogues; new ones stand there untranslated and fail the tests.
messages: $(VENV)/.dev
	$(BIN)/python tools/messages.py

lock:
	sh tools/lock.sh

pictures: $(VENV)/.dev system
	$(BIN)/python tools/pictures.py

example: $(VENV)/.run
	$(BIN)/capillary form miit-2024 examples/metal-parts.xlsx --lang zh --from examples/metal-parts.json

clean:
	rm -rf $(VENV) build dist site out .mypy_cache .ruff_cache .pytest_cache .hypothesis

system:
	sh tools/system.sh

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements/run.txt pyproject.toml $(shell find src/capillary/locale -name '*.po') | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/run.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	$(BIN)/python tools/compile_messages.py
	touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	touch $@
