"""Checking: from surface modules to one program in which every name is a symbol and every expression has a type.

    scopes      what each module declares and uses           scope.py
    signatures  types of declarations, made on demand        signatures.py, types.py
    bodies      expressions become terms                     expressions.py and its parts
    circles     nothing may rest on itself                   circular.py

A program is made whatever was reported: what cannot be known is unknown in it, so that no name is left unresolved.
"""

from __future__ import annotations

import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TypeAlias, TypeVar, overload

from comity import expectations
from comity.base.diagnostics import Report
from comity.base.interruption import check_interrupted
from comity.base.late import NotAsKept
from comity.base.source import NOWHERE, SourceFile
from comity.checked import agreements, ast, declarations, errors, responses, tables, tests
from comity.checked.circular import find_circles
from comity.checked.depth import Place, deeper, depths
from comity.checked.expressions import open_context
from comity.checked.scope import Kind, Library, ModuleScope, Symbol, declare
from comity.checked.signatures import World
from comity.runtime.types import BOOL, ErrorType, RecordType
from comity.surface import ast as surface
from comity.surface.depth import DEEPEST
from comity.terms import Term, Unknown


def check(
    modules: Sequence[tuple[SourceFile, surface.Module]],
    report: Report,
    read_file: Callable[[str], bytes],
    library: Library = tuple,
) -> ast.Program:
    """The checked program of ``modules``; mistakes are reported.

    ``read_file`` reads a table's CSV by its path, joined to that of the module that names it; it raises OSError.
    ``library`` reads modules that might have been used, to say where a name is declared that nothing here declares.
    """
    return Checking(modules, report, read_file, library).program


FRAMES_PER_LEVEL = 10
"""Maximum number of calls that one level of nesting takes here: a block, its lines, their conditions, an expression."""


_limit_lock = threading.Lock()


@contextmanager
def _room_for_depth() -> Iterator[None]:
    """What may be parsed can be checked, however deep the stack of the caller is.

    The limit belongs to the interpreter, not to a thread: each check adds its own room and takes that away again, so
    that of two checks in two threads neither ends with the limit of the other.
    """
    room = DEEPEST * FRAMES_PER_LEVEL
    with _limit_lock:
        sys.setrecursionlimit(sys.getrecursionlimit() + room)
    try:
        yield
    finally:
        with _limit_lock:
            sys.setrecursionlimit(sys.getrecursionlimit() - room)


Revisable: TypeAlias = surface.RuleDecl | surface.SetDecl | surface.DefineDecl
"""What can be checked again by itself."""

Checked: TypeAlias = ast.Rule | ast.NamedSet | ast.Define


@dataclass(frozen=True)
class Known:
    """What a check has found of modules without mistakes: `uses` and `rests_on` of the program.

    ``added``: rules that were not there, by qualified name.
    """

    uses: Mapping[tuple[str, str], int]
    rests_on: Mapping[str, Iterable[str]]
    added: frozenset[str] = frozenset()

    def says_all_of(self, rule: surface.RuleDecl, qname: str) -> bool:
        """All is known that a check finds in the conditions of a rule."""
        return rule.for_each is None and qname not in self.added


