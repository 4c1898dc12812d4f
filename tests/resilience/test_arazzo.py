"""Arazzo: retries of steps."""

from __future__ import annotations

from workspai_hooks.resilience.model import Backoff, Retry
from workspai_hooks.resilience.sources import arazzo

ARAZZO = b"""\
arazzo: 1.1.0
workflows:
- workflowId: buy
  steps:
  - stepId: pay
    operationPath: '{$sourceDescriptions.shop.url}#/paths/~1payments/post'
    timeout: 2000
    onFailure:
    - {name: again, type: retry, retryAfter: 1.5, retryLimit: 3}
  - stepId: mail
    timeout: 5s
    onFailure:
    - {name: again, type: retry, retryLimit: 3}
    - name: stop
      type: end
      retryAfter: 3
  - stepId: wait
    onFailure: [{reference: $components.failureActions.once}]
components:
  failureActions:
    once: {name: once, type: retry, retryAfter: soon}
"""


def test_limits_count_retries() -> None:
    read = arazzo.read("buy.arazzo.yaml", ARAZZO)
    found = {one.hosts[0]: one for one in read.layers}
    assert found["buy.pay"].retry == Retry(4, Backoff(1.5, 1.5, 1.0, 0.0), (), (), True)
    assert found["buy.pay"].per_try_s == 2.0
    assert found["buy.wait"].retry is not None
    assert found["buy.wait"].retry.tries_total == 2
    assert [(one.rule, one.location.line) for one in read.faults] == [
        ("policy-ignored", 11),
        ("retry-backoff", 13),
        ("policy-ignored", 16),
        ("policy-ignored", 21),
    ]


def test_what_is_no_arazzo_is_none() -> None:
    assert arazzo.read("a.yaml", b"x: arazzo\n").layers == ()
    assert arazzo.read("a.yaml", b"{{ arazzo }}: [\n").undecided == ()
    assert len(arazzo.read("a.yaml", b"arazzo: [\n").undecided) == 1
