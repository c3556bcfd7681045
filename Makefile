.DEFAULT_GOAL := help
# Compiled modules are kept, even if the shell forbids it: the tests start hundreds of processes.
unexport PYTHONDONTWRITEBYTECODE
SHELL := /bin/bash
.PHONY: help run demo test check snapshot scan bench requirements emulators redis62 clean

VENV := .venv
BIN := $(VENV)/bin
# Both are empty files: RUNNABLE says that the packages of `make run` are installed, READY all.
RUNNABLE := $(VENV)/runnable
READY := $(VENV)/ready
CHECKOV := 3.3.30
SCANNER := .local/checkov-$(CHECKOV)
# One test process for each core; tests/services/xdist_scheduling.py distributes the tests.
PARALLEL := -n logical --dist loadgroup --no-loadscope-reorder
PYTHON ?= $(shell for name in python3.13 python3 python; do \
	"$$name" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 13))' 2>/dev/null \
	&& { echo "$$name"; break; }; done)

# make run ENV=compose.env: the settings of that file are added. A shell reads it, because values
# contain `;`, `{` and spaces. A variable ENV of the user's shell is ignored: it has another meaning.
WITH_ENV = $(if $(filter command,$(origin ENV)),set -a && . $(abspath $(ENV)) && )

help: ## These lines
	@grep -hE '^[a-z0-9]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9]+):.*## /  make \1\t/' | expand -t 22

run: $(RUNNABLE) ## Serve the product on http://127.0.0.1:7071 (PORT=, DATA=file.csv, HOST=func, ENV=)
	@$(WITH_ENV)exec $(BIN)/python -S local/tether.py --hold-signals $$PPID $(BIN)/python -m local.run

demo: $(READY) ## Watch the usual design and Smart Cache under the same faults, for 20 seconds
	@exec $(BIN)/python -S local/tether.py --hold-signals $$PPID $(BIN)/python -m benchmarks.demo

test: $(READY) emulators ## Run every test on every core (ARGS='tests/unit -k genre' for some)
	@$(BIN)/python -m local.programs redis odbc chromium buildah
	@$(WITH_ENV)$(BIN)/python -m pytest $(PARALLEL) $(ARGS)

check: $(READY) ## Lint, types, dead code, Azure's compilers and parsers, scripts, workflows, the image
	@$(BIN)/python -m checks

snapshot: $(READY) ## Write infra/snapshots again, after a change of infra/ or adf/ (needs bicep)
	@$(BIN)/python -m checks.infra.evaluate overwrite

scan: $(READY) ## Scan infra/, the image and the workflows with checkov (270 MB of its own)
	@[ -x $(SCANNER)/bin/checkov ] || { $(PYTHON) -m venv $(SCANNER) && $(SCANNER)/bin/pip install \
		--quiet --disable-pip-version-check checkov==$(CHECKOV); }
	@folder=$$(mktemp -d) && trap 'rm -r "$$folder"' EXIT && $(BIN)/python -m checks.infra.scannable "$$folder" && \
		$(SCANNER)/bin/checkov --config-file infra/.checkov.yaml --framework arm --directory "$$folder"
	@$(SCANNER)/bin/checkov --config-file infra/.checkov.yaml

bench: $(READY) emulators ## Measure the product, rivals and nginx, in half an hour (ARGS=--short: 7)
	@$(BIN)/python -m local.programs redis wrk nginx
	@$(BIN)/python -m benchmarks $(ARGS)

requirements: $(READY) ## Compile requirements*.txt from pyproject.toml
	@$(BIN)/uv pip compile --quiet --no-header --no-emit-index-url --no-emit-find-links \
		pyproject.toml -o requirements.txt
	@$(BIN)/uv pip compile --quiet --no-header --no-emit-index-url --no-emit-find-links \
		pyproject.toml --extra local -c requirements.txt -o requirements-local.txt
	@$(BIN)/uv pip compile --quiet --no-header --no-emit-index-url --no-emit-find-links \
		--no-strip-markers pyproject.toml --extra local --extra dev --extra checks \
		-c requirements-local.txt -o requirements-dev.txt

emulators: $(RUNNABLE) ## Install the Firebase Auth emulator and Azurite (npm)
	@$(BIN)/python -m local.node_packages || [ -z "$$CI" ]

redis62: $(READY) ## Build Redis 6.2, the oldest that is supported: `make test` asks it too (gcc, a minute)
	@$(BIN)/python -m tests.contract.store.redis62

clean: ## Remove what make made: the virtual environment, the data under .local/, caches
	@rm -rf $(VENV) .local .mypy_cache .ruff_cache .pytest_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# One make at a time: the lock is on a file of requirements. If there is neither file, an earlier make
# was killed, and the environment is created again. uv is ten times as fast as pip, which is used if uv
# cannot reach an index that only pip is configured for. Python's own pip spares the environment
# one. The sample data of `make run` is written at the same time.
define install_packages
@[ -n "$(PYTHON)" ] || { echo "Python 3.13 is not on the PATH. Install it (python.org, pyenv \
install 3.13, uv python install 3.13), or name it: make PYTHON=/path/to/python3.13" >&2; exit 1; }
@echo "Installing the packages into $(VENV) ..."
@set -e; exec 9<requirements-local.txt; $(PYTHON) -c 'import fcntl; fcntl.flock(9, fcntl.LOCK_EX)'; \
if [ $@ -nt $< ]; then exit; fi; \
$(if $(filter $(RUNNABLE),$@),$(PYTHON) -S local/tether.py $$$$ $(PYTHON) -S -m local.sample_file &) \
if [ -e $(RUNNABLE) ] || [ -e $(READY) ]; then rm -f $(RUNNABLE) $(READY); \
else $(PYTHON) -m venv --clear --without-pip $(VENV); fi; \
pip="$(PYTHON) -m pip --python $(BIN)/python"; \
$(PYTHON) -c 'import pip' 2>/dev/null || { $(BIN)/python -m ensurepip >/dev/null; pip="$(BIN)/python -m pip"; }; \
pip="$$pip --disable-pip-version-check --quiet install"; \
$$pip "$$(sed -n 's/^\(uv==[0-9.]*\).*/\1/p' $<)"; \
$(BIN)/uv pip install --quiet --python $(BIN)/python -r $< 2>/dev/null || $$pip -r $<; \
wait; touch $(RUNNABLE) $@
endef

$(RUNNABLE): requirements-local.txt
	$(install_packages)

$(READY): requirements-dev.txt
	$(install_packages)
