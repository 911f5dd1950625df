"""Sets up what a task needs in `.venv`, with nothing but Python and pip, and runs it.

python3 scripts/dev.py demo             decide real exports, then lint the law that decides them
python3 scripts/dev.py test [TESTS]     the tests, or only those named
python3 scripts/dev.py test --fast      tests of every stage of the compiler that take half a minute together
python3 scripts/dev.py test --times     the tests, and how much processor time each folder, file and test takes
python3 scripts/dev.py lint             ruff, strict types, unused names, and the layout of the policies
python3 scripts/dev.py check            lint, and the tests
python3 scripts/dev.py coverage         the tests, with the lines that they leave out: twice as long
python3 scripts/dev.py slow             tests marked `slow`, and random programs by the thousand: an hour or two
python3 scripts/dev.py record           write the messages as they are now into tests/snapshots, to be read in the diff
python3 scripts/dev.py spark            tests on a real Spark of this machine: installs PySpark (400 MB), needs Java
python3 scripts/dev.py ci               what CI runs: all tests here, the quick ones on every other Python found
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements" / "dev.txt"
SPARK = ROOT / "requirements" / "spark.txt"
OLDEST = (3, 11)
MINORS = (11, 12, 13, 14)
"""The versions of Python that Comity is for (`pyproject.toml`)."""

DEMO = [
    ["python", "scripts/demo.py"],
    ["comity", "lint", "policies/ear", "--fail-on", "warning"],
]
PYTEST = ["python", "-m", "pytest", "-n", "auto", "--dist", "loadfile", "--no-loadscope-reorder"]
"""A file's tests stay together, as they share what they have compiled. In order: the folders that take longest are not
the last."""
TEST = [PYTEST]
TIMES = ["-p", "tests.times"]
COVERAGE = [[*PYTEST, "--cov", "--cov-report=term"]]
RECORD = [["COMITY_RECORD=1", "pytest", "tests/pages/test_messages.py"]]
FAST = ["tests/surface", "tests/runtime", "tests/lint", "tests/core/test_decide.py", "tests/test_layering.py"]
"""Tests of every stage before proofs and packages. On two idle cores they take half a minute."""
QUICK = ["tests/surface", "tests/runtime", "tests/checked", "tests/core", "tests/pages", "tests/cli/test_process.py"]
"""Tests that take a minute, of what differs between versions of Python: patterns, texts, numbers, processes."""
LINT = [
    ["ruff", "check", "."],
    ["ruff", "format", "--check", "."],
    ["mypy"],
    ["python", "scripts/find_unused.py"],
    ["comity", "fmt", "--check", "policies"],
]
BY_EXAMPLES = ["tests/analysis/test_compare.py", "tests/analysis/test_jobs.py", "tests/backends", "tests/surface"]
BY_EXAMPLES += ["tests/core", "tests/runtime"]
"""Tests of properties, each of which the usual run tries on few examples."""
SLOW = [
    [*PYTEST, "-m", "slow"],
    ["COMITY_EXAMPLES=2000", *PYTEST, "tests/responses", "tests/reciprocity", "-k", "by_force"],
    ["COMITY_EXAMPLES=400", *PYTEST, *BY_EXAMPLES],
    ["python", "scripts/fuzz_analysis.py", "--count", "5000"],
    ["python", "scripts/fuzz_analysis.py", "--ordinary", "--count", "200"],
    ["python", "scripts/fuzz_analysis.py", "--rules", "100", "--count", "50"],
    ["python", "scripts/fuzz_lists.py", "--count", "2000"],
    ["python", "scripts/fuzz_facts.py", "--count", "100000"],
    ["python", "scripts/fuzz_session.py", "--count", "500"],
    ["python", "scripts/fuzz_builds.py", "--count", "100"],
    ["python", "scripts/fuzz_builds.py", "--ear", "7"],
    ["python", "scripts/fuzz_batch.py", "--count", "100000", "--ear", "0.02"],
    ["python", "scripts/fuzz_sql.py", "--count", "1000"],
    ["python", "scripts/fuzz_sql.py", "--ear", "--rows", "2000"],
    ["python", "scripts/fuzz_rows.py", "--count", "20000", "--seed", "40000"],
]


class Environment:
    """A virtual environment in the checkout, in which commands are run."""

    def __init__(self, folder: Path, base: str) -> None:
        """``base``: the Python that the environment is made with."""
        self.folder, self.base = folder, base
        self.programs = folder / ("Scripts" if os.name == "nt" else "bin")
        self.python = self.programs / ("python.exe" if os.name == "nt" else "python")

    def run(self, *command: str | Path, quiet: bool = False) -> None:
        """Run a command in the checkout; the first that fails ends everything with its exit code.

        Words such as `NAME=value` before it are added to its environment, as in a shell.
        """
        if not quiet:
            print(f"\n$ {' '.join(map(str, command))}", flush=True)
        environment = dict(os.environ)
        # Compiled modules are kept: else every process of the tests compiles Comity, and every worker all tests.
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        while "=" in str(command[0]):
            name, _, value = str(command[0]).partition("=")
            environment[name] = value
            command = command[1:]
        name = str(command[0])
        program = self.programs / name if (self.programs / name).exists() else command[0]
        done = subprocess.run([str(program), *map(str, command[1:])], cwd=ROOT, env=environment)
        if done.returncode:
            sys.exit(done.returncode)

    def set_up(self, develop: bool) -> None:
        """Install Comity from this checkout, and the development tools if asked for; again when they change.

        The environment is made without pip, which some systems leave out of `venv`; the pip at hand installs into it.
        """
        wanted = [ROOT / "pyproject.toml", *([LOCK] if develop else [])]
        version = version_of(self.base) or self.base
        stamp = hashlib.sha256(b"".join([*(file.read_bytes() for file in wanted), version.encode()])).hexdigest()
        mark = self.folder / ("comity-develop" if develop else "comity-use")
        if mark.is_file() and mark.read_text() == stamp:
            return
        print(f"setting up {self.folder} (once)", flush=True)
        if version_of(self.python) != version:
            self.run(self.base, "-m", "venv", "--without-pip", "--clear", self.folder, quiet=True)
        pip = [*pip_at_hand(self.base), "--python", str(self.python), "--disable-pip-version-check", "--quiet"]
        if develop:
            # Everything is in the lock file. Left to look for dependencies, pip 23.0 (Debian 12) asks for the hash of
            # `coverage[toml]` beside that of `coverage`.
            self.run(*pip, "install", "--no-deps", "-r", LOCK, quiet=True)
        self.run(*pip, "install", "-e", ROOT, quiet=True)
        mark.write_text(stamp)

    def add(self, lock: Path) -> None:
        """Install what a lock file names besides."""
        pip = [*pip_at_hand(self.base), "--python", str(self.python), "--disable-pip-version-check", "--quiet"]
        self.run(*pip, "install", "--no-deps", "-r", lock, quiet=True)


def pip_at_hand(base: str | Path) -> list[str]:
    """The command of the pip that ``base`` has, or else this Python, or the one that its environment was made with.

    That of ``base`` first, as `pip --python` runs on that Python, and Debian's pip 23.0 does not run on 3.12.
    """
    for python in (base, sys.executable, getattr(sys, "_base_executable", sys.executable)):
        if subprocess.run([python, "-m", "pip", "--version"], capture_output=True).returncode == 0:
            return [str(python), "-m", "pip"]
    sys.exit(f"{sys.executable} has no pip; install it (Debian, Ubuntu: apt install python3-pip)")


def set_up(develop: bool) -> Environment:
    """The environment of the Python that runs this script, ready for use."""
    environment = Environment(ROOT / ".venv", sys.executable)
    environment.set_up(develop)
    return environment


def version_of(python: str | Path) -> str | None:
    """The version of a Python; None if there is none there that runs."""
    try:
        done = subprocess.run([str(python), "-c", "import sys; print(sys.version)"], capture_output=True, text=True)
    except OSError:
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def other_pythons() -> dict[str, str]:
    """Other Pythons on this machine, by version: the system's own, and one of each minor version."""
    candidates = ["/usr/bin/python3"]
    for minor in MINORS:
        candidates += map(str, sorted(Path.home().glob(f".pyenv/versions/3.{minor}.*/bin/python")))
        candidates += filter(None, [shutil.which(f"python3.{minor}")])
    found: dict[str, str] = {}
    minors = {sys.version_info[:2]}
    for python in candidates:
        number = (version_of(python) or "").partition(" ")[0]
        if not number or number == sys.version.partition(" ")[0]:
            continue
        minor = tuple(int(part) for part in number.split(".")[:2])
        if minor >= OLDEST and (minor not in minors or python == "/usr/bin/python3"):
            found.setdefault(number, python)
            minors.add(minor)
    return found


