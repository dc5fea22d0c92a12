PYTHON ?= python3
BIN := .venv/bin

# Each stamp says that .venv holds what pyproject.toml asks for: to run the service, and to develop it.
RUN := .venv/.installed-run
DEV := .venv/.installed-dev
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo serve test check format lint types layers fix bench-lexical bench-hybrid reliability clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' Makefile

demo: $(RUN) ## Put the sample corpus through everything and print the results
	$(BIN)/textprism demo

serve: $(RUN) ## Start the service on http://127.0.0.1:8000
	$(BIN)/textprism serve

test: $(DEV) ## Run the tests
	$(BIN)/pytest -n auto -q

check: format lint types layers test ## Everything that must hold before a change is merged

format: $(DEV) ## Check the formatting; `make fix` applies it
	$(BIN)/ruff format --check

lint: $(DEV) ## Check the style
	$(BIN)/ruff check

types: $(DEV) ## Check the types
	$(BIN)/mypy

layers: $(DEV) ## Check which module imports which
	$(BIN)/lint-imports

fix: $(DEV) ## Apply the formatting and the safe fixes of the style
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench-lexical: $(DEV) ## Measure the inverted index beside other engines; takes long
	$(INSTALL) --editable '.[bench]'
	$(BIN)/python -m benchmarks.lexical

bench-hybrid: $(DEV) ## Measure hybrid search through HTTP; CORPUS= names a BEIR folder with `category`
	$(BIN)/python -m benchmarks.hybrid --corpus $(CORPUS) $(if $(TXTAI),--txtai $(TXTAI))

reliability: $(DEV) ## Kill, cut, fill and damage at length; takes hours, prints its figures
	$(BIN)/python -m tests.reliability

clean: ## Remove the virtual environment, caches and build outputs; never data
	rm -rf .venv build dist *.egg-info .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/pip:
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("TextPrism needs Python 3.11 or newer, \
	found " + sys.version.split()[0] + ": name one that is, as in `make PYTHON=python3.11`")'
	$(PYTHON) -m venv .venv

$(RUN): pyproject.toml | $(BIN)/pip
	$(INSTALL) --editable .
	touch $@

$(DEV): pyproject.toml | $(BIN)/pip
	$(INSTALL) --editable '.[dev]'
	touch $(RUN) $@
