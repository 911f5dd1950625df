"""Settings of all tests."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

# No deadline: tests share machines. In CI the same examples every time, so that a change is what makes it fail.
settings.register_profile("comity", deadline=None)
settings.register_profile("ci", settings.get_profile("comity"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "comity")


@pytest.fixture(autouse=True, scope="session")
def _cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A cache folder of its own for each run, so that none rests on what an earlier one found out."""
    before = os.environ.get("COMITY_CACHE_DIR")
    os.environ["COMITY_CACHE_DIR"] = str(tmp_path_factory.mktemp("cache"))
    yield
    if before is None:
        del os.environ["COMITY_CACHE_DIR"]
    else:
        os.environ["COMITY_CACHE_DIR"] = before
