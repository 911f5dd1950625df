"""Every limit of the analysis: how far a question is followed before it is left open, or a shorter way is taken.

A limit never makes an answer wrong. What exceeds one that counts work (steps, conflicts, combinations) is an open
question, reported as L200 or as a finding that says it is incomplete; what exceeds one that chooses a way (boxes of a
formula, cells of an axis) is answered by another way, which is slower there. Caches are bounded to bound memory.

    limits.current.box_steps                 # 150
    with limits.changed(box_steps=1):        # in a test: everything goes to the solver
        ...

Steps are counted, not timed, so that an answer is the same on every machine. What `python scripts/measure_limits.py`
found is in `MEASURED`: whether half or twice of a limit changes what is found, or the time it takes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import field, fields, replace
from typing import Any

from comity.runtime.light import dataclass


def _limit(value: int, unit: str, reason: str) -> Any:
    return field(default=value, metadata={"unit": unit, "reason": reason})


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit as documented. ``measured``: what half and twice of it change, on which policies."""

    name: str
    value: int
    unit: str
    reason: str
    measured: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Values by name; `documented` has the unit and the reason of each."""

    # space
    opaque_boxes: int = _limit(
        48,
        "boxes",
        "A formula of more boxes becomes an axis of its own (`Space.opaque`), so that products of formulas stay small.",
    )
    element_region_steps: int = _limit(
        20,
        "steps",
        "For asking whether one region of elements lies in another: a hint, which may go without an answer.",
    )
    negated_guards: int = _limit(
        16,
        "guards",
        "The guards of a `match` are negated one by one up to this number; the product of the negations is small then.",
    )
    scanned_boxes: int = _limit(
        300,
        "boxes",
        "Up to half as many boxes are compared with a region one by one, if it has no fewer cells to go through.",
    )
    scanned_cells: int = _limit(
        16,
        "cells",
        "Masks of no more cells are gone through cell by cell; what wider ones meet is cached.",
    )
    cached_masks: int = _limit(1_000, "masks", "Size of the cache of an axis, for each width of mask.")
    spelt_members: int = _limit(
        16,
        "members",
        "Equality of an element's fact and another is spelt out by members up to this number, and else one axis.",
    )
    foreseen_parts: int = _limit(
        8,
        "parts",
        "Conditions of more parts are not checked for contradictions before their cases are enumerated.",
    )

    # arithmetic
    decimal_steps: int = _limit(
        2_000,
        "steps",
        "Steps of the simplex method for rounding the values of a witness to decimals.",
    )
    tried_decimals: int = _limit(
        60,
        "values",
        "Decimals tried for all numbers of a witness together; the exact fractions are shown if none fits.",
    )
    decimal_places: int = _limit(4, "digits", "Digits after the point that the numbers of a witness are rounded to.")
    element_pieces: int = _limit(2_000, "boxes", "Boxes into which the elements of a collection are divided.")
    eliminated_constraints: int = _limit(
        400,
        "constraints",
        "Fourier-Motzkin elimination may square the number of constraints with each variable.",
    )
    tried_integers: int = _limit(
        200,
        "values",
        "Integers tried for one variable; their combinations are limited to ten times as many.",
    )
    kind_choices: int = _limit(30, "choices", "Choices of which kinds of elements are certain, and which are left out.")
    kind_branches: int = _limit(
        20,
        "branches",
        "Branch and bound over all kinds of elements, for which occur, or that no integers will do.",
    )
    kind_steps: int = _limit(
        4_000,
        "steps",
        "Steps of the simplex method where it is only asked whether rationals will do.",
    )
    kind_constraints: int = _limit(
        80,
        "constraints",
        "Constraints on the way where plain values are looked for by elimination.",
    )
    tried_combinations: int = _limit(
        2_000,
        "combinations",
        "Combinations of values tried before a solver is asked; if there are no more, the question is settled.",
    )
    exhausted_integers: int = _limit(50, "values", "The longest range of integers that is tried exhaustively.")
    interval_splits: int = _limit(200, "combinations", "Combinations of intervals tried one by one.")
    span_rounds: int = _limit(
        6,
        "rounds",
        "Rounds of solving for days, each with the month lengths that the last round gave.",
    )
    tried_days: int = _limit(40, "days", "Days tried for one fact.")
    unlike_values: int = _limit(1_000, "values", "Values tried for facts that must differ from each other.")
    outer_choices: int = _limit(
        12,
        "choices",
        "Ways of choosing the facts of an input that elements of its lists are compared with.",
    )
    related_values: int = _limit(
        256,
        "inputs",
        "Inputs tried where codes are to lie within one another, or elements are compared with elements.",
    )
    day_steps: int = _limit(
        60_000,
        "steps",
        "Times that a day moves up where days are to lie months apart; round a cycle that may take years of them.",
    )
    simplex_steps: int = _limit(
        20_000,
        "steps",
        "Steps of one question: an exchange takes one for each row that it changes.",
    )
    simplex_branches: int = _limit(
        60,
        "branches",
        "Times that a variable that should be an integer is bounded by the integers around it.",
    )
    z3_steps: int = _limit(
        2_000_000,
        "steps of z3",
        "Its `rlimit`, which makes what it leaves open the same on every machine.",
    )
    z3_milliseconds: int = _limit(
        5_000,
        "ms",
        "Its `timeout`, should a step take long; `z3_steps` is used up before, on any machine of today.",
    )

    # propositional
    excluded_boxes: int = _limit(
        5_000,
        "boxes",
        "Of more impossible boxes, the solver is told only those about axes that the question is about.",
    )

    # translate
    rows_of_a_value: int = _limit(
        48, "rows", "A table that gives one value in more rows is an axis of its own: the value that it gives."
    )
    counted_elements: int = _limit(
        6,
        "elements",
        "A count over more elements that are each uncertain is not spelt out: it would have 2^n cases.",
    )
    diagram_nodes: int = _limit(
        20_000, "nodes", "The completions of a decision that needs a larger diagram are left open where they differ."
    )
    diagram_variables: int = _limit(300, "variables", "Each variable of a diagram is a level of recursion.")
    early_targets: int = _limit(
        3, "rules", "A rule that takes away more rules is asked before the others: diagrams are smaller then."
    )
    spelt_out_rules: int = _limit(
        10,
        "rules",
        "The outcome of a decision of more rules is an axis whose cells stand for the conditions of each "
        "outcome; else each rule that reads it would have as many boxes as there are ways to come to the "
        "outcome.",
    )

    # witness
    cached_numbers: int = _limit(10_000, "answers", "Size of the cache of answers about numbers.")
    model_steps: int = _limit(1_000, "steps", "For cases in which the conditions of a region are as they should be.")
    conflict_steps: int = _limit(
        60,
        "steps",
        "The same, where it is only asked which of the conditions contradict each other.",
    )

    # decision
    outside_steps: int = _limit(2_000, "steps", "For a part of a region outside other regions.")
    case_steps: int = _limit(60_000, "steps", "For enumerating the cases of one condition.")
    question_steps: int = _limit(
        20_000,
        "steps",
        "For the cases of all conditions that one question goes through, with what `vain_model` charges for others.",
    )
    vain_model: int = _limit(
        50,
        "steps",
        "Charged to `question_steps` for a model that turned out to be no answer, or a region without facts in it.",
    )
    foresight: int = _limit(
        3,
        "levels",
        "Levels of a condition that are checked for contradictions before its cases are enumerated.",
    )
    point_cells: int = _limit(8, "cells", "Cells tried for an axis when a point is chosen.")
    clearing_steps: int = _limit(150, "steps", "For a part of a region outside others, asked at each step of a search.")
    vain_find: int = _limit(
        10,
        "steps",
        "Charged for a matching region that cannot be turned into facts, which takes as long as ten steps of a search.",
    )
    exception_boxes: int = _limit(
        64,
        "boxes",
        "The regions of an exception are narrowed to those of its rules if there are no more.",
    )
    tangled_boxes: int = _limit(
        200,
        "boxes",
        "Rules of more boxes in all are tangled, if `tangled_boxes_of_a_rule` says so too: the solver is "
        "asked at once.",
    )
    tangled_boxes_of_a_rule: int = _limit(12, "boxes", "Rules of more boxes on average.")
    cover_pieces: int = _limit(
        24,
        "boxes",
        "A cover from which exceptions cut more pieces is not used: the search decides.",
    )
    cover_holes: int = _limit(
        8,
        "boxes",
        "Where a rule is true in more boxes, it is not asked where it is unknown and others hold.",
    )
    solver_conflicts: int = _limit(4_000, "conflicts", "Conflicts of the SAT solver in one question.")
    solver_rules: int = _limit(
        400,
        "rules",
        "With more rules near, the solver is not asked: its clauses would take long to make.",
    )
    solver_models: int = _limit(400, "models", "Models of one question that may turn out not to be answers.")

    # questions
    box_steps: int = _limit(150, "steps", "For the search by boxes in one question, before the solver is asked.")
    box_steps_times_boxes: int = _limit(
        20_000,
        "boxes",
        "The search takes fewer steps where many boxes meet the region: each step looks at all of them.",
    )
    further_box_steps: int = _limit(4, "steps", "In each further region of the question: enough to try a point.")
    further_regions: int = _limit(
        8,
        "regions",
        "Regions in which the search by boxes is tried though its steps are spent.",
    )
    crowded_steps: int = _limit(
        2_000,
        "steps",
        "For the search by boxes in a region where there are more than `solver_rules`.",
    )
    shown_contradictions: int = _limit(200, "findings", "Contradictions of one decision that are shown one by one.")
    counted_pairs: int = _limit(
        1_000,
        "pairs",
        "Further pairs of rules that are asked about, to count the contradictions among them.",
    )
    proposed_grounds: int = _limit(3, "grounds", "Grounds proposed for rules that contradict each other.")
    daily_parts: int = _limit(
        24,
        "parts",
        "A condition of one day with no more parts is written out; a longer one is an axis again.",
    )
    day_intervals: int = _limit(100, "intervals", "Intervals of days searched for one finding.")
    doubtful_boxes: int = _limit(
        8,
        "boxes",
        "Boxes in which rules have changed that are searched by themselves for one pair of rules.",
    )
    pair_steps: int = _limit(60, "steps", "For one pair of rules at first, as another pair may be easy.")
    family_steps: int = _limit(10_000, "steps", "For all pairs of a family together after that.")
    kept_timelines: int = _limit(16, "timelines", "Timelines of which something is kept between questions.")
    timelines: int = _limit(20_000, "orders of days", "Orders of days enumerated, times the rules judged in each.")
    timeline_parts: int = _limit(
        1_000,
        "parts",
        "Parts of conditions that change with the day. What has more is taken to be the same on all days; a "
        "finding is shown only if the interpreter confirms it on each of them.",
    )
    timeline_parts_in_all: int = _limit(20_000, "parts", "The same, times the orders of days.")
    moved_regions: int = _limit(64, "regions", "Regions of one question that inputs of tests are moved into.")
    moved_into_each: int = _limit(
        3,
        "inputs",
        "Inputs that are moved into each of many regions: those of the nearest tests.",
    )
    moved_inputs: int = _limit(16, "inputs", "Inputs moved into regions that the interpreter decides for one question.")
    moved_far: int = _limit(
        8,
        "facts",
        "What takes another fact than a plain one is as far as so many plain facts.",
    )
    nearby_decided: int = _limit(1_000, "inputs", "Inputs decided by the interpreter for one statement.")
    nearby_looked_at: int = _limit(4_000, "inputs", "Inputs of which it is asked whether a statement is about them.")
    nearby_regions: int = _limit(12, "regions", "Regions of a statement into which the inputs of tests are moved.")
    nearby_starts: int = _limit(
        16,
        "inputs",
        "Inputs that a statement is about, whose facts are then changed one by one.",
    )
    nearby_values: int = _limit(3, "values", "Other values tried for a fact; of the day, all that make a difference.")

    # versions
    count_steps: int = _limit(20_000, "steps", "For dividing a region into parts that are counted.")
    diff_parts: int = _limit(20_000, "parts", "Parts of a region in which two versions are compared.")
    diff_witnesses: int = _limit(
        3,
        "parts",
        "Parts in which an input is looked for before a transition is given up as not shown.",
    )
    compared_boxes: int = _limit(
        10**15,
        "boxes",
        "Versions with a condition that might have more are not compared by proof.",
    )
    values_of_a_type: int = _limit(12, "values", "Values of one type that inputs are varied by.")
    varied_days: int = _limit(24, "days", "Days that inputs are varied by.")
    varied_codes: int = _limit(160, "codes", "Codes that inputs are varied by.")
    varied_inputs: int = _limit(
        24,
        "inputs",
        "Inputs varied on which a changed rule differs, and changes followed from them.",
    )

    # edits
    compared_pairs: int = _limit(
        10_000,
        "pairs of boxes",
        "Compared to see where an edited rule meets others. With more, they are taken to meet wherever one of them "
        "may apply, and more is asked again.",
    )
    changed_boxes: int = _limit(
        16,
        "boxes",
        "Boxes in which rules have changed that are searched one by one; more are searched as what lies around them.",
    )

    # reciprocity
    disclosure_rounds: int = _limit(24, "rounds", "Counterexamples after which the question is left open.")
    disclosure_terms: int = _limit(40, "terms", "Terms tried for one field.")
    disclosure_combinations: int = _limit(4_000, "combinations", "Combinations of such terms for one act.")
    compared_states: int = _limit(12, "states", "With more states in one condition, only its text is compared.")


MEASURED: dict[str, str] = {
    "opaque_boxes": "half: the same findings, 1.01 of the time; twice: the same findings, 1.00 of the time",
    "element_region_steps": "half: the same findings, 1.03 of the time; twice: the same findings, 1.03 of the time",
    "negated_guards": "half: the same findings, 0.96 of the time; twice: the same findings, 0.94 of the time",
    "scanned_boxes": "half: the same findings, 0.91 of the time; twice: the same findings, 0.92 of the time",
    "scanned_cells": "half: the same findings, 0.91 of the time; twice: the same findings, 0.92 of the time",
    "cached_masks": "half: the same findings, 1.01 of the time; twice: the same findings, 1.14 of the time",
    "spelt_members": "half: the same findings, 0.95 of the time; twice: the same findings, 0.94 of the time",
    "foreseen_parts": "half: the same findings, 1.01 of the time; twice: the same findings, 1.07 of the time",
    "decimal_steps": "half: the same findings, 0.94 of the time; twice: the same findings, 1.01 of the time",
    "tried_decimals": "half: the same findings, 1.10 of the time; twice: the same findings, 1.06 of the time",
    "decimal_places": "half: the same findings, 1.12 of the time; twice: the same findings, 1.13 of the time",
    "element_pieces": "half: the same findings, 1.05 of the time; twice: the same findings, 1.10 of the time",
    "eliminated_constraints": "half: the same findings, 1.11 of the time; twice: the same findings, 0.99 of the time",
    "tried_integers": "half: the same findings, 0.98 of the time; twice: the same findings, 1.01 of the time",
    "kind_choices": "half: the same findings, 1.01 of the time; twice: the same findings, 1.00 of the time",
    "kind_branches": "half: the same findings, 1.01 of the time; twice: the same findings, 1.04 of the time",
    "kind_steps": "half: the same findings, 1.14 of the time; twice: the same findings, 1.04 of the time",
    "kind_constraints": "half: the same findings, 1.00 of the time; twice: the same findings, 1.02 of the time",
    "tried_combinations": "half: the same findings, 0.97 of the time; twice: the same findings, 1.01 of the time",
    "exhausted_integers": "half: the same findings, 1.05 of the time; twice: the same findings, 1.01 of the time",
    "interval_splits": "half: the same findings, 1.07 of the time; twice: the same findings, 1.06 of the time",
    "span_rounds": "half: the same findings, 1.00 of the time; twice: the same findings, 1.03 of the time",
    "tried_days": "half: the same findings, 1.05 of the time; twice: the same findings, 1.02 of the time",
    "outer_choices": "half: the same findings, 1.02 of the time; twice: the same findings, 1.02 of the time",
    "related_values": "half: the same findings, 0.92 of the time; twice: the same findings, 0.90 of the time",
    "day_steps": "half: the same findings, 1.04 of the time; twice: the same findings, 1.00 of the time",
    "simplex_steps": "half: the same findings, 1.04 of the time; twice: the same findings, 1.04 of the time",
    "simplex_branches": "half: the same findings, 1.00 of the time; twice: the same findings, 1.03 of the time",
    "z3_steps": "half: the same findings, 1.13 of the time; twice: the same findings, 1.05 of the time",
    "z3_milliseconds": "half: the same findings, 0.97 of the time; twice: the same findings, 1.08 of the time",
    "excluded_boxes": "half: the same findings, 1.08 of the time; twice: the same findings, 1.03 of the time",
    "rows_of_a_value": "half: the same findings, 0.97 of the time; twice: the same findings, 1.00 of the time",
    "counted_elements": "half: the same findings, 1.00 of the time; twice: the same findings, 0.97 of the time",
    "diagram_nodes": "half: the same findings, 1.04 of the time; twice: the same findings, 0.95 of the time",
    "diagram_variables": "half: the same findings, 0.96 of the time; twice: the same findings, 1.05 of the time",
    "early_targets": "half: the same findings, 1.06 of the time; twice: the same findings, 1.01 of the time",
    "spelt_out_rules": "half: the same findings, 1.03 of the time; twice: the same findings, 1.09 of the time",
    "cached_numbers": "half: the same findings, 1.10 of the time; twice: the same findings, 1.03 of the time",
    "model_steps": "half: the same findings, 1.06 of the time; twice: the same findings, 1.08 of the time",
    "conflict_steps": "half: the same findings, 1.05 of the time; twice: the same findings, 1.21 of the time",
    "outside_steps": "half: the same findings, 1.14 of the time; twice: the same findings, 1.14 of the time",
    "case_steps": "half: the same findings, 0.95 of the time; twice: the same findings, 0.91 of the time",
    "question_steps": "half: the same findings, 0.87 of the time; twice: the same findings, 0.86 of the time",
    "vain_model": "half: the same findings, 0.86 of the time; twice: the same findings, 0.86 of the time",
    "foresight": "half: the same findings, 0.87 of the time; twice: the same findings, 0.86 of the time",
    "point_cells": "half: the same findings, 0.90 of the time; twice: the same findings, 0.93 of the time",
    "clearing_steps": "half: the same findings, 0.97 of the time; twice: the same findings, 0.88 of the time",
    "vain_find": "half: the same findings, 0.98 of the time; twice: the same findings, 0.98 of the time",
    "exception_boxes": "half: the same findings, 0.93 of the time; twice: the same findings, 1.00 of the time",
    "tangled_boxes": "half: the same findings, 1.11 of the time; twice: the same findings, 0.89 of the time",
    "tangled_boxes_of_a_rule": "half: the same findings, 1.06 of the time; twice: the same findings, 1.15 of the time",
    "cover_pieces": "half: the same findings, 1.05 of the time; twice: the same findings, 1.08 of the time",
    "cover_holes": "half: the same findings, 1.12 of the time; twice: the same findings, 1.03 of the time",
    "solver_conflicts": "half: the same findings, 1.02 of the time; twice: the same findings, 1.03 of the time",
    "solver_rules": "half: the same findings, 1.05 of the time; twice: the same findings, 1.01 of the time",
    "solver_models": "half: the same findings, 1.05 of the time; twice: the same findings, 1.07 of the time",
    "box_steps": "half: the same findings, 0.91 of the time; twice: the same findings, 1.07 of the time",
    "box_steps_times_boxes": "half: the same findings, 1.03 of the time; twice: the same findings, 1.05 of the time",
    "further_box_steps": "half: the same findings, 1.01 of the time; twice: the same findings, 1.06 of the time",
    "further_regions": "half: the same findings, 1.08 of the time; twice: the same findings, 1.04 of the time",
    "crowded_steps": "half: the same findings, 1.02 of the time; twice: the same findings, 1.09 of the time",
    "shown_contradictions": "half: the same findings, 1.15 of the time; twice: the same findings, 1.28 of the time",
    "counted_pairs": "half: the same findings, 1.09 of the time; twice: the same findings, 1.05 of the time",
    "proposed_grounds": "half: the same findings, 1.00 of the time; twice: the same findings, 1.03 of the time",
    "daily_parts": "half: the same findings, 1.09 of the time; twice: the same findings, 1.04 of the time",
    "day_intervals": "half: the same findings, 1.14 of the time; twice: the same findings, 1.12 of the time",
    "doubtful_boxes": "half: the same findings, 1.05 of the time; twice: the same findings, 1.01 of the time",
    "pair_steps": "half: the same findings, 1.06 of the time; twice: the same findings, 1.09 of the time",
    "family_steps": "half: the same findings, 1.14 of the time; twice: the same findings, 1.10 of the time",
    "kept_timelines": "half: the same findings, 1.03 of the time; twice: the same findings, 1.01 of the time",
    "timelines": "half: the same findings, 1.02 of the time; twice: the same findings, 1.08 of the time",
    "timeline_parts": "half: the same findings, 1.01 of the time; twice: the same findings, 1.13 of the time",
    "timeline_parts_in_all": "half: the same findings, 1.13 of the time; twice: the same findings, 1.06 of the time",
    "moved_regions": "half: the same findings, 1.02 of the time; twice: the same findings, 1.03 of the time",
    "moved_into_each": "half: the same findings, 1.03 of the time; twice: the same findings, 1.01 of the time",
    "moved_inputs": "half: the same findings, 1.00 of the time; twice: the same findings, 1.00 of the time",
    "moved_far": "half: the same findings, 0.98 of the time; twice: the same findings, 0.97 of the time",
    "nearby_decided": "half: the same findings, 0.99 of the time; twice: the same findings, 1.01 of the time",
    "nearby_looked_at": "half: the same findings, 1.00 of the time; twice: the same findings, 1.02 of the time",
    "nearby_regions": "half: the same findings, 1.03 of the time; twice: the same findings, 0.98 of the time",
    "nearby_starts": "half: the same findings, 1.00 of the time; twice: the same findings, 1.02 of the time",
    "nearby_values": "half: the same findings, 1.00 of the time; twice: the same findings, 1.02 of the time",
    "count_steps": "half: the same findings, 1.05 of the time; twice: the same findings, 1.03 of the time",
    "diff_parts": "half: the same findings, 1.00 of the time; twice: the same findings, 1.01 of the time",
    "diff_witnesses": "half: the same findings, 1.02 of the time; twice: the same findings, 0.99 of the time",
    "compared_boxes": "half: the same findings, 1.03 of the time; twice: the same findings, 1.09 of the time",
    "values_of_a_type": "half: the same findings, 1.06 of the time; twice: the same findings, 1.03 of the time",
    "varied_days": "half: the same findings, 1.05 of the time; twice: the same findings, 1.05 of the time",
    "varied_codes": "half: the same findings, 1.00 of the time; twice: the same findings, 1.10 of the time",
    "varied_inputs": "half: the same findings, 1.09 of the time; twice: the same findings, 1.01 of the time",
    "compared_pairs": "half: the same findings, 0.80 of the time; twice: the same findings, 0.91 of the time",
    "changed_boxes": "half: the same findings, 0.95 of the time; twice: the same findings, 0.96 of the time",
    "disclosure_rounds": "half: the same findings, 1.01 of the time; twice: the same findings, 1.06 of the time",
    "disclosure_terms": "half: the same findings, 1.00 of the time; twice: the same findings, 1.25 of the time",
    "disclosure_combinations": "half: the same findings, 1.06 of the time; twice: the same findings, 1.00 of the time",
    "compared_states": "half: the same findings, 0.98 of the time; twice: the same findings, 1.13 of the time",
}
"""What `scripts/measure_limits.py --random 6` said of small random policies, by name of a limit. Ratios of time
that are within a fifth of 1 are chance there: these limits are for larger policies. Those of edits (`compared_pairs`,
`changed_boxes`) are of 20 edits of each of five of them, linted after each.
"""


current = Limits()
"""The limits in force. Read it as `limits.current.NAME` where it is needed, never at import."""


@contextmanager
def changed(**values: int) -> Iterator[None]:
    """Have other limits for a while, by name: for tests, and for measuring."""
    global current  # noqa: PLW0603  (all that read a limit would else have to be given it)
    before = current
    current = replace(before, **values)
    try:
        yield
    finally:
        current = before


SOLVER_ALONE = {"tangled_boxes": -1, "tangled_boxes_of_a_rule": -1}
"""Changes by which every question about rules goes to the SAT solver, and none to the search by boxes."""


def documented() -> list[Limit]:
    """All limits as they are by default."""
    default = Limits()
    return [
        Limit(
            each.name,
            getattr(default, each.name),
            each.metadata["unit"],
            each.metadata["reason"],
            MEASURED.get(each.name, ""),
        )
        for each in fields(Limits)
    ]
