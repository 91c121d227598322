# Hunar: `make run` starts everything, `make test` checks everything.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3.11
BIN := .venv/bin
export PORTAL_PORT ?= 8000
export NOTEBOOK_PORT ?= 8001

help: ## show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 16

run: preflight assets var/secret_key ## set up what is missing, then start portal, worker and notebook origin
	@$(BIN)/python -m app.supervisor

preflight:
	@$(PYTHON) tools/preflight.py run

var/.base: requirements/base.txt
	@echo "== Python packages (once, one to three minutes)"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --disable-pip-version-check --require-hashes -r requirements/base.txt
	@mkdir -p var && touch $@

var/.dev: requirements/dev.txt var/.base
	@echo "== Python packages for lint and tests"
	@$(BIN)/python -m pip install --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

var/.npm: package-lock.json
	@echo "== Front-end files"
	@npm ci --ignore-scripts --no-progress --loglevel=error
	@mkdir -p var && touch $@

var/.vendor: var/.npm var/.base tools/vendor.py
	@$(BIN)/python tools/vendor.py
	@touch $@

var/secret_key:
	@mkdir -p var && umask 077 && $(PYTHON) -c 'import secrets; print(secrets.token_hex(32))' > $@

TRANSLATIONS := $(wildcard app/translations/*/LC_MESSAGES/messages.po)
var/.translations: $(TRANSLATIONS) var/.base
	@$(BIN)/pybabel -q compile -d app/translations
	@touch $@

assets: var/.base var/.vendor var/.translations ## front-end files, translations, lab data and the notebook site
	@$(BIN)/python -m app.content.build
	@$(BIN)/python -m tools.device

TEST_PROCESSES ?= $(shell nproc)

test: preflight-test var/.dev assets lint types ## every test
	@$(BIN)/python -m pytest -q -n $(TEST_PROCESSES) --no-loadscope-reorder --durations=40

var/.otter: requirements/otter.txt
	@echo "== otter-grader, a peer of the bench, in an environment of its own"
	@test -x var/otter/bin/python || $(PYTHON) -m venv var/otter
	@var/otter/bin/python -m pip install --disable-pip-version-check -q --require-hashes -r requirements/otter.txt
	@touch $@

var/.bkt: requirements/bkt.txt
	@echo "== pyBKT, a peer of the bench, in an environment of its own"
	@test -x var/bkt/bin/python || $(PYTHON) -m venv var/bkt
	@var/bkt/bin/python -m pip install --disable-pip-version-check -q --require-hashes -r requirements/bkt.txt
	@touch $@

bench: preflight-test var/.dev var/.otter var/.bkt assets ## time, queries, bytes and estimates, side by side with their peers
	@$(BIN)/python -m benchmarks

audit: var/.base var/secret_key ## prove that the audit log is whole, or name the first broken row
	@SECRET_KEY=$${SECRET_KEY:-$$(cat var/secret_key)} $(BIN)/flask --app app.wsgi audit verify

scenarios: var/.base ## docs/scenarios.md: every scenario by every policy, 200 seeds
	@{ printf '# Scenarios\n\nMade by `make scenarios`. Every figure comes from a teaching model; none was measured in an office.\n\n'; \
	  $(BIN)/python -m simulations table --cache var/evaluations; } > docs/scenarios.md

pictures: preflight-test var/.dev assets ## screenshots of the running product for the README
	@$(BIN)/python -m tools.pictures

preflight-test:
	@$(PYTHON) tools/preflight.py test

lint: var/.dev ## style and import rules
	@$(BIN)/ruff check . && $(BIN)/ruff format --check -q . && $(BIN)/lint-imports --no-logo

types: var/.dev ## mypy --strict
	@$(BIN)/mypy config.py app simulations grading foresight lab tools benchmarks

lock: var/.dev ## pin requirements/*.in with hashes
	@for name in base dev otter bkt; do $(BIN)/uv pip compile -q --generate-hashes --no-strip-extras --no-emit-index-url --python-version 3.11 requirements/$$name.in -o requirements/$$name.txt; done

i18n: var/.dev ## collect texts into the translation files
	@$(BIN)/pybabel -q extract -F babel.cfg -k _l --add-location=file -o var/messages.pot app
	@$(BIN)/pybabel -q update -N -i var/messages.pot -d app/translations --no-wrap --ignore-obsolete

clean: ## remove everything that was built, the database included
	rm -rf .venv node_modules var app/static/vendor app/translations/*/LC_MESSAGES/*.mo

.PHONY: help run preflight assets test bench audit scenarios pictures preflight-test lint types lock i18n clean
