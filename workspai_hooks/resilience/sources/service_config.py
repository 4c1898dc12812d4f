"""gRPC service configs in JSON (grpc-proto `service_config.proto`, proposal A6), as people write them beside
contracts or into a service's configuration.

What stands in one is said of its names even where a runtime rejects the file, for generators of clients are
given such files too; that it is rejected, or that a part is ignored, is a fault.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from msgspec.structs import replace

from workspai_hooks.contract_files import SERVICE_CONFIG
from workspai_hooks.errors import UsageError
from workspai_hooks.resilience.grpc.faults import faults_of
from workspai_hooks.resilience.grpc.reading import BOM, read_config
from workspai_hooks.resilience.grpc.said import said_of
from workspai_hooks.resilience.grpc.text import Places
from workspai_hooks.resilience.grpc.values import BOTH, Fault, Kind, Pointer
from workspai_hooks.resilience.reading import Read
from workspai_hooks.resilience.said import Level, Said
from workspai_hooks.source import Location
from workspai_hooks.workspace.files import is_own

SUFFIX = SERVICE_CONFIG
_WORDS = ("service_config", "service-config", "serviceconfig", "grpc", "retry")
"""Of which one stands in a path that may be a config's."""
_MARKS = (
    *(b"methodConfig", b"method_config", b"MethodConfig"),
    *(b"retryThrottling", b"retry_throttling", b"RetryThrottling"),
    *(b"loadBalancingConfig", b"load_balancing_config", b"loadBalancingPolicy", b"load_balancing_policy"),
)

Where = Callable[[Pointer], Location]


def wanted(path: str) -> bool:
    """Whether a file may be a service config by its path; it is one if a word of theirs stands in it, too."""
    if not path.endswith(".json") or not any(word in path.lower() for word in _WORDS):
        return False
    return path.endswith(SUFFIX) or is_own(path)


def read(path: str, data: bytes) -> Read:
    """What a file says, and what is wrong with it."""
    if not path.endswith(SUFFIX) and not any(mark in data for mark in _MARKS):
        return Read()
    config = read_config(data)
    where = _places(path, data)
    beside = path.endswith(SUFFIX)
    said = (
        replace(one, caller="") if beside and one.level is not Level.DEFAULT else one
        for one in said_of(config, where, path)
    )
    lines = data.decode("utf-8", "surrogateescape").splitlines() if config.faults else ()
    return Read(tuple(said), faults=tuple(faults_of(path, config, where, BOTH, lines=lines)))


def from_service_config(path: str, data: bytes) -> Iterator[Said]:
    """What a config says; `UsageError` with the reason where a runtime rejects it, or fails calls by it."""
    config, where = read_config(data), _places(path, data)
    for one in config.faults:
        if one.kind is Kind.REJECTED and one.sure:
            raise UsageError(f"{path}: {_told(one)}")
    for entry in config.entries:
        if entry.timeout_s is not None and entry.timeout_s <= 0:
            raise UsageError(f"{path}: {pointer((*entry.at[:2], 'timeout'))}: is not above zero")
    yield from (replace(one, caller="") for one in said_of(config, where, path))


def _told(fault: Fault) -> str:
    return f"{pointer(fault.at)}: {fault.why}" if fault.at else fault.why


def pointer(at: Sequence[str]) -> str:
    """`methodConfig[0].timeout`."""
    text = ""
    for name in at:
        text += f"[{name}]" if name.isdigit() else f".{name}" if text else name
    return text


def _places(path: str, data: bytes) -> Where:
    """Where parts of a file stand; worked out for the first that is asked for."""
    known: dict[Pointer, Location] = {}
    places: list[Places] = []

    def where(at: Pointer) -> Location:
        if at not in known:
            if not places:
                places.append(Places(data.decode("utf-8", "replace").replace(BOM, " ", 1)))
            known[at] = Location(path, *places[0].line(at))
        return known[at]

    return where
