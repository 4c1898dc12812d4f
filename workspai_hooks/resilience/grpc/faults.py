"""Faults of a service config as findings: RT15 policy-ignored, RT16 config-rejected.

A runtime rejects a config as a whole, so that it is one finding with all of its reasons; what is ignored is
one finding a place. Generators of clients take files that no native runtime does: the wording is "as a native
gRPC config".
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from msgspec.structs import replace

from workspai_hooks.resilience.grpc.mending import fix_of
from workspai_hooks.resilience.grpc.values import BOTH, Config, Kind, Pointer, Runtime
from workspai_hooks.resilience.grpc.values import Fault as ConfigFault
from workspai_hooks.resilience.reading import Fault
from workspai_hooks.source import Location

IGNORED, REJECTED = "policy-ignored", "config-rejected"
_NAMED = 3
"""Reasons that a message names; all are in the places."""


def faults_of(
    path: str,
    config: Config,
    where: Callable[[Pointer], Location],
    runtimes: Collection[Runtime],
    part: str = "",
    lines: Sequence[str] = (),
) -> Iterator[Fault]:
    """Those that hold for one of `runtimes`, who may read it; `part` tells configs of a file apart. `lines`
    are the file's where they may be mended."""
    labels = _labels(config)
    mine = [one for one in config.faults if one.sure and set(one.by) & set(runtimes)]
    rejected = [one for one in mine if one.kind is Kind.REJECTED]
    if rejected:
        fault = _rejected(_element(path, part), rejected, labels, where, runtimes)
        yield replace(fault, fix=fix_of(rejected, where, lines) if lines else None)
    for one in mine:
        if one.kind is Kind.IGNORED:
            by = [runtime for runtime in one.by if runtime in runtimes]
            who = " and ".join(by) + (" ignore it" if len(by) > 1 else " ignores it")
            if len(by) < len(BOTH) and len(runtimes) > 1:
                who += f"; {next(one for one in BOTH if one not in by)} does not"
            message = f"{told(one.at, labels)}: {one.why}. {who}"
            element = _element(path, f"{part} {told(one.at, labels)}".strip())
            fix = fix_of([one], where, lines) if lines else None
            yield Fault(IGNORED, element, message, where(one.at), fix=fix)


def _rejected(
    element: str,
    faults: Sequence[ConfigFault],
    labels: Mapping[Pointer, str],
    where: Callable[[Pointer], Location],
    runtimes: Collection[Runtime],
) -> Fault:
    by = [one for one in BOTH if one in runtimes and any(one in fault.by for fault in faults)]
    who = f"{' and '.join(by)} {'reject' if len(by) > 1 else 'rejects'} it"
    if len(by) < len(runtimes):
        who += f", {next(one for one in BOTH if one not in by)} takes it"
    reasons = []
    for fault in faults[:_NAMED]:
        alone = f" ({fault.by[0]} alone)" if len(fault.by) < len(by) else ""
        reasons.append(f"{told(fault.at, labels)} {fault.why}{alone}".strip())
    more = f"; {len(faults) - _NAMED} more" if len(faults) > _NAMED else ""
    places = [where(one.at) for one in faults]
    return Fault(
        REJECTED,
        element,
        f"invalid as a native gRPC config: {who}: {'; '.join(reasons)}{more}",
        places[0],
        related=tuple(sorted({one for one in places if one != places[0]}))[:20],
    )


def _element(path: str, what: str) -> str:
    return f"file:{path}#{what}" if what else f"file:{path}"


def _labels(config: Config) -> dict[Pointer, str]:
    """`methodConfig[0]` is named by the first rpc in it, which stays when others come before it."""
    found: dict[Pointer, str] = {}
    for one in config.entries:
        name = f"{one.service}/{one.method}" if one.method else one.service or "all services"
        found.setdefault(one.at[:2], f"the config of {name}")
    return found


def told(at: Pointer, labels: Mapping[Pointer, str]) -> str:
    """A place in a person's words: `retryPolicy.maxAttempts in the config of a.B`; nothing of the whole."""
    label = labels.get(at[:2])
    rest = at[2:] if label else at
    text = ""
    for name in rest:
        text += f"[{name}]" if name.isdigit() else f".{name[:60]}" if text else name[:60]
    if not label:
        return text
    return f"{text} in {label}" if text else label
