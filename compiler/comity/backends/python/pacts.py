"""The files of agreements and responses: what users may ask of each, with its text and citations.

An agreement with a commitment `corridor` becomes a file whose function `corridor` answers: does the act (by a party, if
given) breach it?
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from comity.backends.python import trees
from comity.backends.python.imports import header
from comity.backends.python.module import Emission, File, docstring
from comity.backends.python.names import Names
from comity.backends.python.trees import NONE, attribute, call, const, name
from comity.core.agreements import kind_of, plain
from comity.core.ast import Agreement, Commitment, Response
from comity.parts import Step

_WORDS = ("breaches", "breached", "permitted", "in_force", "agreement", "Iterable", "Mapping", "date", "act", "party")
_OBJECT = trees.subscript("Mapping", trees.tuple_of((name("str"), name("object"))))
_EVENTS = trees.subscript("Iterable", name("object"))
_DAY = trees.union(name("date"), name("str"))


class AgreementFile(File):
    """The file of one agreement: its predicates, and one for each commitment that an act may breach."""

    def __init__(self, emission: Emission, agreement: Agreement) -> None:
        super().__init__(emission, emission.plan.agreements[agreement.qname])
        self.agreement = agreement

    def emit(self) -> str:
        names = Names(_WORDS)
        statements = [
            self._of_act("breaches", "Does the act (by `party`, if given) breach a commitment, all having accepted?"),
            self._of_act(
                "breached", "The commitments that the act certainly breaches, by name.", result=_names_of_commitments()
            ),
            self._permitted(),
            self._in_force(),
        ]
        for commitment in self.agreement.commitments:
            if kind_of(commitment) in ("prohibition", "quantity"):
                asked = f"Does the act (by `party`, if given) breach `{commitment.name}`?"
                notes = docstring("\n\n".join(filter(None, (asked, commitment.doc))), commitment.cites)
                statements.append(self._of_act(names.claim(commitment.name), "", commitment, notes))
        return _module(self, self.agreement.doc, self.agreement.cites, list(self._title()), statements)

    def _title(self) -> Iterator[str]:
        yield f"Between {', '.join(map(plain, self.agreement.parties))}. Commitments:"
        for commitment in self.agreement.commitments:
            doc = commitment.doc.partition("\n")[0]
            yield f"    {commitment.name}{': ' if doc else ''}{doc}"
        yield ""
        yield "An act is an object with `verb`, `party`, `date`, its facts under `act`, and `record` where several"
        yield "records have the verb. Each question raises Undetermined rather than guess."

    def _asked(self) -> ast.expr:
        return call("agreement", const(self.agreement.qname))

    def _of_act(
        self,
        function: str,
        doc: str,
        commitment: Commitment | None = None,
        notes: Sequence[ast.stmt] = (),
        result: ast.expr | None = None,
    ) -> ast.stmt:
        given: list[trees.Parameter] = [("act", _OBJECT, None), ("party", trees.union(name("str"), NONE), NONE)]
        method = "breaches" if commitment is not None else function
        arguments = [name("act"), name("party"), *([] if commitment is None else [const(commitment.name)])]
        answer = call(attribute(self._asked(), method), *arguments)
        return trees.function(
            function, given, result or name("bool"), [*(notes or trees.doc(doc)), trees.returns(answer)]
        )

    def _permitted(self) -> ast.stmt:
        answer = call(attribute(self._asked(), "permitted"), name("act"), name("party"))
        return trees.function(
            "permitted",
            [("act", _OBJECT, None), ("party", name("str"), None)],
            name("bool"),
            [*trees.doc("May `party` do this?"), trees.returns(answer)],
        )

    def _in_force(self) -> ast.stmt:
        answer = call(attribute(self._asked(), "in_force"), name("commitment"), name("day"), name("events"))
        return trees.function(
            "in_force",
            [("commitment", name("str"), None), ("day", _DAY, None), ("events", _EVENTS, trees.tuple_of(()))],
            name("bool"),
            [*trees.doc("Does a commitment bind anyone on a day, by what has happened?"), trees.returns(answer)],
        )


class ResponseFile(File):
    """The file of one response: what it imposes."""

    def __init__(self, emission: Emission, response: Response) -> None:
        super().__init__(emission, emission.plan.responses[response.qname])
        self.response = response

    def emit(self) -> str:
        measures = call(
            attribute(call("response", const(self.response.qname)), "measures"),
            name("day"),
            name("events"),
            name("facts"),
        )
        listed = trees.subscript("list", trees.subscript("dict", trees.tuple_of((name("str"), name("str")))))
        function = trees.function(
            "measures",
            [("day", _DAY, None), ("events", _EVENTS, None), ("facts", trees.union(name("object"), NONE), NONE)],
            listed,
            [*trees.doc(_MEASURES), trees.returns(measures)],
        )
        title = [f"By {', '.join(map(plain, self.response.members))} against {plain(self.response.target)}."]
        title += [f"{_when(step)}: {step.doc}" for step in self.response.steps if step.doc]
        cites = dict.fromkeys((*self.response.cites, *(cite for step in self.response.steps for cite in step.cites)))
        return _module(self, self.response.doc, tuple(cites), title, [function])


def _when(step: Step) -> str:
    """When a step comes, as its response says it."""
    if step.on is not None:
        return f"On {step.on.isoformat()}"
    if step.after is None:
        return "At once"
    if step.after.months is not None:
        return f"After {step.after.months} months"
    hours = step.after.hours or 0
    return f"After {hours // 24} days" if hours % 24 == 0 else f"After {hours} hours"


_MEASURES = """What is imposed on a day: `measure`, `sector` and `member` of each.

    With `facts` of an export, only what catches it. Raises Undetermined rather than guess.
    """


def _names_of_commitments() -> ast.expr:
    return trees.subscript("tuple", trees.tuple_of((name("str"), ast.Constant(...))))


def _module(file: File, doc: str, cites: Sequence[str], title: Sequence[str], statements: list[ast.stmt]) -> str:
    imports = header(file.plan, file.module, statements)
    return trees.source([*docstring(doc, cites, title, indent=0), *imports, *statements])
