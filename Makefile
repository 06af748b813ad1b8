# The two commands: `make run` and `make test`. Everything else helps.
PYTHON ?= python3
BIN := .venv/bin
ISLANDS := shared/web/static/manifest.json
export PYTHONDONTWRITEBYTECODE ?= 1

.PHONY: run test check format walkthrough bench pictures test-faults clean

run: $(BIN)/.run $(ISLANDS)
	@exec $(BIN)/gemeinwerk up

test: $(BIN)/.dev $(ISLANDS) $(BIN)/.chromium
	$(BIN)/pytest -m "not faults" -n 2 --dist loadfile --no-loadscope-reorder

check: $(BIN)/.dev $(ISLANDS)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m shared.web.build --types

format: $(BIN)/.dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

walkthrough: $(BIN)/.dev $(ISLANDS)
	$(BIN)/gemeinwerk walkthrough

bench: $(BIN)/.dev $(ISLANDS)
	$(BIN)/gemeinwerk bench

test-faults: $(BIN)/.dev $(ISLANDS)
	$(BIN)/pytest tests/faults

pictures: $(BIN)/.dev $(ISLANDS) $(BIN)/.chromium
	$(BIN)/python -m tests.browser.pictures

$(BIN)/python:
	$(PYTHON) -m venv .venv

$(BIN)/.run: requirements/run.lock pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/run.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(BIN)/.dev: requirements/dev.lock $(BIN)/.run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.lock
	@touch $@

$(ISLANDS): $(BIN)/.run shared/web/package-lock.json shared/web/build.py shared/web/trim.py shared/web/favicon.svg $(shell find shared/web/islands shared/web/styles shared/web/icons -type f 2>/dev/null)
	$(BIN)/python -m shared.web.build

$(BIN)/.chromium: $(BIN)/.dev
	$(BIN)/python -m tests.browser.chromium
	@touch $@

clean:
	rm -rf .venv var shared/web/static shared/web/node_modules
