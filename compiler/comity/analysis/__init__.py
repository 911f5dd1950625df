"""Static analysis: what can be proved of a program without being given facts.

`analyse` answers every question of the logic rules (L200-L213), and `Analysis` again after a change. A reader goes
through the rooms in the order in which they depend on each other:

    space           facts as axes, conditions as formulas and boxes; nothing of law
    arithmetic      exact linear constraints over numbers
    propositional   a SAT solver over axes, for what boxes would multiply out
    translate       terms of the program -> formulas
    witness         a box -> complete facts -> a test block
    decision        searching the rules of one decision
    questions       what is asked of every decision, and how a finding is worded
    incremental     the same after an edit
    versions        two programs: which answers change
    reciprocity, responses    agreements and responses

For example, `destination == RU and value > 5000 USD` becomes, over the axes `destination` (one cell per country the
policy tells apart) and `value` (cells below, at and above 5000), the box {destination: RU, value: above 5000}.
"""

from comity.analysis.program import Analysis, analyse

__all__ = ["Analysis", "analyse"]
