# The two commands are `make run` and `make test`; both work again when run twice.
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
export VAR_DIR ?= $(CURDIR)/var
FLASK := $(BIN)/flask --app wsgi

.PHONY: run test check bench lock clean content translations help

help: ## Show what there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/'

run: .venv/run translations ## Install, make the database, load content and demonstration district, serve at 127.0.0.1:8000
	$(BIN)/python -m quizapp.secret $(VAR_DIR)/secret_key
	$(FLASK) db upgrade
	$(MAKE) --no-print-directory content
	$(FLASK) demo load
	$(FLASK) assets build
	SECOND_FACTOR_FOR= exec $(BIN)/python deploy/serve.py

content: ## Load the shipped modules and questions; again changes nothing
	$(FLASK) study load question_bank/modules
	$(FLASK) bank create --slug work-safety --name 安全生产法与企业主体责任 --unless-there
	for file in question_bank/banks/*.csv; do $(FLASK) bank import "$$file" --bank work-safety || exit 1; done

test: .venv/dev translations ## Install what the tests need and run them all
	bash tests/install-system-parts
	$(BIN)/python -m pytest -n 2 --dist loadgroup tests

check: .venv/dev ## Formatting, types, import contracts, unused dependencies, translations, migrations
	bash tests/install-system-parts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry .
	$(BIN)/python -m translations.check
	bash migrations/check

bench: .venv/dev ## Measure against the floor; prints a table
	bash tests/install-system-parts
	$(BIN)/python -m bench.run

lock: .venv/dev ## Compile the locks from pyproject.toml
	$(BIN)/uv pip compile --quiet --upgrade --generate-hashes --universal --python-version 3.11 --no-header pyproject.toml -o requirements.txt
	$(BIN)/uv pip compile --quiet --upgrade --generate-hashes --universal --python-version 3.11 --no-header --extra dev -c requirements.txt pyproject.toml -o requirements-dev.txt

translations: | .venv/any ## Compile the catalogues
	$(BIN)/pybabel -q compile -d translations

clean: ## Remove what was made here, the database included
	rm -rf .venv var .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/bin/python:
	$(PYTHON) -m venv .venv || { [ "$$(id -u)" = 0 ] && apt-get update -qq && apt-get install -y -qq python3-venv && $(PYTHON) -m venv .venv; }

.venv/run: requirements.txt | .venv/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	touch .venv/run .venv/any

.venv/dev: requirements-dev.txt | .venv/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	touch .venv/dev .venv/any

.venv/any:
	$(MAKE) --no-print-directory .venv/run
