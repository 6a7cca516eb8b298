# Two commands do everything: `make run` and `make test`. Both install what is missing.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DATA ?= ../shared/conformance
PORT ?= 8000
WEB := src/capillary/web
ASSETS := $(WEB)/static/vendor/tabler.min.css
# Tabler is cut down to what the pages and our own style sheets use, so a changed one may need more of it.
PAGES := $(shell find $(WEB) -name '*.html' -o -name '*.py' -o -path '*/static/capillary/*.js' -o -path '*/static/capillary/*.css' -o -path '*/frontend/*.js')

.PHONY: run diagnose test conformance bench lint docs messages lock assets pictures example clean system

run: $(VENV)/.run assets
	$(BIN)/capillary serve --demo --data var --port $(PORT)

diagnose: $(VENV)/.run
	$(BIN)/python tools/run_example.py

test: $(VENV)/.dev assets system
	sh tools/check.sh

# Official cases; FULL=1 runs all of them.
conformance: $(VENV)/.run
	FULL=$(FULL) $(BIN)/python tools/conformance.py $(DATA)

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

assets: $(ASSETS)

pictures: $(VENV)/.dev assets system
	$(BIN)/python tools/pictures.py

example: $(VENV)/.run
	$(BIN)/capillary form miit-2024 examples/metal-parts.xlsx --lang zh --from examples/metal-parts.json

clean:
	rm -rf $(VENV) build dist site out node_modules $(WEB)/static/vendor
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis

system:
	sh tools/system.sh

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements/run.txt pyproject.toml $(shell find src/capillary -name '*.po') | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/run.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	$(BIN)/python tools/compile_messages.py
	touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	touch $@

# npm writes this file last of all.
PACKAGES := node_modules/.package-lock.json

$(PACKAGES): package.json package-lock.json requirements/node.txt | $(VENV)/bin/python
	sh tools/assets.sh packages

$(ASSETS): $(PACKAGES) tools/assets.mjs tools/old_browsers.mjs $(PAGES)
	sh tools/assets.sh
