"""From the parser's reductions to the surface tree: parties, agreements and responses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from comity.surface import ast
from comity.surface.build import Part, Problem, flag, is_token, part, words
from comity.surface.build_law import Law

if TYPE_CHECKING:
    from comity.surface.build import Children


class Builder(Law):
    """Sections 5 and 6 of the language, and with what it inherits, all of it."""

    # ------------------------------------------------------------------------------------- parties

    def party(self, c: Children) -> ast.PartyDecl:
        parts = self.parts(c)
        return ast.PartyDecl(
            name=self.a_name(c[1]),
            members=c[3],
            as_of=self.date_in(c),
            territory=parts.first("territory"),
            doc=self.text_in(c) or parts.first("doc"),
            cites=parts.all("cite"),
            span=self.span(c),
        )

    territory = part("territory")

    def body(self, c: Children) -> ast.BodyDecl:
        cites = self.parts(c).all("cite")
        return ast.BodyDecl(self.a_name(c[1]), c[3], str(c[5]), cites=cites, span=self.span(c))  # type: ignore[arg-type]

    def capability(self, c: Children) -> ast.Capability:
        parts = self.parts(c)
        return ast.Capability(
            party=self.a_name(c[0]),
            can=is_token(c[1], "CAN"),
            verbs=c[2].value,
            record=self.a_name(c[3]),
            when=parts.first("when"),
            cites=parts.all("cite"),
            span=self.span(c),
        )

    def verbs(self, c: Children) -> Part:
        return Part("verbs", self.names(c), self.span(c))

    # ------------------------------------------------------------------------------------- agreements

    def agreement(self, c: Children) -> ast.AgreementDecl:
        parts = self.parts(c)
        return ast.AgreementDecl(
            name=self.a_name(c[1]),
            parties=self.names(c[2:]),
            doc=parts.first("doc"),
            cites=parts.all("cite"),
            status=parts.first("status"),
            reciprocal=parts.has("reciprocal"),
            prevails_over=parts.joined("prevails over"),
            items=tuple(child for child in c if isinstance(child, ast.AgreementItem)),
            span=self.span(c),
        )

    def status(self, c: Children) -> Part:
        status = ast.Status(self.a_name(c[1]), self.date_in(c), span=self.span(c))
        return Part("status", status, status.span)

    reciprocal = flag("reciprocal")

    def prevails_over(self, c: Children) -> Part:
        return Part("prevails over", tuple(child for child in c if type(child) is ast.Path), self.span(c))

    def red_line(self, c: Children) -> ast.RedLineDecl:
        parts = self.parts(c)
        return ast.RedLineDecl(
            name=self.a_name(c[2]),
            party=self.a_name(c[4]),
            doc=parts.first("doc"),
            cites=parts.all("cite"),
            reservations=tuple(child for child in c if type(child) is ast.Reservation),
            span=self.span(c),
        )

    def reservation(self, c: Children) -> ast.Reservation:
        when = self.parts(c).first("when")
        return ast.Reservation(str(c[1]), c[3].value, self.a_name(c[4]), when, span=self.span(c))  # type: ignore[arg-type]

    def who(self, c: Children) -> ast.Who:
        party: ast.Name | None
        toward = self.name_after(c, "TOWARD")
        if not is_token(c[1], "EACH"):
            return ast.Who("party", self.a_name(c[1]), toward, span=self.span(c))
        if is_token(c[2], "PARTY"):
            return ast.Who("each party", None, toward, span=self.span(c))
        party = self.name_after(c, "OF")
        return ast.Who("each member", party, toward, span=self.span(c))

    def commitment(self, c: Children) -> ast.CommitmentDecl:
        parts = self.parts(c)
        modality = parts.first("modality")
        if modality is None:
            message = f"expected what `{c[1]}` commits to: `shall`, `shall not` or `may`"
            self.problems.append(Problem("E001", message, self.at(c[1])))
            nothing = ast.Name("", span=self.at(c[1]))
            modality = ast.Modality("may", (), nothing, span=self.at(c[1]))
        return ast.CommitmentDecl(
            name=self.a_name(c[1]),
            who=c[2],
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
            span=self.span(c),
        )

    def modality(self, c: Children) -> Part:
        said = words(c[:2])
        at = next(i for i, child in enumerate(c) if type(child) is Part)
        verbs, record = self._verbs_and_record(c[at:])
        modality = ast.Modality(
            kind=" ".join(said),  # type: ignore[arg-type]
            verbs=verbs,
            record=record,
            limit=self._only(c, ast.Limit),
            per=self._only(c, ast.Per),
            deadline=self._only(c, ast.Deadline),
            span=self.span(c),
        )
        return Part("modality", modality, modality.span)

    def _verbs_and_record(self, c: Children) -> tuple[tuple[ast.Name, ...], ast.Name]:
        return c[0].value, self.names(c)[0]

    def _only(self, c: Children, kind: type) -> Any:
        return next((child for child in c if type(child) is kind), None)

    def limit(self, c: Children) -> ast.Limit:
        return ast.Limit(" ".join(words(c)), c[-1], span=self.span(c))  # type: ignore[arg-type]

    def per(self, c: Children) -> ast.Per:
        calendar = str(c[2]) if is_token(c[1], "CALENDAR") else None
        return ast.Per(calendar, self.quantity_in(c), span=self.span(c))  # type: ignore[arg-type]

    def deadline(self, c: Children) -> ast.Deadline:
        after = c[3] if len(c) > 2 else None
        return ast.Deadline(self.date_in(c), self.quantity_in(c), after, span=self.span(c))

    ensure = part("ensure")
    binding = part("binding when", 2)
    suspended_while = part("suspended while", 2)
    protected = flag("protected")
    asymmetric = part("asymmetric", 2)

    def parity(self, c: Children) -> Part:
        return Part("parity", str(c[2]), self.span(c))

    def mirror(self, c: Children) -> ast.MirrorDecl:
        parts = self.parts(c)
        return ast.MirrorDecl(
            left=self.a_name(c[1]),
            right=self.a_name(c[3]),
            swaps=parts.joined("swapping"),
            tolerances=tuple(child for child in c if type(child) is ast.Tolerance),
            asymmetric=parts.first("asymmetric"),
            doc=parts.first("doc"),
            cites=parts.all("cite"),
            span=self.span(c),
        )

    def swapping(self, c: Children) -> Part:
        return Part("swapping", tuple(child for child in c if type(child) is ast.Swap), self.span(c))

    def swap(self, c: Children) -> ast.Swap:
        return ast.Swap(self.a_name(c[0]), self.a_name(c[2]), span=self.span(c))

    def tolerance(self, c: Children) -> ast.Tolerance:
        return ast.Tolerance(c[1], c[3] if len(c) > 2 else None, span=self.span(c))

    def withdrawal(self, c: Children) -> ast.WithdrawalDecl:
        parts = self.parts(c)
        return ast.WithdrawalDecl(
            name=self.a_name(c[1]),
            who=c[2],
            doc=parts.first("doc"),
            cites=parts.all("cite"),
            notice=parts.first("notice"),
            found_by=parts.first("found by"),
            when=parts.first("when"),
            span=self.span(c),
        )

    notice = part("notice")

    def found_by(self, c: Children) -> Part:
        found = ast.FoundBy(self.a_name(c[2]), span=self.span(c))
        return Part("found by", found, found.span)

    def remedy(self, c: Children) -> ast.RemedyDecl:
        parts = self.parts(c)
        until = parts.first("until")
        return ast.RemedyDecl(
            name=self.a_name(c[1]),
            who=c[2],
            doc=parts.first("doc"),
            cites=parts.all("cite"),
            triggers=tuple(child for child in c if type(child) is ast.RemedyTrigger),
            found_by=parts.first("found by"),
            notice=parts.first("notice"),
            answers=tuple(child for child in c if type(child) is ast.RemedyAnswer),
            until_breach_ends=until == "breach ends",
            until=None if until == "breach ends" else until,
            span=self.span(c),
        )

    def remedy_trigger(self, c: Children) -> ast.RemedyTrigger:
        if is_token(c[1], "BREACH"):
            return ast.RemedyTrigger(self.a_name(c[3]), None, None, span=self.span(c))
        return ast.RemedyTrigger(None, self.a_name(c[1]), self.a_name(c[2]), span=self.span(c))

    def remedy_answer(self, c: Children) -> ast.RemedyAnswer:
        if is_token(c[1], "SUSPEND"):
            return ast.RemedyAnswer(self.a_name(c[2]), None, None, span=self.span(c))
        names = self.names(c)
        up_to = next((c[i + 1] for i, child in enumerate(c) if is_token(child, "TO")), None)
        counting = (names[2], names[3]) if len(names) == 4 else None
        return ast.RemedyAnswer(None, names[0], names[1], up_to, counting, span=self.span(c))

    def remedy_end(self, c: Children) -> Part:
        value = "breach ends" if is_token(c[1], "BREACH") else c[1]
        return Part("until", value, self.span(c))

    # ------------------------------------------------------------------------------------- responses

    def response(self, c: Children) -> ast.ResponseDecl:
        parts = self.parts(c)
        opened = next(i for i, child in enumerate(c) if is_token(child, "AGAINST"))
        by = next(i for i, child in enumerate(c) if is_token(child, "BY"))
        measure, sector = parts.first("imposes") or (None, None)
        aligned = parts.first("aligned")
        return ast.ResponseDecl(
            name=self.a_name(c[1]),
            record=self.name_after(c, "FOR"),
            members=self.names(c[by:opened]),
            target=self.a_name(c[opened + 1]),
            doc=parts.first("doc"),
            cites=parts.all("cite"),
            measure_enum=measure,
            sector_enum=sector,
            reaches=parts.first("reaches"),
            trigger=parts.first("trigger"),
            posture=parts.first("posture"),
            aligned=aligned is not None,
            aligned_within=aligned[0] if aligned else None,
            allowing=tuple(child for child in c if type(child) is ast.Allowing),
            cannot_supply=tuple(child for child in c if type(child) is ast.CannotSupply),
            steps=tuple(child for child in c if type(child) is ast.Step),
            lift_when=parts.first("lift when"),
            span=self.span(c),
        )

    def imposes(self, c: Children) -> Part:
        return Part("imposes", self.names(c), self.span(c))

    reaches = part("reaches")
    lift_when = part("lift when", 2)

    def trigger(self, c: Children) -> Part:
        when = self.parts(c).first("when")
        trigger = ast.Trigger(self.a_name(c[1]), self.date_in(c), when, span=self.span(c))
        return Part("trigger", trigger, trigger.span)

    def posture(self, c: Children) -> Part:
        sectors = c[3] if is_token(c[2], "ON") else None
        posture = ast.Posture(self.a_name(c[1]), sectors, span=self.span(c))
        return Part("posture", posture, posture.span)

    def aligned(self, c: Children) -> Part:
        return Part("aligned", (self.quantity_in(c),), self.span(c))

    def allowing(self, c: Children) -> ast.Allowing:
        day = self.number(c[4:5]) if is_token(c[2], "UNTIL") else None
        return ast.Allowing(c[1], day, span=self.span(c))

    def cannot_supply(self, c: Children) -> ast.CannotSupply:
        cites = self.parts(c).all("cite")
        return ast.CannotSupply(self.a_name(c[0]), c[3], cites, span=self.span(c))

    def step(self, c: Children) -> ast.Step:
        parts = self.parts(c)
        return ast.Step(
            after=self.quantity_in(c),
            on=self.date_in(c),
            doc=parts.first("doc"),
            cites=parts.all("cite"),
            lines=tuple(child for child in c if type(child) is ast.Impose),
            span=self.span(c),
        )

    def impose(self, c: Children) -> ast.Impose:
        parts = self.parts(c)
        return ast.Impose(
            lift=is_token(c[0], "LIFT"),
            measure=c[1],
            sectors=c[3],
            when=parts.first("when"),
            by=parts.first("by") or (),
            duration=parts.first("for"),
            span=self.span(c),
        )

    def by_members(self, c: Children) -> Part:
        return Part("by", self.names(c), self.span(c))

    for_duration = part("for")
