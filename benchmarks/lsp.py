"""How soon `comity lsp` answers an editor: `python benchmarks/lsp.py [1000] [--edits 20]`, run where `policies/ear` is.

The server is a process of its own, spoken to as an editor does that asks for findings when it is told of new ones; each
answer carries the stage that it is of. Rules drawn at random are edited, one after another, in four ways: another
country in a condition (an ordinary edit), a name that does not exist (types), a bracket too many (syntax), a new rule
about a decision that does not exist. What is timed is from sending the text to having the findings; and a hover sent
while proofs are being made.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path
from queue import Empty, Queue
from random import Random
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
RULE = re.compile(r"(?m)^(?=rule )")
COUNTRY = re.compile(r"\b[A-Z]{2}\b(?=[,}]|$)", re.MULTILINE)


class Client:
    """An editor. ``call`` waits for the answer of a request; requests of the server are answered at once."""

    def __init__(self, folder: Path) -> None:
        command = [sys.executable, "-m", "comity", "lsp"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT)
        self.refreshed: Queue[float] = Queue()
        self._answers: dict[int, Queue[dict[str, Any]]] = {}
        self._number = 0
        threading.Thread(target=self._read, daemon=True).start()
        capabilities = {
            "textDocument": {"diagnostic": {}},
            "workspace": {"diagnostics": {"refreshSupport": True}},
        }
        folders = [{"uri": folder.as_uri(), "name": "p"}]
        self.call("initialize", {"processId": None, "capabilities": capabilities, "workspaceFolders": folders})
        self.send("initialized", {})

    def _write(self, message: dict[str, Any]) -> None:
        data = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self.process.stdin is not None
        self.process.stdin.write(f"Content-Length: {len(data)}\r\n\r\n".encode() + data)
        self.process.stdin.flush()

    def _read(self) -> None:
        out = self.process.stdout
        assert out is not None
        while line := out.readline():
            size = 0
            while line.strip():
                if line.lower().startswith(b"content-length:"):
                    size = int(line.split(b":")[1])
                line = out.readline()
            message = json.loads(out.read(size))
            if "method" not in message:
                self._answers.pop(message["id"]).put(message)
            elif "id" in message:
                self._write({"id": message["id"], "result": None})
                if message["method"] == "workspace/diagnostic/refresh":
                    self.refreshed.put(time.perf_counter())

    def send(self, method: str, params: dict[str, Any]) -> None:
        self._write({"method": method, "params": params})

    def call(self, method: str, params: dict[str, Any]) -> Any:
        self._number += 1
        answer = self._answers[self._number] = Queue()
        self._write({"id": self._number, "method": method, "params": params})
        message = answer.get(timeout=300)
        if "error" in message:
            raise RuntimeError(message["error"])
        return message["result"]

    def seconds(self) -> float:
        """Processor seconds that the server has used, in all its threads; where Linux does not say, the clock."""
        try:
            tasks = [each.read_text() for each in Path(f"/proc/{self.process.pid}/task").glob("*/schedstat")]
        except OSError:
            tasks = []
        return sum(int(task.split()[0]) for task in tasks) / 1e9 if tasks else time.perf_counter()

    def close(self) -> None:
        self.call("shutdown", {})
        self.send("exit", {})
        self.process.wait(timeout=30)


class Bench:
    """One open file of a project, edited again and again."""

    def __init__(self, client: Client, file: Path) -> None:
        self.client, self.file, self.version = client, file, 1
        self.text = file.read_text("utf-8")
        self.document = {"uri": file.as_uri()}
        item = {**self.document, "languageId": "comity", "version": 1, "text": self.text}
        began = client.seconds()
        client.send("textDocument/didOpen", {"textDocument": item})
        self.opened = {
            "types": self.until(("types", "proving", "proofs"), began),
            "proofs": self.until(("proofs",), began),
        }

    def until(self, stages: tuple[str, ...], began: float) -> float:
        """Seconds until findings of one of the stages are there."""
        while True:
            report = self.client.call("textDocument/diagnostic", {"textDocument": self.document})
            if report is not None and report["resultId"].partition(":")[2] in stages:
                return self.client.seconds() - began
            with suppress(Empty):
                self.client.refreshed.get(timeout=0.5)

    def change(self, text: str) -> float:
        while not self.client.refreshed.empty():
            self.client.refreshed.get()
        self.version += 1
        began = self.client.seconds()
        document = {**self.document, "version": self.version}
        self.client.send("textDocument/didChange", {"textDocument": document, "contentChanges": [{"text": text}]})
        return began

    def ordinary(self, random: Random) -> tuple[float, float, float]:
        """Another country in a rule: seconds until its types, until what is proved of that rule, and until everything
        is there.
        """
        parts = RULE.split(self.text)
        numbers = [n for n, part in enumerate(parts) if n and COUNTRY.search(part)]
        number = random.choice(numbers)
        countries = sorted(set(COUNTRY.findall(self.text)))
        parts[number] = COUNTRY.sub(random.choice(countries), parts[number], count=1)
        self.text = "".join(parts)
        began = self.change(self.text)
        types = self.until(("types", "proving", "proofs"), began)
        return types, self.until(("proving", "proofs"), began), self.until(("proofs",), began)

    def mistaken(self, random: Random, old: str, new: str, stages: tuple[str, ...]) -> float:
        """Put a mistake in the place of something in a random rule; seconds until it is reported. Then it is fixed."""
        pieces = self.text.split(old)
        number = random.randrange(1, len(pieces))
        began = self.change(old.join(pieces[:number]) + new + old.join(pieces[number:]))
        found = self.until(stages, began)
        self.until(("proofs",), self.change(self.text))
        return found

    def hover(self) -> float:
        """Seconds that a hover takes that is sent just after an edit, while proofs are made."""
        self.change(self.text + "\n# a comment\n")
        time.sleep(0.02)
        began = time.perf_counter()
        place = {"line": self.text[: self.text.index("\nrule ") + 1].count("\n"), "character": 6}
        self.client.call("textDocument/hover", {"textDocument": self.document, "position": place})
        found = time.perf_counter() - began
        self.until(("proofs",), self.change(self.text))
        return found


def measure(name: str, folder: Path, file: str, edits: int) -> None:
    client = Client(folder)
    bench = Bench(client, folder / file)
    random = Random(1)
    ordinary = [bench.ordinary(random) for _ in range(edits)]
    few = max(3, edits // 4)
    syntax = [bench.mistaken(random, "\n    when ", "\n    when ( ", ("edited", "syntax")) for _ in range(few)]
    types = [bench.mistaken(random, "\n    then ", "\n    then no_such_", ("edited", "types")) for _ in range(few)]
    added = "\nrule fresh for nothing:\n    then no\n\nrule "
    rules = [bench.mistaken(random, "\nrule ", added, ("edited", "types")) for _ in range(few)]
    hovers = [bench.hover() for _ in range(few)]
    shown = [bench.opened["types"], bench.opened["proofs"], median(syntax), median(types), median(rules)]
    shown += [median(each) for each in zip(*ordinary, strict=True)]
    shown += [sorted(each for *_, each in ordinary)[int(len(ordinary) * 0.9)], max(hovers)]
    print(f"| {name} | " + " | ".join(f"{1000 * each:.0f} ms" for each in shown) + " |", flush=True)
    client.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=[1_000])
    parser.add_argument("--edits", type=int, default=20)
    options = parser.parse_args()
    heads = (
        "Policy",
        "Opened: types",
        "proofs",
        "Syntax",
        "Types",
        "New rule",
        "Edited: types",
        "of the rule",
        "proofs",
        "nine of ten",
        "Hover",
    )
    print("| " + " | ".join(heads) + " |\n| --- |" + " ---: |" * (len(heads) - 1))
    with tempfile.TemporaryDirectory() as place:
        from policy_text import write

        for size in options.sizes:
            folder = Path(place) / f"policy_{size}"
            write(size, folder)
            file = max(folder.glob("part_*"), key=lambda each: each.stat().st_size)
            measure(f"{size:,} rules", folder, file.name, options.edits)
        law = Path(place) / "policies"
        shutil.copytree(ROOT / "policies", law, ignore=shutil.ignore_patterns("raw"))
        measure("`policies/ear`", law, "ear/russia.comity", max(4, options.edits // 4))


if __name__ == "__main__":
    main()
