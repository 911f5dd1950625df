"""From a box to complete facts that lie in it, and from facts to a `test` block that an author can paste."""
