"""PostgreSQL as Debian packages it: a server on a socket of its own, started and stopped by the tests.

Without the package, or without a user to run it as (the server refuses to be root), `server` is None and says why.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any


def missing() -> str:
    """Why there is no server here; empty where there can be one."""
    if not _binaries():
        return "PostgreSQL is not installed (Debian: postgresql)"
    if _identity() is None:
        return "PostgreSQL does not run as root, and there is no user postgres"
    return ""


def _binaries() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    return found[-1].parent if found else None


def _identity() -> dict[str, Any] | None:
    """Who runs the server and its clients, as arguments of `subprocess.run`: the server refuses to be root.

    None if there is nobody to run them.
    """
    if os.getuid() != 0:
        return {}
    try:
        user = pwd.getpwnam("postgres")
    except KeyError:
        return None
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


class Postgres:
    """A running server, as an engine of `engines`."""

    name = "postgres"

    def __init__(self, binaries: Path, socket: Path, identity: Mapping[str, Any]) -> None:
        self.binaries = binaries
        self.socket = socket
        self.identity = identity

    def run(self, columns: Sequence[tuple[str, str]], rows: Sequence[Sequence[Any]], query: str) -> list[Any]:
        definitions = ", ".join('"' + name.replace('"', '""') + f'" {kind}' for name, kind in columns)
        lines = ["\t".join(map(_written, row)) for row in rows]
        statement = query.rstrip().rstrip(";")
        script = "\n".join(
            [
                "SET client_encoding = 'UTF8'; SET jit = off;",
                f"CREATE TEMP TABLE facts_given ({definitions});",
                "COPY facts_given FROM STDIN;",
                *lines,
                "\\.",
                f"COPY (\n{statement}\n) TO STDOUT;",
            ]
        )
        done = subprocess.run(
            [self._tool("psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", str(self.socket), "postgres"],
            input=script,
            capture_output=True,
            text=True,
            check=False,
            **self.identity,
        )
        assert done.returncode == 0, done.stderr
        return [_read(line) for line in done.stdout.splitlines()]

    def _tool(self, name: str) -> str:
        return str(self.binaries / name)


def _written(value: Any) -> str:
    match value:
        case None:
            return "\\N"
        case bool():
            return "t" if value else "f"
        case date():
            return value.isoformat()
        case _:
            text = str(value).replace("\\", "\\\\")
            return text.replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


def _read(line: str) -> tuple[Any, ...]:
    number, *answer = line.split("\t")
    return (int(number), *(None if each == "\\N" else each.strip("{}").replace('"', "") for each in answer))


@contextmanager
def server() -> Iterator[Postgres]:
    """A server with an empty database; gone afterwards."""
    binaries = _binaries()
    identity = _identity()
    assert binaries is not None and identity is not None
    # A short path: the name of a socket has at most 107 bytes.
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
    try:
        if identity:
            shutil.chown(folder, identity["user"], identity["group"])
        data = folder / "data"

        def tool(*arguments: str) -> None:
            subprocess.run(arguments, check=True, capture_output=True, cwd=folder, **identity)

        tool(str(binaries / "initdb"), "-D", str(data), "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N")
        options = f"-k {folder} -c listen_addresses='' -c fsync=off -c full_page_writes=off"
        control = str(binaries / "pg_ctl")
        tool(control, "-D", str(data), "-w", "-l", str(folder / "log"), "-o", options, "start")
        try:
            yield Postgres(binaries, folder, identity)
        finally:
            tool(control, "-D", str(data), "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
