# `make book` and `make test` are all that most people need. Every target does what is missing of the set-up first.
SHELL := /bin/bash
BIN := .venv/bin
UV := uv==0.13.8
OTHERS := tests/unit tests/book $(addprefix tests/integration/,monitoring services browser/played)
NPM := PATH="$(CURDIR)/$(BIN):$$PATH" npm --silent --prefix refapp/services/ui/app
CHECK_UI := $(NPM) test && $(NPM) run check

.DEFAULT_GOAL := help
.PHONY: help setup node book test ui dist lint tidy protos lock bench clean

help: ## Show this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

setup: ## Install what is missing: Debian packages, .venv, the locked Python packages, refapp
	@.ci/setup

node: ## Install also what it takes to test and build the user interface: Node where there is none, its packages
	@.ci/setup node

book: setup ## Execute every chapter on the live platform and write the book into book/_build/html
	@rm -rf book/_build
	@# A platform of its own: one chapter takes it down, and somebody may be using theirs.
	@export REFAPP_HOME=$$(mktemp -d) && trap '$(BIN)/refapp down && rm -rf "$$REFAPP_HOME"' EXIT && \
	$(BIN)/refapp up && $(BIN)/jupyter-book build book/ --all -W --keep-going -n
	$(BIN)/pytest -q -m site tests/book/test_site.py
	@echo "The book: file://$(CURDIR)/book/_build/html/index.html"

test: lint node ## Check and test everything, each chapter on its own included
	@# Beside the tests on a platform run those that need none, and what these say comes last.
	@others=$$(mktemp) && trap 'rm -f "$$others"' EXIT && code=0 && \
	{ { $(CHECK_UI) || code=$$?; $(BIN)/pytest $(OTHERS) || code=$$?; exit $$code; } >"$$others" 2>&1 & } && \
	{ $(BIN)/pytest tests/notebooks || code=$$?; \
	  $(BIN)/pytest tests/integration $(OTHERS:%=--ignore=%) || code=$$?; \
	  wait $$! || code=$$?; cat "$$others"; exit $$code; }

ui: node ## Check the user interface: unit tests, and that a rebuild gives the same bytes
	@$(CHECK_UI)

dist: node ## Build the user interface anew
	@$(NPM) run build

lint: setup ## Check the style, the types, the direction of imports, and that the proto breaks no client
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	@[ ! -e .git ] || $(BIN)/buf breaking protos --against '.git#ref=HEAD,subdir=protos'

tidy: setup ## Format the code and take the outputs out of the chapters
	$(BIN)/ruff check --fix-only
	$(BIN)/jupyter nbconvert --log-level=WARN --clear-output --inplace book/*.ipynb book/chapters/*.ipynb
	$(BIN)/ruff format

protos: setup ## Generate the stubs and the OpenAPI document from protos/
	protos/generate

lock: ## Choose the versions anew where requirements.in and .ci/node.in ask for it: the same in .txt
	tools=$$(mktemp -d) && trap 'rm -rf "$$tools"' EXIT && python3 -m venv "$$tools" && \
	"$$tools/bin/pip" install --quiet --disable-pip-version-check $(UV) && \
	for what in requirements .ci/node; do \
	    UV_CUSTOM_COMPILE_COMMAND='make lock' "$$tools/bin/uv" pip compile "$$what.in" --output-file "$$what.txt" \
	        --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --quiet || exit; \
	done

bench: setup ## Measure what the README states
	$(BIN)/python tests/bench

clean: ## Remove what was built; .venv stays
	rm -rf book/_build build refapp/services/ui/app/out-tsc .hypothesis .mypy_cache .pytest_cache .ruff_cache \
	    .import_linter_cache
