"""The analysis again after an edit: what the edit left alone is kept."""
