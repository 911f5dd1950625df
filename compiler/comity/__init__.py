"""Comity: policy-as-code for export controls and reciprocity."""

__version__ = "0.1.0"
