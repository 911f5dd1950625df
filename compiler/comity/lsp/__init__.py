"""The language server (`comity lsp`, extra `comity[lsp]`): what an editor asks, answered from a program in memory.

`projects` holds texts, programs and findings, which the thread of `worker` makes; `index` finds the declaration behind
a place in a text; each file of `features` answers one kind of request as a pure function of these. `server` publishes
findings, `requests` answers.
"""