def run_everywhere() -> None:
    """All tests on this Python, then the quick ones on the others; says which were not there."""
    here = set_up(develop=True)
    for command in TEST:
        here.run(*command)
    others = other_pythons()
    for number, python in others.items():
        print(f"\nPython {number} ({python})", flush=True)
        there = Environment(ROOT / f".venv-{number}", python)
        there.set_up(develop=True)
        there.run(*PYTEST, *QUICK)
    ran = [sys.version.partition(" ")[0], *others]
    print(f"\nall tests passed on {ran[0]}", f"the quick ones on {', '.join(ran[1:]) or 'no other'}", sep="; ")
    absent = [f"3.{minor}" for minor in MINORS if not any(number.startswith(f"3.{minor}.") for number in ran)]
    if absent:
        print(f"not tested, because not found here: Python {', '.join(absent)}")
    if "/usr/bin/python3" not in (sys.executable, *others.values()):
        print("not tested: the system's own /usr/bin/python3 (none, too old, or the same version)")


def main() -> None:
    tasks = {"demo": DEMO, "test": TEST, "lint": LINT, "check": [*LINT, *TEST]}
    tasks |= {"coverage": COVERAGE, "slow": SLOW, "record": RECORD}
    name, rest = (sys.argv[1] if len(sys.argv) > 1 else ""), sys.argv[2:]
    if sys.version_info < OLDEST:
        sys.exit(f"Python 3.11 or newer is needed; this is {sys.version.split()[0]}.")
    tasks["spark"] = [["pytest", "tests/spark", "-rs"]]
    if name not in (*tasks, "ci") or (rest and name != "test"):
        sys.exit(__doc__)
    if name == "ci":
        run_everywhere()
        return
    environment = set_up(develop=name != "demo")
    if name == "spark":
        environment.add(SPARK)
    tests = FAST if rest == ["--fast"] else [word for each in rest for word in (TIMES if each == "--times" else [each])]
    for command in [[*PYTEST, *tests]] if tests else tasks[name]:
        environment.run(*command)


if __name__ == "__main__":
    main()
