"""Two versions of a program: which answers change, how many inputs that concerns, and one input for each change."""
