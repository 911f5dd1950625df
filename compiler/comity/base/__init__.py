"""What every layer stands on: places in a text, diagnostics as values, spelling suggestions, garbage collection."""
