# Needs make and a Python; everything else is installed into .venv* and .tools.

PYTHON ?= 3.13
# One environment for each Python: a build for another never stands in for it.
VENV ?= $(if $(filter 3.13,$(PYTHON)),.venv,.venv-$(PYTHON))
BIN := $(VENV)/bin
UV := $(or $(shell command -v uv),.tools/uv/bin/uv)
SOURCES := $(shell find indicators -name '*.pyx' -o -name '*.pxd')
SAMPLE := catalog/data/data/trade_tick/BTCUSDT-LINEAR.BYBIT

.PHONY: test-equality test-certify probe-nautilus test-kills test-record fuzz golden help build backtest test test-live mutate lint format bench lock clean

help:
	@echo "make backtest   build all, make the sample market, run btc_value_area, write a report"
	@echo "make test       build, ruff, mypy, pytest"
	@echo "make test-live  real nodes against the loopback venues (about twenty minutes)"
	@echo "make mutate MODULE=live/operator_commands.py"
	@echo "                which small changes of a file, a line (FILE:87) or a folder no fast test sees"
	@echo "                (also MUTANTS=60 SEED=1 TESTS=tests/adapters LEAST=85)"
	@echo "make test-kills 200 real nodes killed at random moments, two at a time (about ten minutes)"
	@echo "make test-record  a day of ticks over recorders killed at random (about fifteen minutes)"
	@echo "make test-certify  thirty days with faults of recorder, node, venue and files, and their"
	@echo "                certificates (about an hour; also DAYS=3, FIRST=5)"
	@echo "make fuzz       random CSV and DBN files and configurations, 35,000 in all (about an hour)"
	@echo "                (also SEED=2, CSV_CASES=500 DBN_CASES=100 CONFIG_CASES=200)"
	@echo "make golden     whole runs against their recorded results (about five minutes)"
	@echo "make probe-nautilus VERSION=1.232.0"
	@echo "                another NautilusTrader beside: names gone or moved, and the pure tests"
	@echo "make bench      speed figures"
	@echo "make lint       ruff and mypy alone;  make format: ruff format"
	@echo "make lock       resolve requirements.lock anew"
	@echo "make clean      remove builds and environments (not the catalog, not the runs)"

build: $(VENV)/.built

.tools/uv/bin/uv:
	python3 -m venv .tools/uv
	.tools/uv/bin/python -m pip install --quiet uv

$(VENV)/.built: requirements.lock pyproject.toml setup.py $(SOURCES) | $(filter .tools/%,$(UV))
	$(UV) venv --quiet --allow-existing --python $(PYTHON) $(VENV)
	$(UV) pip sync --quiet --python $(VENV) --require-hashes requirements.lock
	$(UV) pip install --quiet --python $(VENV) --no-deps --reinstall-package auction-trader --editable .
	@touch $@

backtest: build
	@test -d $(SAMPLE) || $(BIN)/auction catalog sample
	$(BIN)/auction backtest btc_value_area

# The types are checked beside the tests: one process each.
test: build
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	@$(BIN)/mypy & types=$$!; \
	$(BIN)/pytest -n logical --dist worksteal; result=$$?; \
	wait $$types || { echo "mypy has found errors: they stand above the tests"; exit 1; }; \
	exit $$result

# Real nodes against the loopback venues: they wait a lot, and want a machine for themselves.
test-live: build
	$(BIN)/pytest -m node

MUTANTS ?= 60
SEED ?= 1
LEAST ?= 85
TESTS ?= tests
mutate: build
	@test -n "$(MODULE)" || { echo "make mutate MODULE=FILE, FILE:LINE or FOLDER"; exit 2; }
	$(BIN)/python -m tests.mutation $(MODULE) --tests $(TESTS) --mutants $(MUTANTS) --seed $(SEED) \
		--least $(LEAST)

CSV_CASES ?= 20000
DBN_CASES ?= 5000
CONFIG_CASES ?= 10000
fuzz: build
	nice -n 15 $(BIN)/python -m tests.fuzz csv --count $(CSV_CASES) --seed $(SEED)
	nice -n 15 $(BIN)/python -m tests.fuzz dbn --count $(DBN_CASES) --seed $(SEED)
	nice -n 15 $(BIN)/python -m tests.fuzz config --count $(CONFIG_CASES) --seed $(SEED)

golden: build
	$(BIN)/python -m tests.golden compare

# Two halves at a time, each with venues and nodes of its own.
test-kills: build
	@KILLS=1/2 $(BIN)/pytest -m kills -s & first=$$!; \
	KILLS=2/2 $(BIN)/pytest -m kills -s; second=$$?; \
	wait $$first && exit $$second

test-record: build
	nice -n 15 $(BIN)/pytest -m record

POINTS ?= 20
test-equality: build
	POINTS=$(POINTS) nice -n 15 $(BIN)/pytest -m equality

test-certify: build
	nice -n 15 $(BIN)/pytest -m certify

probe-nautilus: build | $(filter .tools/%,$(UV))
	@test -n "$(VERSION)" || { echo "make probe-nautilus VERSION=1.232.0"; exit 2; }
	nice -n 15 $(BIN)/python -m tests.probe $(VERSION) --uv $(UV)

lint: build
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: build
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: build
	$(BIN)/python -m benchmarks

lock: | $(filter .tools/%,$(UV))
	$(UV) pip compile --quiet --universal --python-version 3.12 --generate-hashes --group dev \
		--custom-compile-command "make lock" --output-file requirements.lock pyproject.toml

clean:
	rm -rf .venv .venv-* $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .mutation
	find indicators -name '*.so' -delete
