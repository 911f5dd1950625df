"""House rules: what is written, and how, apart from what it means."""
