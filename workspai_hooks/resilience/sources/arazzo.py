"""Arazzo descriptions: what a runner of workflows does with a step that fails.

`retryLimit` counts retries, one where it is not given; `retryAfter` is seconds, and both mean something in
actions of the type `retry` alone; a step's `timeout` (1.1) is milliseconds, of each of its tries
(<https://spec.openapis.org/arazzo/v1.1.0.html#failure-action-object>). Whose program runs a workflow nobody
can say, so that it acts on no call between services.
"""

from __future__ import annotations

from collections.abc import Iterator

from workspai_hooks.contracts.helm import nodes
from workspai_hooks.contracts.helm.nodes import Node
from workspai_hooks.errors import Undecided
from workspai_hooks.patterns import regex
from workspai_hooks.resilience.layers import Layer
from workspai_hooks.resilience.model import Backoff, Provenance, Retry, Where
from workspai_hooks.resilience.reading import Fault, Read, joined
from workspai_hooks.resilience.sources.openapi_extension import LONGEST_MS, is_number, shown
from workspai_hooks.source import Location
from workspai_hooks.workspace.files import is_test

CONVENTION = "Arazzo"
MARKS = (b"arazzo",)
_RETRIES = 1
_MOST = 1_000_000
_BEGINS = regex(rb"\s{0,200}(?:\{\s{0,200})?[\"']?arazzo[\"']?\s{0,20}:")
_REF = "$components.failureActions."


def wanted(path: str) -> bool:
    return path.endswith((".yaml", ".yml", ".json")) and not is_test(path)


def read(path: str, data: bytes) -> Read:
    """What the steps of a description's workflows say."""
    try:
        documents = nodes.read(path, data).documents
    except nodes.YamlError as error:
        if not _BEGINS.match(data):
            return Read()  # something else that has the word in it
        why = f"can't be read: {error}"
        return Read(undecided=(Undecided(f"{path}:{error.line}", why, "mend the file"),))
    return joined(_workflows(one) for one in documents if one.text("arazzo"))


def _workflows(top: Node) -> Read:
    found: list[Read] = []
    for flow in _items(top, "workflows"):
        shared = list(_actions(top, flow, "failureActions"))
        for step in _items(flow, "steps"):
            name = f"{flow.text('workflowId')}.{step.text('stepId')}"
            own = list(_actions(top, step, "onFailure"))
            found.append(_step(name, step, own or shared))
    return joined(found)


def _step(name: str, step: Node, actions: list[Node]) -> Read:
    faults: list[Fault] = []
    layers: list[Layer] = []
    per_try = _number(step, "timeout", LONGEST_MS, "milliseconds", name, faults)
    for action in actions:
        after = _number(action, "retryAfter", LONGEST_MS / 1000, "seconds", name, faults)
        limit = _number(action, "retryLimit", _MOST, "retries", name, faults)
        if action.text("type") != "retry":
            for key in ("retryAfter", "retryLimit"):
                if action.at(key) is not None:
                    message = f"{key} is for actions of the type retry; this one is {action.text('type')!r}"
                    faults.append(_fault("policy-ignored", name, message, action.nearest(key)))
            continue
        tries = 1 + int(_RETRIES if limit is None else limit)
        if tries > 2 and not after:
            message = "the step is tried again without a wait: there is no retryAfter"
            faults.append(_fault("retry-backoff", name, message, action.nearest("retryLimit")))
        wait = after or 0.0
        lines = (Provenance("retry", action.nearest("retryLimit"), CONVENTION),)
        layers.append(
            Layer(
                Where.CLIENT,
                CONVENTION,
                action.place,
                (name,),
                caller=action.place.path,
                group=f"{CONVENTION} {name}",
                rank=len(layers),
                per_try_s=None if per_try is None else per_try / 1000,
                retry=Retry(tries, Backoff(wait, wait, 1.0, 0.0), (), (), True),
                lines=lines,
            )
        )
    return Read(layers=tuple(layers), faults=tuple(dict.fromkeys(faults)))


def _number(node: Node, key: str, most: float, unit: str, name: str, faults: list[Fault]) -> float | None:
    value = node.at(key)
    if value is None or value.value is None:
        return None
    if is_number(value.value, 0, most):
        return float(str(value.value))
    message = f"{key} is {shown(value.value)}, no number of {unit}"
    faults.append(_fault("policy-ignored", name, message, node.nearest(key)))
    return None


def _fault(rule: str, name: str, message: str, place: Location) -> Fault:
    return Fault(rule, f"file:{place.path}#{name}", f"{CONVENTION}: {message}", place)


def _items(node: Node, key: str) -> tuple[Node, ...]:
    found = node.at(key)
    return (found.items or ()) if found is not None else ()


def _actions(top: Node, node: Node, key: str) -> Iterator[Node]:
    """Actions, those that are kept among the components in their place."""
    for one in _items(node, key):
        reference = one.text("reference")
        if reference.startswith(_REF):
            kept = top.at("components", "failureActions", reference.removeprefix(_REF))
            if kept is not None:
                yield kept
        else:
            yield one
