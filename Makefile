# Everything runs in .venv, made here; all it takes is Python 3.11 or newer.
PYTHON ?= $(firstword $(shell for p in python3.13 python3.12 python3.11 python3; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && command -v $$p; done))
PIP := .venv/bin/python -m pip --quiet --disable-pip-version-check
MANAGE := .venv/bin/python invoicing_example/manage.py
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help test lint types docs bench wheel-test demo serve pins messages

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-11s %s\n", $$1, $$2}' Makefile

test: .venv/.test ## the whole suite on SQLite, PostgreSQL and MariaDB; ARGS go to pytest
	@.venv/bin/python -m tests $(ARGS)

demo: .venv/.demo ## the invoicing example, told in the terminal
	@$(MANAGE) demo

serve: .venv/.demo ## the invoicing example in the browser
	@$(MANAGE) serve_demo

lint: .venv/.dev ## ruff: rules and format
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .

# tests/typing is checked as a user sees it: no Django plugin, no project settings.
types: .venv/.dev ## mypy on the code, mypy and pyright on tests/typing
	.venv/bin/mypy $(wildcard services sequences invoicing_example tests/*.py)
	$(if $(wildcard tests/typing),.venv/bin/mypy --config-file=tests/typing/mypy.ini tests/typing)
	$(if $(wildcard tests/typing),.venv/bin/basedpyright)

docs: .venv/.dev ## the documentation, a warning is an error
	$(if $(wildcard docs/conf.py),.venv/bin/sphinx-build -W --keep-going -q docs docs/_build/html)

bench: .venv/.dev ## side-by-side measurements, some 15 minutes; ARGS="calls" for a part
	.venv/bin/python -m tests.benchmarks $(ARGS)

# The tests run on a copy outside the checkout, where only the wheel can be imported.
wheel-test: .venv/.test ## build the wheel, and test it installed alone
	@set -eu; there=$$(mktemp -d); trap 'rm -rf "$$there"' EXIT; \
	.venv/bin/python -m hatchling build --target wheel --directory "$$there"; \
	.venv/bin/python -m venv "$$there/venv"; \
	pip="$$there/venv/bin/python -m pip --quiet --disable-pip-version-check"; \
	$$pip install --require-hashes -r requirements/demo.txt; \
	$$pip install --no-deps "$$there"/*.whl; \
	$$pip check; \
	cp -r $(wildcard tests invoicing_example pyproject.toml) "$$there"; \
	cd "$$there"; \
	venv/bin/python -c 'import services, sequences'; \
	$$pip install --require-hashes -r $(CURDIR)/requirements/test.txt; \
	venv/bin/python -m pytest -q $(wildcard tests/services tests/sequences)

messages: .venv/.dev ## compile the translations in sequences/locale
	.venv/bin/pybabel --quiet compile --directory sequences/locale --domain django

# dev.txt holds everything; the other two take its versions.
COMPILE := .venv/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-header pyproject.toml
pins: .venv/.dev ## renew requirements/*.txt
	$(COMPILE) --extra postgresql --group dev --output-file requirements/dev.txt
	$(COMPILE) --group test --constraint requirements/dev.txt --output-file requirements/test.txt
	$(COMPILE) --group build --constraint requirements/dev.txt --output-file requirements/demo.txt

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "No Python 3.11 or newer was found. Name one: make PYTHON=/path/to/python" >&2; exit 1; }
	$(PYTHON) -m venv .venv

# Pip refuses an editable project beside hashes, so the project comes second.
.venv/.%: requirements/%.txt pyproject.toml | .venv/bin/python
	$(PIP) install --require-hashes -r $<
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@
