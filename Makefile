# `make` lists the commands. Needs GNU make and Python 3.11 or newer, nothing else.

VENV ?= .venv
WORKERS ?= 2
BRANCH ?= main

ifeq ($(OS),Windows_NT)
PYTHON ?= python
BIN := $(VENV)/Scripts
else
PYTHON ?= python3
BIN := $(VENV)/bin
endif

PY := $(BIN)/python
PIP := $(PY) -m pip install --quiet --disable-pip-version-check
UV := $(PY) -m uv
LOWEST := $(VENV)/lowest
OLDEST := 3.11
PINS := requirements.txt requirements-test.txt
SITE := $(VENV)/site
PROOF := $(VENV)/proof
PORT ?= 8000

.PHONY: help lab test test-quick test-lowest notebooks check-notebooks bench bench-seeds wheel links pins clean

help:
	@echo "make lab              open the notebooks in JupyterLab      (LAB_ARGS='--no-browser --port=8899')"
	@echo "make test             run all tests                         (TEST_ARGS='-k binder', WORKERS=4)"
	@echo "make test-quick       run those that need no browser and no patience, one setting of each control"
	@echo "make test-site        run the tests of the web edition, every notebook there to its end"
	@echo "make proof            try what could go wrong, for hours, and write down what was tried  (PROOF_TESTS=tests/proof/test_inks.py)"
	@echo "make classroom        measure what 1 to 16 learners cost a JupyterHub on this machine  (CLASSROOM_ARGS='--learners 1 4')"
	@echo "make test-lowest      run the tests of the mathematics, the engine and the demos with the oldest versions that pyproject.toml allows"
	@echo "make notebooks        execute the notebooks and save them   (NOTEBOOKS=notebooks/00_tour.ipynb)"
	@echo "make notebook         write the rooms of a new one          (NAME=09_my_notebook TITLE='What it tells')"
	@echo "make series           list the notebooks in README.md and link them; make notebooks does it too"
	@echo "make check-notebooks  execute them, save nothing, say what differs from the saved text"
	@echo "make site             build the web edition in site/build/  (PYODIDE=folder, from make pyodide: needs no other host)"
	@echo "make site-serve       show it on this machine             (PORT=8000)"
	@echo "make pyodide          fetch the browser's Python          (PYODIDE=site/pyodide)"
	@echo "make bench            run the measurements in benchmarks/"
	@echo "make bench-seeds      confirm what the notebooks say about training with new seeds  (SEEDS_ARGS='--first 900')"
	@echo "make wheel            build dist/bnlib-*.whl, which brings the notebooks along"
	@echo "make image            build the image of a class, see deploy/   (IMAGE=owner/name:tag)"
	@echo "make links            write badges and the public address   (REPO=owner/name, BRANCH=main)"
	@echo "make pins             resolve requirements*.txt again       (PIN_ARGS=--upgrade for newer versions)"
	@echo "make clean            remove the virtual environment and all caches"
	@echo "Another Python: make lab PYTHON=python3.13"

# A stamp is a file that is newer than everything its step was made from, so no step runs twice.
VENV_STAMP := $(VENV)/venv.stamp
LAB_STAMP := $(VENV)/lab.stamp
TEST_STAMP := $(VENV)/test.stamp
BENCH_STAMP := $(VENV)/bench.stamp
SITE_STAMP := $(VENV)/site.stamp

# set_up.py: two calls at once wait for one another, and what an interrupted one left is mended.
SET_UP = scripts/set_up.py $@ $^ --

$(VENV_STAMP): $(if $(or $(realpath $(PY)),$(realpath $(PY).exe)),,its-python-is-missing)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "bnlib needs Python 3.11 or newer, but $(PYTHON) is " + sys.version.split()[0] + ". Name another one: make lab PYTHON=python3.13")'
	$(PYTHON) scripts/set_up.py $@ -- $(PYTHON) -m venv $(VENV)

.PHONY: its-python-is-missing
its-python-is-missing:

