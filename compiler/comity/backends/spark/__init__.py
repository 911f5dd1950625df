"""Decisions on Spark: each partition is decided in columns, where it is.

Spark hands a partition to a Python worker as batches of Arrow (`mapInArrow`), and `backends.batch` decides them. The
program is loaded once per worker, from its core tree, which travels with the function.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from comity.backends.batch import BatchDecision
from comity.backends.batch.decide import refused_columns
from comity.backends.batch.result import refuse_kept
from comity.core import ast as core
from comity.core.interpret import Interpreter

ANSWERS = "outcome string, status string, possible array<string>, reason string"
"""The columns that there always are, as Spark declares them."""

EXPLAINED = ", ".join(
    f"{name} array<string>" for name in ("needs", "rules", "citations", "grounds", "defaults", "relied_on_unknown")
)


def decided(
    program: core.Program,
    decision: str,
    frame: Any,
    as_of: date | None,
    explain: bool,
    keep: Collection[str],
    units: Mapping[str, str] | None,
) -> Any:
    """A frame of Spark with the columns of ``keep`` and those of `ANSWERS`. Lazy, as frames are.

    Raises FactsError for columns that are not facts and are not in ``keep``, and for names in ``keep`` that the answers
    have.
    """
    from pyspark.sql.types import StructType

    refuse_kept(keep, explain)
    record = program.decisions[decision].record
    refused_columns(record, [name for name in frame.columns if name not in keep], units or {})
    answers: Any = StructType.fromDDL(ANSWERS + (f", {EXPLAINED}" if explain else ""))
    kept = [field for field in frame.schema.fields if field.name in keep]
    schema = StructType([*kept, *answers.fields])
    work = deciding(pickle.dumps(program), decision, as_of, explain, tuple(keep), dict(units or {}))
    return frame.mapInArrow(work, schema)


def deciding(
    program: bytes, decision: str, as_of: date | None, explain: bool, keep: tuple[str, ...], units: dict[str, str]
) -> Callable[[Iterator[Any]], Iterator[Any]]:
    """What a worker does with the batches of a partition."""

    def decide(batches: Iterator[Any]) -> Iterator[Any]:
        import pyarrow as pa

        from comity.backends.spark import prepared

        batch = prepared(program, decision)
        for given in batches:
            if not given.num_rows:
                continue
            answers = batch.decide(given, as_of, explain, None, keep, units).to_arrow()
            # Spark reads text itself, not its codes.
            said = [_plain(column.combine_chunks()) for column in answers.columns]
            kept = {name: given.column(name) for name in given.schema.names if name in keep}
            columns = {**kept, **dict(zip(answers.column_names, said, strict=True))}
            yield pa.RecordBatch.from_arrays(list(columns.values()), names=list(columns))

    return decide


def _plain(column: Any) -> Any:
    """An array of Arrow with text in place of codes."""
    import pyarrow as pa

    return column.dictionary_decode() if pa.types.is_dictionary(column.type) else column


@lru_cache(maxsize=8)
def prepared(program: bytes, decision: str) -> BatchDecision:
    """A decision made ready, once per worker: what it has learnt serves all partitions."""
    return BatchDecision(Interpreter(pickle.loads(program)), decision)
