"""Reciprocity rules: what the sides of an agreement owe each other."""
