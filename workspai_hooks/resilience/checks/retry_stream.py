"""RT18: a retry of an rpc that streams from the client, or both ways.

What was sent has to be kept to be sent again, and is only up to the buffer's size; once an answer has begun
nothing is retried (proposal A6; AIP-194: clients should not retry streams by themselves).
"""

from __future__ import annotations

from collections.abc import Iterator

from workspai_hooks.resilience.grpc.acting import retrying
from workspai_hooks.resilience.reading import Fault
from workspai_hooks.resilience.view import View

RULE = "retry-stream"


def find(view: View) -> Iterator[Fault]:
    """One an rpc."""
    for one, said in retrying(view):
        if one.client_streaming:
            ways = "streams both ways" if one.server_streaming else "streams from the client"
            yield Fault(
                RULE,
                view.element(one),
                f"{one.name} {ways} and is retried: what was sent is sent again only while it is buffered",
                said.line_of("retry"),
                related=(one.location,),
                operations=(one.name,),
            )