class Checking:
    """A checked program, and what it was checked with: so that a rule, set or definition that was edited can be checked
    by itself.
    """

    @_room_for_depth()
    def __init__(
        self,
        modules: Sequence[tuple[SourceFile, surface.Module]],
        report: Report,
        read_file: Callable[[str], bytes],
        library: Library = tuple,
        known: Known | None = None,
    ) -> None:
        """``known``: what was found when the same modules were checked before, without mistakes. Conditions of rules
        are checked when they are asked for then.
        """
        self.world = world = World(declare(modules, report, library), report, open_context, library)
        self._references: dict[tuple[Kind, str], list[ast.Reference]] = {}
        """Those that each rule, set and definition makes by what it asks and says, by its qualified name."""
        self._other_references: list[ast.Reference] = []
        self._uses: Counter[tuple[str, str]] = Counter()
        """How often what can be checked again refers to a qualified name, by file."""
        self._late: list[ast.Rule] = []
        """Rules whose conditions have not been checked, or not at once."""
        program = _Declared()
        self._ranks = ranks = {name: declarations.module(world, name) for name in world.scopes}
        for symbol in _in_order(world):
            check_interrupted()
            rank, node = ranks[symbol.module].rank, symbol.node
            if known is not None and isinstance(node, surface.RuleDecl) and known.says_all_of(node, symbol.qname):
                self._check_late(symbol, node, rank, program)
            else:
                _check(world, symbol, program, rank, read_file)
            if isinstance(symbol.node, Revisable):
                self._note_references(symbol.kind, symbol.qname, symbol.node)
        for scope in world.scopes.values():
            _check_unnamed(world, scope, program)
        if known is None:
            _break_circles(world, program)
            _cut_deep(world, program)
        else:
            added = (self._references["rule", qname] for qname in known.added)
            self._uses = Counter((each.span.path, each.qname) for own in added for each in own)
            self._uses.update(known.uses)
            for user, used in known.rests_on.items():
                world.edges.setdefault(user, {}).update(dict.fromkeys(used, NOWHERE))
        self._other_references += world.references
        world.references = []
        self.program = ast.Program(
            modules=ranks,
            place=world.place,
            enums=program.enums,
            records=program.records,
            sets=program.sets,
            zones=program.zones,
            tables=program.tables,
            defines=program.defines,
            decisions=program.decisions,
            rules=program.rules,
            parties=program.parties,
            bodies=program.bodies,
            capabilities=tuple(program.capabilities),
            agreements=program.agreements,
            responses=program.responses,
            proves=program.proves,
            examples=tuple(program.examples),
            tests=tuple(program.tests),
            references=self._all_references() if known is None else _LateReferences(self._all_references),
            used=self._used(),
            uses=self._uses,
            rests_on=world.edges,
        )

    def _check_late(self, symbol: Symbol, node: surface.RuleDecl, rank: str | None, program: _Declared) -> None:
        """Check a rule but for its conditions."""
        made = declarations.rule(self.world, symbol, node, rank, lambda: self._conditions(symbol, node, rank))
        if made is None:
            raise NotAsKept
        program.rules[made.qname] = made
        self._late.append(made)

    def _conditions(self, symbol: Symbol, node: surface.RuleDecl, rank: str | None) -> dict[str, Term | None]:
        """`when` and `unless` of a rule, checked now. Raises `NotAsKept` if there is a mistake in it."""
        world = self.world
        before = world.report, world.references
        world.report, world.references = Report(), []
        try:
            with _room_for_depth():
                made = declarations.rule(world, symbol, node, rank)
            if made is None or world.report.diagnostics:
                raise NotAsKept
            self._references[symbol.kind, symbol.qname], _ = _parted(node, world.references)
        finally:
            world.report, world.references = before
        return {"when": made.when, "unless": made.unless}

    def _note_references(self, kind: Kind, qname: str, node: Revisable) -> None:
        """Take the references just made as those of a declaration; what its signature refers to is not among them."""
        found, self.world.references = self.world.references, []
        own, others = _parted(node, found)
        self._references[kind, qname] = own
        self._other_references += others
        self._uses.update((node.span.path, each.qname) for each in own)

    def _used(self) -> frozenset[tuple[str, str]]:
        own = (pair for pair, count in self._uses.items() if count)
        return frozenset((*own, *((each.span.path, each.qname) for each in self._other_references)))

    def _all_references(self) -> tuple[ast.Reference, ...]:
        for rule in self._late:
            _ = rule.when
        every = (self._other_references, *self._references.values())
        return tuple(each for references in every for each in references)

    def again(self, source: SourceFile, module: surface.Module, nodes: Sequence[Revisable]) -> bool:
        """Check a module again in which only these declarations are others, which stand where they stood and whose
        signature is the same. False, and nothing is done, where that is not enough: something is to be reported, or a
        declaration rests on more than before.

        The references of the program are kept up to date where a file refers to something for the first or the last
        time; else they are as they were.
        """
        world, program = self.world, self.program
        scope = world.scopes[module.name]
        symbols = [(scope.rules if isinstance(node, surface.RuleDecl) else scope.own)[node.name.text] for node in nodes]
        before = scope.node, scope.source, [(each, each.node) for each in symbols]
        for symbol in symbols:
            if symbol.kind == "rule":
                _ = program.rules[symbol.qname].when  # checked as it was, before anything is another
        rests_on = {each: edges.copy() for each, edges in world.edges.items()}
        scope.node, scope.source, world.report = module, source, Report()
        made: list[tuple[Symbol, Checked, Revisable, list[ast.Reference]]] = []
        for symbol, node in zip(symbols, nodes, strict=True):
            symbol.node = node
            with _room_for_depth():
                declared = self._declared(symbol, node)
            references, world.references = world.references, []
            if declared is None or world.report.diagnostics or world.edges.keys() != rests_on.keys():
                break
            user = declared.decision if isinstance(declared, ast.Rule) else declared.qname
            if world.edges[user].keys() != rests_on[user].keys():
                break
            made.append((symbol, declared, node, references))
        revised = _with(program, [declared for _, declared, _, _ in made])
        are_deeper = any(_is_deeper(program, declared) for _, declared, _, _ in made)
        if are_deeper and any(depths(revised).too_deep()):
            made = []
        if len(made) < len(nodes):
            scope.node, scope.source, were = before
            for symbol, was in were:
                symbol.node = was
            world.edges = rests_on
            return False
        used_otherwise = False
        for symbol, declared, node, references in made:
            used_otherwise |= self._change_references((symbol.kind, declared.qname), node, references)
        self._ranks = {**self._ranks, module.name: declarations.module(world, module.name)}
        self.program = replace(
            revised,
            modules=self._ranks,
            references=self._all_references() if used_otherwise else program.references,
            used=self._used() if used_otherwise else program.used,
        )
        return True

    def _declared(self, symbol: Symbol, node: Revisable) -> Checked | None:
        match node:
            case surface.RuleDecl():
                return declarations.rule(self.world, symbol, node, self._ranks[symbol.module].rank)
            case surface.SetDecl():
                return declarations.named_set(self.world, symbol, node)
            case surface.DefineDecl():
                return declarations.define(self.world, symbol, node)

    def _change_references(self, key: tuple[Kind, str], node: Revisable, found: list[ast.Reference]) -> bool:
        """A declaration makes other references. Is something referred to for the first or the last time in its file?"""
        path = node.span.path
        was = [each.qname for each in self._references[key]]
        self._uses.subtract((path, each) for each in was)
        self._references[key], _ = _parted(node, found)
        now = Counter(each.qname for each in self._references[key])
        self._uses.update((path, each) for each in now.elements())
        return any(self._uses[path, each] == now[each] for each in now.keys() ^ set(was))


