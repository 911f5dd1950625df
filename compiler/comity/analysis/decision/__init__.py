"""Searching the rules of one decision: which inputs make given rules apply, prevail, contradict or fall silent."""
