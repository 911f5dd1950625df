"""What commands beside the linter do, as values: run tests, query a decision, compare two versions, generate tests."""
