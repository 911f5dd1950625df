"""Facts as axes, conditions as formulas over their cells, and formulas as boxes.

A box is a product of sets of cells (a cube of multi-valued logic): {destination: RU|BY, value: above 5000}. Formulas
are kept in disjunctive normal form as lists of boxes where that is small, one for *true* and one for *false*; what lies
in neither is unknown (the dual-rail encoding of Kleene logic).
"""
