"""Settings of all tests."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.shared import CACHE, cache_with_grammar, folder_of_run, share

# No deadline: tests share machines. In CI the same examples every time, so that a change is what makes it fail.
settings.register_profile("comity", deadline=None)
settings.register_profile("ci", settings.get_profile("comity"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "comity")


BY_THE_THOUSAND = {
    "test_by_force",
    "test_compare",
    "test_ear_policy",
    "test_midsize",
    "test_mirrors_by_force",
    "test_mutations",
    "test_python_equal",
    "test_random",
    "test_standing_by_force",
}
"""Modules that run the same lines on thousands of inputs. Tracing them takes minutes and shows no other line."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Where coverage is measured, leave out what is not traced, as it would take its time and say nothing."""
    if config.pluginmanager.hasplugin("_cov"):
        left_out = [item for item in items if item.path.stem in BY_THE_THOUSAND]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item.path.stem not in BY_THE_THOUSAND]


@pytest.fixture(autouse=True, scope="session")
def _cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A cache folder for this run, of all its processes: none rests on what an earlier run found out."""
    folder = folder_of_run(tmp_path_factory)
    share(folder / "shared")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(CACHE, str(cache_with_grammar(folder / "cache")))
        yield
