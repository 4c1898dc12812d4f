"""RT17: a timeout in the service config of a Python client.

Measured with grpcio 1.85 (grpc#34547, #40633): one of 5 s acts after 3.77 s, of 2 s after 0.77 s, and one of
up to a second fails each call at once, before it is sent. Told only where Python code gives the config to a
channel: other clients read the same text rightly.
"""

from __future__ import annotations

from collections.abc import Iterator

from workspai_hooks.resilience.durations import told_seconds
from workspai_hooks.resilience.grpc.values import CONVENTION
from workspai_hooks.resilience.reading import Fault
from workspai_hooks.resilience.view import View
from workspai_hooks.source import Location

RULE = "python-config-timeout"
_EARLY_S = 1.23
"""So much too early it acts."""
_FAILS_UP_TO_S = 1.0


def find(view: View) -> Iterator[Fault]:
    """One a timeout."""
    seen: set[Location] = set()
    for one in view.read.said:
        if one.convention != CONVENTION or one.timeout_s is None or not one.location.path.endswith(".py"):
            continue
        place = one.line_of("timeout_s")
        if place in seen:
            continue
        seen.add(place)
        told = told_seconds(one.timeout_s)
        what = (
            f"a timeout of {told} in a Python client's service config fails each call at once"
            if one.timeout_s <= _FAILS_UP_TO_S
            else f"a timeout of {told} in a Python client's service config acts after about "
            f"{told_seconds(round(one.timeout_s - _EARLY_S, 2))}"
        )
        element = f"file:{place.path}#{one.scope or 'all services'}"
        yield Fault(RULE, element, f"{what}; give it with the call (`timeout=`)", place)
