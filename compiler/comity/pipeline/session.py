"""A session: policies held in memory, so that findings are up to date soon after an edit.

`Session.lint` gives the findings that `linting.lint` gives for the same texts. Editors and watch modes use it.

An edit is *ordinary* if it changes conditions, outcomes, citations or windows of rules, but not the rules' names,
order or relations; or the texts of sets and definitions, and which members of enums, or places, they name. Then what is
edited is parsed, checked and lowered by itself, and the analysis asks again only what the edit may have changed. After
any other edit everything is made anew.

    when destination == RU    →    when destination in {RU, BY}       ordinary
    then license_required     →    then prohibited                    ordinary
    set EMBARGOED: … {RU}     →    set EMBARGOED: … {RU, BY}          ordinary
    (no clause)               →    notwithstanding chips              not ordinary: a new relation
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from comity.analysis import Analysis
from comity.analysis.incremental.answers import Told
from comity.analysis.incremental.readers import Names, Readers
from comity.base.diagnostics import Diagnostic, Report
from comity.base.gc import collected_once
from comity.base.interruption import Interrupted, check_interrupted
from comity.base.source import SourceFile, Span
from comity.base.watching import found_as
from comity.checked import ast as checked
from comity.checked.check import Checked, Checking, Known, Revisable
from comity.checked.depth import terms_in
from comity.checked.scope import Library
from comity.core.lower import lower_again
from comity.linter.context import Context, Key, Proved
from comity.linter.kept import tell_house
from comity.linter.rules import Rule
from comity.linter.runner import codes_run, codes_to_ask, conclude, read_suppressions, select_rules, with_severities
from comity.linter.suppressions import Suppression, hide
from comity.pipeline.driver import Build, ParseModule, build, findings, make_context
from comity.pipeline.found import Lint, merge, to_lint, with_settings
from comity.pipeline.padding import PaddedText, pad
from comity.runtime.light import dataclass
from comity.surface import ast as surface
from comity.surface.comments import check_suppressions, comments
from comity.surface.parse import parse, parse_part
from comity.surface.read import decode
from comity.workspace.config import Config
from comity.workspace.project import Selection, absolute, display, select
from comity.workspace.reading import ReadFile, read_bytes


class Session:
    """``paths``: as for `lint`, each with its project. ``adjust``: makes a project's settings those of this session.

    Files are read once, when they are first asked for; from then on a file is what `edit` says it is.
    """

    def __init__(
        self, paths: Sequence[str | Path] = (), adjust: Callable[[Config], Config] = lambda config: config
    ) -> None:
        self._parts = [ProjectSession(with_settings(selection, adjust)) for selection in select(paths)]

    def lint(self) -> Lint:
        """All findings about the paths, as the texts are now."""
        return merge([part.lint() for part in self._parts])

    @property
    def kept(self) -> tuple[object, ...]:
        """What is kept of each project: a new object after everything was made anew, None while there are errors."""
        return tuple(part.kept for part in self._parts)

    def edit(self, path: str | Path, text: str) -> None:
        """Set the text of a file, whatever is on disk. Raises KeyError for a file of none of the projects."""
        shown = display(absolute(path))
        part = next((part for part in self._parts if shown in part.paths), None)
        if part is None:
            raise KeyError(shown)
        part.edit(shown, text)


@dataclass(frozen=True)
class Before:
    """What a lint has found of a program without errors, as plain values.

    ``answers``: what its questions have found (`Analysis.answers`); ``house``: what house rules have (`keep_house`);
    ``checked``: what the check has. ``added``: rules that were not there then, by module and name, and never apply
    so far; ``places``: where its places are in the texts of now.
    """

    answers: Mapping[str, Any]
    house: Any
    checked: Known
    added: frozenset[tuple[str, str]] = frozenset()
    places: Callable[[Span], Span] = lambda span: span


class ProjectSession:
    """One project in memory, with its findings. ``parsed_by``: used instead of `parse`."""

    def __init__(self, selection: Selection, parsed_by: ParseModule = parse) -> None:
        self.selection = selection
        self._parse = parsed_by
        self.paths = frozenset(map(display, selection.project.files.values()))
        self._bytes: dict[str, bytes] = {}
        self._edited: set[str] = set()
        """Files edited since ``kept`` was made."""
        self.kept: Kept | None = None
        """The last program without errors."""
        self._lint: Lint | None = None

    def edit(self, path: str, text: str) -> None:
        self._bytes[path] = text.encode("utf-8", "surrogatepass")
        self._edited.add(path)
        self._lint = None

    def standing(self) -> list[Diagnostic]:
        """What was said last, but for what is in declarations that have been edited since, until `lint` is over."""
        return [] if self.kept is None else self.kept.standing()

    def lint(self) -> Lint:
        if self._lint is None:
            self._lint = self.kept.lint() if self.kept is not None and self.checks_out() else self._anew()
        return self._lint

    def _read(self, path: str) -> bytes:
        if path not in self._bytes:
            self._bytes[path] = read_bytes(path)
        return self._bytes[path]

    def checks_out(self) -> bool:
        """Whether all edits since the last program without errors were ordinary, and without mistakes.

        They are checked and applied, which takes milliseconds; `lint` then asks what depends on them.
        """
        if self.kept is None:
            return False
        for path in sorted(self._edited):
            text = decode(self._bytes[path], path, Report())
            if text is None or not self.kept.revise(path, text):
                return False
            self._edited.remove(path)
        return True

    def _anew(self) -> Lint:
        mistaken = self.kept is not None and self.kept.mistaken
        with collected_once():
            kept = None if mistaken else build_session(self.selection, self._read, self._parse)
        if kept is None:
            made = build(self.selection, read=self._read, parsed_by=self._parse)
            return to_lint(made, findings(made))
        self.kept = kept
        self._edited.clear()
        return kept.lint()


def build_session(
    selection: Selection, read: ReadFile, parsed_by: ParseModule = parse, before: Before | None = None
) -> Kept | None:
    """What to keep of a program; None if it has errors.

    ``before``: what a lint of the same texts has found, which is not looked for again.
    """
    modules = {display(file): name for name, file in selection.project.files.items()}
    texts: dict[str, PaddedText] = {}
    checkings: list[Checking] = []
    dense: set[str] = set()

    def read_padded(path: str) -> bytes:
        data = read(path)
        text = decode(data, path, Report()) if path in modules else None
        if text is None:
            return data
        texts[path] = pad(SourceFile(path, modules[path], text), spread=path not in dense)
        return texts[path].text.encode("utf-8-sig")

    def check(
        modules: Sequence[tuple[SourceFile, surface.Module]], report: Report, read: ReadFile, library: Library
    ) -> checked.Program:
        checkings.append(Checking(modules, report, read, library, None if before is None else before.checked))
        return checkings[-1].program

    while True:
        made = build(selection, read=read_padded, checked_by=check, parsed_by=parsed_by)
        if made.errors:
            return None
        torn = {
            module.source.path
            for module in made.checked.modules.values()
            if module.source.path in texts and not _is_whole(texts[module.source.path], module.surface)
        }
        if not torn:
            return Kept(made, checkings[-1], texts, before)
        dense |= torn


def _is_whole(text: PaddedText, module: surface.Module) -> bool:
    """Whether the parser also takes every part to begin with a declaration."""
    items = (module.instrument, *module.sources, *module.uses, *module.declarations)
    return {*text.places[1:]} <= {item.span.start for item in items if item is not None}


class Kept:
    """A program without errors, with the state from which its findings are made. Spans in it are those of padded texts;
    they are replaced by real ones at the end.
    """

    def __init__(
        self,
        made: Build,
        checking: Checking,
        texts: dict[str, PaddedText],
        before: Before | None = None,
    ) -> None:
        self.made = made
        self.checking = checking
        self.texts = texts
        self.program = made.program
        self.rules = select_rules(made.project.config)
        self.codes = codes_to_ask(made.project.config)
        self.analysis: Analysis | None = None
        self.memory: dict[Key, tuple[object, object]] = {}
        """What lint rules memoise of each declaration."""
        self._known: Proved | None = None
        self.context = self._context()
        self._to_look_at: set[str] = set()
        """Files whose edits have been checked, but not yet linted."""
        self._parts: list[Span] = []
        """The declarations that were edited in them."""
        self._used_otherwise = False
        """Whether those edits changed which declarations are referred to."""
        self.found: dict[str, list[Diagnostic]] = {}
        """The findings of rules that look at the program as a whole, by code."""
        self.of_module: dict[tuple[str, str], list[Diagnostic]] = {}
        """Those of rules that look at modules one by one, by code and path."""
        self.comments: dict[str, list[Suppression]] = {}
        self.mistaken = False
        """Whether the last edit has errors; it was not applied."""
        self._real: dict[int, tuple[Diagnostic, Diagnostic]] = {}
        """By identity of a finding: the finding, and the same with real spans."""
        self._is_behind = before is not None
        """What rules about the program as a whole find is not known yet."""
        self._said: list[Diagnostic] = []
        """What was said last, but for what is in declarations that have been edited since."""
        self._prove(None if before is None else _told(before, dict(texts)))
        if before is None:
            self._find(self.rules, self.context.modules, None)
        elif not self._tell(before):  # what is edited is linted with all else
            self._to_look_at.update(module.source.path for module in self.context.modules)
            self._used_otherwise = True

    def _tell(self, before: Before) -> bool:
        """Know what house rules have found; False if that does not serve."""
        try:
            told = tell_house(
                before.house, self.checking.program.rules, lambda span: self._padded_span_exactly(before.places(span))
            )
        except (ValueError, TypeError, KeyError, AttributeError):
            return False
        house = [rule for rule in self.rules if not rule.is_proved]
        if told.found.keys() != {rule.code for rule in house}:
            return False
        self.memory.update(told.memory)
        for rule in house:
            if not rule.local:
                self.found[rule.code] = told.found[rule.code]
                continue
            for module in self.context.modules:
                self.of_module[rule.code, module.source.path] = []
            for each in told.found[rule.code]:
                self.of_module[rule.code, each.span.path].append(each)
        for module in self.context.modules:
            self.comments[module.source.path] = read_suppressions((module,))
        return True

    def _context(self) -> Context:
        made = replace(self.made, checked=self.checking.program, program=self.program)
        return replace(make_context(made), codes=self.codes, memory=self.memory)

    def _prove(self, told: Told | None = None) -> None:
        """Run the analysis. An interrupted one goes on when it is run again, unless it is half changed."""
        analysis, self.analysis = self.analysis, None
        if any(code.startswith("L") for code in self.codes):
            with found_as(self._so_far(), self._standing):
                if analysis is None:
                    analysis = Analysis(self.program, self.codes, told, hidden=self._is_hidden)
                    if told is None:  # else there is one edit to come, which may want nothing of it
                        analysis.make_ready()
                else:
                    try:
                        analysis.revise(self.program)
                    except Interrupted:
                        self.analysis = None if analysis.is_broken else analysis
                        raise
        self.analysis = analysis
        logic = analysis.findings if analysis is not None else ()
        context = self._context()
        if self._known is not None and self._read_by_agreements.isdisjoint(self.program.decisions):
            self._known = replace(self._known, logic=logic)
        else:
            self._known = Proved(
                logic,
                context.agreements if context.asks_any("LR") else (),
                context.responses if context.asks_any("LS") else (),
            )
        self.context = replace(context, known=self._known)

    def _so_far(self) -> Callable[[Sequence[Diagnostic]], list[Diagnostic]]:
        """How to present findings while others are still being looked for; fixes are added at the end."""
        codes = {rule.code for rule in self.rules}
        context = self._context()

        @cache
        def comments() -> list[Suppression]:
            return read_suppressions(context.modules)

        def said(found: Sequence[Diagnostic]) -> list[Diagnostic]:
            asked = [each for each in found if each.code in codes and each.span.path in self.made.shown]
            left, _ = hide(asked, comments(), ())
            return [each.with_spans(self._real_span) for each in with_severities(left, context)]

        return said

    # --------------------------------------------------------------------------------------- edits

    def revise(self, path: str, text: str) -> bool:
        """Apply the text of a file; False, without effect, if the edit is not ordinary."""
        self.mistaken = False
        edit = self._edit(path, text) if path in self.texts else None
        return edit is not None and (not edit.parts or self._take_over(edit))

    def _edit(self, path: str, text: str) -> _Edit | None:
        """An edit, if it is ordinary as far as the text alone tells."""
        before = self.texts[path]
        after = before.edit(text)
        if after is None:
            return None
        module = self.checking.program.modules[before.real.module]
        report = Report()
        nodes = {each.span.start: each for each in module.surface.declarations}
        others: dict[int, Revisable] = {}
        for number in before.changed(after):
            start = after.places[number]
            parsed = parse_part(after.source, start, start + len(after.blocks[number]), report)
            old, new = nodes.get(start), parsed[0] if len(parsed) == 1 else None
            self.mistaken = report.has_errors
            if report.diagnostics or old is None or not isinstance(new, Revisable) or not _stands_alike(old, new):
                return None
            others[start] = new
        found = tuple(comments(after.source))
        check_suppressions(found, report)
        if report.diagnostics:
            return None
        written = replace(
            module.surface,
            declarations=tuple(others.get(each.span.start, each) for each in module.surface.declarations),
            comments=found,
            span=after.source.span(0, len(after.text)),
        )
        return _Edit(after, written, list(others.values()))

    def wake(self, path: str, rules: Sequence[surface.RuleDecl]) -> bool:
        """Let rules apply as the text says, which were read as never applying; False where all is to be made anew."""
        text = self.texts[path]
        module = self.checking.program.modules[text.real.module].surface
        awake = {each.span.start: each for each in rules}
        written = replace(module, declarations=tuple(awake.get(each.span.start, each) for each in module.declarations))
        return self._take_over(_Edit(text, written, list(rules)))

    def _take_over(self, edit: _Edit) -> bool:
        before = self.checking.program
        named = {
            f"{edit.module.name}.{each.name.text}" for each in edit.parts if not isinstance(each, surface.RuleDecl)
        }
        if not named.isdisjoint(self._fixing):
            return False
        if not self.checking.again(edit.text.source, edit.module, edit.parts):
            self.mistaken = self.checking.world.report.has_errors
            return False
        after = self.checking.program
        path = edit.text.real.path
        self.texts[path] = edit.text
        pairs = [(_declared(before, edit.module, node), _declared(after, edit.module, node)) for node in edit.parts]
        self.program = lower_again(self.program, pairs)
        if named:
            self.memory.clear()
        self._to_look_at.add(path)
        self._used_otherwise |= before.references is not after.references
        self._parts += [part.span for part in edit.parts]
        self._said = self._left(self._said)
        for key, (said, _) in list(self._real.items()):
            if any(span.path == path for span in said.spans):
                del self._real[key]
        return True

    @cached_property
    def _read_by_agreements(self) -> Names:
        """What agreements and responses read."""
        program = self.checking.program
        agreements: list[object] = [*program.parties.values(), *program.bodies.values(), *program.capabilities]
        return self._read_by((*agreements, *program.agreements.values(), *program.responses.values()))

    @cached_property
    def _fixing(self) -> Names:
        """The sets and definitions that say more than what conditions ask: which members a family of rules has, which
        rules a clause names, what no input breaks, or what agreements bind their parties to.
        """
        program = self.checking.program
        families = ((rule.for_each, rule.precedence) for rule in program.rules.values())
        return self._read_by_agreements | self._read_by((*program.records.values(), *families))

    def _read_by(self, declared: Iterable[object]) -> Names:
        readers = Readers(self.program)
        return frozenset().union(*(readers.of(term) for each in declared for term in terms_in(each)))

    def _catch_up(self) -> None:
        """Lint edits that have been checked. Interrupted, it may be called again."""
        if self._to_look_at or self._is_behind:
            self.context = replace(self._context(), known=self._known)
            edited = [module for module in self.context.modules if module.source.path in self._to_look_at]
            self._find([rule for rule in self.rules if rule.local], edited, self._used_otherwise)
            self._prove()
            self._find([rule for rule in self.rules if not rule.local], (), self._used_otherwise)
            self._to_look_at.clear()
            self._parts.clear()
            self._used_otherwise = self._is_behind = False

    def _find(self, rules: Sequence[Rule], modules: Sequence[checked.Module], used_otherwise: bool | None) -> None:
        """Run ``rules``: those about modules by themselves on ``modules``. ``used_otherwise``: whether other
        declarations are referred to than before (None: not known).
        """
        context = self.context
        for rule in rules:
            check_interrupted()
            if not rule.local:
                if not rule.by_references or used_otherwise is not False:
                    self.found[rule.code] = list(rule.find(context))
                continue
            for module in context.modules if rule.by_references and used_otherwise else modules:
                about = list(rule.find(replace(context, modules=(module,))))
                self.of_module[rule.code, module.source.path] = about
        for module in modules:
            self.comments[module.source.path] = read_suppressions((module,))

    # ------------------------------------------------------------------------------------ what is said

    def standing(self) -> list[Diagnostic]:
        """What was said last, but for what is in declarations that have been edited since."""
        return [each.with_spans(self._real_span) for each in self._said]

    def _standing(self, logic: Sequence[Diagnostic]) -> list[Diagnostic]:
        """What is to be said while an edit is being judged. ``logic``: what the analysis knows.

        Which comments suppress nothing is not known yet: of those, what was said before.
        """
        assert self._known is not None
        context = replace(self.context, known=replace(self._known, logic=logic))
        idle = {(each.span, each.message) for each in self._said if each.code == "H507"}
        found = {code: self._left(found) for code, found in self.found.items()}
        found |= {rule.code: list(rule.find(context)) for rule in self.rules if rule.is_proved}
        said = self._concluded(found, context)
        self._said = [each for each in said if each.code != "H507" or (each.span, each.message) in idle]
        return self.standing()

    def _is_hidden(self, d: Diagnostic) -> bool:
        """A comment says that a finding is meant so."""
        return any(
            comment.covers(d) and any(code == d.code for code, _ in comment.codes)
            for comment in self.comments.get(d.span.path, ())
        )

    def _left(self, found: Iterable[Diagnostic]) -> list[Diagnostic]:
        """What is found in no declaration that was edited and has not been linted yet."""
        edited = self._parts
        return [
            each
            for each in found
            if not any(span.path == each.span.path and span.start <= each.span.start <= span.end for span in edited)
        ]

    def _concluded(self, found: Mapping[str, Sequence[Diagnostic]], context: Context) -> list[Diagnostic]:
        """What is said of what was ``found`` of the program as a whole, and in modules."""
        every = [d for each in found.values() for d in each if d.span.path in self.made.shown]
        every += [d for each in self.of_module.values() for d in each]
        comments = [each for module in context.modules for each in self.comments[module.source.path]]
        return conclude(every, context, codes_run(self.rules, context.config), comments)

    def lint(self) -> Lint:
        self._catch_up()
        left = self._said = self._concluded(self.found, self.context)
        sources = {
            path: self.texts[path].real if path in self.texts else source for path, source in self.made.sources.items()
        }
        known = self._real
        self._real = {id(d): known.get(id(d)) or (d, d.with_spans(self._real_span)) for d in left}
        return replace(to_lint(self.made, [real for _, real in self._real.values()]), sources=sources)

    def _padded_span(self, span: Span) -> Span:
        return _padded(self.texts, span)

    def _padded_span_exactly(self, span: Span) -> Span:
        """Raises ValueError for a span that reaches beyond a part of the text."""
        found = self._padded_span(span)
        if self._real_span(found) != span:
            raise ValueError
        return found

    def _real_span(self, span: Span) -> Span:
        text = self.texts.get(span.path)
        return span if text is None else text.real_span(span)


def _told(before: Before, texts: Mapping[str, PaddedText]) -> Told:
    """What the analysis is told of what there was before. ``texts``: what it is now."""
    return Told(before.answers, lambda span: _padded(texts, before.places(span)), before.added)


def _padded(texts: Mapping[str, PaddedText], span: Span) -> Span:
    """A place in real texts, in the padded ones."""
    text = texts.get(span.path)
    return span if text is None else text.padded_span(span)


class _Edit:
    """An ordinary edit of a module: its text, its tree, and the declarations in it that changed."""

    def __init__(self, text: PaddedText, module: surface.Module, parts: list[Revisable]) -> None:
        self.text = text
        self.module = module
        self.parts = parts


def _declared(program: checked.Program, module: surface.Module, node: Revisable) -> Checked:
    qname = f"{module.name}.{node.name.text}"
    match node:
        case surface.RuleDecl():
            return program.rules[qname]
        case surface.SetDecl():
            return program.sets[qname]
        case surface.DefineDecl():
            return program.defines[qname]


def _stands_alike(old: surface.Declaration, new: Revisable) -> bool:
    """Whether a declaration has the same name, place and signature as before; a rule the same relations, and an outcome
    if it had one.
    """
    if isinstance(old, surface.RuleDecl) and isinstance(new, surface.RuleDecl):
        return (
            _placed(old.name, old.decision) == _placed(new.name, new.decision)
            and old.for_each is None
            and new.for_each is None
            and old.precedence == new.precedence
            and (old.refer is None, old.then is None) == (new.refer is None, new.then is None)
        )
    if isinstance(old, surface.SetDecl) and isinstance(new, surface.SetDecl):
        return _placed(old.name, old.element) == _placed(new.name, new.element) and [
            (part.sign, part.window) for part in old.parts
        ] == [(part.sign, part.window) for part in new.parts]
    if isinstance(old, surface.DefineDecl) and isinstance(new, surface.DefineDecl):
        was, now = ([*each.parameters, each.record, each.result] for each in (old, new))
        return _placed(old.name, *was) == _placed(new.name, *now)
    return False


def _placed(*nodes: surface.Node | None) -> list[object]:
    return [(node, None if node is None else node.span) for node in nodes]
