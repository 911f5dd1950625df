"""From the parser's reductions to the surface tree: parties, agreements and responses."""

from __future__ import annotations

from typing import Any

from comity.base.source import Span
from comity.surface import ast
from comity.surface.build import flag, part, shaped
from comity.surface.build_law import Law
from comity.surface.parts import Child, Part, Problem, after, every, has, is_token, only, words
from comity.surface.words import Word


class Builder(Law):
    """Sections 5 and 6 of the language, and with what it inherits, all of it."""

    # ------------------------------------------------------------------------------------- parties

    @shaped
    def party(
        self, span: Span, _party: Word, name: Word, _equal: Word, members: ast.Expr, *rest: Child
    ) -> ast.PartyDecl:
        parts = self.parts(rest)
        return ast.PartyDecl(
            name=self.a_name(name),
            members=members,
            as_of=self.date_in(rest),
            territory=parts.first("territory"),
            doc=self.text_in(rest) or parts.first("doc"),
            cites=parts.all("cite"),
            span=span,
        )

    territory = part("territory")

    @shaped
    def body(
        self, span: Span, _body: Word, name: Word, _equal: Word, members: ast.Expr, _by: Word, way: Word, *rest: Child
    ) -> ast.BodyDecl:
        cites = self.parts(rest).all("cite")
        return ast.BodyDecl(self.a_name(name), members, str(way), cites=cites, span=span)  # type: ignore[arg-type]

    @shaped
    def capability(
        self, span: Span, party: Word, verb: Word, verbs: Part, record: Word, *rest: Child
    ) -> ast.Capability:
        parts = self.parts(rest)
        return ast.Capability(
            party=self.a_name(party),
            can=is_token(verb, "CAN"),
            verbs=verbs.value,
            record=self.a_name(record),
            when=parts.first("when"),
            cites=parts.all("cite"),
            span=span,
        )

    @shaped
    def verbs(self, span: Span, *children: Child) -> Part:
        return Part("verbs", self.names(children), span)

    # ------------------------------------------------------------------------------------- agreements

    @shaped
    def agreement(self, span: Span, _agreement: Word, name: Word, _between: Word, *rest: Child) -> ast.AgreementDecl:
        parts = self.parts(rest)
        return ast.AgreementDecl(
            name=self.a_name(name),
            parties=self.names(rest),
            doc=parts.first("doc"),
            cites=parts.all("cite"),
            status=parts.first("status"),
            reciprocal=parts.has("reciprocal"),
            prevails_over=parts.joined("prevails over"),
            items=tuple(child for child in rest if isinstance(child, ast.AgreementItem)),
            span=span,
        )

    @shaped
    def status(self, span: Span, _status: Word, status: Word, *rest: Child) -> Part:
        return Part("status", ast.Status(self.a_name(status), self.date_in(rest), span=span), span)

    reciprocal = flag("reciprocal")

    @shaped
    def prevails_over(self, span: Span, *children: Child) -> Part:
        return Part("prevails over", every(children, ast.Path), span)

    @shaped
    def red_line(
        self, span: Span, _red: Word, _line: Word, name: Word, _for: Word, party: Word, *rest: Child
    ) -> ast.RedLineDecl:
        parts = self.parts(rest)
        return ast.RedLineDecl(
            name=self.a_name(name),
            party=self.a_name(party),
            doc=parts.first("doc"),
            cites=parts.all("cite"),
            reservations=every(rest, ast.Reservation),
            span=span,
        )

    @shaped
    def reservation(
        self, span: Span, _no: Word, kind: Word, _on: Word, verbs: Part, record: Word, *rest: Child
    ) -> ast.Reservation:
        when = self.parts(rest).first("when")
        return ast.Reservation(str(kind), verbs.value, self.a_name(record), when, span=span)  # type: ignore[arg-type]

    @shaped
    def who(self, span: Span, _by: Word, *rest: Child) -> ast.Who:
        toward = self.name_after(rest, "TOWARD")
        if not has(rest, "EACH"):
            return ast.Who("party", self.names(rest)[0], toward, span=span)
        if has(rest, "PARTY"):
            return ast.Who("each party", None, toward, span=span)
        return ast.Who("each member", self.name_after(rest, "OF"), toward, span=span)

    @shaped
    def commitment(self, span: Span, _commitment: Word, name: Word, who: ast.Who, *rest: Child) -> ast.CommitmentDecl:
        parts = self.parts(rest)
        modality = parts.first("modality")
        if modality is None:
            message = f"expected what `{name}` commits to: `shall`, `shall not` or `may`"
            self.problems.append(Problem("E001", message, self.at(name)))
            nothing = ast.Name("", span=self.at(name))
            modality = ast.Modality("may", (), nothing, span=self.at(name))
        return ast.CommitmentDecl(
            name=self.a_name(name),
            who=who,
            doc=parts.first("doc"),
            cites=parts.all("cite"),
            modality=modality,
            when=parts.first("when"),
            unless=parts.first("unless"),
            ensure=parts.first("ensure"),
            window=parts.joined("window"),
            binding=parts.first("binding when"),
            suspended=parts.first("suspended while"),
            parity=parts.first("parity"),
            protected=parts.has("protected"),
            asymmetric=parts.first("asymmetric"),
            prevails_over=parts.joined("prevails over"),
            span=span,
        )

    @shaped
    def modality(self, span: Span, *children: Child) -> Part:
        verbs = only(children, Part)
        assert verbs is not None, "the grammar has it"
        modality = ast.Modality(
            kind=" ".join(words(children[: children.index(verbs)])),  # type: ignore[arg-type]
            verbs=verbs.value,
            record=self.names(children)[0],
            limit=only(children, ast.Limit),
            per=only(children, ast.Per),
            deadline=only(children, ast.Deadline),
            span=span,
        )
        return Part("modality", modality, span)

    @shaped
    def limit(self, span: Span, *children: Child) -> ast.Limit:
        return ast.Limit(" ".join(words(children)), children[-1], span=span)  # type: ignore[arg-type]

    @shaped
    def per(self, span: Span, _per: Word, *rest: Child) -> ast.Per:
        calendar = after(rest, "CALENDAR")
        return ast.Per(str(calendar) if calendar else None, self.quantity_in(rest), span=span)  # type: ignore[arg-type]

    @shaped
    def deadline(self, span: Span, *children: Child) -> ast.Deadline:
        return ast.Deadline(self.date_in(children), self.quantity_in(children), after(children, "AFTER"), span=span)

    ensure = part("ensure")
    binding = part("binding when", keywords=2)
    suspended_while = part("suspended while", keywords=2)
    protected = flag("protected")
    asymmetric = part("asymmetric", keywords=2)

    @shaped
    def parity(self, span: Span, _parity: Word, _per: Word, kind: Word) -> Part:
        return Part("parity", str(kind), span)

    @shaped
    def mirror(self, span: Span, _mirror: Word, left: Word, _with: Word, right: Word, *rest: Child) -> ast.MirrorDecl:
        parts = self.parts(rest)
        return ast.MirrorDecl(
            left=self.a_name(left),
            right=self.a_name(right),
            swaps=parts.joined("swapping"),
            tolerances=every(rest, ast.Tolerance),
            asymmetric=parts.first("asymmetric"),
            doc=parts.first("doc"),
            cites=parts.all("cite"),
            span=span,
        )

    @shaped
    def swapping(self, span: Span, *children: Child) -> Part:
        return Part("swapping", every(children, ast.Swap), span)

    @shaped
    def swap(self, span: Span, left: Word, _with: Word, right: Word) -> ast.Swap:
        return ast.Swap(self.a_name(left), self.a_name(right), span=span)

    @shaped
    def tolerance(self, span: Span, _within: Word, amount: Any, *rest: Child) -> ast.Tolerance:
        return ast.Tolerance(amount, after(rest, "OF"), span=span)

    @shaped
    def withdrawal(self, span: Span, _withdrawal: Word, name: Word, who: ast.Who, *rest: Child) -> ast.WithdrawalDecl:
        parts = self.parts(rest)
        return ast.WithdrawalDecl(
            name=self.a_name(name),
            who=who,
            doc=parts.first("doc"),
            cites=parts.all("cite"),
            notice=parts.first("notice"),
            found_by=parts.first("found by"),
            when=parts.first("when"),
            span=span,
        )

    notice = part("notice")

    @shaped
    def found_by(self, span: Span, _found: Word, _by: Word, body: Word) -> Part:
        return Part("found by", ast.FoundBy(self.a_name(body), span=span), span)

    @shaped
    def remedy(self, span: Span, _remedy: Word, name: Word, who: ast.Who, *rest: Child) -> ast.RemedyDecl:
        parts = self.parts(rest)
        until = parts.first("until")
        return ast.RemedyDecl(
            name=self.a_name(name),
            who=who,
            doc=parts.first("doc"),
            cites=parts.all("cite"),
            triggers=every(rest, ast.RemedyTrigger),
            found_by=parts.first("found by"),
            notice=parts.first("notice"),
            answers=every(rest, ast.RemedyAnswer),
            until_breach_ends=until == "breach ends",
            until=None if until == "breach ends" else until,
            span=span,
        )

    @shaped
    def remedy_trigger(self, span: Span, _on: Word, *rest: Child) -> ast.RemedyTrigger:
        if has(rest, "BREACH"):
            return ast.RemedyTrigger(self.name_after(rest, "OF"), None, None, span=span)
        party, verb = self.names(rest)
        return ast.RemedyTrigger(None, party, verb, span=span)

    @shaped
    def remedy_answer(self, span: Span, _may: Word, *rest: Child) -> ast.RemedyAnswer:
        if has(rest, "SUSPEND"):
            return ast.RemedyAnswer(self.name_after(rest, "SUSPEND"), None, None, span=span)
        verb, record, *counting = self.names(rest)
        counted = (counting[0], counting[1]) if counting else None
        return ast.RemedyAnswer(None, verb, record, after(rest, "TO"), counted, span=span)

    @shaped
    def remedy_end(self, span: Span, _until: Word, end: Child, *_rest: Word) -> Part:
        return Part("until", "breach ends" if is_token(end, "BREACH") else end, span)

    # ------------------------------------------------------------------------------------- responses

    @shaped
    def response(self, span: Span, _response: Word, name: Word, *rest: Child) -> ast.ResponseDecl:
        parts = self.parts(rest)
        *members, target = self.names(rest)
        record = self.name_after(rest, "FOR")
        measure, sector = parts.first("imposes") or (None, None)
        aligned = parts.first("aligned")
        return ast.ResponseDecl(
            name=self.a_name(name),
            record=record,
            members=tuple(members[1:] if record else members),
            target=target,
            doc=parts.first("doc"),
            cites=parts.all("cite"),
            measure_enum=measure,
            sector_enum=sector,
            reaches=parts.first("reaches"),
            trigger=parts.first("trigger"),
            posture=parts.first("posture"),
            aligned=aligned is not None,
            aligned_within=aligned[0] if aligned else None,
            allowing=every(rest, ast.Allowing),
            cannot_supply=every(rest, ast.CannotSupply),
            steps=every(rest, ast.Step),
            lift_when=parts.first("lift when"),
            span=span,
        )

    @shaped
    def imposes(self, span: Span, *children: Child) -> Part:
        return Part("imposes", self.names(children), span)

    reaches = part("reaches")
    lift_when = part("lift when", keywords=2)

    @shaped
    def trigger(self, span: Span, _trigger: Word, event: Word, *rest: Child) -> Part:
        when = self.parts(rest).first("when")
        return Part("trigger", ast.Trigger(self.a_name(event), self.date_in(rest), when, span=span), span)

    @shaped
    def posture(self, span: Span, _posture: Word, kind: Word, *rest: Child) -> Part:
        return Part("posture", ast.Posture(self.a_name(kind), after(rest, "ON"), span=span), span)

    @shaped
    def aligned(self, span: Span, *children: Child) -> Part:
        return Part("aligned", (self.quantity_in(children),), span)

    @shaped
    def allowing(self, span: Span, _allowing: Word, condition: ast.Expr, *rest: Child) -> ast.Allowing:
        day = after(rest, "DAY")
        return ast.Allowing(condition, self.a_number(day) if day else None, span=span)

    @shaped
    def cannot_supply(
        self, span: Span, member: Word, _cannot: Word, _supply: Word, sectors: ast.Expr, *rest: Child
    ) -> ast.CannotSupply:
        cites = self.parts(rest).all("cite")
        return ast.CannotSupply(self.a_name(member), sectors, cites, span=span)

    @shaped
    def step(self, span: Span, *children: Child) -> ast.Step:
        parts = self.parts(children)
        return ast.Step(
            after=self.quantity_in(children),
            on=self.date_in(children),
            doc=parts.first("doc"),
            cites=parts.all("cite"),
            lines=every(children, ast.Impose),
            span=span,
        )

    @shaped
    def impose(
        self, span: Span, verb: Word, measure: ast.Expr, _on: Word, sectors: ast.Expr, *rest: Child
    ) -> ast.Impose:
        parts = self.parts(rest)
        return ast.Impose(
            lift=is_token(verb, "LIFT"),
            measure=measure,
            sectors=sectors,
            when=parts.first("when"),
            by=parts.first("by") or (),
            duration=parts.first("for"),
            span=span,
        )

    @shaped
    def by_members(self, span: Span, *children: Child) -> Part:
        return Part("by", self.names(children), span)

    for_duration = part("for")
