"""The basis of both the interpreter and generated code: exact values, three-valued logic, decisions.

This folder imports nothing but the standard library and uses relative imports only, because
`comity build` copies it unchanged into every package it emits.
"""
