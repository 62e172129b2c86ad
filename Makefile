# Every target sets up what it needs. A fresh machine needs Python 3.11 or later, and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
DEMO ?= demo
CONSTRAINTS := constraints.txt
# The build of the project itself is pinned too.
export PIP_BUILD_CONSTRAINT := $(CURDIR)/$(CONSTRAINTS)

.PHONY: accuracy install demo test test-slow torture lint bench golden docs ner clean
.DELETE_ON_ERROR:

install: $(VENV)/.dev $(VENV)/.system  ## the project, its tools and the system libraries

demo: $(VENV)/.runtime $(VENV)/.system  ## scan and report on the example organisation
	@# What was changed in the last one by hand is kept once.
	@[ ! -e $(DEMO) ] || { rm -rf $(DEMO).before; mv $(DEMO) $(DEMO).before; echo "$(DEMO) is now $(DEMO).before"; }
	$(BIN)/governance demo $(DEMO)

PYTEST := $(BIN)/pytest -q -n 2 --dist loadfile --no-loadscope-reorder --durations=15 tests --ignore=tests/benchmarks

test: install  ## the default tests, in less than five minutes
	$(PYTEST) -m "not slow" $(ARGS)

test-slow: install  ## what takes longer: CI runs it after the default tests
	$(PYTEST) -m slow $(ARGS)

torture: install  ## before a release: the trail's writers killed ten thousand times, 50,000 changes, each byte
	KILLS=10000 PG_KILLS=200 APPENDS=2000 TORTURE=1 $(BIN)/pytest -q tests/unit/trail tests/property -k trail -m slow $(ARGS)

lint: install  ## style, types, layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python docs/generate.py --check

bench: install  ## speed and memory, as ratios; never part of the tests
	$(BIN)/python -m tests.benchmarks.run

accuracy: install  ## what is found in labelled data, beside Presidio
	$(BIN)/python tests/benchmarks/accuracy.py

golden: install  ## rewrite the golden files; look at the diff before you commit it
	$(BIN)/pytest -q -p no:randomly tests --ignore=tests/benchmarks -m golden --golden-rewrite

docs: install  ## the generated pages of docs/generated
	$(BIN)/python docs/generate.py

clean:  ## everything these targets made
	rm -rf $(VENV) $(DEMO) $(DEMO).before build dist

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

# The runtime alone, so that the demo does not wait for the test tools.
$(VENV)/.runtime: pyproject.toml $(CONSTRAINTS) | $(VENV)/bin/python
	$(PIP) install --quiet --constraint $(CONSTRAINTS) --editable .
	touch $@

$(VENV)/.dev: $(VENV)/.runtime
	$(PIP) install --quiet --constraint $(CONSTRAINTS) --upgrade pip
	$(PIP) install --quiet --constraint $(CONSTRAINTS) --group dev
	touch $@

# WeasyPrint draws with Pango; nothing in a wheel brings it.
SYSTEM_LIBRARIES := libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0
$(VENV)/.system: | $(VENV)/.runtime
	@if $(BIN)/python -c 'import weasyprint' 2>/dev/null; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $(SYSTEM_LIBRARIES) >/dev/null; \
	else echo "missing: install $(SYSTEM_LIBRARIES) with your package manager, then run make again"; exit 1; fi
	touch $@

NER_DATA ?= ../shared/data/ner
ner: install  ## train the bundled name model anew and write its model card
	$(BIN)/python -m training.train $(NER_DATA) governance/detectors/name_model
	$(BIN)/python -m training.evaluate $(NER_DATA)
