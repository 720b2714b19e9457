# Everything a stranger needs: `make run` and `make test`. Each target sets up what it needs first.
PYTHON ?= python3
BIN := .venv/bin
export PYTHONUTF8 := 1
# What a process compiled, the next one finds: otherwise every start compiles a thousand modules again.
unexport PYTHONDONTWRITEBYTECODE
# Where pytest would keep them too.
export PEYVAND_TEMPLATES := $(CURDIR)/.pytest_cache/d/peyvand-templates

.PHONY: help run test suite bench ready lint types style format build lock setup setup-dev clean

help: ## Show the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' Makefile

run: setup ## Set up and run everything; PORT, PEYVAND_DATA and DATABASE_URL are honoured
	@exec $(BIN)/peyvand run

setup: ## Virtual environment, locked packages, translations, front end
	@$(PYTHON) tools/setup.py

setup-dev:
	@$(PYTHON) tools/setup.py --dev

test: ## Set up (browser included), check everything, run all tests
	@$(PYTHON) tools/setup.py --dev --browser
	@$(MAKE) --no-print-directory -j 2 types suite

# Beside the types: neither waits for the other, and what fails in one of them fails all.
suite: ready
	$(BIN)/python -m pytest -n 2 --dist worksteal

ready: style
	@$(BIN)/python -m peyvand.testing.template

lint: setup-dev ## Style, import contracts, types, migrations, translations
	@$(MAKE) --no-print-directory -j 2 types style

types:
	$(BIN)/mypy

style:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-cache
	PEYVAND_SECRET_KEY=unused $(BIN)/python -W ignore::RuntimeWarning -m django makemigrations --check --dry-run \
		--settings peyvand.config.settings
	PEYVAND_SECRET_KEY=unused $(BIN)/python tools/translations.py --check

format: setup-dev ## Put the code into its one style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: setup-dev ## Measure; the table and its JSON go to benchmarks/results
	$(BIN)/python -m benchmarks

build: setup-dev ## Make the wheel, with built assets inside
	$(BIN)/python -m build --no-isolation

lock: setup-dev ## Lock the newest allowed packages (needs uv)
	uv pip compile $(LOCKING) pyproject.toml --group setup -o requirements.lock
	uv pip compile $(LOCKING) pyproject.toml --group setup --group test --group spark -c requirements.lock -o requirements-dev.lock
	uv pip compile $(LOCKING) --group node -o requirements-node.lock
LOCKING := --upgrade --quiet --no-header --no-annotate --generate-hashes --universal --python-version 3.11

clean: ## Remove everything that set-up made
	rm -rf .venv frontend/node_modules src/peyvand/web/static/peyvand build dist src/*.egg-info
	find src -name '*.mo' -delete
