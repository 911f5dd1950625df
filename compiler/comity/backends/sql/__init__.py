"""SQL: a decision as one statement over a relation with a column per fact (`docs/sql.md`).

`columns` is the middle: expressions over columns, each at home in a relation (the facts, or the elements of a list).
`terms` makes them from core, `decision` the answer; `staging` puts them into common table expressions, `render` writes
them for a dialect as trees of sqlglot.
"""
