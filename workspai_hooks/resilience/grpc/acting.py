"""Which entries of service configs retry, for the checks of them."""

from __future__ import annotations

from collections.abc import Iterator

from workspai_hooks.resilience.grpc.values import CONVENTION
from workspai_hooks.resilience.model import Retry
from workspai_hooks.resilience.operations import Operation
from workspai_hooks.resilience.said import Said, speaking
from workspai_hooks.resilience.view import View
from workspai_hooks.source import Location


def retries_of(view: View) -> Iterator[tuple[Said, Retry]]:
    """The retry policies of all configs, each once, with the first name that it is for."""
    seen: set[Location] = set()
    for one in view.read.said:
        if one.convention == CONVENTION and one.retry is not None and one.retry.tries_total > 1:
            place = one.line_of("retry")
            if place not in seen:
                seen.add(place)
                yield one, one.retry


def retrying(view: View) -> Iterator[tuple[Operation, Said]]:
    """Each rpc with the name in each config that has it retried."""
    for one in view.operations:
        if not one.is_grpc:
            continue
        configs = [
            said for said in view.said_of(one) if said.convention == CONVENTION and view.is_meant(said, one)
        ]
        for said in speaking(sorted(configs, key=lambda each: each.level)):
            if said.retry is not None and said.retry.tries_total > 1:
                yield one, said
