# make demo   train and report on drawn cells, nothing else needed
# make test   all tests but the long ones
# Each target makes its own environment in .venv; PYTHON names another interpreter.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test lint bench audits docs torture clean

.venv/installed: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version) if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt "torch==2.13.0"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[dev]"
	touch $@

.venv/installed-docs: .venv/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[docs]"
	touch $@

demo: .venv/installed
	rm -rf runs/demo
	$(BIN)/leukoscope train drawn --out runs/demo

test: .venv/installed
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 -m "not torture"

torture: .venv/installed
	$(BIN)/python -m pytest -m torture

lint: .venv/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .venv/installed
	for file in benchmarks/bench_*.py; do $(BIN)/python $$file || exit 1; done

audits: .venv/installed
	$(BIN)/python docs/pictures/make_audits.py

docs: .venv/installed-docs
	$(BIN)/python docs/pictures/make_audits.py --missing
	$(BIN)/sphinx-build -W --keep-going -q -b html docs docs/_build/html

clean:
	rm -rf .venv build docs/_build src/leukoscope.egg-info