$(LAB_STAMP): $(VENV_STAMP) requirements.txt pyproject.toml scripts/install_lab_config.py $(wildcard lab/* lab/labconfig/*)
	$(PY) $(SET_UP) $(PIP) -r requirements.txt -- $(PIP) --no-deps --editable . -- $(PY) scripts/install_lab_config.py

$(TEST_STAMP): $(LAB_STAMP) requirements-test.txt
	$(PY) $(SET_UP) $(PIP) -r requirements-test.txt

# benchmarks/requirements.txt names what only the measurements need (what they compare with).
$(BENCH_STAMP): $(TEST_STAMP) $(wildcard benchmarks/requirements.txt)
	$(PY) $(SET_UP) $(if $(wildcard benchmarks/requirements.txt),$(PIP) -r benchmarks/requirements.txt)

# Only this machine can reach the server (unless LAB_ARGS says otherwise), and the token stays on.
# It opens on the first notebook, unless LAB_ARGS names another page with --LabApp.default_url.
lab: $(LAB_STAMP)
	$(PY) -m jupyterlab notebooks $(if $(findstring ip=,$(LAB_ARGS)),,--ip=localhost) $(if $(findstring default_url,$(LAB_ARGS)),,--LabApp.default_url=/lab/tree/00_tour.ipynb) $(LAB_ARGS)

# Its own environment: JupyterLite's parts are extensions that JupyterLab would load, too.
$(SITE_STAMP): $(VENV_STAMP) requirements-site.txt
	$(PY) $(SET_UP) $(PY) -m venv $(SITE) -- $(subst $(VENV),$(SITE),$(PIP)) -r requirements-site.txt

# Its own environment, too: the classic notebook, other tools that execute notebooks, a hub.
PROOF_STAMP := $(VENV)/proof.stamp
$(PROOF_STAMP): $(TEST_STAMP) requirements-proof.txt tests/proof/package.json
	@command -v npm >/dev/null || { echo "make proof needs npm (it comes with Node.js)"; exit 1; }
	$(PY) $(SET_UP) $(PY) -m venv $(PROOF) -- $(subst $(VENV),$(PROOF),$(PIP)) -r requirements-proof.txt -- \
	  $(subst $(VENV),$(PROOF),$(PIP)) --no-deps --editable . -- $(subst $(VENV),$(PROOF),$(PY)) scripts/install_lab_config.py -- \
	  cp tests/proof/package.json $(PROOF)/package.json -- \
	  npm install --prefix $(PROOF) --no-audit --no-fund --no-package-lock --silent

# loadscope keeps the cells of a notebook on one worker, in one kernel; tests/conftest.py refines it.
test: $(TEST_STAMP) $(SITE_STAMP)
	$(BIN)/pytest --nbval --nbval-current-env notebooks tests -n $(WORKERS) --dist loadscope $(TEST_ARGS)

# In the web edition every notebook to its end; `make test` runs two of them there.
.PHONY: test-site
test-site: $(TEST_STAMP) $(SITE_STAMP)
	$(BIN)/pytest --whole-site tests/site -n $(WORKERS) --dist loadscope $(TEST_ARGS)

# Browsers, versions, settings, bad input by the thousand: benchmarks/RESULTS.md has the table.
PROOF_TESTS ?= tests/proof
.PHONY: proof
proof: $(TEST_STAMP) $(PROOF_STAMP)
	$(BIN)/pytest --proof $(PROOF_TESTS) -n $(WORKERS) --dist loadscope $(TEST_ARGS)

# What a class costs a server; twelve minutes on a quiet machine.
.PHONY: classroom
classroom: $(PROOF_STAMP)
	$(subst $(VENV),$(PROOF),$(PY)) benchmarks/classroom.py $(CLASSROOM_ARGS)

test-quick: $(TEST_STAMP)
	$(BIN)/pytest --quick tests -n $(WORKERS) --dist loadscope $(TEST_ARGS)

# The tools come after, at the versions of `make test`, so that bnlib alone decides the rest.
test-lowest: $(TEST_STAMP)
	$(UV) venv --quiet --clear --python $(OLDEST) $(LOWEST)
	$(UV) pip install --python $(LOWEST) --resolution lowest-direct --editable .
	$(UV) pip install --python $(LOWEST) --quiet --group unit $(addprefix --constraint ,$(PINS))
	$(subst $(VENV),$(LOWEST),$(PY)) -m pytest tests/unit tests/live tests/demos $(TEST_ARGS)

notebooks: $(LAB_STAMP)
	$(PY) scripts/refresh_notebooks.py $(NOTEBOOKS) && $(PY) scripts/series.py

.PHONY: notebook series
notebook: $(LAB_STAMP)
	$(if $(and $(NAME),$(TITLE)),,$(error Say its file and title: make notebook NAME=09_my_notebook TITLE="What it tells"))
	$(PY) scripts/new_notebook.py $(NAME) "$(TITLE)"

series: $(LAB_STAMP)
	$(PY) scripts/series.py

check-notebooks: $(LAB_STAMP)
	$(PY) scripts/series.py --check
	$(PY) scripts/refresh_notebooks.py --check $(NOTEBOOKS)

.PHONY: site site-serve pyodide
site: $(SITE_STAMP)
	$(subst $(VENV),$(SITE),$(PY)) site/build.py $(if $(PYODIDE),--pyodide "$(PYODIDE)")

# Only this machine can reach the server.
site-serve: $(VENV_STAMP)
	$(if $(wildcard site/build/index.html),,$(error Build the web edition first: make site))
	$(PY) -m http.server --bind localhost --directory site/build $(PORT)

pyodide: $(VENV_STAMP)
	$(PY) site/pyodide.py "$(or $(PYODIDE),site/pyodide)"

# Minutes of training, and nothing to time: a command of its own.
# The web edition has to be built first: `.venv/bin/python benchmarks/web_edition.py`.
# The class on JupyterHub takes ten minutes and what `make proof` installs.
SEEDS := benchmarks/new_seeds.py benchmarks/tune_small_images.py benchmarks/web_edition.py $(wildcard benchmarks/classroom*.py) $(wildcard benchmarks/training_claims*.py)

# drag.py drives every demo in a browser: alone, `.venv/bin/python benchmarks/drag.py --demo deep_network`.
bench: $(BENCH_STAMP)
	@set -e; for script in $(filter-out $(SEEDS),$(sort $(wildcard benchmarks/*.py))); do echo "== $$script"; $(PY) "$$script"; done

bench-seeds: $(LAB_STAMP)
	$(PY) benchmarks/new_seeds.py $(SEEDS_ARGS)

wheel: $(TEST_STAMP)
	$(UV) build --no-build-isolation --python $(PY)

# Binder's image and what a class needs besides; wants Docker.
.PHONY: image
image: $(TEST_STAMP)
	$(if $(IMAGE),,$(error Say what it is to be called: make image IMAGE=owner/name:tag))
	$(PY) -m repo2docker --no-run --user-id 1000 --user-name jovyan --image-name $(IMAGE) --appendix "$$(cat deploy/image.dockerfile)" .

links: $(LAB_STAMP)
	$(if $(REPO),,$(error Say where the repository is public: make links REPO=owner/name))
	$(PY) scripts/make_links.py $(REPO) --branch $(BRANCH)

# One file that fits Linux, macOS, Windows and every Python from the oldest on. Pins that fit stay.
COMPILE := pip compile --universal --quiet --no-header --python-version $(OLDEST)
pins: $(TEST_STAMP)
	$(UV) $(COMPILE) pyproject.toml --extra lab -o requirements.txt $(PIN_ARGS)
	$(UV) $(COMPILE) --group test --constraint requirements.txt -o requirements-test.txt $(PIN_ARGS)
	$(UV) $(COMPILE) --group site -o requirements-site.txt $(PIN_ARGS)
	$(UV) $(COMPILE) pyproject.toml --extra lab --group proof --constraint requirements-test.txt -o requirements-proof.txt $(PIN_ARGS)

clean:
	rm -rf $(VENV) $(VENV).lock build dist site/build *.egg-info .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -prune -exec rm -rf {} +
	find . -name .ipynb_checkpoints -prune -exec rm -rf {} +
