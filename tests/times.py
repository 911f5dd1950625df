"""The processor time of each test: a plugin of pytest, loaded by `dev.py test --times`.

Processor time does not depend on what else the machine does, unlike time on the clock. That of the processes that a
test has started and waited for is included. A fixture counts for the test that asks for it first.

Printed are the seconds of each folder, file and test, most first, and of each worker: in all, until its tests were
collected, and when it was done with the last of them (on the clock), as a run takes as long as its last worker.

    files: 2.6
        2.63  tests/query/test_query.py
    workers
        4.39  gw0, of which 1.76 until all tests were collected, done after 20 s
"""

from __future__ import annotations

import os
import time
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest

ROWS = int(os.environ.get("COMITY_ROWS", "40"))
"""How many folders, files and tests are printed."""

_spent: dict[str, float] = defaultdict(float)
_last: dict[str, float] = {}
_collected: list[float] = []
_workers: dict[str, dict[str, Any]] = {}
_began = time.monotonic()


def processor_time() -> float:
    """Seconds of processor time that this process and its children that are over have used."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def pytest_collection_finish() -> None:
    _collected.append(processor_time())


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    before = processor_time()
    item.user_properties.append(("began", before))
    return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    report: Any = yield
    report.user_properties = [("processor_time", processor_time() - dict(item.user_properties)["began"])]
    return report


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if "PYTEST_XDIST_WORKER" in os.environ:
        return
    _spent[report.nodeid] = max(_spent[report.nodeid], dict(report.user_properties).get("processor_time", 0.0))
    _last[getattr(report, "worker_id", "here")] = time.monotonic() - _began


def pytest_sessionfinish(session: pytest.Session) -> None:
    others = sum(worker["used"] for worker in _workers.values())
    here = {"used": processor_time() - others, "collected": _collected[-1] if _collected else 0.0}
    output = getattr(session.config, "workeroutput", None)
    if output is None:
        _workers["controller" if _workers else "here"] = here
    else:
        output["times"] = here


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    if hasattr(node, "workeroutput"):  # it has not crashed
        _workers[node.gateway.id] = node.workeroutput["times"]


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if "PYTEST_XDIST_WORKER" in os.environ:
        return
    terminalreporter.section("processor time in seconds")
    for title, depth in (("folders", 2), ("files", 9)):
        sums: dict[str, float] = defaultdict(float)
        for test, seconds in _spent.items():
            sums["/".join(test.partition("::")[0].split("/")[:depth])] += seconds
        _table(terminalreporter, title, sums)
    _table(terminalreporter, "tests", _spent)
    terminalreporter.write_line("\nworkers")
    for name, row in sorted(_workers.items()):
        done = f", done after {_last[name]:.0f} s" if name in _last else ""
        collected = f"of which {row['collected']:.2f} until all tests were collected"
        terminalreporter.write_line(f"{row['used']:8.2f}  {name}, {collected}{done}")


def _table(terminalreporter: Any, title: str, seconds: dict[str, float]) -> None:
    terminalreporter.write_line(f"\n{title}: {sum(seconds.values()):.1f}")
    for name, value in sorted(seconds.items(), key=lambda row: -row[1])[:ROWS]:
        terminalreporter.write_line(f"{value:8.2f}  {name}")
