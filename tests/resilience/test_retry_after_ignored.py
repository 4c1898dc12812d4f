"""RT24 retry-after-ignored."""

from __future__ import annotations

import pytest

from workspai_hooks.resilience.sources import retries_python

RETRY = "from urllib3.util import Retry\nr = Retry(total=3, backoff_factor=1, backoff_jitter=1{})\n"


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        (", status_forcelist=[429, 500], respect_retry_after_header=False", True),
        (", status_forcelist=(HTTPStatus.SERVICE_UNAVAILABLE,), respect_retry_after_header=False", True),
        (", status_forcelist=[500], respect_retry_after_header=False", False),
        (", status_forcelist=[429]", False),
        (", status_forcelist=[429], respect_retry_after_header=keep", False),
    ],
)
def test_urllib3(more: str, expected: bool) -> None:
    faults = retries_python.read("a.py", RETRY.format(more).encode()).faults
    assert [one.rule for one in faults] == ["retry-after-ignored"] * expected