class _LateReferences(Sequence[ast.Reference]):
    """Those of a program whose conditions are checked for it."""

    def __init__(self, make: Callable[[], Sequence[ast.Reference]]) -> None:
        self._make = make

    @cached_property
    def _made(self) -> Sequence[ast.Reference]:
        return self._make()

    def __len__(self) -> int:
        return len(self._made)

    @overload
    def __getitem__(self, place: int) -> ast.Reference: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[ast.Reference]: ...

    def __getitem__(self, place: int | slice) -> ast.Reference | Sequence[ast.Reference]:
        return self._made[place]


def _is_deeper(program: ast.Program, declared: Checked) -> bool:
    """Whether a declaration that was edited may be deeper than it was; a rule, than any rule of its decision."""
    if not deeper(_known(program, declared), declared):
        return False
    others = (
        rule for rule in program.rules.values() if isinstance(declared, ast.Rule) and rule.decision == declared.decision
    )
    return all(deeper(other, declared) for other in others)


def _known(program: ast.Program, declared: Checked) -> Checked:
    """A declaration as it was."""
    match declared:
        case ast.Rule(qname=qname):
            return program.rules[qname]
        case ast.NamedSet(qname=qname):
            return program.sets[qname]
        case ast.Define(qname=qname):
            return program.defines[qname]


def _with(program: ast.Program, made: Sequence[Checked]) -> ast.Program:
    """The program with other rules, sets and definitions in the places of those of their names."""
    return replace(
        program,
        rules={**program.rules, **{each.qname: each for each in made if isinstance(each, ast.Rule)}},
        sets={**program.sets, **{each.qname: each for each in made if isinstance(each, ast.NamedSet)}},
        defines={**program.defines, **{each.qname: each for each in made if isinstance(each, ast.Define)}},
    )


def _parted(node: Revisable, found: Iterable[ast.Reference]) -> tuple[list[ast.Reference], list[ast.Reference]]:
    """References made while something was checked: its own, and those of its signature and of others'."""
    match node:
        case surface.RuleDecl():
            signature = [node.decision.span]
        case surface.SetDecl():
            signature = [node.element.span]
        case surface.DefineDecl():
            signature = [each.span for each in (node.record, node.result, *node.parameters) if each is not None]
    own: list[ast.Reference] = []
    others: list[ast.Reference] = []
    path, start, end = node.span.path, node.span.start, node.span.end
    after = max((span.end for span in signature), default=start)
    for each in found:
        span = each.span
        inside = start <= span.start and span.end <= end and span.path == path
        if inside and (span.start >= after or not any(span.within(other) for other in signature)):
            own.append(each)
        else:
            others.append(each)
    return own, others


