"""The file of one decision: its predicates for users, its rules as data, and how they settle when nothing is open.

Of `ban` (prohibited), which may be unknown, and `large` (license_required):

    ban = _trade.risky(this)
    if ban is None:
        return None                  the rules as data settle it, and say what is still needed
    large = 5000 < this.value
    return {(False, False): 'free', (True, False): 'license_required', (False, True): 'prohibited', …}[large, ban]
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from types import UnionType

from comity import terms
from comity.backends.python import trees
from comity.backends.python.blocks import settled
from comity.backends.python.branches import Branches, Tree, only
from comity.backends.python.dispatch import LONG, Dispatch, listed
from comity.backends.python.imports import header
from comity.backends.python.library import RUNTIME
from comity.backends.python.literals import NotExpressible, optional
from comity.backends.python.module import DAY, FINDINGS, Emission, File, docstring
from comity.backends.python.names import Names
from comity.backends.python.plan import FACTS, READERS, RULES, VERSION, qname
from comity.backends.python.readers import ReadersFile
from comity.backends.python.settle import Settling
from comity.backends.python.shortcut import add_shortcut
from comity.backends.python.terms import Expressions
from comity.backends.python.trees import NONE, attribute, call, const, name
from comity.backends.python.writing import Writing
from comity.core.ast import Decision
from comity.core.interpret import ruleset as resolved
from comity.core.walk import children
from comity.plan import plan_decision
from comity.runtime.moot import MOST_RULES
from comity.runtime.rules import Ruleset
from comity.runtime.types import AbsentType, ErrorType, Field, ListType, PerPartyType, RecordType, SetType, Type
from comity.terms import THIS, Term

_WORDS = (
    "records", "decide", "decide_batch", "answer", "outcome", "RULES", "DECISION", "Any", "Answer", "Axis",
    "CodeAxis", "Decision", "Findings", "Literal", "Mapping", "Mask", "PolicyError", "Ruleset", "SetAxis",
    "StepAxis", "TYPE_CHECKING", "ask", "asked_all", "cache", "cells_of", "date", "findings", "holding", "interpreter",
    "mask_of", "record", "remaining", "ruleset_of", "settled", "truths", "_holding", "_own", "_settled", "_conditions",
    "_ruleset", "_parts", "_reader", "found", "SettledAnswer", "given", "made", "new_answer", READERS, "Outcome",
    "TypeAlias", "_Facts", "_CODED", "_CODED_RULES", "_DEFINITIONS", "in_columns", "_Answers", "_Callable",
    "_Collection", "Blocks", "Outcomes", "asked", "homeless", "_load_settled", "_load_settled_dict", "_settled_dict",
    "loads",
)  # fmt: skip
_GIVEN = ("facts", "as_of", "findings")
_HOLDING = "The rules whose own condition is true, and those of which it is unknown."
_COLUMNS = """By rule: name, module, outcome, citations, whether it refers to counsel, the numbers of the rules that it
is an exception to, disapplies and prevails over, its rank, the days (as ordinals) on which it comes into effect.
"""
MOST_WRITTEN_OUT = 32
"""The most rules of a decision whose conditions are written out in one function; more are found by look-ups."""


def is_looked_up(decision: Decision) -> bool:
    """Whether a decision has so many rules that facts are looked up to find those that may apply."""
    return len(decision.rules) > MOST_WRITTEN_OUT


class DecisionFile(File):
    """The file in the making."""

    def __init__(self, emission: Emission, decision: Decision, readers: ReadersFile) -> None:
        super().__init__(emission, emission.plan.decisions[decision.qname])
        self.decision = decision
        self.ruleset = resolved(decision)
        self.dispatched = decision.qname in emission.looked_up
        taken = (*_WORDS, *self.plan.aliases.values())
        self.taken = taken
        self.settling = None if self.dispatched else Settling(self, emission, decision, self.ruleset, taken)
        self.by_blocks = self.dispatched and self._is_plain()
        self.tree: Tree | None = None
        self.shortcut: str | None = None
        if not self.dispatched:
            branches = Branches(decision, self.ruleset, self.nullability, emission.interpreter.evaluator)
            self.tree = branches.tree
            self.shortcut = add_shortcut(readers, decision, branches)
        if self.settling is not None:
            self.settling.tells_open = self.tree is None

    def emit(self) -> str:
        """The text."""
        decision, plan = self.decision, self.plan
        public = Names(_WORDS)
        names = {outcome: public.claim(outcome) for outcome in decision.outcomes.members}
        definitions = {shown: public.claim(shown) for shown in plan.public.values()}
        statements: list[ast.stmt] = [
            trees.assign("Outcome", self._outcomes(), name("TypeAlias")),
            *(
                []
                if self.settling is None and not self.by_blocks
                else [trees.assign("_Facts", self.record(decision.record))]
            ),
            self._decide("decide", "The answer, with the rules that decided and what is still needed.", "answer"),
            self._decide("answer", "As `decide`, but a certain gap or contradiction is an answer too.", "answer"),
            self._outcome(),
            self._decide_batch(),
            *(
                self._predicate(names[outcome], outcome, doc)
                for outcome, doc in zip(decision.outcomes.members, decision.outcome_docs, strict=True)
            ),
            *self._settled(),
            *([] if self.dispatched else [*self._holding(), *self._rules()]),
            *self._parts(),
            *self._reader(),
            *self._by_dict(),
            trees.assign("DECISION", self._facade(), trees.subscript("Decision", self.record(decision.record))),
        ]
        if definitions:
            statements += _definitions(definitions)
        return self._source(statements)

    def _source(self, statements: list[ast.stmt]) -> str:
        decision = self.decision
        constants = [trees.assign(key, value) for key, value in sorted(self.constants.items())]
        title = docstring(decision.doc, decision.cites, list(self._title()), indent=0)
        every = [*constants, *statements]
        seen = [
            trees.import_from(0, "collections.abc", {"Callable": "_Callable", "Collection": "_Collection"}),
            trees.import_from(1, None, {FACTS: "_facts"}),
            trees.import_from(1, "_reference.batch_result", {"Answers": "_Answers"}),
        ]
        checking = ast.If(name("TYPE_CHECKING"), seen, [])
        imports = header(self.plan, self.module, [*every, checking])
        return self.source([*title, *imports, checking, *every])

    def _reader(self) -> list[ast.stmt]:
        function = self.emission.readers.get(qname(self.decision.record))
        if function is None:
            return []
        load = trees.import_from(1, READERS, [function])
        doc = trees.doc("The reader of facts, loaded when facts are first given as a dict.")
        return [trees.function("_reader", [], name("Any"), [*doc, load, trees.returns(name(function))])]

    def _by_dict(self) -> list[ast.stmt]:
        """The function for a dict, which is replaced by that of the readers when it is first called."""
        if self.shortcut is None:
            return []
        body: list[ast.stmt] = [
            *trees.doc("The outcome for facts in a dict; by a function that comes with the readers of facts."),
            ast.Global(["_settled_dict"]),
            trees.import_from(1, READERS, [self.shortcut]),
            trees.assign("_settled_dict", name(self.shortcut)),
            trees.returns(call(self.shortcut, name("given"))),
        ]
        kind = trees.tuple_of((ast.List([name("object")], ast.Load()), name("Any")))
        return [
            trees.function("_load_settled_dict", [("given", name("object"), None)], name("Any"), body),
            trees.assign("_settled_dict", name("_load_settled_dict"), trees.subscript("_Callable", kind)),
        ]

    def _parts(self) -> list[ast.stmt]:
        """How conditions and rules are found: here, or in a module of their own that is loaded when first needed."""
        if not self.dispatched:
            return []
        found = trees.tuple_of([trees.dotted("rules.holding"), trees.dotted("rules.ruleset")])
        load = trees.import_from(1, RULES, {self.module: "rules"})
        doc = trees.doc("The rules, of which there are many: they are loaded when the decision is first asked.")
        return [trees.function("_parts", [], name("Any"), [*doc, load, trees.returns(found)])]

    def _title(self) -> Iterator[str]:
        decision = self.decision
        yield "Outcomes, most restrictive first:"
        for outcome, doc in zip(decision.outcomes.members, decision.outcome_docs, strict=True):
            yield f"    {outcome}{': ' if doc else ''}{doc}"
        if decision.otherwise is not None:
            yield f"Where no rule decides: {decision.otherwise}."

    # ------------------------------------------------------------------------------------- for users

    def _signature(self) -> list[trees.Parameter]:
        """The parameters that predicates take: Python binds defaults of keyword-only ones three times as slowly."""
        mapping = trees.subscript("Mapping", trees.tuple_of((name("str"), name("object"))))
        found = trees.subscript("Mapping", trees.tuple_of((name("str"), trees.union(name("bool"), name("str")))))
        facts = trees.union(self.record(self.decision.record), self.in_facts(self.decision.record), mapping)
        return [
            ("facts", facts, None),
            ("as_of", trees.union(name("date"), name("str"), NONE), NONE),
            ("findings", trees.union(found, NONE), NONE),
        ]

    def _decide(self, function: str, doc: str, method: str) -> ast.stmt:
        value = call(f"DECISION.{method}", name("facts"), name("as_of"), name("findings"))
        if function == "decide":
            value = call(attribute(value, "or_raise"))
        body = [*trees.doc(doc), *self._quickly(None, answering=True), trees.returns(value)]
        return trees.function(function, self._signature(), name("Answer"), body)

    def _outcome(self) -> ast.stmt:
        return trees.function(
            "outcome",
            self._signature(),
            name("Outcome"),
            [
                *trees.doc("The outcome; raises Undetermined, ContradictionError or GapError where there is none."),
                *self._quickly(None),
                trees.assign(
                    "found", call("DECISION.outcome", *map(name, ("facts", "as_of", "findings"))), name("Outcome")
                ),
                trees.returns(name("found")),
            ],
        )

    def _decide_batch(self) -> ast.stmt:
        """Tables are decided by the reference semantics in columns: the clauses need not be compiled for them."""
        day, flag, text = trees.union(name("date"), name("str"), NONE), name("bool"), name("str")
        told = trees.subscript("_Callable", trees.tuple_of((ast.List([name("int")] * 2, ast.Load()), name("object"))))
        units = trees.subscript("Mapping", trees.tuple_of((text, text)))
        keywords: list[trees.Parameter] = [
            ("as_of", day, NONE),
            ("explain", flag, const(False)),
            ("progress", trees.union(told, NONE), NONE),
            ("keep", trees.subscript("_Collection", text), trees.tuple_of(())),
            ("units", trees.union(units, NONE), NONE),
        ]
        asked = call("in_columns", const(self.decision.qname))
        value = call(attribute(asked, "decide"), name("table"), *(name(keyword) for keyword, _, _ in keywords))
        doc = "What the decision says of every row of a table, as columns; needs NumPy."
        body = [*trees.doc(doc), trees.returns(value)]
        table: trees.Parameter = ("table", name("object"), None)
        return trees.function("decide_batch", [table], name("_Answers"), body, keyword_only=keywords)

    def _predicate(self, function: str, outcome: str, doc: str) -> ast.stmt:
        value = call("DECISION.outcome", name("facts"), name("as_of"), name("findings"))
        said = doc or f"Whether the outcome is `{outcome}`."
        found: list[ast.stmt] = [
            trees.assign("found", value, name("Outcome")),
            trees.returns(trees.compare(name("found"), ast.Eq(), const(outcome))),
        ]
        body = [*docstring(said, ()), *self._quickly(outcome), *found]
        return trees.function(function, self._signature(), name("bool"), body)

    def _outcomes(self) -> ast.expr:
        """The type of outcomes."""
        return trees.subscript("Literal", trees.tuple_of(map(const, self.decision.outcomes.members)))

    def _quickly(self, outcome: str | None, answering: bool = False) -> list[ast.stmt]:
        """The short way: a record that has checked itself, or a dict that is quickly read, on a day, with nothing
        unknown that matters. Returns the outcome, or whether it is ``outcome``, or the answer.
        """
        record = self.decision.record
        if (self.settling is None and not self.by_blocks) or (record.as_of is None and self.dated):
            return []
        is_record = trees.compare(call("type", name("facts")), ast.Is(), name("_Facts"))
        settled, facts = name("settled"), name("facts")
        of_record = self._attempt([trees.assign("settled", self._settled_of(facts))])
        if answering:
            return [self._bare([ast.If(is_record, *self._answers(of_record))])]
        of_dict = self._of_dict()
        if outcome is None:
            found = [ast.If(self._is_settled(), [trees.returns(settled)], [])]
        else:  # a comparison that is jumped on is quicker than one whose value is returned
            held = ast.If(trees.compare(settled, ast.Eq(), const(outcome)), [trees.returns(const(True))], [])
            found = [held, ast.If(self._is_settled(), [trees.returns(const(False))], [])]
            inside = self._asked_here(outcome)
            if inside is not None:
                return [self._bare([ast.If(is_record, inside, []), *of_dict, *found])]
        return [self._bare([ast.If(is_record, of_record, of_dict), *found])]

    def _of_dict(self) -> list[ast.stmt]:
        """The outcome for a dict as `settled`, without a record where there is a function for that."""
        if self.shortcut is not None:
            return [trees.assign("settled", self._shortly())]
        return self._attempt(
            [
                trees.assign("record", call("DECISION.quick_record", name("facts"))),
                trees.assign("settled", self._settled_of(name("record"), [trees.is_not_none(name("record"))])),
            ]
        )

    def _asked_here(self, outcome: str) -> list[ast.stmt] | None:
        """Whether the outcome of a record is this one, asked in the predicate itself; None if more is to be done."""
        record = self.decision.record
        field = None if record.as_of is None else record.field(record.as_of)
        if self.tree is None or qname(record) in self.plan.always or self.raises:
            return None
        if record.as_of is not None and (field is None or field.optional):
            return None
        left = trees.compare(call("DECISION.outcome", *map(name, _GIVEN)), ast.Eq(), const(outcome))
        day = None if record.as_of is None else attribute(name("facts"), self.attribute(record, record.as_of))
        return self._written(
            only(self.tree, outcome), "facts", lambda value: left if value is None else const(value), day
        )

    def _written(
        self, tree: Tree, record: str, result: Callable[[str | bool | None], ast.expr], day: ast.expr | None
    ) -> list[ast.stmt] | None:
        """The statements of a tree of tests; None where one of them cannot be said."""
        expressions = Expressions(self, Names((*self.taken, *_GIVEN)))
        expressions.variables[THIS] = record
        try:
            return Writing(expressions, self.nullability, result, day).write(tree)
        except NotExpressible:
            return None

    def _answers(self, of_record: list[ast.stmt]) -> tuple[list[ast.stmt], list[ast.stmt]]:
        """The same for answers: of a record, and of a dict, which is copied so that it cannot change meanwhile."""

        def answered(facts: ast.expr) -> ast.stmt:
            made: list[ast.stmt] = [trees.assign("made", call("new_answer", name("SettledAnswer")))]
            for slot, value in (("_asked", name("DECISION")), ("_says", name("settled")), ("_facts", facts)):
                made.append(ast.Assign([ast.Attribute(name("made"), slot, ast.Store())], value))
            made.append(trees.returns(name("made")))
            return ast.If(self._is_settled(), made, [])

        of_dict: list[ast.stmt] = []
        if self.shortcut is not None and not any(map(_is_mutable, self.decision.record.fields)):
            given = trees.assign("given", name("facts"), name("Any"))
            of_dict = [trees.assign("settled", self._shortly()), given, answered(call("given.copy"))]
        elif self.by_blocks and not _has_defaults(self.decision.record):
            of_dict = [*self._of_dict(), answered(name("record"))]
        return [*of_record, answered(name("facts"))], of_dict

    def _is_settled(self) -> ast.expr:
        settled = name("settled")
        return settled if self._tells_open() else trees.is_not_none(settled)

    def _tells_open(self) -> bool:
        return self.settling is not None and self.settling.tells_open

    def _shortly(self) -> ast.expr:
        return call("_settled_dict", name("facts"))

    @staticmethod
    def _bare(statements: list[ast.stmt]) -> ast.stmt:
        """The short way is taken where neither a day nor findings are given beside the facts."""
        return ast.If(trees.both([trees.is_none(name("as_of")), trees.is_none(name("findings"))]), statements, [])

    def _settled_of(self, record: ast.expr, tests: Sequence[ast.expr] = ()) -> ast.expr:
        """The outcome for a record, None where the short way does not tell."""
        type_ = self.decision.record
        tests, day = list(tests), name("as_of")
        if type_.as_of is not None:
            day = attribute(record, self.attribute(type_, type_.as_of))
            field = type_.field(type_.as_of)
            if field is None or field.optional:
                tests.append(trees.is_not_none(day))
        none = [trees.dict_of(())]
        kept = self.plan.always.get(qname(type_))
        if kept is not None:
            tests.append(call(self.at(kept), record, day, *(none if self.emission.always_ask else [])))
        value = call("_settled", record, day, *(none if self.emission.asks(self.decision.qname) else []))
        return trees.choose(trees.both(tests), value, NONE) if tests else value

    def _attempt(self, statements: list[ast.stmt]) -> list[ast.stmt]:
        if not self.raises:
            return statements
        handler = ast.ExceptHandler(name("PolicyError"), None, [trees.assign("settled", NONE)])
        return [ast.Try(statements, [handler], [], [])]

    # ------------------------------------------------------------------------------------- as data

    def _rules(self) -> list[ast.stmt]:
        return rules_as_data("_ruleset", self.ruleset)

    def _facade(self) -> ast.expr:
        record = self.decision.record
        questions = {rule.number: (rule.name, rule.question) for rule in self.decision.rules if rule.refer is not None}
        referring = self.emission.interpreter.referring_rules
        keywords: dict[str, ast.expr] = {}
        if qname(record) in self.emission.readers:
            keywords["reader"] = name("_reader")
        if not self.dispatched and not self.may_raise:
            keywords |= {"own": name("_own"), "asks": const(self.emission.asks(self.decision.qname))}
        if self.dispatched and not self.may_raise and len(self.decision.rules) <= MOST_RULES:
            keywords["chooses"] = const(True)
        if self.settling is not None:
            keywords["settled"] = self._with_findings("_settled", self.emission.parameters(self.decision.qname))
        return call(
            "Decision",
            const(self.decision.qname),
            trees.dotted("records.facts"),
            self.record(record),
            self._found(),
            version=name(VERSION),
            keeps=self._keeps(),
            questions=trees.dict_of((const(number), trees.data(asked)) for number, asked in questions.items()),
            referring=trees.dict_of(
                (const(finding), trees.tuple_of(map(const, outcomes)))
                for finding, outcomes in sorted(referring.items())
            ),
            asks_known=const(self._asks_for(terms.IsKnown)),
            dated=const(self.dated),
            interpreter=name("interpreter"),
            sources=trees.data(self.decision.sources),
            **keywords,
        )

    def _found(self) -> ast.expr:
        if self.dispatched:
            return name("_parts")
        holding = self._with_findings("_holding", self.emission.parameters(self.decision.qname))
        return trees.lambda_of((), trees.tuple_of([holding, name("_ruleset")]))

    def _terms(self) -> Iterator[Term]:
        """The conditions of the rules, and the `always` lines of all facts."""
        yield from (rule.condition for rule in self.decision.rules)
        yield from (line.condition for lines in self.emission.program.always.values() for line in lines)

    @staticmethod
    def _with_findings(function: str, parameters: Sequence[str]) -> ast.expr:
        """A function that is given findings, whether or not it asks for them."""
        if "findings" in parameters:
            return name(function)
        return trees.lambda_of((THIS, "day", "findings"), call(function, name(THIS), name("day")))

    def _keeps(self) -> ast.expr:
        """Asked through the module, which may still be loading when this file is: policies may use each other."""
        kept = self.plan.always.get(qname(self.decision.record))
        if kept is None:
            return trees.NONE
        given = map(name, self.emission.always_parameters)
        return trees.lambda_of((THIS, "day", "findings"), call(self.at(kept), *given))

    # ------------------------------------------------------------------------------------- conditions

    def _signature_of_rules(self) -> list[trees.Parameter]:
        asks = self.emission.asks(self.decision.qname)
        return [(THIS, self.record(self.decision.record), None), DAY, *([FINDINGS] if asks else [])]

    def _holding(self) -> list[ast.stmt]:
        """The rules whose own condition is true, and unknown: there are so few that each is asked."""
        place = self.plan.rules
        own = trees.tuple_of(self.at(place[self.decision.qname, rule.number]) for rule in self.decision.rules)
        conditions = trees.subscript("tuple", trees.tuple_of((name("Any"), ast.Constant(...))))
        found = trees.function("_own", [], conditions, [*trees.doc("The rules' own conditions."), trees.returns(own)])
        assert isinstance(found, ast.FunctionDef)
        found.decorator_list = [name("cache")]
        given = map(name, self.emission.parameters(self.decision.qname))
        body = [*trees.doc(_HOLDING), trees.returns(call("asked_all", call("_own"), *given))]
        return [found, trees.function("_holding", self._signature_of_rules(), _masks(), body)]

    def _is_plain(self) -> bool:
        """Whether the outcome follows from the facts and from which rules hold: no errors, counsel or other decisions,
        and no ground that looks at the day.
        """
        return not (
            self.may_raise
            or any(rule.refer is not None for rule in self.decision.rules)
            or self.emission.asks(self.decision.qname)
            or any(ground.kind == "later" for ground in self.ruleset.grounds)
        )

    def _settled(self) -> list[ast.stmt]:
        if self.by_blocks:
            return self._settled_by_blocks()
        if self.settling is None:
            return []
        doc = "The outcome where conditions settle it at once; None leaves it to the rules as data."
        returned = optional(name("Outcome"))
        if self._tells_open():
            doc = "The outcome where conditions settle it at once, False if it is open; None: as rules say."
            returned = trees.union(name("Outcome"), trees.subscript("Literal", const(False)), NONE)
        tree = None if self.tree is None else self._written(self.tree, THIS, const, None)
        body = [*trees.doc(doc), *(self.settling.body() if tree is None else tree)]
        return [trees.function("_settled", self._signature_of_rules(), returned, body)]

    def _settled_by_blocks(self) -> list[ast.stmt]:
        """A function that is replaced by that of the rules, which are loaded when the decision is first asked."""
        load = trees.import_from(1, f"{RULES}.{self.module}", ["settled"])
        body: list[ast.stmt] = [
            *trees.doc(
                "The outcome, None where there is none, or it is open; by a function that comes with the rules."
            ),
            ast.Global(["_settled"]),
            load,
            trees.assign("_settled", name("settled")),
            trees.returns(call("settled", name(THIS), name("day"))),
        ]
        parameters = self._signature_of_rules()[:2]
        given = ast.List([self.record(self.decision.record), name("date")], ast.Load())
        kind = trees.tuple_of((given, optional(name("Outcome"), True)))
        return [
            trees.function("_load_settled", parameters, name("Any"), body),
            trees.assign("_settled", name("_load_settled"), trees.subscript("_Callable", kind)),
        ]

    # ------------------------------------------------------------------------------------- asking

    @cached_property
    def may_raise(self) -> bool:
        """Whether a condition may raise an error."""
        return any(self.nullability.raises(rule.condition) for rule in self.decision.rules)

    @cached_property
    def raises(self) -> bool:
        """Whether a condition, or an `always` line, may raise an error."""
        lines = self.emission.program.always.values()
        return self.may_raise or any(self.nullability.raises(line.condition) for group in lines for line in group)

    @cached_property
    def dated(self) -> bool:
        """Whether a condition, or an `always` line, may read the day."""
        return any(map(self.nullability.dated, self._terms()))

    def _asks_for(self, kind: type[Term] | UnionType) -> bool:
        """Whether evaluating the rules may come to a term of this kind."""
        program = self.emission.program
        seen: set[str] = set()
        waiting = [rule.condition for rule in self.decision.rules]
        while waiting:  # without recursion: chains of definitions may be long
            term = waiting.pop()
            if isinstance(term, kind):
                return True
            waiting += children(term)
            match term:
                case terms.Call(define=key) if key not in seen:
                    seen.add(key)
                    waiting.append(program.defines[key].body)
                case terms.NamedSet(name=key) if key not in seen:
                    seen.add(key)
                    waiting.append(program.sets[key].body)
                case terms.OutcomeOf(decision=key) | terms.RuleHolds(decision=key) if key not in seen:
                    seen.add(key)
                    waiting += [rule.condition for rule in program.decisions[key].rules]
        return False


def _has_defaults(type: Type) -> bool:
    """Whether a default may have been used in a record, which it does not say itself."""
    match type:
        case RecordType(fields=fields):
            return any(field.has_default or _has_defaults(field.type) for field in fields)
        case ListType(element) | SetType(element) | PerPartyType(element) | AbsentType(element):
            return _has_defaults(element)
        case _:
            return False


def _is_mutable(field: Field) -> bool:
    """Whether a fact given in a dict may change after the dict was copied."""
    type_ = field.type.element if isinstance(field.type, AbsentType) else field.type
    return isinstance(type_, RecordType | ListType | SetType | PerPartyType | ErrorType)


def _masks() -> ast.expr:
    return trees.subscript("tuple", trees.tuple_of((name("Mask"), name("Mask"))))


def _definitions(shown: dict[str, str]) -> list[ast.stmt]:
    """The public definitions under this module too: `licensing.is_chip`, found in `definitions` when first named."""
    checking = ast.If(name("TYPE_CHECKING"), [trees.import_from(1, "definitions", shown)], [])
    names = trees.dict_of((const(alias), const(known)) for known, alias in shown.items())
    return [checking, trees.assign("_DEFINITIONS", names), *ast.parse(_LAZY).body]


_LAZY = """
def __getattr__(name: str) -> Any:
    if name not in _DEFINITIONS:
        raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
    from . import definitions
    return getattr(definitions, _DEFINITIONS[name])
