"""A SAT solver whose variables know the cells of axes, and formulas as its clauses."""
