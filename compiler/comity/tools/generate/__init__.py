"""Boundary tests: for each condition line a pair of tests, in one of which it holds and in the other it does not, and
the answer depends on it.
"""

from comity.tools.generate.search import Generated, Pair, generate

__all__ = ["Generated", "Pair", "generate"]
