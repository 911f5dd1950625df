"""From rules that apply, perhaps apply or do not, to what a decision says.

The meaning, when every rule's own condition (window, `when`, not `unless`) is known:

1. A rule *applies* if its own condition holds, a rule that it is an exception to applies (if it is one to any), and
   no rule that applies disapplies it.
2. What *remains* are the rules that apply and that no rule which applies prevails over. Prevailing is not
   transitive, and a defeated rule still defeats.
3. No outcome among those: `otherwise` holds, or there is a *gap*. One: it is the answer. Several: the decision's
   grounds are tried in order, each dropping what loses to something that is left; if several outcomes are left after
   that, it is a *contradiction*.

Unknown own conditions may each be true or false, independently; the answer is determined if every way gives the same
one outcome. `rules` has these steps, `completions` finds that without trying 2^n ways.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Literal

from .rules import Claims, Ground, Mask, Resolution, Rule, Ruleset, bits, mask_of, union
from .trials import Trial

__all__ = ["Ground", "Resolution", "Rule", "Ruleset", "finding_on", "referred", "resolve", "resolve_masks"]


def finding_on(rule: str, question: str, findings: Mapping[str, bool | str]) -> bool | str | None:
    """Counsel's finding on a rule: by its name (`other_exception[TMP]`), or by that of the question which all members
    of its family share (`sta_with_conditions`).
    """
    finding = findings.get(rule)
    return findings.get(question) if finding is None else finding


def referred(condition: bool | None, finding: bool | str | None) -> bool | None:
    """The own condition of a rule that refers to counsel: where a human must judge, only a finding makes it hold."""
    if condition is False or finding is False:
        return False
    return None if finding is None else condition


def resolve(
    ruleset: Ruleset,
    own: Iterable[bool | None],
    day: date | None = None,
    chosen: Mapping[int, str] | None = None,
) -> Resolution:
    """What the rules say, from their own conditions in order.

    ``day``: read by `prevail by later`. ``chosen``: outcomes that findings name for rules that refer for any outcome.
    """
    true = unknown = 0
    for number, value in enumerate(own):
        if value is None:
            unknown |= 1 << number
        elif value:
            true |= 1 << number
    return resolve_masks(ruleset, true, unknown, day, chosen)


def resolve_masks(
    ruleset: Ruleset,
    true: Mask,
    unknown: Mask,
    day: date | None = None,
    chosen: Mapping[int, str] | None = None,
    needs: bool = True,
    statuses: bool = True,
) -> Resolution:
    """As `resolve`, from the rules whose own condition is true, and unknown.

    Kept by what it follows from: from input to input mostly the same few rules apply. Without ``needs`` it is not
    found out which unknown conditions an undetermined answer depends on (`relevant`, and their statuses); without
    ``statuses``, not what became of each rule, nor which grounds had a part in it (`rules` and `grounds` are empty).
    """
    claims = ruleset.claims(day)
    key = (true, unknown, needs, statuses, *chosen.items()) if chosen else (true, unknown, needs, statuses)
    resolution = claims.resolutions.get(key)
    if resolution is None:
        if len(claims.resolutions) > 10_000:
            claims.resolutions.clear()
        resolution = claims.resolutions[key] = _resolve(ruleset, claims, true, unknown, chosen or {}, needs, statuses)
    return resolution


def _resolve(
    ruleset: Ruleset,
    claims: Claims,
    true: Mask,
    unknown: Mask,
    chosen: Mapping[int, str],
    needs: bool,
    statuses: bool,
) -> Resolution:
    certain, perhaps = ruleset.applying(true, unknown)
    remains, may_remain = ruleset.remaining(certain, perhaps)

    shown = may_remain & claims.plain
    is_open = remains != may_remain
    for rule in bits(may_remain & claims.open_ended):
        numbers = claims.shown(rule, chosen)
        is_open |= len(numbers) > 1
        shown |= mask_of(numbers)

    relevant: Mask = 0
    exact = True
    used: tuple[int, ...]
    completions = None
    if is_open:
        tried = None
        if not (needs or statuses):
            bounds = (true, unknown), (certain, perhaps), (remains, may_remain)
            tried = Trial(ruleset, claims, chosen, *bounds).outcomes()
        if tried is not None:
            results, used = tried, ()
        else:
            from .completions import Completions  # most packages never need the search, and start sooner

            completions = Completions(ruleset, claims, chosen, true, unknown, may_remain)
            results, used, exact = completions.results()
        steady = mask_of(
            rule
            for rule in bits(remains)
            if len(numbers := claims.shown(rule, chosen)) == 1 and claims.stands(numbers[0], shown)
        )
    else:
        kept, used = claims.settle(shown)
        results = {claims.outcomes(kept)}
        steady = claims.rules(kept)

    # Where no rule decides, `otherwise` does.
    fallback = () if ruleset.otherwise is None else (ruleset.otherwise,)
    says = {outcomes or fallback for outcomes in results}
    named = {outcome for outcomes in says for outcome in outcomes}
    possible = tuple([outcome for outcome in ruleset.outcomes if outcome in named])
    outcome: str | None = None
    error: Literal["gap", "contradiction"] | None = None
    if not named:
        error = "gap"
    elif all(len(outcomes) > 1 for outcomes in says):
        error = "contradiction"
    elif len(says) == 1:
        outcome = possible[0]
    elif completions is not None and needs:
        relevant = completions.relevant(fallback)

    may_say = union(mask for each, mask in claims.with_outcome.items() if each in named)
    candidates = may_remain & claims.rules(shown & may_say)
    deciding = steady & candidates if outcome or error else 0
    return Resolution(
        outcome=outcome,
        possible=possible,
        error=error,
        grounds=tuple([str(ruleset.grounds[number]) for number in used]) if outcome and statuses else (),
        rules=ruleset.statuses(true, certain, deciding, candidates | relevant & perhaps) if statuses else (),
        relevant=tuple(bits(relevant)),
        exact=exact,
        certain=certain,
        perhaps=perhaps,
        deciding=deciding,
        candidates=candidates,
    )
