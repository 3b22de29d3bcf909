# One target per thing a person does; each is just its commands.
PY := .venv/bin/python
export NUMBA_CACHE_DIR := $(CURDIR)/.venv/numba-cache
.DEFAULT_GOAL := help
.PHONY: help setup demo format check test twins bench web docs ci clean

help:            ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/ -/'

.venv/ready: pyproject.toml constraints.txt hatch_build.py
	python3 -m venv .venv
	$(PY) -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	$(PY) -m pip install --quiet --constraint constraints.txt --editable . --group dev
	$(PY) -m luchtwacht.kernels
	touch .venv/ready
setup: .venv/ready     ## make the virtual environment with everything in it
demo: .venv/ready      ## run a capital at night, and say which page to open
	.venv/bin/luchtwacht demo
format: .venv/ready    ## rewrite the code in the house format
	$(PY) -m ruff format . && $(PY) -m ruff check --fix .
check: .venv/ready     ## format, lint, types, import directions
	$(PY) -m ruff format --check . && $(PY) -m ruff check .
	$(PY) -m mypy && $(PY) -m mypy --strict verifier/luchtwacht_verify.py
	.venv/bin/lint-imports
test: .venv/ready      ## every test, kernels compiled
	$(PY) -m pytest --numprocesses auto
twins: .venv/ready     ## the tracking tests with kernels as plain Python
	NUMBA_DISABLE_JIT=1 $(PY) -m pytest tests/kernels tests/tracking -m 'not slow'
bench: .venv/ready     ## every benchmark that needs no recording, as tables
	for script in bench/*.py; do echo "== $$script"; $(PY) $$script || exit 1; done
web: .venv/ready       ## format, lint, types and tests of the console; then its build
	cd web && npm ci --no-audit --no-fund && npm run check && npm test && npm run build
docs: .venv/ready      ## build the documentation into site/
	$(PY) -m mkdocs build --strict --quiet
ci: check test   ## what a change must pass
clean:           ## remove what was built
	rm -rf .venv web/node_modules src/luchtwacht/server/static
