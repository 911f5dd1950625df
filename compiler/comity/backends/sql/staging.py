"""From nodes to one statement: which become columns, and in which common table expression.

A node that is read more than once, or from another relation, becomes a column, so that it is worked out once. Columns
are made in stages: a stage reads those before it, adds its own columns, and hands on what later ones read. A look-up
is a join of a stage; what is asked of the elements of a list is worked out in the stages of the elements, gathered by
row, and joined.

    facts ──▶ facts_1 ─────────────────────▶ facts_2 ──▶ facts_3: outcome
       └────▶ elements_1 ──▶ elements_1_1 ──────┘ any(...) by row
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlglot import exp

from comity.backends.sql.columns import Columns, Kind, Node, Relation
from comity.backends.sql.dialects import Dialect, E, call, column, grouped, named, number, prefix, text
from comity.backends.sql.folding import Dictionary
from comity.backends.sql.lookups import Lookups, Wanted
from comity.backends.sql.render import Renderer

GATHERED = ("any", "sum")
"""Operations on the elements of a list."""

JOINED = ("lookup", "located", "entry", "word")

MOST_WRITTEN = 150
"""An expression of more operations than these is broken into columns."""


DEEPEST = 12
"""Operations inside each other. SQLite's parser keeps a hundred words, of which an operation takes some."""

COSTS = {"column": 0, "sure": 0, "constant": 0, "word": 0, "not": 0, "case": 2, "in": 3, "under": 5, "eccn_part": 5}
"""What operations cost beside a test of a bit."""

COSTS |= dict.fromkeys(("is_eccn", "is_hs", "is_plain_text", "listed", "names", "under_column", "all_among"), 20)

MOST_REPEATED = 5
"""A shared expression that costs more than this to repeat is a column, which is worked out for every row; a repeated
one only where a CASE, an AND or an OR comes to it."""

MOST_MEMBERS_WRITTEN = 12
"""A longer `IN` is a column of its own: there engines make a hash table of it, inside an OR some compare one by one."""


@dataclass(slots=True)
class Stage:
    """One common table expression. ``made``: the nodes that become columns here, in order."""

    name: str
    relation: Relation
    level: int
    before: Stage | None
    made: list[Node] = field(default_factory=list)
    kept: set[Node] = field(default_factory=set)
    reads: int = 0


