"""Static analysis: what can be proved of a program without being given facts.

`analyse` answers every question of the logic rules (L200–L213), and `Analysis` again after a change. Read `questions`
first, then `formulas` (three-valued conditions), `space` (facts as axes, conditions as boxes), `contest` (the search)
and `realise` (from a box to facts).
"""

from comity.analysis.program import Analysis, analyse

__all__ = ["Analysis", "analyse"]
