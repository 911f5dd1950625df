"""What `comity build --target sql` writes: for each decision its statement, and the table that facts come in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from sqlglot import exp

from comity.backends.sql.dialects import Dialect
from comity.backends.sql.engines import DIALECTS
from comity.backends.sql.errors import Inexpressible
from comity.backends.sql.schema import columns_of
from comity.backends.sql.statement import FINDINGS, statement
from comity.core import ast as core
from comity.core.walk import children
from comity.terms import Call, NamedSet, OutcomeOf, RuleHolds, Term

KEY = "id"


def emit(program: core.Program, dialect: str) -> dict[str, str]:
    """Relative path to text: `DECISION.sql` and `DECISION.table.sql`; qualified where two modules have one of a name.

    Raises Inexpressible for what the dialect cannot say.
    """
    names = Counter(decision.name for decision in program.decisions.values())
    files: dict[str, str] = {}
    for decision in program.decisions.values():
        name = decision.name if names[decision.name] == 1 else decision.qname
        questions = questions_of(program, decision)
        table = decision.record.name.lower()
        files[f"{name}.sql"] = statement(program, decision.qname, dialect, table, (KEY,), questions)
        files[f"{name}.table.sql"] = table_statement(program, decision, dialect, table, (KEY,), questions)
    return files


def dialect_named(name: str) -> Dialect:
    """Raises Inexpressible where there is no such dialect."""
    if name not in DIALECTS:
        raise Inexpressible(f"there is no dialect `{name}`; there are {', '.join(DIALECTS)}")
    return DIALECTS[name]


def table_statement(
    program: core.Program,
    decision: core.Decision,
    dialect: str,
    table: str,
    keys: Sequence[str],
    findings: Sequence[str],
) -> str:
    """`CREATE TABLE` for the facts of a decision: keys, a column for each fact, and for each question to counsel."""
    engine = dialect_named(dialect)
    columns = [(key, engine.types("int")) for key in keys]
    columns += columns_of(decision.record, program.party_names, engine)
    columns += [(engine.separator.join((FINDINGS, name)), engine.types("text")) for name in findings]
    definitions = [
        exp.ColumnDef(
            this=exp.to_identifier(name, quoted=True), kind=exp.DataType.build(kind, dialect=engine.name, udt=True)
        )
        for name, kind in columns
    ]
    schema = exp.Schema(
        this=exp.to_table(exp.Table(this=exp.to_identifier(table, quoted=True))), expressions=definitions
    )
    return exp.Create(this=schema, kind="TABLE").sql(dialect=engine.name, pretty=True) + ";\n"


def questions_of(program: core.Program, decision: core.Decision) -> list[str]:
    """The questions to counsel that a decision depends on, also by way of other decisions."""
    found: dict[str, None] = {}
    for qname in dict.fromkeys(_decisions_read(program, decision)):
        for rule in program.decisions[qname].rules:
            if rule.refer is not None:
                found |= dict.fromkeys((rule.question, rule.name))
    return list(found)


def _decisions_read(program: core.Program, decision: core.Decision) -> Iterator[str]:
    """The decision and those that it asks."""
    seen: set[object] = set()
    waiting: list[Term] = []

    def enter(qname: str) -> Iterator[str]:
        if qname not in seen:
            seen.add(qname)
            yield qname
            waiting.extend(rule.condition for rule in program.decisions[qname].rules)

    yield from enter(decision.qname)
    while waiting:
        term = waiting.pop()
        match term:
            case OutcomeOf(decision=name) | RuleHolds(decision=name):
                yield from enter(name)
            case Call(define=name) if ("define", name) not in seen:
                seen.add(("define", name))
                waiting.append(program.defines[name].body)
            case NamedSet(name=name) if ("set", name) not in seen:
                seen.add(("set", name))
                waiting.append(program.sets[name].body)
        waiting += children(term)


__all__ = ["Inexpressible", "emit", "questions_of", "statement", "table_statement"]
