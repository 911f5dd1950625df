"""Findings about responses (S401-S404), and the search for facts that agreements use too."""
