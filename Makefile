PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --disable-pip-version-check --constraint constraints.txt
PARALLEL := $(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile
SLOW_COVERED := tests/index/sources tests/index/limited tests/index/formats/test_pdf.py tests/index/formats/test_more_formats.py tests/rag/reading
SOURCES ?= seeds
HOST ?= 127.0.0.1
PORT ?= 8000
export Q
export TOKENIZERS_PARALLELISM ?= false

.PHONY: help install index any-index serve ask test coverage slow mutants lint eval bench sbom widget docs screenshots constraints embedder train-reader clean

help: ## tell what there is to make
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

install: .venv/installed ## make .venv and install everything into it

.venv/serving: pyproject.toml constraints.txt # what serving needs, and no more
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Pullquote needs Python 3.11 or newer: make PYTHON=python3.11"; exit 1; }
	$(PYTHON) -m venv .venv
	$(PIP) --editable '.[formats]'
	@touch $@

.venv/installed: .venv/serving # everything else, torch among it
	$(PIP) --editable '.[dev]'
	@touch $@

index: .venv/serving ## build the index from seeds/, or from SOURCES="folder file …"
	$(BIN)/pullquote build $(SOURCES)

serve: index ## build the index and serve it on HOST and PORT
	$(BIN)/pullquote serve --host $(HOST) --port $(PORT)

ask: any-index ## ask one question: make ask Q="Who is the NATO spokeswoman?"
	@$(BIN)/pullquote ask "$$Q"

any-index: .venv/serving # build an index if there is none yet
	@$(BIN)/pullquote versions >/dev/null 2>&1 || $(MAKE) index

test: install ## run the fast tests, on as many processes as there are processors, four at most
	$(PARALLEL)

coverage: install ## which lines and branches of index and rag their tests reach, with a floor
	$(PARALLEL) --cov --cov-report= --cov-fail-under=0 tests/index tests/rag
	$(PARALLEL) --cov --cov-append -m slow $(SLOW_COVERED)

slow: install ## run the slow tests that make coverage does not run, two at a time
	$(BIN)/python -m pytest -m slow -n 2 --dist loadfile $(addprefix --ignore=,$(SLOW_COVERED)) tests

mutants: install ## try small changes of the code on its tests: PATHS="rag/ranking index/storage/store.py"
	@test -x $(BIN)/mutmut || $(PIP) --editable '.[mutation]'
	$(BIN)/python scripts/mutants.py $(PATHS)

lint: install ## format check, lint, types and import rules
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry pullquote index rag api

eval: any-index ## answer the seed questions and print how well
	$(BIN)/pullquote eval tests/data/seed_questions.jsonl

bench: install any-index ## measure start-up, memory and load of the service
	$(BIN)/python -m benchmarks.service

sbom: install ## write what is installed to build/sbom.json, in CycloneDX
	@mkdir -p build
	$(BIN)/cyclonedx-py environment --pyproject pyproject.toml --output-reproducible --output-file build/sbom.json $(BIN)/python

widget: ## build the chat widget from widget/ (needs Node.js)
	npm ci --prefix widget --ignore-scripts --no-fund --no-audit
	npm run --prefix widget check
	npm run --prefix widget build

docs: .venv/serving ## build the documentation site into build/site, every link checked
	@$(BIN)/python -m zensical --version >/dev/null 2>&1 \
	  || $(PIP) --editable '.[docs]'
	$(BIN)/python scripts/build_site.py

screenshots: install any-index ## take the pictures in docs/screenshots and docs/pictures (needs Chromium)
	@$(BIN)/python -c 'import playwright' 2>/dev/null || $(PIP) --editable '.[browser]'
	$(BIN)/python scripts/screenshots.py
	$(BIN)/python -m scripts.pictures

constraints: install ## pin the newest version of everything in constraints.txt
	$(BIN)/python scripts/constraints.py

embedder: install ## compile the embedder that is shipped again
	$(BIN)/python scripts/ship_embedder.py

train-reader: install ## train the reader, or go on where it was stopped: DATA=the folder with train.jsonl.gz
	$(BIN)/python -m training prepare --data "$(DATA)"
	$(BIN)/python -m training train --start rag/models/reader/model.int8.onnx

clean: ## remove the index, the compiled models and .venv
	rm -rf var .venv
