# The portal's commands; README.md and CONTRIBUTING.md say when to use which.

# The Python the virtual environment is made of: 3.11 to 3.13 (PYTHON=… to choose).
ifndef PYTHON
PYTHON := $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null && echo $$p && exit; done)
endif
PY := .venv/bin/python
PORT ?= 8000
# Without servers of its own the portal is a demonstration; with DATABASE_URL set, say DEMO=1 if it is one.
DEMO ?= $(if $(DATABASE_URL),0,1)
export PORT DEMO
export PYTHONUNBUFFERED := 1
ARGS ?=

EMBEDDED := $(PY) -m almaty_portal.embedded
EPHEMERAL := DEMO=1 $(EMBEDDED) --ephemeral
MESSAGES := $(PY) -m almaty_portal.messages
# All tests run in two processes, each with a database and a broker base of its own; in the order of
# their files, so that browsers wait for deadlines while the other process works.
ALL_TESTS := -n 2 --dist loadfile --no-loadscope-reorder
# What `make messages` collects, and what `make lint` compares with the sources.
MAKEMESSAGES := -l ru --add-location=file --no-wrap --ignore=.venv --ignore=var

# An environment whose Python is gone (an upgrade, a moved folder) is made anew.
ifneq ($(shell $(PY) -c 'print(1)' 2>/dev/null),1)
$(shell rm -f .venv/run.stamp .venv/dev.stamp)
endif

.PHONY: help run manage test lint format messages bench clean
help:
	@echo 'make run                 the portal at http://127.0.0.1:8000/ (PORT=… to change)'
	@echo 'make manage ARGS="…"     a management command on the portal'"'"'s servers'
	@echo 'make test [ARGS="…"]     every test, or those that ARGS names for pytest'
	@echo 'make lint                style, types, layers, migrations, translations'
	@echo 'make format              rewrite the style'
	@echo 'make messages            collect the strings to translate, and compile'
	@echo 'make bench               benchmarks'
	@echo 'make clean               remove the environment and caches; the data in var/ stays'

run: .venv/run.stamp
	@$(PY) almaty_portal/needs.py pango
	@$(MESSAGES)
	@exec $(EMBEDDED) -- $(PY) -m almaty_portal.run

manage: .venv/run.stamp
	@$(MESSAGES)
	@exec $(EMBEDDED) -- $(PY) manage.py $(ARGS)

test: .venv/dev.stamp
	@$(PY) almaty_portal/needs.py pango chromium
	@$(MESSAGES)
	@exec env $(EPHEMERAL) -- $(PY) -m pytest $(or $(ARGS),$(ALL_TESTS))

lint: .venv/dev.stamp
	@$(PY) almaty_portal/needs.py gettext
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -c 'from importlinter.cli import lint_imports_command as lint; lint()'
	$(PY) tools/check_messages.py $(MAKEMESSAGES)
	@$(MESSAGES)
	$(EPHEMERAL) -- $(PY) manage.py makemigrations --check --dry-run
	$(EPHEMERAL) -- $(PY) -m mypy .

format: .venv/dev.stamp
	$(PY) -m ruff check --fix-only .
	$(PY) -m ruff format .

messages: .venv/dev.stamp
	@$(PY) almaty_portal/needs.py gettext
	$(PY) -m django makemessages $(MAKEMESSAGES)
	@$(MESSAGES)

bench: .venv/dev.stamp
	@$(MESSAGES)
	@exec env $(EPHEMERAL) -- $(PY) -m bench $(ARGS)

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The virtual environment, from the hash-pinned locks; the one for development holds both.
INSTALL = $(PY) -m pip install --disable-pip-version-check --no-input --quiet --require-hashes -r
.venv/run.stamp: requirements.lock
	@$(MAKE) --no-print-directory .venv/made
	@echo 'Installing the dependencies (about a minute, once) …'
	@$(INSTALL) requirements.lock
	@touch $@

.venv/dev.stamp: requirements-dev.lock
	@$(MAKE) --no-print-directory .venv/made
	@echo 'Installing the dependencies for development (about a minute, once) …'
	@$(INSTALL) requirements-dev.lock
	@touch .venv/run.stamp $@

.PHONY: .venv/made
.venv/made:
	@if [ -z '$(PYTHON)' ]; then \
	  echo 'Python 3.11, 3.12 or 3.13 is needed: install it, or name it with PYTHON=…' >&2; exit 1; fi
	@$(PYTHON) almaty_portal/needs.py venv
	@$(PY) -c 'import pip' 2>/dev/null || $(PYTHON) -m venv --clear .venv
