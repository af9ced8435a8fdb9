# `make book` and `make test` are all that most people need. Every target does what is missing of the set-up first.
SHELL := /bin/bash
BIN := .venv/bin
UV := uv==0.13.8
OTHERS := tests/unit tests/book tests/integration/monitoring tests/integration/services

.DEFAULT_GOAL := help
.PHONY: help setup book test lint tidy protos lock bench clean

help: ## Show this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

setup: ## Install what is missing: Debian packages, .venv, the locked Python packages, refapp
	@.ci/setup

book: setup ## Execute every chapter on the live platform and write the book into book/_build/html
	@rm -rf book/_build
	@# A platform of its own: one chapter takes it down, and somebody may be using theirs.
	@export REFAPP_HOME=$$(mktemp -d) && trap '$(BIN)/refapp down && rm -rf "$$REFAPP_HOME"' EXIT && \
	$(BIN)/refapp up && $(BIN)/jupyter-book build book/ --all -W --keep-going -n
	$(BIN)/pytest -q -m site tests/book/test_site.py
	@echo "The book: file://$(CURDIR)/book/_build/html/index.html"

test: lint ## Check and test everything, each chapter on its own included
	@# Beside the tests on a platform run those that need none, and what these say comes last.
	@others=$$(mktemp) && trap 'rm -f "$$others"' EXIT && code=0 && \
	{ $(BIN)/pytest $(OTHERS) >"$$others" 2>&1 & } && \
	{ $(BIN)/pytest tests/notebooks || code=$$?; \
	  $(BIN)/pytest tests/integration $(OTHERS:%=--ignore=%) || code=$$?; \
	  wait $$! || code=$$?; cat "$$others"; exit $$code; }

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

lock: ## Choose the versions anew where requirements.in asks for it: requirements.txt
	tools=$$(mktemp -d) && trap 'rm -rf "$$tools"' EXIT && python3 -m venv "$$tools" && \
	"$$tools/bin/pip" install --quiet --disable-pip-version-check $(UV) && \
	UV_CUSTOM_COMPILE_COMMAND='make lock' "$$tools/bin/uv" pip compile requirements.in --output-file requirements.txt \
	    --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --quiet

bench: setup ## Measure what the README states
	$(BIN)/python tests/bench

clean: ## Remove what was built; .venv stays
	rm -rf book/_build build .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
