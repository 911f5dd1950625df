# Shorthands; each is one command that also works without make.
PYTHON ?= python3
VENV := .venv/bin

.PHONY: help check demo test docs bench schema
.DEFAULT_GOAL := help

help:  ## list these shorthands
	@sed -n 's/^\([a-z]*\):.*## /\1	/p' Makefile | expand -t 10

check:  ## format, lint, strict types, and the tests
	$(PYTHON) scripts/dev.py check

demo:  ## decide real exports, then lint the law that decides them
	$(PYTHON) scripts/dev.py demo

test:  ## the tests
	$(PYTHON) scripts/dev.py test

$(VENV)/comity:
	$(PYTHON) -c "import sys; sys.path.insert(0, 'scripts'); import dev; dev.set_up(develop=True)"

docs: | $(VENV)/comity  ## write docs/diagnostics from the pages beside the code
	$(VENV)/python scripts/make_docs.py

schema: | $(VENV)/comity  ## write the JSON schema of comity.toml
	$(VENV)/python -m comity.workspace.config > compiler/comity/schemas/comity.schema.json

bench: | $(VENV)/comity  ## startup and loading, as ratios to bare Python; lint from text to findings
	$(VENV)/python benchmarks/startup.py
	$(VENV)/python benchmarks/lint.py
