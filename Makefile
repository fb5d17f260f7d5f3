# The three commands a newcomer needs: make run, make test, make check.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8501
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

.PHONY: run test check bench browser clean

run: $(VENV)/.run  ## Install what is missing and start the app.
	$(BIN)/gatescope --server.port $(PORT)

test: $(VENV)/.test browser  ## Install what is missing and run the whole suite.
	@# In the order of the files, those of the browser first: the longest must not be last, with one process idle.
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder

check: $(VENV)/.check  ## Style, types, and the direction of imports.
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	PYTHONPATH=. $(BIN)/lint-imports

bench: $(VENV)/.test browser  ## The tables of the README; take twenty quiet minutes.
	$(BIN)/python -m benchmarks.recording
	$(BIN)/python -m benchmarks.capture
	$(BIN)/python -m benchmarks.page
	$(BIN)/python -m benchmarks.stepping
	$(BIN)/python -m benchmarks.training
	$(BIN)/python -m benchmarks.memory
	$(BIN)/python -m benchmarks.figures
	$(BIN)/python -m benchmarks.understanding_gradients
	$(BIN)/python -m benchmarks.knock_out_page

browser: $(VENV)/.test
	$(BIN)/python tests/browser/install.py

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

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
