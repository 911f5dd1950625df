"""Logic rules: what no input, or some input, makes of the rules together."""
