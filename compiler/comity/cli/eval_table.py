"""`comity eval --table`: decides the rows of a CSV, Parquet or JSON lines file, some ten thousand at a time."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from datetime import date
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TypeAlias

import click

from comity.api import Decision
from comity.base.watching import doing
from comity.cli.output import atomically, plural
from comity.cli.progress import progress
from comity.cli.streams import note
from comity.runtime.errors import FactsError
from comity.runtime.facts import loads_json

if TYPE_CHECKING:
    from comity.backends.batch import Answers

ROWS = 65_536

Write: TypeAlias = Callable[[Mapping[str, Sequence[object]], "Answers"], None]
"""Writes some rows: their kept columns, and what is said of them."""

FORMATS = (".csv", ".parquet", ".jsonl")


def evaluate(
    decision: Decision,
    table: Path,
    output: Path | None,
    as_of: date | None,
    explain: bool,
    keep: Sequence[str],
    units: Sequence[str],
    quiet: bool,
) -> int:
    """Decide every row of ``table`` and write ``output``: the columns kept, then what is said of the rows.

    1 if a row was refused, or the rules certainly contradict each other or leave a gap; the output is whole then too.
    """
    if output is None:
        raise click.UsageError("name the file for the answers: -o OUT.parquet")
    for path in (table, output):
        if path.suffix.lower() not in FORMATS:
            raise click.UsageError(f"{path.name}: tables are {', '.join(FORMATS)} files")
    if not table.is_file():
        raise FileNotFoundError(2, "there is no such file", str(table))
    if table.resolve() == output.resolve():
        raise click.UsageError("the answers cannot take the place of the table")
    by_column = dict(map(_unit, units))
    counts: Counter[str] = Counter()
    done = 0
    try:
        from comity.backends.batch.decide import not_facts
        from comity.backends.batch.result import refuse_kept

        refuse_kept(keep, explain)
        beside = not_facts(decision.batch.record, keep)
        with progress(quiet), _writing(output) as write:
            for given, kept, text in _READERS[table.suffix.lower()](table, tuple(keep), beside):
                said = decision.batch.decide(given, as_of, explain, None, (), by_column, text)
                write(kept, said)
                counts.update(said.counts())
                done += len(said.codes)
                doing(f"{decision.name}: {done:,} rows")
    except FactsError as error:
        raise click.UsageError(str(error)) from None
    except ImportError as error:
        raise click.UsageError(f"tables need {error.name}: pip install 'comity[batch]'") from None
    if not quiet:
        note(f"{plural(done, 'row')}: {', '.join(f'{number:,} {name}' for name, number in counts.items()) or 'none'}")
    return int(any(counts[status] for status in ("gap", "contradiction", "refused")))


def _unit(option: str) -> tuple[str, str]:
    column, equals, unit = option.partition("=")
    if not (column and equals and unit):
        raise click.UsageError(f"--unit {option}: write COLUMN=UNIT, such as value=USD")
    return column, unit


# ------------------------------------------------------------------------------------------- reading

Read: TypeAlias = Iterator[tuple[object, Mapping[str, Sequence[object]], bool]]
"""Some rows at a time: the facts, the kept columns, and whether all facts are text. Of the kept columns those
``beside`` the facts are left out of them."""


def _read_parquet(path: Path, keep: Sequence[str], beside: Set[str]) -> Read:
    import pyarrow as pa
    from pyarrow import parquet

    try:
        file = parquet.ParquetFile(path)
    except pa.ArrowException as error:
        raise click.UsageError(f"{path.name} is not a Parquet file: {error}") from None
    _check_kept(keep, file.schema_arrow.names, path)
    texts = [field.name for field in file.schema_arrow if pa.types.is_string(field.type)]
    with parquet.ParquetFile(path, read_dictionary=texts) as file:
        for batch in file.iter_batches(ROWS):
            table = pa.table(batch)
            kept = {name: table.column(name).to_pylist() for name in keep}
            yield table.drop_columns(sorted(beside)), kept, False


def _read_csv(path: Path, keep: Sequence[str], beside: Set[str]) -> Read:
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = csv.reader(file)
        try:
            names = next(lines, [])
            _check_kept(keep, names, path)
            while rows := list(islice(lines, ROWS)):
                for row in rows:
                    if len(row) != len(names):
                        where = f"{path.name}, line {lines.line_num}"
                        raise click.UsageError(f"{where} or before: a row of {len(row)} cells, not {len(names)}")
                columns = dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
                kept = {name: columns[name] for name in keep}
                yield {name: cells for name, cells in columns.items() if name not in beside}, kept, True
        except (csv.Error, UnicodeDecodeError) as error:
            raise click.UsageError(f"{path.name} is not CSV in UTF-8: {error}") from None


def _read_lines(path: Path, keep: Sequence[str], beside: Set[str]) -> Read:
    with path.open("rb") as file:
        lines = (line for line in file if line.strip())
        number = 0
        while some := list(islice(lines, ROWS)):
            rows = []
            for line in some:
                number += 1
                try:
                    row = loads_json(line)
                except FactsError as error:
                    raise click.UsageError(f"{path.name}, object {number}: {error}") from None
                if not isinstance(row, dict):
                    raise click.UsageError(f"{path.name}, object {number}: each line is one JSON object of facts")
                rows.append(row)
            kept = {name: [row.get(name) for row in rows] for name in keep}
            yield [{n: value for n, value in row.items() if n not in beside} for row in rows], kept, False


_READERS: dict[str, Callable[[Path, Sequence[str], Set[str]], Read]] = {
    ".csv": _read_csv,
    ".parquet": _read_parquet,
    ".jsonl": _read_lines,
}


def _check_kept(keep: Sequence[str], names: Sequence[str], path: Path) -> None:
    for name in keep:
        if name not in names:
            raise click.UsageError(f"--keep {name}: {path.name} has no such column")


# ------------------------------------------------------------------------------------------- writing


@contextmanager
def _writing(path: Path) -> Iterator[Write]:
    """Writes a file by its ending; it is in its place only once it is whole."""
    with atomically(path) as file:
        match path.suffix.lower():
            case ".parquet":
                with _parquet(file) as write:
                    yield write
            case ".csv":
                yield _CsvWriter(file)
            case _:
                yield lambda kept, said: _write_lines(file, kept, said)


@contextmanager
def _parquet(file: IO[bytes]) -> Iterator[Write]:
    import pyarrow as pa
    from pyarrow import parquet

    writer: Any = None

    def write(kept: Mapping[str, Sequence[object]], said: Answers) -> None:
        nonlocal writer
        table = said.to_arrow()
        for place, (name, values) in enumerate(kept.items()):
            table = table.add_column(place, name, pa.array(values))
        if writer is None:
            writer = parquet.ParquetWriter(file, table.schema)
        writer.write_table(table.cast(writer.schema))

    try:
        yield write
    finally:
        if writer is not None:
            writer.close()


class _CsvWriter:
    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self.begun = False

    def __call__(self, kept: Mapping[str, Sequence[object]], said: Answers) -> None:
        columns = {**kept, **{name: said[name].tolist() for name in said}}
        lines: list[str] = []

        class Lines:
            write = staticmethod(lines.append)

        writer = csv.writer(Lines(), lineterminator="\n")
        if not self.begun:
            writer.writerow(columns)
            self.begun = True
        for row in zip(*columns.values(), strict=True):
            writer.writerow([",".join(cell) if isinstance(cell, tuple) else cell for cell in row])
        self.file.write("".join(lines).encode())


def _write_lines(file: IO[bytes], kept: Mapping[str, Sequence[object]], said: Answers) -> None:
    columns = {**kept, **{name: said[name].tolist() for name in said}}
    rows = zip(*columns.values(), strict=True)
    texts = (json.dumps(dict(zip(columns, row, strict=True)), ensure_ascii=False, default=str) for row in rows)
    file.write("".join(f"{text}\n" for text in texts).encode())