"""


def rules_as_data(function: str, ruleset: Ruleset) -> list[ast.stmt]:
    """The rules as rows, of which `runtime.rules.Rule` objects are made when first needed."""
    rows = [
        (
            rule.name, rule.module, rule.outcome, rule.citations, rule.refers, rule.exception_to,
            rule.disapplies, rule.prevails_over, rule.rank, tuple(day.toordinal() for day in rule.begins),
        )
        for rule in ruleset.rules
    ]  # fmt: skip
    kept = trees.long_data(rows) if len(rows) > LONG else trees.tuple_of(map(trees.data, rows))
    grounds = trees.data(tuple((g.kind, g.winner, g.loser, g.citations) for g in ruleset.grounds))
    made = call("ruleset_of", trees.data(ruleset.outcomes), const(ruleset.otherwise), name("RULES"), grounds)
    made_once = trees.function(
        function, [], name("Ruleset"), [*trees.doc("The rules, ready to resolve."), trees.returns(made)]
    )
    assert isinstance(made_once, ast.FunctionDef)
    made_once.decorator_list = [name("cache")]
    return [trees.assign("RULES", kept), *docstring(_COLUMNS, (), indent=0), made_once]


class RulesFile(File):
    """The file of the rules of a decision that has many, and of the tables in which facts are looked up."""

    def __init__(self, emission: Emission, of: DecisionFile) -> None:
        """``of``: the file of the decision."""
        super().__init__(emission, f"{RULES}.{of.module}")
        self.decision = of.decision
        self.ruleset = of.ruleset
        self.by_blocks = of.by_blocks

    def emit(self) -> str:
        plan = plan_decision(self.decision, self.emission.interpreter.evaluator)
        public = Names((*_WORDS, "ruleset", *RUNTIME, *self.plan.aliases.values()))
        dispatch = Dispatch(self, self.emission, self.decision, plan, public)
        holding = trees.function(
            "holding",
            [(THIS, self.record(self.decision.record), None), DAY, FINDINGS, ("ask", name("Any"), name("remaining"))],
            _masks(),
            [*trees.doc(_HOLDING), *dispatch.body],
        )
        statements = [*dispatch.statements, holding, *rules_as_data("ruleset", self.ruleset)]
        if self.by_blocks:
            statements += self._settled(dispatch, public)
        constants = [trees.assign(key, value) for key, value in sorted(self.constants.items())]
        every = [*constants, *statements]
        title = trees.doc(f"The rules of `{self.decision.qname}`, and the tables in which facts are looked up.")
        return self.source([*title, *header(self.plan, self.module, every), *every])

    def _settled(self, dispatch: Dispatch, public: Names) -> list[ast.stmt]:
        size, given = len(self.decision.rules), self.emission.parameters(self.decision.qname)
        blocks, body = settled(dispatch.located, size, bool(dispatch.coded), given, public, listed)
        parameters: list[trees.Parameter] = [(THIS, self.record(self.decision.record), None), DAY]
        doc = trees.doc("The outcome; None where there is none, or it is open.")
        return [*blocks, trees.function("settled", parameters, name("Any"), [*doc, *body])]
