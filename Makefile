# make run    sets everything up and opens the studio on http://127.0.0.1:8080
# make test   sets everything up and passes the tests
#
# Overridable: PYTHON=/path/to/python  VENV=folder  EXTRAS=studio,web,telegram,discord  ARGS="-k matte"  WORKERS=4
# With a graphics card: make run EXTRAS=studio,web,gpu

.POSIX:
.PHONY: run setup models test test-slow test-telegram test-llm lint format bench bench-llm clean

PYTHON =
VENV = .venv
LLM_VENV = .venv-llm
EXTRAS = studio,web
ARGS =
WORKERS = 2
BIN = $(VENV)/bin
SOURCES = pyproject.toml constraints.txt tools/setup.sh

run: setup models
	@$(BIN)/northlight serve $(ARGS)

setup: $(VENV)/.ready-$(EXTRAS)

models: setup
	@$(BIN)/northlight models fetch

test: $(VENV)/.ready-dev
	@sh tools/chromium.sh
	@$(BIN)/northlight models fetch
	@$(BIN)/northlight models fetch u2netp
	$(BIN)/python -m pytest -m "not slow" -n $(WORKERS) --dist loadfile $(ARGS)

test-slow: $(VENV)/.ready-dev
	@sh tools/chromium.sh
	@$(BIN)/northlight models fetch
	@$(BIN)/northlight models fetch u2netp
	-@$(BIN)/northlight models fetch realesrgan-x4plus realesr-general-x4v3
	$(BIN)/python -m pytest -m slow $(ARGS)

test-telegram: $(VENV)/.ready-dev
	@sh tools/telegram_peer.sh $(BIN)/python $(ARGS)

lint: $(VENV)/.ready-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright --pythonpath $(BIN)/python

format: $(VENV)/.ready-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# A real OpenAI-compatible server with a real, very small model, in an environment of its own.
test-llm: $(LLM_VENV)/.ready
	NORTHLIGHT_TEST_LLM=required $(LLM_VENV)/bin/python -m pytest tests/llm $(ARGS)

bench-llm: $(LLM_VENV)/.ready
	$(LLM_VENV)/bin/python -m benchmarks.naive $(ARGS)

bench: $(VENV)/.ready-dev
	@$(BIN)/northlight models fetch
	@set -e; for bench in benchmarks/[!_]*.py; do \
		name=$$(basename "$$bench" .py); \
		echo "== $$name"; $(BIN)/python -m "benchmarks.$$name" $(ARGS); \
	done

clean:
	rm -rf $(VENV) $(LLM_VENV) .venv-gramlab build dist *.egg-info .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.ready-dev: $(SOURCES)
	@sh tools/setup.sh $(VENV) dev $(PYTHON)
	@touch $@

$(VENV)/.ready-$(EXTRAS): $(SOURCES)
	@sh tools/setup.sh $(VENV) $(EXTRAS) $(PYTHON)
	@touch $@

$(LLM_VENV)/.ready: $(SOURCES) tools/setup_llm.sh
	@sh tools/setup_llm.sh $(LLM_VENV) $(PYTHON)
	@touch $@
