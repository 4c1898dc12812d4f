"""A session of requests that retries: on which calls its retry acts."""

from __future__ import annotations

import pytest

from workspai_hooks.resilience.model import Backoff
from workspai_hooks.resilience.sources.retries_python import read

FILE = """import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

session = requests.Session()
retry = Retry(total=3, backoff_factor=0.2, backoff_jitter=1, status_forcelist=[429, 503])
session.mount("http://", HTTPAdapter(max_retries=retry))
other = requests.Session()


def get(url):
    other.get(url, timeout=1)
    return session.get(url, timeout=1)
"""


def test_it_acts_where_the_session_sends() -> None:
    (layer,) = read("cart/app.py", FILE.encode()).layers
    assert (layer.caller, layer.sites, layer.location.line) == ("cart/app.py", (13,), 6)
    assert layer.retry is not None
    assert (layer.retry.tries_total, layer.retry.on_http) == (4, (429, 503))
    assert layer.retry.backoff == Backoff(0.2, 120.0, 2.0, 0.0)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("total=3", "total=COUNT"),
        ("total=3", "total=0"),
        ('session.mount("http://", HTTPAdapter(max_retries=retry))', "make(retry)"),
        ("total=3,", "total=3, allowed_methods=None,"),
        ("session.get(", "fetch("),
    ],
)
def test_where_that_is_not_certain_there_is_none(old: str, new: str) -> None:
    assert read("cart/app.py", FILE.replace(old, new).encode()).layers == ()


def test_one_that_stands_in_the_adapter() -> None:
    text = FILE.replace("max_retries=retry", "max_retries=Retry(total=2, backoff_factor=1, backoff_jitter=1)")
    (layer,) = read("cart/app.py", text.encode()).layers
    assert layer.retry is not None
    assert layer.retry.tries_total == 3
