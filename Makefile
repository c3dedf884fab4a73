# make demo   sets up, runs the main job, names the report
# make test   sets up and runs everything that CI runs
PYTHON ?= python3
TOOLKIT_DATA ?= $(wildcard ../shared/data)
export TOOLKIT_DATA
export HF_HUB_OFFLINE ?= 1
bin := .venv/bin

.PHONY: demo test check lint types tests notebooks setup clean

demo: setup
	$(bin)/toolkit run experiments/idlib_2020.yaml

test check: lint types tests

setup: .venv/ready

.venv/ready: requirements.txt constraints.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		(echo "make: $(PYTHON) is older than 3.11; say: make PYTHON=python3.12 demo" && exit 1)
	$(PYTHON) -m venv .venv
	$(bin)/python -m pip install --quiet --quiet --disable-pip-version-check $$(grep '^torch==' requirements.txt)
	$(bin)/python -m pip install --quiet --quiet --disable-pip-version-check -r requirements.txt -c constraints.txt
	$(bin)/python -m pip install --quiet --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

lint: setup
	$(bin)/ruff check .
	$(bin)/ruff format --check .

types: setup
	$(bin)/mypy

tests: setup
	$(bin)/python -m pytest

# Runs the notebooks anew and keeps what they print, as a reader sees it on the web.
notebooks: setup
	$(bin)/python notebooks/build.py

clean:
	rm -rf .venv runs build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
