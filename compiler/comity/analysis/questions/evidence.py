"""What is seen of rules without a search: that they apply, decide and matter.

For example, a test that expects `license_required` for a chip bound for Russia shows of `rule chips` that it applies,
that it decides, and, if no other rule says the same there, that it matters. Of rules that no test shows, a point or two
in their boxes is tried, then inputs of tests moved there. L202, L203 and L204 search only for what is unknown then.
"""

from __future__ import annotations

from collections.abc import Iterable

from comity.analysis.decision.extents import Dropped
from comity.analysis.questions.model import DecisionModel
from comity.analysis.questions.units import Unit
from comity.analysis.space.axes import bits
from comity.analysis.space.boxes import Box
from comity.runtime.rules import union


def is_settled(model: DecisionModel, unit: Unit) -> bool:
    """Nothing that is asked of a rule by itself is left open."""
    return (unit.decides or not unit.says) and unit.applies and (unit.matters or "L204" not in model.asked)


def gather(model: DecisionModel, units: Iterable[Unit]) -> None:
    """Begin with nothing known of ``units``; learn of them what tests show, then what points in them show, and
    tests moved there.
    """
    for unit in units:
        unit.begin()
    _learn_from_tests(model, units)
    for unit in units:
        model.study.begin()  # what the last question has found to be impossible is not known of others
        _learn_from_points(model, unit)
        _learn_from_moved(model, unit)


def _learn_from_tests(model: DecisionModel, units: Iterable[Unit]) -> None:
    search = model.search
    near = union(unit.mask for unit in units)
    for each in model.seen:
        standing = each.standing
        here = standing.maybe & near
        if not here:
            continue
        said = search.said_at(*standing)
        for unit in {model.unit_of[number]: None for number in bits(here)}:
            matters = not unit.matters and (said.answer != search.said_at(*standing, Dropped(rules=unit.mask)).answer)
            applies, decides = bool(said.certain & unit.mask), bool(said.remains & unit.mask)
            if unit.lacks(applies, decides, matters) and model.is_borne_out(each):
                unit.learn(applies, decides, matters, each.test_input)


def _learn_from_points(model: DecisionModel, unit: Unit) -> None:
    search = model.search
    dropped = Dropped(rules=unit.mask)
    for rule, box in ((r, b) for r in unit.rules for b in search.regions(r.number)[:2]):
        if is_settled(model, unit):
            return
        clear = model.study.clear(box)
        if clear is None:
            continue
        standing = search.spot(clear)
        if standing.open or search.periods(standing) is not None or not _is_possible(model, standing.region):
            continue
        said = search.said(standing)
        matters = not unit.matters and said.answer != search.said(standing, dropped).answer
        applies, decides = bool(said.certain >> rule.number & 1), bool(said.remains >> rule.number & 1)
        unit.learn(applies, decides, matters, standing.region)


def _learn_from_moved(model: DecisionModel, unit: Unit) -> None:
    """Of a rule that no test shows at work: of others a search is to find out what is impossible about them, too."""
    if is_settled(model, unit) or unit.tests:
        return
    search = model.search
    dropped = Dropped(rules=unit.mask)
    for moved in model.moved(box for rule in unit.rules for box in search.regions(rule.number, maybe=True)):
        said = search.said_at(*moved.standing)
        matters = not unit.matters and said.answer != search.said_at(*moved.standing, dropped).answer
        applies, decides = bool(said.certain & unit.mask), bool(said.remains & unit.mask)
        if unit.lacks(applies, decides, matters):
            unit.learn(applies, decides, matters, model.around(moved))
            if is_settled(model, unit):
                return


def _is_possible(model: DecisionModel, point: Box) -> bool:
    return not model.study.depends_on_more(point) and model.study.clear(point) is not None
