# make demo   train and report on drawn cells, nothing else needed
# make test   all tests but the long ones
# Each target makes its own environment in .venv; PYTHON names another interpreter.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test lint bench audits docs html tracking torture clean

# pip compiles on one core, compileall on all; one file of torch is written for a newer Python and does not compile.
.venv/installed: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version) if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile -c constraints.txt "torch==2.13.0"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile -c constraints.txt -e ".[dev]"
	$(BIN)/python -m compileall -qq -j 0 .venv/lib || true
	touch $@

.venv/installed-docs: .venv/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[docs]"
	touch $@

demo: .venv/installed
	rm -rf runs/demo
	$(BIN)/leukoscope train drawn --out runs/demo

test: .venv/installed
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist worksteal -m "not torture"

# MLflow wants other versions than those in constraints.txt, so it has an environment of its own.
.venv-track/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv-track
	.venv-track/bin/python -m pip install --quiet --disable-pip-version-check "torch==2.13.0"
	.venv-track/bin/python -m pip install --quiet --disable-pip-version-check -e ".[dev,track]"
	touch $@

tracking: .venv-track/installed
	.venv-track/bin/python -m pytest -m "torture or not torture" tests/runs/test_tracking.py tests/runs/test_tracked.py tests/cli/test_tracking.py

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

# With the pages of audits that show pictures, where these are at hand; html leaves them as they are.
docs: .venv/installed-docs
	$(BIN)/python docs/pictures/make_audits.py --missing
	$(MAKE) html

html: .venv/installed-docs
	$(BIN)/sphinx-build -W --keep-going -q -j auto -b html docs docs/_build/html

clean:
	rm -rf .venv .venv-track build docs/_build src/leukoscope.egg-info