def check_some(
    modules: Sequence[tuple[SourceFile, surface.Module]],
    name: str,
    wanted: Sequence[surface.Declaration],
    report: Report,
    read_file: Callable[[str], bytes],
    library: Library = tuple,
) -> None:
    """Report the mistakes in some declarations of the module ``name``, without checking the others.

    Takes milliseconds where a whole program takes a second: of everything else only the signatures are made that the
    declarations need. A mistake in such a signature may be reported too; circles, depth, and what the declarations
    break elsewhere are not looked for. Arguments as for `check`.
    """
    silent, program = Report(), _Declared()
    world = World(declare(modules, report, library), silent, open_context, library)
    scope = world.scopes[name]
    chosen = {id(node) for node in wanted}

    def reports(node: surface.Declaration) -> bool:
        is_chosen = id(node) in chosen
        world.report = report if is_chosen else silent
        return is_chosen

    with _room_for_depth():
        for symbol in _in_order(world):
            if symbol.kind == "record":
                reports(symbol.node)
                world.record(symbol)
        rank = declarations.module(world, name).rank
        for symbol in _in_order(world):
            if symbol.module == name and reports(symbol.node):
                _check(world, symbol, program, rank, read_file)
        for node in scope.node.declarations:
            if reports(node) or isinstance(node, surface.ExampleDecl):
                _check_capability_or_example(world, scope, node, program)
        for node in scope.node.declarations:
            if reports(node):
                _check_test(world, scope, node, program)


def check_condition(
    program: ast.Program,
    record: RecordType,
    expr: surface.Expr,
    report: Report,
    source: SourceFile | None = None,
) -> Term | None:
    """A condition on ``record`` that belongs to no module (`--where`): it may name whatever the program declares.

    ``source``: its text, for messages to quote.
    """
    silent = Report()  # the modules' own mistakes were told when the program was checked
    world = World(declare(((m.source, m.surface) for m in program.modules.values()), silent), silent, open_context)
    for symbol in _in_order(world):
        if symbol.kind == "record":
            world.record(symbol)
    world.report = report
    nowhere = surface.Module("", None, None, (), (), ())
    every = list(world.scopes.values())
    scope = ModuleScope(source or SourceFile(expr.span.path, "", ""), nowhere, whole=every)
    with _room_for_depth():
        term = open_context(world, scope, record).condition(expr)
    if not report.has_errors:
        for each in depths(program, term).too_deep():
            errors.too_deep(report, "the condition", each.through, expr.span)
    return None if isinstance(term.type, ErrorType) or report.has_errors else term


Item = TypeVar("Item", bound=ast.Cited)


@dataclass(slots=True)
class _Declared:
    """A program in the making: every mapping is by qualified name."""

    enums: dict[str, ast.Enum] = field(default_factory=dict)
    records: dict[str, ast.Record] = field(default_factory=dict)
    sets: dict[str, ast.NamedSet] = field(default_factory=dict)
    zones: dict[str, ast.Zone] = field(default_factory=dict)
    tables: dict[str, ast.Table] = field(default_factory=dict)
    defines: dict[str, ast.Define] = field(default_factory=dict)
    decisions: dict[str, ast.Decision] = field(default_factory=dict)
    rules: dict[str, ast.Rule] = field(default_factory=dict)
    parties: dict[str, ast.Party] = field(default_factory=dict)
    bodies: dict[str, ast.Body] = field(default_factory=dict)
    capabilities: list[ast.Capability] = field(default_factory=list)
    agreements: dict[str, ast.Agreement] = field(default_factory=dict)
    responses: dict[str, ast.Response] = field(default_factory=dict)
    proves: dict[str, ast.Prove] = field(default_factory=dict)
    examples: list[expectations.Example] = field(default_factory=list)
    tests: list[ast.Test] = field(default_factory=list)

    def at(self, place: Place) -> ast.Cited:
        space, qname = place
        if space == "rule":
            return self.rules[qname]
        if space == "proof":
            return self.proves[qname]
        if space == "capability":
            return self.capabilities[int(qname)]
        every = (self.defines, self.sets, self.parties, self.records, self.agreements, self.responses, self.decisions)
        return next(table[qname] for table in every if qname in table)


STAGES: tuple[tuple[Kind, ...], ...] = (
    ("enum",),
    ("record",),
    ("set", "zone", "table", "definition", "decision", "rule"),
    ("party", "body", "agreement", "response", "proof"),
)
"""Types first: expressions rely on the fields of every record being known."""


def _in_order(world: World) -> Iterable[Symbol]:
    symbols = [symbol for scope in world.scopes.values() for symbol in scope.symbols()]
    for kinds in STAGES:
        yield from (symbol for symbol in symbols if symbol.kind in kinds)


