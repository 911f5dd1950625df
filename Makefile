# Shorthands; each is one command that also works without make.
PYTHON ?= python3

.PHONY: check demo test docs bench schema

check:  ## format, lint, strict types, and the tests
	$(PYTHON) scripts/dev.py check

demo:  ## lint the shipped policies, then decide real exports
	$(PYTHON) scripts/dev.py demo

test:  ## the tests with coverage: what CI runs
	$(PYTHON) scripts/dev.py test

docs:  ## write docs/diagnostics from the pages beside the code
	.venv/bin/python scripts/make_docs.py

schema:  ## write the JSON schema of comity.toml
	.venv/bin/python -m comity.config > compiler/comity/schemas/comity.schema.json

bench:  ## startup and loading, as ratios to bare Python; lint from text to findings
	.venv/bin/python benchmarks/startup.py
	.venv/bin/python benchmarks/lint.py
