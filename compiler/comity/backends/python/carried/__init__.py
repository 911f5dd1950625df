"""Carried into built packages beside the reference semantics; not used by the compiler itself."""
