"""What an editor can ask: one file per kind of request, pure functions of a program and a place."""
