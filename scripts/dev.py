"""Sets up what a task needs in `.venv`, with nothing but Python and pip, and runs it.

python3 scripts/dev.py demo     lint the shipped policies, then decide real exports
python3 scripts/dev.py test     the tests, with coverage: what CI runs
python3 scripts/dev.py check    format, lint, strict types, and the tests
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PLACE = ROOT / ".venv"
BIN = PLACE / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
LOCK = ROOT / "requirements" / "dev.txt"

EVAL = ["comity", "eval", "licensing", "--project", "policies/ear", "--explain", "--facts"]
DEMO = [
    ["comity", "lint", "policies", "--fail-on", "warning"],
    [*EVAL, "examples/exports/chips_to_russia.json"],
    [*EVAL, "examples/exports/laptop.json"],
]
TEST = [["pytest", "-n", "auto", "--cov", "--cov-report=term"]]
CHECK = [
    ["ruff", "check", "."],
    ["ruff", "format", "--check", "."],
    ["mypy"],
    ["comity", "fmt", "--check", "policies"],
    *TEST,
]


def run(*command: str | Path, quiet: bool = False) -> None:
    """Run a command in the checkout; the first that fails ends everything with its exit code."""
    if not quiet:
        print(f"\n$ {' '.join(map(str, command))}", flush=True)
    name = str(command[0])
    program = BIN / name if (BIN / name).exists() else command[0]
    done = subprocess.run([str(program), *map(str, command[1:])], cwd=ROOT)
    if done.returncode:
        sys.exit(done.returncode)


def set_up(develop: bool) -> None:
    """Make `.venv` hold Comity as it stands here, and the tools of development if asked for; again when they change.

    The environment is made without pip, which some systems leave out of `venv`; the pip at hand installs into it.
    """
    wanted = [ROOT / "pyproject.toml", *([LOCK] if develop else [])]
    stamp = hashlib.sha256(b"".join(file.read_bytes() for file in wanted)).hexdigest()
    mark = PLACE / ("comity-develop" if develop else "comity-use")
    if mark.is_file() and mark.read_text() == stamp:
        return
    print(f"setting up {PLACE} (once)", flush=True)
    if not PYTHON.exists():
        venv.create(PLACE, with_pip=False)
    install = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        str(PYTHON),
        "install",
        "--quiet",
        "--disable-pip-version-check",
    ]
    if develop:
        run(*install, "-r", LOCK, quiet=True)
    run(*install, "-e", ROOT, quiet=True)
    mark.write_text(stamp)


def main() -> None:
    tasks = {"demo": DEMO, "test": TEST, "check": CHECK}
    name = sys.argv[1] if len(sys.argv) == 2 else ""
    if name not in tasks or sys.version_info < (3, 11):
        sys.exit(f"{__doc__}\nPython 3.11 or newer is needed; this is {sys.version.split()[0]}.")
    set_up(develop=name != "demo")
    for command in tasks[name]:
        run(*command)


if __name__ == "__main__":
    main()
