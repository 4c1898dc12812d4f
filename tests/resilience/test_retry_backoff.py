"""RT08 retry-backoff."""

from __future__ import annotations

import pytest

from workspai_hooks.resilience.reading import Read
from workspai_hooks.resilience.sources import retries_csharp, retries_ecmascript, retries_jvm, retries_python

STOP = "stop=stop_after_attempt(3)"
PYTHON = [
    (f"from tenacity import retry\n@retry({STOP})\ndef get(): ...\n", "does not wait"),
    (f"from tenacity import retry\n@retry({STOP}, wait=wait_fixed(2))\ndef get(): ...\n", "no jitter"),
    (
        f"from tenacity import retry\n@retry({STOP}, wait=wait_fixed(2)+wait_random())\ndef g(): ...\n",
        "",
    ),
    (f"from tenacity import retry\n@retry({STOP}, wait=wait_exponential_jitter())\ndef get(): ...\n", ""),
    (f"from tenacity import retry\n@retry({STOP}, wait=WAIT)\ndef get(): ...\n", ""),
    ("import urllib3\nr = urllib3.Retry(total=5, backoff_factor=0)\n", "does not wait"),
    ("import urllib3\nr = urllib3.Retry(5, backoff_factor=0.5)\n", "no jitter"),
    ("import urllib3\nr = urllib3.Retry(5, backoff_factor=0.5, backoff_jitter=0.5)\n", ""),
    ("import urllib3\nr = urllib3.Retry(total=0)\n", ""),
    ("from requests.adapters import HTTPAdapter\na = HTTPAdapter(max_retries=3)\n", "does not wait"),
    ("from requests.adapters import HTTPAdapter\na = HTTPAdapter(max_retries=retry)\n", ""),
    (
        "import backoff\n@backoff.on_exception(backoff.expo, E, max_tries=3, jitter=None)\ndef g(): 1\n",
        "no jitter",
    ),
    ("import backoff\n@backoff.on_exception(backoff.expo, E, max_tries=3)\ndef g(): ...\n", ""),
]
ECMASCRIPT = [
    ("import axiosRetry from 'axios-retry'\naxiosRetry(client, { retries: 3 })\n", "does not wait"),
    ("import axiosRetry from 'axios-retry'\naxiosRetry(client)\n", "does not wait"),
    ("import axiosRetry from 'axios-retry'\naxiosRetry(c, {retryDelay: axiosRetry.exponentialDelay})\n", ""),
    ("import axiosRetry from 'axios-retry'\naxiosRetry(c, {retries: 3, retryDelay})\n", ""),
    ("import axiosRetry from 'axios-retry'\naxiosRetry(c, {...shared})\n", ""),
]
JAVA = [
    ("@Retryable", "no jitter"),
    ("@Retryable(maxAttempts = 5, backoff = @Backoff(delay = 100))", "no jitter"),
    ("@Retryable(backoff = @Backoff(delay = 100, multiplier = 2, random = true))", ""),
    ("@Retryable(maxAttempts = 1)", ""),
]
CSHARP = [
    ("Policy.Handle<E>().RetryAsync(3);", "does not wait"),
    ("Policy.Handle<E>().WaitAndRetryAsync(3, n => Wait(n));", ""),
    ("new RetryStrategyOptions<R> { MaxRetryAttempts = 4 };", "no jitter"),
    ("new RetryStrategyOptions { UseJitter = true, Delay = TimeSpan.Zero };", "does not wait"),
    ("new HttpRetryStrategyOptions { MaxRetryAttempts = 4 };", ""),
]


def backoff(read: Read) -> str:
    told = [one.message for one in read.faults if one.rule == "retry-backoff"]
    assert len(told) < 2
    return told[0] if told else ""


@pytest.mark.parametrize(("text", "expected"), PYTHON)
def test_python(text: str, expected: str) -> None:
    told = backoff(retries_python.read("a.py", text.encode()))
    assert expected in told
    assert bool(expected) == bool(told)


@pytest.mark.parametrize(("text", "expected"), ECMASCRIPT)
def test_ecmascript(text: str, expected: str) -> None:
    told = backoff(retries_ecmascript.read("a.ts", text.encode()))
    assert expected in told
    assert bool(expected) == bool(told)


@pytest.mark.parametrize(("annotation", "expected"), JAVA)
def test_java(annotation: str, expected: str) -> None:
    text = f"import org.springframework.retry.annotation.*;\nclass A {{ {annotation} void get() {{}} }}"
    told = backoff(retries_jvm.read("A.java", text.encode()))
    assert expected in told
    assert bool(expected) == bool(told)


@pytest.mark.parametrize(("statement", "expected"), CSHARP)
def test_csharp(statement: str, expected: str) -> None:
    text = f"using Polly;\nclass A {{ void Get() {{ var p = {statement} }} }}"
    told = backoff(retries_csharp.read("A.cs", text.encode()))
    assert expected in told
    assert bool(expected) == bool(told)
