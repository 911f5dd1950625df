"""Exact linear arithmetic: constraints between numbers, solved here where they are simple, else by z3 if installed."""
