# Two commands for a fresh clone: `make run` shows the main job, `make test` runs the tests.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help run test check lint format docs bench build clean

help: ## Show this list
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1|\2/' | column -t -s '|'

$(READY): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable . --group dev
	@touch $(READY)

run: $(READY) ## Check the examples, a broken one too, and say how to attach an editor
	@echo '$$ modelspec check examples/*.modelspec.yaml examples/dependencies'
	@$(BIN)/modelspec check examples/*.modelspec.yaml examples/dependencies
	@echo
	@echo '$$ modelspec fit examples/08-full-production.modelspec.yaml'
	@$(BIN)/modelspec fit examples/08-full-production.modelspec.yaml
	@echo
	@echo '$$ modelspec check examples/broken/punctuation.modelspec.yaml examples/broken/does-not-fit.modelspec.yaml'
	@$(BIN)/modelspec check examples/broken/punctuation.modelspec.yaml examples/broken/does-not-fit.modelspec.yaml || true
	@echo
	@echo 'Language server for your editor:  $(abspath $(BIN))/modelspec lsp'
	@echo 'Set-up for VS Code, Neovim, Helix, Emacs and others:  docs/editors.md'

test: $(READY) ## Run all tests
	$(BIN)/python -m pytest -n auto

check: lint test ## Everything that must hold before a change lands

lint: $(READY) ## Format, lint, types, import contracts, generated files
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python scripts/generate_docs.py --check

format: $(READY) ## Format the code and apply safe lint fixes
	$(BIN)/ruff check --fix --quiet . || true
	$(BIN)/ruff format .

docs: $(READY) ## Write the generated documentation anew
	$(BIN)/python scripts/generate_docs.py
	$(BIN)/python scripts/terminal_picture.py

bench: $(READY) ## Measure latency, throughput and memory; results in docs/performance.md
	$(BIN)/python tests/bench/bench.py

build: $(READY) ## Build the wheel and the source distribution
	$(BIN)/python -m pip install --quiet --disable-pip-version-check build
	$(BIN)/python -m build

clean: ## Remove everything that was made here
	rm -rf $(VENV) dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
