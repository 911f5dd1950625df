"""From terms of the core to formulas over axes: comparisons, look-ups in tables, collections, other decisions."""
