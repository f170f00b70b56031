# Two commands for a fresh clone: `make run` shows the main job, `make test` runs the tests.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
EXTENSION := vscode-extension
NODE_READY := $(VENV)/.node-ready
EXTENSION_READY := $(EXTENSION)/node_modules/.ready
PEERS := tests/bench/peers
PEERS_READY := $(PEERS)/node_modules/.ready
NODE_BIN := $(abspath $(VENV))/node/bin
WITH_NODE = cd $(EXTENSION) && PATH="$(NODE_BIN):$$PATH"
# What packages are built for: any platform, and this one.
TARGETS ?= universal $(shell $(NODE_BIN)/node -p 'process.platform + "-" + process.arch' 2>/dev/null)
LOCK = $(BIN)/uv pip compile --quiet --generate-hashes --python-version 3.10 --universal --no-header --no-annotate
ALL_TARGETS := universal linux-x64 linux-arm64 alpine-x64 alpine-arm64 darwin-x64 darwin-arm64 win32-x64

.DEFAULT_GOAL := help
.PHONY: help run open test check lint format docs bench fuzz soak audit lock dist build clean check-vscode test-vscode screenshots vsix vsix-all

help: ## Show this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1|\2/' | column -t -s '|'

$(READY): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable . --group dev
	@touch $(READY)

$(NODE_READY): $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --group vscode
	$(BIN)/python scripts/link_node.py
	@touch $(NODE_READY)

$(EXTENSION_READY): $(NODE_READY) $(EXTENSION)/package-lock.json
	$(WITH_NODE) npm ci --ignore-scripts --no-audit --no-fund --no-progress --loglevel=error
	@touch $(EXTENSION_READY)

run: $(READY) ## See it work: findings in the terminal, then the examples in VS Code (Ctrl-C ends it)
	@echo '$$ modelspec check examples/broken/does-not-fit.modelspec.yaml'
	@$(BIN)/modelspec check examples/broken/does-not-fit.modelspec.yaml || true
	@echo
	@echo '$$ modelspec fit examples/08-full-production.modelspec.yaml'
	@$(BIN)/modelspec fit examples/08-full-production.modelspec.yaml
	@echo
	@if [ -n "$$CI" ] || ! [ -t 0 ] || ! [ -t 1 ]; then \
	  echo 'In a terminal, `make run` then opens the examples in VS Code. Other editors: docs/editors.md'; \
	else $(MAKE) --no-print-directory open; fi

open: $(EXTENSION_READY)
	@echo 'Building the VS Code extension ...'
	@$(MAKE) --no-print-directory vsix >/dev/null
	@$(WITH_NODE) node scripts/run.ts

test: $(READY) ## Run all tests
	$(BIN)/python -m pytest -n auto

check: lint test check-vscode ## Everything that must hold before a change lands

lint: $(READY) ## Format, lint, types, import contracts, generated files
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python scripts/generate_docs.py --check
	$(BIN)/python scripts/generate_manifest.py --check

format: $(READY) ## Format the code and apply safe lint fixes
	$(BIN)/ruff check --fix --quiet . || true
	$(BIN)/ruff format .

check-vscode: $(EXTENSION_READY) ## Lint, types and unit tests of the VS Code extension
	$(WITH_NODE) npm run --silent lint
	$(WITH_NODE) npm run --silent typecheck
	$(WITH_NODE) npm run --silent test

vsix: $(EXTENSION_READY) ## Package the VS Code extension for any platform and for this one
	umask 022 && $(WITH_NODE) node scripts/build.ts
	@umask 022; set -e; for target in $(TARGETS); do \
	  $(BIN)/python scripts/bundle_server.py --target $$target; \
	  (cd $(EXTENSION) && $(NODE_BIN)/node scripts/package.ts $$target); \
	done

vsix-all: ## Package the VS Code extension for every platform
	$(MAKE) vsix TARGETS='$(ALL_TARGETS)'

test-vscode: vsix ## Drive the packaged extension in a real VS Code (needs Chromium)
	$(WITH_NODE) node scripts/vscode.ts
	$(WITH_NODE) node --test --test-concurrency=1 --test-reporter=spec 'test/e2e/*.test.ts'

screenshots: test-vscode ## Take the pictures of the documents anew
	cp $(EXTENSION)/test-results/shot-*.png $(EXTENSION)/media/

docs: $(READY) ## Write the generated documentation anew
	$(BIN)/python scripts/generate_docs.py
	$(BIN)/python scripts/generate_manifest.py
	$(BIN)/python scripts/terminal_picture.py

$(PEERS_READY): $(NODE_READY) $(PEERS)/package-lock.json
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --group bench
	cd $(PEERS) && PATH="$(NODE_BIN):$$PATH" npm ci --ignore-scripts --no-audit --no-fund --no-progress --loglevel=error
	@touch $(PEERS_READY)

bench: $(PEERS_READY) ## Measure latency, throughput and memory beside public tools; results in docs/performance.md
	$(BIN)/python -m compileall -q server  # As an installed package is, also where Python is told not to.
	$(BIN)/python tests/bench/bench.py --json .cache/bench.json $(BENCH)

fuzz: $(READY) ## Fuzz with coverage: SECONDS=60 for each target, TARGETS_OF_FUZZ='parse rules' for some only
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --group fuzz
	$(BIN)/python tests/fuzz/fuzz.py $(TARGETS_OF_FUZZ) --seconds $(or $(SECONDS),60)

soak: $(READY) ## Work for MINUTES=60 with a real server and see that its memory stays flat
	$(BIN)/python tests/soak/soak.py --minutes $(or $(MINUTES),60)

audit: $(READY) $(EXTENSION_READY) ## Ask the advisory services about every locked dependency (needs the network)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --group release
	for lock in requirements-dev.lock $(EXTENSION)/server/requirements.lock $(EXTENSION)/server/requirements-native.lock; do \
	  $(BIN)/pip-audit --strict --disable-pip --require-hashes --requirement $$lock || exit 1; done
	$(WITH_NODE) npm audit --audit-level=low

lock: $(READY) ## Write the locks of the dependencies anew
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --group release
	$(LOCK) --all-extras --group dev pyproject.toml --output-file requirements-dev.lock
	for name in requirements requirements-native; do \
	  $(LOCK) --no-deps $(EXTENSION)/server/$$name.txt --output-file $(EXTENSION)/server/$$name.lock; done

dist: $(READY) ## Build the wheel and the source distribution, twice, and compare
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --group release
	$(BIN)/python scripts/dist.py

build: dist ## The same as dist

clean: ## Remove everything that was made here
	rm -rf $(VENV) .cache $(PEERS)/node_modules $(EXTENSION)/node_modules $(EXTENSION)/dist $(EXTENSION)/bundled $(EXTENSION)/out dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
