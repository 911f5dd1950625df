"""Why an answer is what it is: the conditions line by line, and which facts would give another answer."""
