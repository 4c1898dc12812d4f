"""RT07 retry-uncapped."""

from __future__ import annotations

import pytest

from resilience.scenes import found
from workspai_hooks.resilience.reading import Read
from workspai_hooks.resilience.sources import retries_csharp, retries_ecmascript, retries_jvm, retries_python

PYTHON = [
    ("import tenacity\n@tenacity.retry(wait=w)\ndef get(): ...\n", True),
    ("from tenacity import retry\n@retry\ndef get(): ...\n", True),
    (
        "from tenacity import retry as again, stop_never\n@again(stop=stop_never, wait=w)\ndef g(): 1\n",
        True,
    ),
    ("from tenacity import retry\n@retry(stop=stop_after_attempt(3), wait=w)\ndef get(): ...\n", False),
    ("from tenacity import retry\n@retry(**OPTIONS)\ndef get(): ...\n", False),
    ("from other import retry\n@retry\ndef tenacity(): ...\n", False),
    ("from urllib3.util.retry import Retry\nr = Retry(total=None, backoff_factor=1)\n", True),
    ("from urllib3.util.retry import Retry\nr = Retry(total=None, connect=3, backoff_factor=1)\n", False),
    ("import backoff\n@backoff.on_exception(backoff.expo, E)\ndef get(): ...\n", True),
    ("import backoff\n@backoff.on_exception(backoff.expo, E, max_time=60)\ndef get(): ...\n", False),
    ("import stamina\n@stamina.retry(on=E, attempts=None, timeout=None)\ndef get(): ...\n", True),
    ("import stamina\n@stamina.retry(on=E, attempts=None)\ndef get(): ...\n", False),
    ("from retrying import retry\n@retry(wait_random_max=3)\ndef get(): ...\n", True),
    ("from retrying import retry\n@retry(stop_max_delay=3, wait_random_max=3)\ndef get(): ...\n", False),
    ("from retry import retry\n@retry(E, delay=1, jitter=1)\ndef get(): ...\n", True),
    ("from retry import retry\n@retry(E, tries=3, delay=1, jitter=1)\ndef get(): ...\n", False),
]
ECMASCRIPT = [
    ("import retry from 'async-retry'\nretry(get, {forever: true})\n", True),
    ("import retry from 'async-retry'\nretry(get, {retries: 3})\n", False),
    ("const axiosRetry = require('axios-retry')\naxiosRetry(a, {retries: Infinity, retryDelay: d})\n", True),
]
JAVA = [
    ("@Retry(maxRetries = -1, maxDuration = 0)", True),
    ("@Retry(maxRetries = -1)", False),
    ("@Retry", False),
]
CSHARP = [
    ("Policy.Handle<E>().WaitAndRetryForever(n => Wait(n));", True),
    ("Policy.Handle<E>().WaitAndRetryAsync(3, n => Wait(n));", False),
    ("new RetryStrategyOptions { MaxRetryAttempts = int.MaxValue, UseJitter = true };", True),
    ("new RetryStrategyOptions { MaxRetryAttempts = 4, UseJitter = true };", False),
    ("b.AddRetry(new() { MaxRetryAttempts = int.MaxValue /* indefinitely */ }).Build();", True),
    ("b.Add(new() { MaxRetryAttempts = int.MaxValue });", False),
    ("robot.RetryForever();", False),
]


def uncapped(read: Read) -> bool:
    return any(one.rule == "retry-uncapped" for one in read.faults)


@pytest.mark.parametrize(("text", "expected"), PYTHON)
def test_python(text: str, expected: bool) -> None:
    assert uncapped(retries_python.read("a.py", text.encode())) is expected


@pytest.mark.parametrize(("text", "expected"), ECMASCRIPT)
def test_ecmascript(text: str, expected: bool) -> None:
    assert uncapped(retries_ecmascript.read("a.js", text.encode())) is expected


@pytest.mark.parametrize(("annotation", "expected"), JAVA)
def test_java(annotation: str, expected: bool) -> None:
    text = (
        f"import org.eclipse.microprofile.faulttolerance.Retry;\nclass A {{ {annotation} void get() {{}} }}"
    )
    assert uncapped(retries_jvm.read("A.java", text.encode())) is expected


@pytest.mark.parametrize(("statement", "expected"), CSHARP)
def test_csharp(statement: str, expected: bool) -> None:
    text = f"using Polly;\nclass A {{ void Get() {{ var p = {statement} }} }}"
    assert uncapped(retries_csharp.read("A.cs", text.encode())) is expected


def test_it_is_found_in_code_that_runs_and_not_in_tests() -> None:
    text = PYTHON[0][0]
    faults = found({"cart/app.py": text, "cart/tests/test_app.py": text, "examples/app.py": text}, "RT07")
    assert [(one, faults[one].location.line) for one in faults] == [("file:cart/app.py#get:tenacity", 2)]
