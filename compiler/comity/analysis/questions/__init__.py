"""What is asked of every decision and definition, in which order, and how each finding is worded (L200-L213)."""
