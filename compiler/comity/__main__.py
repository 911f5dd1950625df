"""`comity`, as a program: one command, and the process ends."""

from __future__ import annotations

import atexit
import os
import sys
from pathlib import Path

from comity.base.gc import collecting_rarely, left_behind
from comity.cli import main


def run() -> None:
    """Run the command that the arguments name, and end the process.

    What a lint has made is a large web of objects. Taking it apart before the process ends, as Python does, takes as
    long as reading all policies did; the system frees it at once. (mypy ends the same way.)
    """
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # what is written to a closed stream goes nowhere
            setattr(sys, name, Path(os.devnull).open("w"))  # noqa: SIM115
    left_behind.ends_soon = True
    try:
        with collecting_rarely():
            main()
    except SystemExit as stop:
        atexit._run_exitfuncs()
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os._exit(stop.code if isinstance(stop.code, int) else 1)


if __name__ == "__main__":
    run()
