"""What is said of one service config."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from workspai_hooks.resilience.model import Retry

CONVENTION = "gRPC service config"
Pointer = tuple[str, ...]


class Runtime(StrEnum):
    """Whose reading is known exactly: the native runtimes of release 1.85, against which tests hold us."""

    CORE = "C-core"
    GO = "grpc-go"


BOTH = (Runtime.CORE, Runtime.GO)


class Kind(StrEnum):
    """`rejected`: the runtime takes nothing of the config, no channel comes of it. `ignored`: it takes the
    config and never looks at this part."""

    REJECTED = "rejected"
    IGNORED = "ignored"


class Fault(msgspec.Struct, frozen=True, order=True):
    """One place in a config, `at` a JSON pointer, and `why`, a clause. `sure` is False where it hangs on what
    the program registers with the runtime (load balancers of its own). `beside`: of a key that is ignored,
    the one that was meant is there as well."""

    at: Pointer
    kind: Kind
    by: tuple[Runtime, ...]
    why: str
    sure: bool = True
    beside: bool = False


class Entry(msgspec.Struct, frozen=True):
    """What a config says of one name: both empty is the default of all services, `method` alone empty a whole
    service. Read even where a runtime rejects the config, as code generators read it. None: not said, or not
    readable, which is a fault then. `timeout_s` may be zero. `hedges` is that of `hedgingPolicy`."""

    at: Pointer
    service: str
    method: str
    timeout_s: float | None = None
    retry: Retry | None = None
    hedges: bool = False


class Throttle(msgspec.Struct, frozen=True):
    """Tries of all calls of a channel together stop at half of `max_tokens`; a failure takes one, a success
    gives `ratio`."""

    max_tokens: float
    ratio: float


class Config(msgspec.Struct, frozen=True):
    """One service config. `faults` are sorted by place; no entries where it is no JSON object."""

    faults: tuple[Fault, ...] = ()
    entries: tuple[Entry, ...] = ()
    throttle: Throttle | None = None

    def rejected_by(self, runtime: Runtime) -> tuple[Fault, ...]:
        return tuple(one for one in self.faults if one.kind is Kind.REJECTED and runtime in one.by)
