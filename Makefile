# Mutirão. The two commands that matter: `make run` and `make test`; each sets up .venv first.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON := .venv/bin/python
DEMO := .demo

.PHONY: help setup run test check bench spread mutants plant soak screenshots interop

help: ## this list
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: ## .venv with the exact versions of constraints.txt; does nothing when they are there
	@.ci/setup

run: setup ## three networks on this machine, in .demo; prints their addresses, Ctrl-C stops them
	@.venv/bin/mutirao demo --dir $(DEMO)

test: setup ## everything of `check`, then the tests; MUTIRAO_NO_SKIP=1 makes a skipped test a failure
	@$(PYTHON) -m tests.tools.run test

check: setup ## format, lint, types, layers, house rules
	@$(PYTHON) -m tests.tools.run check

bench: setup ## figures against their baselines (ARGS="--rounds 5 ledger" to choose)
	@$(PYTHON) -m tests.bench $(ARGS)

spread: setup ## how records spread among 10,000 simulated nodes, against flooding (ARGS="--loss 0.01")
	@$(PYTHON) -m tests.simulation.spread $(ARGS)

mutants: setup ## breaks the ledger's rules in one place at a time and says which test notices (ARGS="limit" to choose)
	@$(PYTHON) -m tests.tools.part mutations $(ARGS)

plant: setup ## plants one bug at a time and says which seed of the simulator finds it (ARGS="--seeds 50 limit")
	@$(PYTHON) -m tests.tools.part mutants $(ARGS)

soak: setup ## seeds of the simulator (SEEDS=10000); other long runs (ARGS="--minutes 60", ARGS="--faults")
	@$(PYTHON) -m tests.tools.part soak $(if $(SEEDS),--seeds $(SEEDS)) $(ARGS)

screenshots: setup ## pictures of the pages, for looking at (ARGS="--out FOLDER")
	@$(PYTHON) -m tests.tools.part screenshots $(ARGS)

interop: setup ## files and protocols that other programs read, tried with those programs
	@$(PYTHON) -c 'import schemathesis' 2>/dev/null || $(PYTHON) -m pip install -q -c constraints.txt --group interop
	@$(PYTHON) -m tests.tools.part interop $(ARGS)
