"""Settings of all tests."""

from __future__ import annotations

import os

from hypothesis import settings

# No deadline: tests share machines. In CI the same examples every time, so that a change is what makes it fail.
settings.register_profile("comity", deadline=None)
settings.register_profile("ci", settings.get_profile("comity"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "comity")
