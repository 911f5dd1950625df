"""JSON Schema (draft 2020-12) of what decisions read and answer."""

from comity.backends.schema.documents import answer_schema, emit, facts_schema

__all__ = ["answer_schema", "emit", "facts_schema"]
