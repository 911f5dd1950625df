"""The Python target: a typed package of predicates that imports only the standard library."""

from comity.backends.python.package import emit

__all__ = ["emit"]
