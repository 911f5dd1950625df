"""House rules, suppressions, and the formats of findings.

Not called `lint`, because `comity.lint` is the function that runs it.
"""