class Staging:
    """Lays out the nodes of one statement. ``keys``: columns of the input that are handed through."""

    def __init__(
        self,
        columns: Columns,
        lookups: Lookups,
        dictionaries: Mapping[Node, Dictionary],
        dialect: Dialect,
        table: str,
        keys: Sequence[str],
    ) -> None:
        self.columns = columns
        self.lookups = lookups
        self.dictionaries = dictionaries
        self.dialect = dialect
        self.renderer = Renderer(dialect)
        self.table = table
        self.keys = keys
        self.stages: dict[tuple[Relation, int], Stage] = {}
        self.level: dict[Node, int] = {}
        self.base: dict[Relation, int] = {columns.facts: 0}
        self.names: dict[Node, str] = {}
        self.imported: dict[tuple[Node, Relation], int] = {}

    # ------------------------------------------------------------------------------------------ which are columns

    def statement(self, outputs: Mapping[str, Node]) -> exp.Select:
        nodes = _reachable(outputs.values())
        self.relations = {node.home for node in nodes} | {node.args[0] for node in nodes if node.op in GATHERED}
        for relation in list(self.relations):
            while relation.parent is not None:
                relation = relation.parent
                self.relations.add(relation)
        self.numbered = len(self.relations) > 1
        self.columned = self._choose(nodes, list(outputs.values()))
        self._levels(sorted(nodes, key=lambda node: node.number))
        self._lay_out(outputs)
        return self._write(outputs)

    def _choose(self, nodes: set[Node], outputs: Sequence[Node]) -> set[Node]:
        uses: dict[Node, int] = defaultdict(int)
        chosen = {node for node in nodes if node.op in (*GATHERED, *JOINED, "column")}
        chosen |= {node for node in nodes if node.op == "in" and len(node.args[1]) > MOST_MEMBERS_WRITTEN}
        for node in nodes:
            for part in node.parts:
                uses[part] += 1
                if part.home is not node.home or node.op in GATHERED:
                    chosen.add(part)
        for node in outputs:
            uses[node] += 1
        for relation in self.relations:
            if relation.source is not None:
                chosen.add(relation.source)
        size: dict[Node, int] = {}
        cost: dict[Node, int] = {}
        depth: dict[Node, int] = {}
        for node in sorted(nodes, key=lambda each: each.number):
            size[node] = 1 + sum(1 if part in chosen else size[part] for part in node.parts)
            cost[node] = COSTS.get(node.op, 1) + sum(0 if part in chosen else cost[part] for part in node.parts)
            depth[node] = 1 + max((0 if part in chosen else depth[part] for part in node.parts), default=0)
            if (uses[node] > 1 and node in outputs) or (uses[node] - 1) * cost[node] > MOST_REPEATED:
                chosen.add(node)
            elif size[node] > MOST_WRITTEN or depth[node] > DEEPEST:
                chosen |= {part for part in node.parts if size[part] > 4 and not part.is_constant}
                size[node] = 1 + sum(1 if part in chosen else size[part] for part in node.parts)
                cost[node] = COSTS.get(node.op, 1) + sum(0 if part in chosen else cost[part] for part in node.parts)
                depth[node] = 1 + max((0 if part in chosen else depth[part] for part in node.parts), default=0)
        return {node for node in chosen if not node.is_constant}

    # ------------------------------------------------------------------------------------------ where

    def _levels(self, nodes: Sequence[Node]) -> None:
        for node in nodes:
            self._level(node)

    def _base(self, relation: Relation) -> int:
        """The level at which the rows of a relation are there."""
        if relation not in self.base:
            assert relation.parent is not None and relation.source is not None
            self.base[relation] = 1 + max(self._base(relation.parent), self._read_at(relation.source, relation.parent))
        return self.base[relation]

    def _read_at(self, node: Node, relation: Relation) -> int:
        """The level from which a column can be read in a relation, brought over from above where it must be."""
        made = self._level(node)
        if node.home is relation or node.is_constant:
            return made
        level = max(made, self._base(relation)) + 1
        self.imported[node, relation] = level
        return level

    def _level(self, node: Node) -> int:
        """The level at which a node is a column; for others, the last that it reads."""
        known = self.level.get(node)
        if known is not None:
            return known
        if node.op == "column":
            found = self._base(node.home)
        elif node.is_constant:
            found = 0
        elif node.op in GATHERED:
            rows = node.args[0]
            found = 1 + max(self._read_at(node.parts[0], rows), self._base(rows))
        else:
            found = max((self._read_at(part, node.home) for part in node.parts), default=0)
            found = max(found, self._base(node.home)) + (1 if node in self.columned else 0)
        self.level[node] = found
        return found

    def _stage(self, relation: Relation, level: int) -> Stage:
        key = (relation, level)
        if key not in self.stages:
            self.stages[key] = Stage("", relation, level, None)
        return self.stages[key]

    def _lay_out(self, outputs: Mapping[str, Node]) -> None:
        for relation in self.relations:
            self._stage(relation, self._base(relation))
        for node in sorted(self.columned, key=lambda each: each.number):
            if node in self.level:
                self._stage(node.home, self.level[node]).made.append(node)
        for (node, relation), level in self.imported.items():
            stage = self._stage(relation, level)
            if node not in stage.made:
                stage.made.append(node)
        chains: dict[Relation, list[Stage]] = defaultdict(list)
        for stage in sorted(self.stages.values(), key=lambda each: each.level):
            chain = chains[stage.relation]
            stage.before = chain[-1] if chain else None
            stage.name = stage.relation.name if not chain else f"{stage.relation.name}_{len(chain)}"
            stage.made.sort(key=lambda each: each.number)
            chain.append(stage)
        self.chains = chains
        self._name_columns()
        self._keep(outputs)

    def _name_columns(self) -> None:
        taken: set[str] = set()
        for node in sorted(self.columned, key=lambda each: each.number):
            name = (
                self.dialect.separator.join(node.args[0])
                if node.op == "column" and node.home is self.columns.facts
                else ""
            )
            if not name:
                name = f"c{len(self.names) + 1}"
            taken.add(name)
            self.names[node] = name

    def _before(self, relation: Relation, level: int) -> Stage:
        """The last stage of a relation below a level."""
        return [stage for stage in self.chains[relation] if stage.level < level][-1]

    def _keep(self, outputs: Mapping[str, Node]) -> None:
        """Which columns each stage hands on: what later stages read."""

        def wants(stage: Stage, nodes: Iterable[Node]) -> None:
            for node in nodes:
                stage.kept.add(node)

        last = self.chains[self.columns.facts][-1]
        wants(last, [column for node in outputs.values() for column in self._columns_of(node)])
        for stage in sorted(self.stages.values(), key=lambda each: -each.level):
            own = set(stage.made)
            if stage.before is not None:
                wants(stage.before, stage.kept - own)
            elif stage.relation.parent is not None:
                assert stage.relation.source is not None
                above = self._before(stage.relation.parent, stage.level)
                wants(above, [stage.relation.source])
            for node in stage.made:
                if node.home is not stage.relation:
                    wants(self._before(node.home, stage.level), [node])
                elif node.op in GATHERED:
                    rows = self._before(node.args[0], stage.level)
                    wants(rows, self._columns_of(node.parts[0]))
                elif node.op != "column":
                    assert stage.before is not None
                    for part in node.parts:
                        wants(stage.before, self._columns_of(part))

    def _columns_of(self, node: Node) -> Iterable[Node]:
        """The columns that an expression reads."""
        if node in self.columned:
            return [node]
        return [each for part in node.parts for each in self._columns_of(part)]

    # ------------------------------------------------------------------------------------------ writing

    def _write(self, outputs: Mapping[str, Node]) -> exp.Select:
        self.tables: dict[str, exp.CTE] = {}
        stages = sorted(self.stages.values(), key=lambda each: (each.level, each.relation.depth, each.relation.name))
        bodies = [(stage, self._body(stage)) for stage in stages]
        last = self.chains[self.columns.facts][-1]
        made = [exp.alias_(self._column(key, last.name), key, quoted=True, copy=False) for key in self.keys]
        last.reads += 1
        for name, node in outputs.items():
            made.append(exp.alias_(self.renderer.write(node, self._reader(last)), name, quoted=True, copy=False))
        query = exp.select(*made, copy=False).from_(self._table(last.name), copy=False)
        ctes = list(self.tables.values())
        for stage, body in bodies:
            fence = self.dialect.says_materialized and (self.dialect.fences or stage.reads > 1)
            ctes.append(_cte(stage.name, body, fence or None))
        query.set("with_", exp.With(expressions=ctes))
        return query

    def _table(self, name: str) -> exp.Table:
        return exp.Table(this=named(name))

    def _column(self, name: str, table: str) -> E:
        return column(name, table)

    def _reader(self, stage: Stage) -> Any:
        def written(node: Node) -> E | None:
            return self._column(self.names[node], stage.name) if node in self.columned else None

        return written

    def _row(self, relation: Relation) -> str:
        return f"row of {relation.name}"

    def _body(self, stage: Stage) -> exp.Select:
        if stage.before is None:
            return self._facts(stage) if stage.relation.parent is None else self._elements(stage)
        before = stage.before
        before.reads += 1
        handed = [self._handed(before, node) for node in sorted(stage.kept - set(stage.made), key=lambda n: n.number)]
        rows = [self._column(name, before.name) for name in self._rows_of(stage.relation)]
        made: list[E] = []
        joins: list[tuple[E, E]] = []
        gathered: dict[Relation, list[Node]] = defaultdict(list)
        brought: dict[Relation, list[Node]] = defaultdict(list)
        looked: dict[tuple[Any, ...], list[Node]] = defaultdict(list)
        consulted: dict[Node, list[Node]] = defaultdict(list)
        for node in stage.made:
            if node not in stage.kept:
                continue
            if node.home is not stage.relation:
                brought[node.home].append(node)
            elif node.op in GATHERED:
                gathered[node.args[0]].append(node)
            elif node.op == "lookup":
                looked[(node.args[0], node.args[1], *node.args[4:])].append(node)
            elif node.op == "word" and self.dictionaries[node.args[0]].is_small:
                made.append(self._as(self._written_out(node, before), node))
            elif node.op == "word":
                consulted[node.args[0]].append(node)
            elif node.op == "located":
                table, place, key = node.args
                entries, separator = self.lookups.entries(table, place), self.lookups.separator(table, place)
                made.append(
                    self._located(node, key, (f"entries of {table} {place}", entries, separator), before, joins)
                )
            elif node.op == "entry":
                key, entries = node.args
                made.append(self._located(node, key, (f"entries of {self.names[key]}", entries, "."), before, joins))
            else:
                made.append(self._as(self.renderer.expression(node, self._reader(before)), node))
        for relation, nodes in brought.items():
            made += self._bring(relation, nodes, stage, joins)
        for relation, nodes in gathered.items():
            made += self._gather(relation, nodes, stage, joins)
        for key, nodes in looked.items():
            made += self._look_up(key, nodes, before, joins, len(joins))
        for source, nodes in consulted.items():
            made += self._consult(self.dictionaries[source], nodes, before, joins)
        query = exp.select(*rows, *handed, *made, copy=False).from_(self._table(before.name), copy=False)
        for table, condition in joins:
            query = query.join(table, on=condition, join_type="left", copy=False)
        return query

    def _as(self, expression: E, node: Node) -> E:
        return exp.Alias(this=expression, alias=named(self.names[node]))

    def _handed(self, before: Stage, node: Node) -> E:
        return self._column(self.names[node], before.name)

    def _rows_of(self, relation: Relation) -> list[str]:
        """The columns that say which row this is, and beside which rows it stands; at the top also the keys."""
        if not relation.parent:
            return [*self.keys, *([self._row(relation)] if self.numbered else [])]
        found = [self._row(relation)] if any(each.parent is relation for each in self.relations) else []
        above: Relation | None = relation.parent
        while above is not None:
            found.append(self._row(above))
            above = above.parent
        return found

    def _numbering(self, relation: Relation) -> E:
        over = exp.Window(this=exp.RowNumber())
        return exp.alias_(over, self._row(relation), quoted=True)

    def _facts(self, stage: Stage) -> exp.Select:
        columns = [self._column(key, "input") for key in self.keys]
        if self.numbered:
            columns.append(self._numbering(stage.relation))
        for node in sorted(stage.kept, key=lambda each: each.number):
            if self.names[node] not in self.keys:
                columns.append(self._column(self.names[node], "input"))
        source = exp.to_table(self.table, dialect=self.dialect.name)
        for part in source.find_all(exp.Identifier):
            part.set("quoted", True)
        source.set("alias", exp.TableAlias(this=exp.to_identifier("input", quoted=True)))
        return exp.select(*columns or [exp.alias_(number(1), "nothing")]).from_(source)

    def _elements(self, stage: Stage) -> exp.Select:
        relation = stage.relation
        assert relation.parent is not None and relation.source is not None
        above = self._before(relation.parent, stage.level)
        above.reads += 1
        keys = [name for name in self._rows_of(relation) if name != self._row(relation)]
        source = self._column(self.names[relation.source], above.name)
        above_keys = [self._column(key, above.name) for key in keys]
        records = any(node.op == "column" and node.args[0] for node in stage.kept)
        listed = self.dialect.unnest(self._table(above.name), above_keys, source, relation.distinct, records)
        made: list[E] = [exp.column(key, quoted=True) for key in keys]
        if self._row(relation) in self._rows_of(relation):
            made.append(self._numbering(relation))
        for node in sorted(stage.kept, key=lambda each: each.number):
            if node.op == "column" and node.args[0] == () and node.kind == "list":
                made.append(self._as(exp.column("element", quoted=True), node))
            else:
                made.append(self._as(self.dialect.element(node.args[0], node.kind), node))
        return exp.select(*made, copy=False).from_(listed.subquery("listed", copy=False), copy=False)

    def _bring(self, relation: Relation, nodes: Sequence[Node], stage: Stage, joins: list[tuple[E, E]]) -> list[E]:
        """Columns of the rows that the elements stand beside."""
        above = self._before(relation, stage.level)
        above.reads += 1
        assert stage.before is not None
        row = self._row(relation)
        condition = exp.EQ(this=self._column(row, above.name), expression=self._column(row, stage.before.name))
        joins.append((self._table(above.name), condition))
        return [self._as(self._column(self.names[node], above.name), node) for node in nodes]

    def _gather(self, relation: Relation, nodes: Sequence[Node], stage: Stage, joins: list[tuple[E, E]]) -> list[E]:
        """What holds of some element, and sums over elements, for each row."""
        rows = self._before(relation, stage.level)
        rows.reads += 1
        assert relation.parent is not None and stage.before is not None
        row = self._row(relation.parent)
        found: list[E] = [self._column(row, rows.name)]
        made: list[E] = []
        alias = f"of {relation.name}"
        for node in nodes:
            body = self.renderer.write(node.parts[0], self._reader(rows))
            gathered = exp.column(self.names[node], table=alias, quoted=True)
            if node.op == "sum":
                found.append(self._as(call("SUM", body), node))
                made.append(self._as(exp.Coalesce(this=gathered, expressions=[number(0)]), node))
                continue
            # 2: of some element; 1: of none, but perhaps of one; 0: of none.
            branches = [exp.If(this=body, true=number(2))]
            if node.parts[0].null:
                branches.append(exp.If(this=exp.Not(this=exp.Paren(this=body.copy())), true=number(0)))
            default = number(1 if node.parts[0].null else 0)
            found.append(self._as(call("MAX", exp.Case(ifs=branches, default=default)), node))
            known: E = exp.Coalesce(this=gathered, expressions=[number(0)])
            if node.parts[0].null:
                known = call("NULLIF", known, number(1))
            made.append(self._as(exp.EQ(this=known, expression=number(2)), node))
        query = exp.select(*found, copy=False).from_(self._table(rows.name), copy=False)
        query = query.group_by(self._column(row, rows.name), copy=False)
        condition = exp.EQ(
            this=exp.column(row, table=alias, quoted=True), expression=self._column(row, stage.before.name)
        )
        joins.append(
            (query.subquery(exp.TableAlias(this=exp.to_identifier(alias, quoted=True)), copy=False), condition)
        )
        return made

    # ------------------------------------------------------------------------------------------ look-ups

    def _look_up(
        self, key: tuple[Any, ...], nodes: Sequence[Node], before: Stage, joins: list[tuple[E, E]], join: int
    ) -> list[E]:
        table, places, *keys = key
        wanted = self.lookups.wanted[table, places]
        name = self._rows_table(wanted)
        alias = f"lookup_{join}"
        conditions = [
            exp.EQ(
                this=exp.column(f"key_{place}", table=alias, quoted=True),
                expression=self.renderer.write(node, self._reader(before)),
            )
            for place, node in enumerate(keys)
        ]
        joins.append((self._aliased(name, alias), exp.and_(*conditions, copy=False)))
        order = list(wanted.columns)
        return [
            self._as(exp.column(f"value_{order.index((node.args[2], node.args[3]))}", table=alias, quoted=True), node)
            for node in nodes
        ]

    def _consult(
        self, dictionary: Dictionary, nodes: Sequence[Node], before: Stage, joins: list[tuple[E, E]]
    ) -> list[E]:
        """Columns of the row that a dictionary has for a fact."""
        source = dictionary.source
        name, alias = f"by {self.names[source]} of {source.home.name}", f"lookup_{len(joins)}"
        if name not in self.tables:
            kinds, values = zip(*dictionary.columns, strict=True)
            rows = [list(row) for row in zip(dictionary.members, *values, strict=False)]
            heads = ["member", *(f"value_{place}" for place in range(len(kinds)))]
            self.tables[name] = self._constant(name, ["text", *kinds], rows, heads)
        key = self.renderer.write(dictionary.key, self._reader(before))
        joins.append((self._aliased(name, alias), exp.EQ(this=column("member", alias), expression=key)))
        made = []
        for node in nodes:
            found: E = column(f"value_{node.args[2]}", alias)
            kind, values = dictionary.columns[node.args[2]]
            if len(values) > len(dictionary.members):  # the last is the one of codes that are within no entry
                elsewhere = self.dialect.constant(values[-1], kind)
                known = exp.Not(
                    this=exp.Is(this=grouped(self.renderer.write(source, self._reader(before))), expression=exp.Null())
                )
                found = exp.Case(ifs=[exp.If(this=known, true=exp.Coalesce(this=found, expressions=[elsewhere]))])
            made.append(self._as(found, node))
        return made

    def _written_out(self, node: Node, before: Stage) -> E:
        """A column of a small dictionary."""
        dictionary = self.dictionaries[node.args[0]]
        kind, values = dictionary.columns[node.args[2]]
        ifs = [
            exp.If(this=text(member), true=self.dialect.constant(value, kind))
            for member, value in zip(dictionary.members, values, strict=True)
            if value is not None
        ]
        if not ifs:
            return self.dialect.constant(None, kind)
        return exp.Case(this=self.renderer.write(dictionary.source, self._reader(before)), ifs=ifs)

    def _aliased(self, name: str, alias: str) -> exp.Table:
        table = self._table(name)
        table.set("alias", exp.TableAlias(this=exp.to_identifier(alias, quoted=True)))
        return table

    def _constant(
        self, name: str, kinds: Sequence[Kind], rows: Sequence[Sequence[object]], heads: Sequence[str]
    ) -> exp.CTE:
        """A table of the policy, with the names of its columns."""
        body = self.dialect.rows(kinds, rows, heads)
        return _cte(name, body, None, heads if self.dialect.heads_outside else ())

    def _rows_table(self, wanted: Wanted) -> str:
        """The rows of a table, as a common table expression of values."""
        name = f"{wanted.table} by {','.join(map(str, wanted.places))}"
        if name not in self.tables:
            rows = self.lookups.rows(wanted)
            keys, kinds = self.lookups.key_kinds(wanted), list(wanted.columns.values())
            heads = [f"key_{place}" for place in range(len(keys))] + [f"value_{place}" for place in range(len(kinds))]
            written = [[*own, *cells] for own, cells in rows] or [[None] * len(heads)]
            self.tables[name] = self._constant(name, [*keys, *kinds], written, heads)
        return name

    def _located(
        self,
        node: Node,
        key: Node,
        among: tuple[str, Sequence[str], str],
        before: Stage,
        joins: list[tuple[E, E]],
    ) -> E:
        """The longest entry that a code is within: joined once for each length of entry. ``among``: what the entries
        are called, they themselves, and what a code continues one with.
        """
        (name, entries, separator), join = among, len(joins)
        if name not in self.tables:
            self.tables[name] = self._constant(name, ["text"], [[entry] for entry in entries], ["entry"])
        found: list[E] = []
        for length in sorted({len(entry) for entry in entries}, reverse=True):
            alias = f"entry_{join}_{length}"
            code = self.renderer.write(key, self._reader(before))
            start: E = prefix(code, length)
            if separator:
                after = exp.Substring(this=code.copy(), start=number(length + 1), length=number(1))
                ends = exp.In(this=after, expressions=[text(""), text(separator)])
                start = exp.Case(ifs=[exp.If(this=ends, true=start)])
            entry = column("entry", alias)
            joins.append((self._aliased(name, alias), exp.EQ(this=entry, expression=start)))
            found.append(entry.copy())
        return self._as(exp.Coalesce(this=found[0], expressions=found[1:]) if found[1:] else found[0], node)


def _cte(name: str, body: E, materialized: bool | None, columns: Sequence[str] = ()) -> exp.CTE:
    alias = exp.TableAlias(
        this=exp.to_identifier(name, quoted=True), columns=[exp.to_identifier(each, quoted=True) for each in columns]
    )
    return exp.CTE(this=body, alias=alias, materialized=materialized)


def _reachable(outputs: Iterable[Node]) -> set[Node]:
    found: set[Node] = set()
    waiting = list(outputs)
    while waiting:
        node = waiting.pop()
        if node in found:
            continue
        found.add(node)
        waiting += node.parts
        relations = [node.home] + ([node.args[0]] if node.op in GATHERED else [])
        for relation in relations:
            while relation is not None:
                if relation.source is not None:
                    waiting.append(relation.source)
                relation = relation.parent
    return found