def _check(
    world: World, symbol: Symbol, program: _Declared, rank: str | None, read_file: Callable[[str], bytes]
) -> None:
    qname = symbol.qname
    match symbol.node:
        case surface.EnumDecl() as node:
            program.enums[qname] = declarations.enum(world, symbol, node)
        case surface.RecordDecl() as node:
            program.records[qname] = declarations.record(world, symbol, node)
        case surface.SetDecl() as node:
            program.sets[qname] = declarations.named_set(world, symbol, node)
        case surface.ZoneDecl() as node:
            program.zones[qname] = declarations.zone(world, symbol, node)
        case surface.TableDecl() as node:
            program.tables[qname] = tables.table(world, symbol, node, read_file)
        case surface.DefineDecl() as node:
            program.defines[qname] = declarations.define(world, symbol, node)
        case surface.DecisionDecl() as node:
            _put(program.decisions, declarations.decision(world, symbol, node))
        case surface.RuleDecl() as node:
            _put(program.rules, declarations.rule(world, symbol, node, rank))
        case surface.PartyDecl() as node:
            program.parties[qname] = agreements.party(world, symbol, node)
        case surface.BodyDecl() as node:
            program.bodies[qname] = agreements.body(world, world.scopes[symbol.module], qname, node)
        case surface.AgreementDecl() as node:
            program.agreements[qname] = agreements.agreement(world, symbol, node)
        case surface.ResponseDecl() as node:
            _put(program.responses, responses.response(world, symbol, node))
        case surface.ProveDecl() as node:
            _put(program.proves, declarations.proof(world, symbol, node))


def _put(table: dict[str, Item], item: Item | None) -> None:
    if item is not None:
        table[item.qname] = item


def _check_unnamed(world: World, scope: ModuleScope, program: _Declared) -> None:
    """Capabilities, examples and tests; examples before the tests they serve."""
    for node in scope.node.declarations:
        _check_capability_or_example(world, scope, node, program)
    for node in scope.node.declarations:
        _check_test(world, scope, node, program)


def _check_capability_or_example(
    world: World, scope: ModuleScope, node: surface.Declaration, program: _Declared
) -> None:
    if isinstance(node, surface.Capability):
        capability = agreements.capability(world, scope, node)
        if capability is not None:
            program.capabilities.append(capability)
    elif isinstance(node, surface.ExampleDecl):
        example = tests.example(world, scope, node)
        if example is not None:
            program.examples.append(example)


def _check_test(world: World, scope: ModuleScope, node: surface.Declaration, program: _Declared) -> None:
    if isinstance(node, surface.TestDecl):
        test = tests.test(world, scope, node, program.examples)
        if test is not None:
            program.tests.append(test)


def _break_circles(world: World, program: _Declared) -> None:
    """Report circles, and cut them: what rests on itself is unknown."""
    symbols: Mapping[str, Symbol] = {s.qname: s for scope in world.scopes.values() for s in scope.own.values()}
    for qname in find_circles(world.edges, symbols, world.report):
        if (define := program.defines.get(qname)) is not None:
            program.defines[qname] = replace(define, body=Unknown(define.result, span=define.span))
        if (named := program.sets.get(qname)) is not None:
            program.sets[qname] = replace(named, parts=())
        if (party := program.parties.get(qname)) is not None:
            program.parties[qname] = replace(party, members=Unknown(party.members.type, span=party.span))
        for name, rule in program.rules.items():
            if rule.decision == qname:
                program.rules[name] = replace(rule, for_each=None, when=Unknown(BOOL, span=rule.span), unless=None)


def _cut_deep(world: World, program: _Declared) -> None:
    """Report what rests on others to too great a depth (E015), and cut it there: it is unknown."""
    for each in depths(program).too_deep():
        qname = each.place[1]
        declared = program.at(each.place)
        if not each.follows:
            name = declared.party if isinstance(declared, ast.Capability) else qname.rpartition(".")[2]
            errors.too_deep(world.report, f"`{name}`", each.through, declared.span, (name,))
        match declared:
            case ast.Define(result=result, span=span):
                program.defines[qname] = replace(declared, body=Unknown(result, span=span))
            case ast.NamedSet():
                program.sets[qname] = replace(declared, parts=())
            case ast.Party(members=members, span=span):
                program.parties[qname] = replace(declared, members=Unknown(members.type, span=span))
            case ast.Rule(span=span):
                program.rules[qname] = replace(declared, for_each=None, when=Unknown(BOOL, span=span), unless=None)
            case _:
                pass  # nothing rests on it
