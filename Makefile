# The three commands a newcomer needs: make run, make test, make check.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8501
TORCH ?= $(shell grep '^torch==' constraints.txt)
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

.PHONY: run test quick check check-python check-javascript kernel messages constraints bench browser clean

run: $(VENV)/.run  ## Install what is missing and start the app.
	$(BIN)/gatescope --server.port $(PORT)

test: $(VENV)/.test browser  ## Install what is missing and run the whole suite.
	@# In the order of the files, those of the browser first: the longest must not be last, with one process idle. Three
	@# processes keep two cores busy, because a test in the browser spends half of its time waiting for the app.
	@# A hundred processes that tests start import the same modules: compiled once is enough.
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder

quick: $(VENV)/.test  ## What of the suite takes a moment: no browser, no training, no hostile files.
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest --numprocesses auto --dist loadfile -m 'not (browser or training or untrusted)'

check: check-python check-javascript  ## Style, types, and the direction of imports.

check-python: $(VENV)/.check
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	PYTHONPATH=. $(BIN)/lint-imports

check-javascript: node_modules/.installed
	node_modules/.bin/biome check --error-on-warnings
	node_modules/.bin/tsc
	node tests/js/assemble.js --check

kernel: node_modules/.installed  ## Assemble the browser engine's kernel.
	node tests/js/assemble.js

messages: $(VENV)/.test  ## Collect the sentences that a reader sees into the template of the catalogue, and bring translations in step.
	$(BIN)/pybabel extract --mapping babel.cfg --keywords N_ --no-location --sort-output --omit-header --output viz/locale/gatescope.pot .
	for po in $$(find viz/locale -name gatescope.po); do \
	  $(BIN)/pybabel update --no-fuzzy-matching --omit-header --input-file viz/locale/gatescope.pot --output-file $$po --locale $$(basename $$(dirname $$(dirname $$po))) && \
	  $(BIN)/pybabel compile --input-file $$po --output-file $${po%.po}.mo; done

constraints:  ## Pin everything anew from a fresh environment, as the first lines of constraints.txt say.
	rm -rf build/constraints
	$(PYTHON) -m venv build/constraints
	build/constraints/bin/python -m pip install --quiet --disable-pip-version-check $(TORCH) '.[test,check]'
	@# The lines of a build of torch with CUDA, and its mark, are left out.
	{ grep '^#' constraints.txt; echo $(TORCH); build/constraints/bin/python -m pip freeze --exclude gatescope \
	  | grep --invert-match --extended-regexp '^(torch|triton|nvidia-.*|cuda-.*)=='; } > build/constraints.txt
	mv build/constraints.txt constraints.txt

bench: $(VENV)/.test browser  ## The tables of docs/benchmarks.md; take three quarters of an hour on a quiet machine.
	$(BIN)/python -m benchmarks.recording
	$(BIN)/python -m benchmarks.capture
	$(BIN)/python -m benchmarks.page
	$(BIN)/python -m benchmarks.stepping
	$(BIN)/python -m benchmarks.training
	$(BIN)/python -m benchmarks.memory
	$(BIN)/python -m benchmarks.telling
	$(BIN)/python -m benchmarks.who_said_it
	$(BIN)/python -m benchmarks.corpus
	$(BIN)/python -m benchmarks.patterns
	$(BIN)/python -m benchmarks.figures
	$(BIN)/python -m benchmarks.understanding_gradients
	$(BIN)/python -m benchmarks.knock_out_page
	$(BIN)/python -m benchmarks.readers
	$(BIN)/python -m benchmarks.typing
	$(BIN)/python -m benchmarks.first_visit
	$(BIN)/python -m benchmarks.first_screen
	$(BIN)/python -m benchmarks.soak

browser: $(VENV)/.test
	$(BIN)/python -m benchmarks.browser

$(VENV)/.run: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Gatescope needs Python 3.11 or newer: make run PYTHON=python3.11")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) --editable '.[keras,onnx]'
	touch $@

$(VENV)/.test: $(VENV)/.run
	$(PIP) --editable '.[test]'
	touch $@

$(VENV)/.check: $(VENV)/.run
	$(PIP) --editable '.[check]'
	touch $@

node_modules/.installed: package.json package-lock.json .npmrc
	@{ node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' && npm --version; } > /dev/null 2>&1 || \
	{ echo 'Checking the JavaScript needs Node.js 20 or newer, with npm; running and testing Gatescope does not.' >&2; exit 1; }
	npm ci --no-audit --no-fund
	touch $@

clean:
	rm -rf $(VENV) node_modules build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
