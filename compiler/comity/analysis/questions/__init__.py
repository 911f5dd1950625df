"""What is asked of every decision and definition: a file for each L-code, and what these share.

    question.py     what a question is; begin here
    runner.py       asks them in order, and again after an edit (`change.py`)
    model.py        what they are asked of: a decision's rules as boxes, or a definition's cases (`cases.py`)
    units.py        a rule as declared; `evidence.py`: what is seen of it without a search
    solve.py        how an input is searched; `outcomes.py`, `differences.py`: for which several codes ask
    findings.py     what was found, with witnesses that the interpreter bears out
    nearby.py       inputs near those of tests, tried for L210
    dates.py        days: for L213 with `gaps.py`, `timelines.py`, `daily.py`, and on which a finding holds

For example, `redundant_rule.py` is the page of L204, the class that asks it of each rule, and the search for an input
whose answer changes without the rule.
"""
